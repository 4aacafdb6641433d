//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is a program that was started. It is killed if this one ends.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   text
	errs  text
	done  chan struct{} // closed when it has ended
	err   error         // how
}

// A text is what a process has printed so far.
type text struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

func (r *run) start(args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(r.ctx, args[0], args[1:]...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = time.Second
	stdin, err := p.cmd.StdinPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// startSender starts a sender.
func (r *run) startSender(o sendOptions) (*process, error) {
	o.Seed = r.rng.Uint64()
	options, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return r.start(r.self, "send", string(options))
}

// maxEnd is how long anything may take to end that has been told to.
const maxEnd = 2 * time.Minute

// result has a sender end, and returns what it has done.
func (r *run) result(p *process) (*result, error) {
	p.stdin.Close()
	if err := r.waitFor("the end of a sender", maxEnd, p.ended); err != nil {
		p.signal(syscall.SIGQUIT)
		r.sleep(time.Second)
		return nil, fmt.Errorf("%w:\n%s", err, p.errs.String())
	}
	if p.err != nil {
		return nil, fmt.Errorf("a sender: %w: %s", p.err, p.errs.String())
	}
	var res result
	if err := json.Unmarshal([]byte(p.out.String()), &res); err != nil {
		return nil, fmt.Errorf("a sender: %w in %q", err, p.out.String())
	}
	return &res, nil
}

// startSlogd starts slogd and waits until it listens. Its port may be somebody's for a moment.
func (r *run) startSlogd(args ...string) (p *process, address string, err error) {
	const listening = "slogd: listening on "
	for end := time.Now().Add(30 * time.Second); ; {
		if p, err = r.start(append([]string{r.slogd}, args...)...); err != nil {
			return nil, "", err
		}
		listens := func() bool { return p.ended() || strings.Contains(p.errs.String(), listening) }
		if err := r.waitFor("a slogd that listens", 30*time.Second, listens); err != nil {
			return nil, "", err
		}
		if _, rest, ok := strings.Cut(p.errs.String(), listening); ok {
			address, _, _ = strings.Cut(rest, "\n")
			return p, address, nil
		}
		if !strings.Contains(p.errs.String(), "address already in use") || time.Now().After(end) {
			return nil, "", errors.New(p.errs.String())
		}
		r.sleep(50 * time.Millisecond)
	}
}

// terminate ends slogd in order.
func (r *run) terminate(p *process) error {
	p.signal(syscall.SIGTERM)
	if err := r.waitFor("the end of slogd", maxEnd, p.ended); err != nil {
		return err
	}
	if p.err != nil {
		return fmt.Errorf("slogd: %w: %s", p.err, p.errs.String())
	}
	return nil
}

// size returns the sum of the sizes of files, those that can't be seen left out.
func size(names []string) (n int64) {
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			n += info.Size()
		}
	}
	return n
}
