package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/slogtree"
)

//go:embed writer.py
var pythonWriter string

// runWriters runs all writers at once, and returns their names when all have ended.
func runWriters(port int) (names []string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var commands []*exec.Cmd
	add := func(program, kind string, i int, args ...string) {
		name := fmt.Sprintf("%s-%d", kind, i+1)
		names = append(names, name)
		args = append(args, strconv.Itoa(port), name, strconv.Itoa(*records))
		commands = append(commands, exec.Command(program, args...))
	}
	for i := range *writers {
		add(self, "go", i)
	}
	if python, err := exec.LookPath("python3"); err == nil {
		for i := range *pythons {
			add(python, "python", i, "-c", pythonWriter)
		}
	} else if *pythons > 0 {
		fmt.Println("there is no python3: the writers are Go programs")
	}
	return names, runAll(commands)
}

// runAll runs programs at once, and returns what has failed.
func runAll(commands []*exec.Cmd) error {
	var errs []error
	for _, cmd := range commands {
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		errs = append(errs, cmd.Start())
	}
	for i, cmd := range commands {
		if errs[i] != nil {
			continue
		}
		if err := cmd.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", cmd.Path, err))
		}
	}
	return errors.Join(errs...)
}

// write is a writer: it sends records to a port in the name of a logger.
func write(args []string) error {
	if len(args) != 3 {
		return errors.New("a writer needs a port, a name and a number")
	}
	port, name := args[0], args[1]
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	h, err := netsink.NewHandler("tcp", net.JoinHostPort("127.0.0.1", port), netsink.Options{
		MaxWait:      time.Minute, // rather late than not at all, where one receives from many
		CloseTimeout: time.Minute,
		OnError:      func(err error) { fmt.Fprintln(os.Stderr, name+":", err) },
	})
	if err != nil {
		return err
	}
	slogtree.Root().AddHandler(h)
	log := slogtree.Get(name)
	for i := range n {
		log.Info(fmt.Sprintf("record %d", i))
	}
	return slogtree.Default().Close(context.Background())
}
