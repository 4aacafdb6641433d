//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// controls judges what has to be found wrong.
func controls(r *run) error {
	for _, c := range []struct {
		what string
		run  func(*run) (found string, err error)
	}{
		{"windows that are too small", (*run).smallWindow},
		{"a line that is not there", func(r *run) (string, error) {
			return r.forged(func(lines [][]byte) [][]byte { return append(lines[:5], lines[6:]...) })
		}},
		{"a line that is there twice", func(r *run) (string, error) {
			return r.forged(func(lines [][]byte) [][]byte { return append(lines, lines[5]) })
		}},
		{"a Handler that was not closed", (*run).notClosed},
		{"a count that is 0", func(*run) (string, error) {
			return fmt.Sprint(none(map[string]uint64{"a": 1, "b": 0})), nil
		}},
	} {
		found, err := c.run(r)
		if err == nil && (found == "" || found == "<nil>") {
			err = errors.New("it is not seen")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
		r.logf("seen: %s: %s", c.what, found)
	}
	return nil
}

// wrong returns what is wrong with what s has.
func (s *site) wrong(t *total) (string, error) {
	report, err := s.judge(t, true)
	if err != nil || report.Err() == nil {
		return "", err
	}
	return report.Err().Error(), nil
}

func (r *run) smallWindow() (string, error) {
	s, t, err := r.killed("tcp", r.pick(2, 20), 1)
	if err != nil {
		return "", err
	}
	defer s.close()
	return s.wrong(t)
}

// forged judges a file that was changed.
func (r *run) forged(change func(lines [][]byte) [][]byte) (string, error) {
	s, err := r.site("unix")
	if err != nil {
		return "", err
	}
	defer s.close()
	if err := s.send(1, func(o *sendOptions) { o.Records = 1000 }); err != nil {
		return "", err
	}
	if err := s.grown(); err != nil {
		return "", err
	}
	t, err := s.settled()
	if err != nil {
		return "", err
	}
	if wrong, err := s.wrong(t); err != nil || wrong != "" {
		return "", fmt.Errorf("before it is changed: %s, %w", wrong, err)
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		return "", err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	if len(lines) < 10 {
		return "", fmt.Errorf("only %d lines", len(lines))
	}
	if err := os.WriteFile(s.file, bytes.Join(change(lines), nil), 0o666); err != nil {
		return "", err
	}
	return s.wrong(t)
}

func (r *run) notClosed() (string, error) {
	before := ours()
	h, err := netsink.NewHandler("tcp", "127.0.0.1:1", netsink.Options{})
	if err != nil {
		return "", err
	}
	_ = h.Handle(r.ctx, slog.NewRecord(time.Now(), slog.LevelInfo, "hello", 0))
	left := ours() - before
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	_ = h.Close(ctx) // the record can't be sent
	if left == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d goroutines", left), nil
}
