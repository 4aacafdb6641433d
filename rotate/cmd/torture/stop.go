//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stop stops writers for a while, those rather that hold the lock, and looks whether
// the others go on.
func stop(r *run) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.startAll(4, func(o *writeOptions) { o.maxBytes = 16 << 10 }); err != nil {
		return err
	}
	h := hunt{site: s}
	for i := range r.pick(20, 200) {
		kind := []string{"READ", "WRITE"}[i%2]
		if err := h.stopOne(s.all[r.rng.IntN(len(s.all))], kind); err != nil {
			return err
		}
	}
	sum, err := r.finishAll(s.all)
	if err != nil {
		return err
	}
	report, err := s.verify()
	if err != nil {
		return err
	}
	r.logf("%d stops, %d with the lock held together, %d with it held alone; %d lines, %d rotations, %d put off, %d degraded",
		h.stops, h.held["READ"], h.held["WRITE"], report.Lines, sum.Stats.Rotations, sum.Stats.PutOff, sum.Stats.Degraded)
	if err := sum.check(); err != nil {
		return err
	}
	least := r.pick(2, 30)
	return errorsOf(atLeast("stops with the lock held together", h.held["READ"], least),
		atLeast("stops with the lock held alone", h.held["WRITE"], least),
		atLeast("rotations", int(sum.Stats.Rotations), r.pick(20, 1000)), atLeast("degraded writes", int(sum.Stats.Degraded), 1))
}

// A hunt stops processes while they hold a lock.
type hunt struct {
	*site
	stops int
	held  map[string]int // by kind
}

const huntTries = 400

// stopOne stops p while it holds the lock as kind says, keeps it so for a while, and
// lets it go on. The others must not wait for it.
func (h *hunt) stopOne(p *process, kind string) error {
	if h.held == nil {
		h.held = map[string]int{}
	}
	for range huntTries {
		p.signal(syscall.SIGSTOP)
		if err := h.r.waitFor("the stop of "+p.id, 5*time.Second, func() bool { return p.ended() || stopped(p.pid()) }); err != nil {
			return err
		}
		if p.ended() {
			_, err := p.wait()
			return fmt.Errorf("it ended while it was hunted: %w", err)
		}
		if lockOf(p.pid(), h.name+".lock") == kind {
			h.held[kind]++
			break
		}
		p.signal(syscall.SIGCONT)
		time.Sleep(h.r.between(10*time.Microsecond, 2*time.Millisecond))
	}
	p.signal(syscall.SIGSTOP)
	defer p.signal(syscall.SIGCONT)
	h.stops++
	before := h.acked(p.id)
	time.Sleep(h.r.between(10*time.Millisecond, 150*time.Millisecond))
	return h.r.waitFor("lines of the others while "+p.id+" is stopped", 5*time.Second, func() bool { return h.acked(p.id) > before })
}

// stopped reports whether all threads of a process are stopped.
func stopped(pid int) bool {
	stats, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		_, rest, _ := bytes.Cut(b, []byte(") "))
		if !bytes.HasPrefix(rest, []byte("T")) {
			return false
		}
	}
	return len(stats) > 0
}

// lockOf returns how a process holds the flock of a file: READ, WRITE or not at all.
func lockOf(pid int, name string) string {
	var st syscall.Stat_t
	if err := syscall.Stat(name, &st); err != nil {
		return ""
	}
	b, _ := os.ReadFile("/proc/locks")
	for line := range strings.Lines(string(b)) {
		// 1: FLOCK  ADVISORY  WRITE 4711 fd:01:12345 0 EOF
		f := strings.Fields(line)
		if len(f) >= 6 && f[1] == "FLOCK" && f[4] == strconv.Itoa(pid) && strings.HasSuffix(f[5], ":"+strconv.FormatUint(st.Ino, 10)) {
			return f[3]
		}
	}
	return ""
}
