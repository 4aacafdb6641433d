//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A mode is a way of rotating in which some failpoints come up and others do not.
type mode struct {
	name     string
	set      func(*writeOptions)
	pruned   bool
	degraded bool // another writer has stopped in the middle of a rotation
}

var modes = []mode{
	{"upward", func(o *writeOptions) {}, false, false},
	{"shifting", func(o *writeOptions) { o.upward, o.backups = false, 1000 }, false, false},
	{"pruning", func(o *writeOptions) { o.upward, o.backups = false, 2 }, true, false},
	{"degraded", func(o *writeOptions) {}, false, true},
	{"compressing", func(o *writeOptions) { o.gzip = true }, false, false},
}

// failpoints stops and kills a writer at each failpoint, in the first mode in which it
// comes up, and then several writers anywhere.
func failpoints(r *run) error {
	if err := r.buildTrapped(); err != nil {
		return err
	}
	out, err := exec.CommandContext(r.ctx, r.trapped, "-list-failpoints").Output()
	if err != nil {
		return err
	}
	names := strings.Fields(string(out))
	var missed []string
	var errs []error
	for _, name := range names {
		text, ok, err := r.failpoint(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		} else if !ok {
			missed = append(missed, name)
		}
		r.logf("%-16s %s", name, text)
	}
	if len(missed) > 0 {
		errs = append(errs, fmt.Errorf("never came to %s", strings.Join(missed, ", ")))
	}
	for range r.pick(3, 300) {
		if r.ctx.Err() != nil {
			break
		}
		if err := r.chaos(names); err != nil {
			errs = append(errs, err)
		}
	}
	r.logf("%d runs with a failpoint in each of 4 writers", r.pick(3, 300))
	return errors.Join(append(errs, atLeast("failpoints", len(names), 10))...)
}

// failpoint tries one failpoint with both actions. ok reports whether each came up.
func (r *run) failpoint(name string) (text string, ok bool, err error) {
	ok = true
	for _, action := range []string{"kill", "stop"} {
		hits := 0
		where := ""
		for _, m := range r.modesOf(name) {
			for _, nth := range r.nthOf(name) {
				if hits > 0 && r.short {
					break
				}
				t := trap{name, nth, action}
				hit, err := r.trapOnce(m, t)
				if err != nil {
					return "", false, fmt.Errorf("%s, %s: %w", m.name, t, err)
				}
				if hit {
					hits++
					where += " " + m.name + ":" + strconv.Itoa(nth)
				}
			}
		}
		ok = ok && hits > 0
		text += fmt.Sprintf("%s %d (%s) ", action, hits, strings.TrimSpace(where))
	}
	return text, ok, nil
}

// modesOf returns the modes to try, those first in which a failpoint should come up.
func (r *run) modesOf(name string) []mode {
	likely := "upward"
	switch name {
	case "roll.shift":
		likely = "shifting"
	case "roll.remove":
		likely = "pruning"
	case "write.degraded", "write.again":
		likely = "degraded"
	case "mill.begin", "mill.publish", "mill.drop":
		likely = "compressing"
	}
	order := slices.Clone(modes)
	slices.SortStableFunc(order, func(a, b mode) int {
		switch likely {
		case b.name:
			return 1
		case a.name:
			return -1
		}
		return 0
	})
	return order
}

// nthOf returns which of its times to try: a late one, and the first in case
// there are fewer.
func (r *run) nthOf(name string) []int {
	if strings.HasPrefix(name, "write.") && name != "write.check" {
		return []int{2 + r.rng.IntN(500), 1}
	}
	if strings.HasPrefix(name, "mill.") { // another process may be the one that compresses
		return []int{2 + r.rng.IntN(3), 1, 1, 1, 1, 1, 1, 1, 1}
	}
	return []int{2 + r.rng.IntN(3), 1}
}

// A trap is a failpoint, which of its times, and what happens then.
type trap struct {
	name   string
	nth    int
	action string
}

func (t trap) String() string { return t.name + ":" + strconv.Itoa(t.nth) + ":" + t.action }

// A trapping is some writers of which some have a trap.
type trapping struct {
	*site
	mode mode
	logs map[*process]string
}

func (r *run) trapping(m mode) (*trapping, error) {
	s, err := r.site()
	return &trapping{site: s, mode: m, logs: map[*process]string{}}, err
}

const trapLines = 1500

// start starts a writer, with a trap or without.
func (t *trapping) start(id string, trap string) (*process, error) {
	o := t.options(id)
	o.lines, o.maxBytes = trapLines, 16<<10
	t.mode.set(&o)
	if o.gzip { // long enough for a backup to be compressed
		o.maxBytes = 4 << 10
	}
	log := filepath.Join(filepath.Dir(t.acks), id+".hits")
	p, err := t.site.start(t.r.trapped, o, "SLOGSUITE_FAILPOINT="+trap, "SLOGSUITE_FAILPOINT_LOG="+log)
	if err == nil {
		t.logs[p] = log
	}
	return p, err
}

func (t *trapping) hit(p *process) bool {
	_, err := os.Stat(t.logs[p])
	return err == nil
}

// spring waits until p's trap is sprung, or p has ended without.
func (t *trapping) spring(p *process) (hit bool, err error) {
	err = t.r.waitFor("the trap of "+p.id, 20*time.Second, func() bool { return t.hit(p) || p.ended() })
	return t.hit(p), err
}

// rest waits until all writers that have no trap, or did not come to it, are at their
// ends: they must not wait for one that is stopped.
func (t *trapping) rest() error {
	for _, p := range t.all {
		if t.hit(p) {
			continue
		}
		if err := t.r.waitFor("the end of "+p.id, 20*time.Second, func() bool { return p.ended() || t.hit(p) }); err != nil {
			return err
		}
	}
	return nil
}

// release lets those that are stopped go on, one after another, and waits for all.
func (t *trapping) release() error {
	for _, p := range t.all {
		p.signal(syscall.SIGCONT)
		if err := t.r.waitFor("the end of "+p.id+", which was let go on", 20*time.Second, p.ended); err != nil {
			return err
		}
		res, err := p.wait()
		switch {
		case killed(p):
		case err != nil:
			return err
		case res.check() != nil:
			return fmt.Errorf("%s: %w", p.id, res.check())
		}
	}
	return nil
}

// killed reports whether a process ended by signal 9.
func killed(p *process) bool {
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return false
	}
	ws, ok := exit.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL
}

// check verifies. Between two system calls no line is torn.
func (t *trapping) check() error {
	o := t.options("tidy")
	t.mode.set(&o)
	if err := t.tidied(o); err != nil {
		return err
	}
	var flags []string
	if t.mode.pruned {
		flags = append(flags, "-pruned")
	}
	_, err := t.verify(flags...)
	return err
}

// trapOnce runs four writers, one of them with a trap. When it is killed or stopped
// the others go on to their ends; then another one comes, and it is let go on.
func (r *run) trapOnce(m mode, trap trap) (hit bool, err error) {
	t, err := r.trapping(m)
	if err != nil {
		return false, err
	}
	defer t.close()
	if m.degraded {
		if err := t.stopRotator(); err != nil {
			return false, err
		}
	}
	for _, id := range []string{"w1", "w2", "w3"} {
		if _, err := t.start(id, ""); err != nil {
			return false, err
		}
	}
	p, err := t.start("trapped", trap.String())
	if err != nil {
		return false, err
	}
	if hit, err = t.spring(p); err != nil {
		return hit, err
	}
	if _, err = t.start("late", ""); err != nil {
		return hit, err
	}
	return hit, errorsOf(t.rest(), t.release(), t.check())
}

// stopRotator leaves a writer that has stopped in the middle of a rotation, with the
// lock in its hands.
func (t *trapping) stopRotator() error {
	names := []string{"roll.begin", "roll.rename", "roll.open", "roll.close", "roll.end"}
	for i := range 10 {
		p, err := t.start(fmt.Sprint("stopped", i), fmt.Sprintf("%s:%d:stop", names[t.r.rng.IntN(len(names))], 1+t.r.rng.IntN(3)))
		if err != nil {
			return err
		}
		if _, err := t.spring(p); err != nil {
			return err
		}
		if err := t.r.waitFor("the stop of "+p.id, 5*time.Second, func() bool { return p.ended() || stopped(p.pid()) }); err != nil {
			return err
		}
		if lockOf(p.pid(), t.name+".lock") == "WRITE" {
			return nil
		}
		p.signal(syscall.SIGCONT)
	}
	return errors.New("no writer stopped with the lock held alone")
}

// chaos gives four writers a trap each, anywhere.
func (r *run) chaos(names []string) error {
	m := modes[r.rng.IntN(len(modes))]
	t, err := r.trapping(m)
	if err != nil {
		return err
	}
	defer t.close()
	text := m.name
	for i := range 4 {
		name := names[r.rng.IntN(len(names))]
		nths := r.nthOf(name)
		trap := trap{name, nths[r.rng.IntN(len(nths))], []string{"kill", "stop"}[r.rng.IntN(2)]}
		text += " " + trap.String()
		if _, err := t.start(fmt.Sprint("w", i), trap.String()); err != nil {
			return err
		}
	}
	err = t.rest()
	if err == nil {
		_, err = t.start("late", "")
	}
	if err := errorsOf(err, t.rest(), t.release(), t.check()); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}
