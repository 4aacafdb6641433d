//go:build linux

package main

import (
	"fmt"
	"time"
)

// kinds returns how senders reach slogd.
func (r *run) kinds() []string {
	if r.only != "" {
		return []string{r.only}
	}
	return []string{"tcp", "unix", "tls"}
}

// restart ends slogd in order, again and again, while senders log as they like. Nothing may be lost, doubled or
// out of order.
func restart(r *run) error {
	for _, kind := range r.kinds() {
		short := 10
		if kind != "tcp" {
			short = 4
		}
		if err := r.restarts(kind, r.pick(short, 200)); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func (r *run) restarts(kind string, times int) error {
	s, err := r.site(kind)
	if err != nil {
		return err
	}
	defer s.close()
	handlers := uint64(0)
	err = s.send(4, func(o *sendOptions) {
		if r.short { // what is under way has to be read and written at each restart
			o.Pause, o.Handlers = 4*o.Pause, 1
		}
		handlers += uint64(o.Handlers)
	})
	if err != nil {
		return err
	}
	for range times {
		if err := s.grown(); err != nil {
			return err
		}
		r.pause(50 * time.Millisecond)
		if err := s.down(); err != nil {
			return err
		}
		r.pause(50 * time.Millisecond)
		if err := s.up(); err != nil {
			return err
		}
	}
	t, err := s.settled()
	if err != nil {
		return err
	}
	report, err := s.judge(t, false)
	if err != nil {
		return err
	}
	total := report.Total()
	r.logf("%s: %d restarts, %s: %d lines, %d lost, %d doubled, %d torn, %d out of order", kind, s.ended-1, t.summary(), report.Lines, total.Lost,
		total.Doubled, report.Torn, total.Disordered)
	switch {
	case report.Err() != nil:
		return fmt.Errorf("%w\n%s", report.Err(), report)
	case t.Stats.Dropped > 0 || len(t.CloseErrs) > 0:
		return fmt.Errorf("%d dropped; %q", t.Stats.Dropped, t.CloseErrs)
	case t.Stats.Unconfirmed > 0:
		return fmt.Errorf("%d records are told as unconfirmed, and slogd was ended in order", t.Stats.Unconfirmed)
	}
	return none(map[string]uint64{"records": t.Stats.Records, "lines": report.Lines, "restarts": s.ended - 1,
		"connections more than there are handlers": t.Stats.Connects - min(t.Stats.Connects, handlers)})
}

// settled ends the senders, which have to be sound, and slogd.
func (s *site) settled() (*total, error) {
	t, err := s.finish()
	if err != nil {
		return nil, err
	}
	if err := s.down(); err != nil {
		return nil, err
	}
	return t, t.sound()
}
