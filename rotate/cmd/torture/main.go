//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "write" {
		if err := write(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "torture write:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(conduct(ctx, os.Args[1:], os.Stdout))
}

// A scenario is one way to lose a record.
type scenario struct {
	name  string
	about string
	run   func(*run) error
}

var scenarios = []scenario{
	{"flood", "several processes write as fast as they can", flood},
	{"kill", "writers are killed at any time, and others take their places", kill},
	{"pieces", "a writer was killed in the middle of a line, or the power failed", pieces},
	{"stop", "writers are stopped for a while, with locks in their hands", stop},
	{"failpoints", "a writer is killed or stopped between any two system calls", failpoints},
	{"moved", "somebody else moves the file", moved},
	{"controls", "what has to be seen is seen", controls},
	{"full", "the disk is full, and is not, many times", full},
	{"powercut", "the power fails: what was synced is there", powercut},
	{"faults", "system calls fail", faults},
	{"openclose", "files are opened and closed: nothing is left open", openClose},
}

// A run is one run of this program.
type run struct {
	ctx      context.Context
	out      io.Writer
	rng      *rand.Rand
	short    bool
	dir      string // for all files
	self     string // the program of the writers
	trapped  string // one with failpoints, "" until it is built
	verifier string

	name  string // of the scenario
	dirs  int    // made so far
	fails int
}

// errMissing is why a scenario could not be run.
type errMissing struct{ what string }

func (e errMissing) Error() string { return "needs " + e.what }

// conduct runs the scenarios that are asked for.
func conduct(ctx context.Context, args []string, out io.Writer) int {
	f := flag.NewFlagSet("torture", flag.ContinueOnError)
	f.SetOutput(out)
	short := f.Bool("short", false, "the short form, below a minute")
	seed := f.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is random")
	keep := f.Bool("keep", false, "keep the files")
	dir := f.String("dir", "", "where the files go; a temporary directory by default")
	list := f.Bool("list-failpoints", false, "list the failpoints and exit")
	f.Usage = func() {
		fmt.Fprintln(out, "usage: torture [flags] [SCENARIO...]")
		f.PrintDefaults()
		for _, s := range scenarios {
			fmt.Fprintf(out, "  %-10s  %s\n", s.name, s.about)
		}
	}
	if err := f.Parse(args); err != nil {
		return 2
	}
	if *list {
		fmt.Fprintln(out, strings.Join(failpointNames, "\n"))
		return 0
	}
	chosen, err := choose(f.Args())
	r := &run{ctx: ctx, out: out, short: *short, rng: rand.New(rand.NewPCG(*seed, 0))}
	if err == nil {
		err = r.prepare(*dir)
	}
	if err != nil {
		fmt.Fprintln(out, "torture:", err)
		return 2
	}
	if !*keep {
		defer os.RemoveAll(r.dir)
	}
	fmt.Fprintf(out, "seed %d, files in %s\n", *seed, r.dir)
	start := time.Now()
	for _, s := range chosen {
		r.play(s, *seed)
	}
	fmt.Fprintf(out, "%d scenarios, %d failed, %.1f s\n", len(chosen), r.fails, time.Since(start).Seconds())
	if r.fails > 0 {
		return 1
	}
	return 0
}

func choose(names []string) (chosen []scenario, err error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	for _, name := range names {
		i := 0
		for i < len(scenarios) && scenarios[i].name != name {
			i++
		}
		if i == len(scenarios) {
			return nil, fmt.Errorf("no scenario is called %q", name)
		}
		chosen = append(chosen, scenarios[i])
	}
	return chosen, nil
}

// prepare makes the directory and builds the programs.
func (r *run) prepare(dir string) (err error) {
	if r.dir, err = os.MkdirTemp(dir, "torture"); err != nil {
		return err
	}
	if r.self, err = os.Executable(); err != nil {
		return err
	}
	r.verifier = filepath.Join(r.dir, "verify")
	return r.build(r.verifier, "", "verify")
}

// build builds one of the programs beside this one.
func (r *run) build(out, tags, name string) error {
	cmd := exec.CommandContext(r.ctx, "go", "build", "-tags", tags, "-o", out, "github.com/slogsuite/slogsuite/rotate/cmd/"+name)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	return nil
}

// play runs one scenario. Its random numbers do not depend on those before it.
func (r *run) play(s scenario, seed uint64) {
	r.name = s.name
	h := uint64(0)
	for _, c := range []byte(s.name) {
		h = h*31 + uint64(c)
	}
	r.rng = rand.New(rand.NewPCG(seed, h))
	start := time.Now()
	err := r.ctx.Err()
	if err == nil {
		err = s.run(r)
	}
	verdict := "ok"
	var missing errMissing
	switch {
	case errors.As(err, &missing) && os.Getenv("REQUIRE_TOOLS") == "":
		verdict = "left out: " + err.Error()
	case err != nil:
		r.fails++
		verdict = "FAIL: " + err.Error()
	}
	fmt.Fprintf(r.out, "%-10s  %s (%.1f s)\n", s.name, verdict, time.Since(start).Seconds())
}

// logf says what a scenario has done.
func (r *run) logf(format string, args ...any) {
	fmt.Fprintf(r.out, "%-10s  %s\n", r.name, fmt.Sprintf(format, args...))
}

// pick returns the figure of the short form, or of the full one.
func (r *run) pick(short, full int) int {
	if r.short {
		return short
	}
	return full
}

// needs returns an error if a tool is missing.
func needs(tools ...string) error {
	for _, tool := range tools {
		if tool == "root" {
			if os.Getuid() != 0 {
				return errMissing{"root"}
			}
			continue
		}
		if _, err := exec.LookPath(tool); err != nil {
			return errMissing{tool}
		}
	}
	return nil
}
