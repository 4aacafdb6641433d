//go:build linux

package main

import (
	"fmt"
	"time"
)

const floodWriters = 4

// flood lets several processes write as fast as they can.
func flood(r *run) error {
	lines := uint64(r.pick(50_000, 2_500_000))
	for _, f := range []struct {
		what    string
		set     func(*writeOptions)
		pruned  bool
		rotates int64 // bytes after which it does
	}{
		{"64 KB, upward", func(o *writeOptions) {}, false, 64 << 10},
		{"1 MB, upward", func(o *writeOptions) { o.maxBytes = 1 << 20 }, false, 1 << 20},
		{"64 KB, shifting 20 backups", func(o *writeOptions) { o.upward, o.backups = false, 20 }, true, 64 << 10},
		{"64 KB, upward, compressed", func(o *writeOptions) { o.gzip, o.lines = true, o.lines/5 }, false, 64 << 10},
		{"64 KB, upward, lock of concurrent-log-handler", func(o *writeOptions) { o.lock, o.lines = 1, o.lines/5 }, false, 64 << 10},
		{"64 KB, upward, buffered", func(o *writeOptions) { o.durability = 1 }, false, 64 << 10},
	} {
		if err := r.floodOnce(f.what, lines, f.set, f.pruned, f.rotates); err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
	}
	return nil
}

func (r *run) floodOnce(what string, lines uint64, set func(*writeOptions), pruned bool, rotates int64) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	start := time.Now()
	want := uint64(0)
	if err := s.startAll(floodWriters, func(o *writeOptions) {
		o.lines, o.ack, o.lockWait = lines, "end", time.Second
		set(o)
		want += o.lines
	}); err != nil {
		return err
	}
	sum, err := waitAll(s.all)
	took := time.Since(start)
	if err != nil {
		return err
	}
	var flags []string
	if pruned {
		flags = append(flags, "-pruned")
	}
	report, err := s.verify(flags...)
	if err != nil {
		return err
	}
	r.logf("%s: %d processes wrote %d lines in %.1f s (%.0f lines/s), %d rotations, %d put off, %d degraded; %d files with %d lines are whole",
		what, floodWriters, sum.Written, took.Seconds(), float64(sum.Written)/took.Seconds(), sum.Stats.Rotations,
		sum.Stats.PutOff, sum.Stats.Degraded, report.Files, report.Lines)
	if sum.Written != want || !pruned && report.Lines != want || sum.Stats.Records != want {
		return fmt.Errorf("%d lines written, %d in the statistics, want %d", sum.Written, sum.Stats.Records, want)
	}
	if !pruned && int(sum.Stats.Rotations) != report.Files-1 {
		return fmt.Errorf("%d rotations, and %d files", sum.Stats.Rotations, report.Files)
	}
	// A rotation that is put off makes a longer file.
	return atLeast("rotations", int(sum.Stats.Rotations), int(int64(sum.Stats.Bytes)/rotates/4))
}
