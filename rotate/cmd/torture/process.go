//go:build linux

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A process is a writer that was started.
type process struct {
	id   string
	ack  string // its first file of acknowledgements
	cmd  *exec.Cmd
	out  bytes.Buffer
	errs bytes.Buffer
	done chan struct{} // closed when it has ended
	err  error         // how
}

// start starts a writer. It ends at the latest with this process.
func (r *run) start(bin string, o writeOptions, env ...string) (*process, error) {
	p, err := r.startCommand(o.writer, env, append([]string{bin}, o.args()...)...)
	if err == nil {
		p.ack = filepath.Join(o.acks, o.ids()[0])
	}
	return p, err
}

func (r *run) startCommand(id string, env []string, args ...string) (*process, error) {
	p := &process{id: id, cmd: exec.CommandContext(r.ctx, args[0], args[1:]...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill kills p with signal 9, and waits until it is gone.
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

// wait waits until p has ended of itself, and returns what it says.
func (p *process) wait() (res result, err error) {
	<-p.done
	if p.err != nil {
		return res, fmt.Errorf("writer %s: %w: %s", p.id, p.err, strings.TrimSpace(p.errs.String()))
	}
	if err := json.Unmarshal(p.out.Bytes(), &res); err != nil {
		return res, fmt.Errorf("writer %s: %w in %q", p.id, err, p.out.String())
	}
	return res, nil
}

// finish has p end, and returns what it says.
func (r *run) finish(p *process) (result, error) {
	// Before it writes it does not know SIGTERM.
	if err := r.waitFor("a first line of "+p.id, 20*time.Second, func() bool { return p.ended() || hasWritten(p.ack) }); err != nil {
		return result{}, err
	}
	p.signal(syscall.SIGTERM)
	if err := r.waitFor("the end of "+p.id, 60*time.Second, p.ended); err != nil {
		return result{}, err
	}
	return p.wait()
}

// check returns an error if a line or the end has failed.
func (r *result) check() error {
	switch {
	case r.Failed > 0:
		return fmt.Errorf("%d lines failed: %s", r.Failed, r.Err)
	case r.CloseErr != "":
		return fmt.Errorf("on Close: %s", r.CloseErr)
	}
	return nil
}

// finishAll has all end, and returns the sums.
func (r *run) finishAll(all []*process) (sum result, err error) {
	for _, p := range all {
		res, finishErr := r.finish(p)
		if err == nil {
			err = finishErr
		}
		sum.add(res)
	}
	return sum, err
}

// hasWritten reports whether a file of acknowledgements tells of any.
func hasWritten(name string) bool {
	b, err := os.ReadFile(name)
	return err == nil && len(b) > 20 && string(b[:20]) != "00000000000000000000"
}

// waitAll waits for all, and returns the sums.
func waitAll(all []*process) (sum result, err error) {
	for _, p := range all {
		res, waitErr := p.wait()
		if waitErr != nil && err == nil {
			err = waitErr
		}
		sum.add(res)
	}
	return sum, err
}

func (r *result) add(s result) {
	r.Attempted += s.Attempted
	r.Written += s.Written
	r.Failed += s.Failed
	r.Stats.Records += s.Stats.Records
	r.Stats.Bytes += s.Stats.Bytes
	r.Stats.Rotations += s.Stats.Rotations
	r.Stats.PutOff += s.Stats.PutOff
	r.Stats.Errors += s.Stats.Errors
	r.Stats.Lost += s.Stats.Lost
	r.Stats.Degraded += s.Stats.Degraded
	r.Err = cmp.Or(r.Err, s.Err)
	r.CloseErr = cmp.Or(r.CloseErr, s.CloseErr)
}

// killAll kills what is left of all.
func killAll(all []*process) {
	for _, p := range all {
		if p != nil && !p.ended() {
			p.signal(syscall.SIGCONT)
			p.kill()
		}
	}
}
