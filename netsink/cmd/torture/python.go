//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const pythonSender = `
import logging, logging.handlers, sys, threading, time
host, port = sys.argv[1].rsplit(':', 1)
handler = logging.handlers.SocketHandler(host, int(port))
handler.retryStart, handler.retryMax = 0.01, 0.1
logging.raiseExceptions = False
log = logging.getLogger('py')
log.setLevel(1)
log.addHandler(handler)
stop = []
def wait():
    sys.stdin.read()
    stop.append(1)
threading.Thread(target=wait, daemon=True).start()
n = 0
while not stop:
    n += 1
    log.info('%s %d', sys.argv[2], n)
    time.sleep(0.3 if n % 200 == 0 else 0.0005)
logging.shutdown()
print(n)
`

// pythons has CPython send to a slogd that is ended in order and started again. CPython's sender learns of the end only by a
// record that fails, and loses that one and others; nothing is promised but that no record is doubled
// or strange.
func pythons(r *run) error {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			return err
		}
		return leftOut{err.Error()}
	}
	s, err := r.site("tcp")
	if err != nil {
		return err
	}
	defer s.close()
	for i := range 2 {
		p, err := r.start(python, "-c", pythonSender, s.address, fmt.Sprintf("w%d", i))
		if err != nil {
			return err
		}
		s.senders = append(s.senders, p)
	}
	for range r.pick(3, 50) {
		if err := s.grown(); err != nil {
			return err
		}
		r.pause(300 * time.Millisecond)
		if err := s.down(); err != nil {
			return err
		}
		if err := s.up(); err != nil {
			return err
		}
	}
	if err := s.grown(); err != nil {
		return err
	}
	sent, err := s.finishPythons()
	if err != nil {
		return err
	}
	if err := s.down(); err != nil {
		return err
	}
	return s.judgePythons(sent)
}

// finishPythons returns how many records each has logged.
func (s *site) finishPythons() (sent map[string]int, err error) {
	sent = map[string]int{}
	for i, p := range s.senders {
		p.stdin.Close()
		if err := s.waitFor("the end of python3", maxEnd, p.ended); err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(p.out.String()))
		if p.err != nil || err != nil {
			return nil, errors.Join(p.err, err, errors.New(p.errs.String()))
		}
		sent[fmt.Sprintf("w%d", i)] = n
	}
	return sent, nil
}

func (s *site) judgePythons(sent map[string]int) error {
	f, err := s.openAll("")
	if err != nil {
		return err
	}
	defer f.Close()
	seen := map[string]bool{}
	last := map[string]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		name, number, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil || n < 1 || n > sent[name]:
			return fmt.Errorf("%q is strange", line)
		case seen[line] || n < last[name]:
			return fmt.Errorf("%q is doubled or out of order", line)
		}
		seen[line], last[name] = true, n
	}
	all := 0
	for _, n := range sent {
		all += n
	}
	s.logf("%d restarts, 2 senders, %d records, %d arrived, %d were lost by CPython's sender", s.ended-1, all, len(seen), all-len(seen))
	return errors.Join(lines.Err(), none(map[string]uint64{"records": uint64(all), "arrived": uint64(len(seen)), "restarts": s.ended - 1}))
}
