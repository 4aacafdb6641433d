//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// full fills the disk under its writers and frees it, many times.
func full(r *run) error {
	if err := needs("root"); err != nil {
		return err
	}
	var errs []error
	for _, c := range []struct {
		what    string
		writers int
		set     func(*writeOptions)
	}{
		{"alone", 1, func(o *writeOptions) { o.shared = false }},
		{"alone, buffered", 1, func(o *writeOptions) { o.shared, o.durability = false, 1 }},
		{"alone, lines up to 9 KB", 1, func(o *writeOptions) { o.shared, o.sizeMax = false, 9000 }},
		{"shared", 3, func(o *writeOptions) { o.sizeMax = 2000 }},
	} {
		if err := r.fullOnce(c.what, c.writers, c.set); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.what, err))
		}
	}
	return errors.Join(errs...)
}

const fullBytes = 32 << 10 // at which the files rotate

// A filling is a small disk with writers.
type filling struct {
	*site
	kept string // where backups go, so that there is room
}

func (r *run) fullOnce(what string, writers int, set func(*writeOptions)) error {
	dir := filepath.Join(r.dir, "tmpfs")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		return errMissing{"mounts: " + err.Error()}
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	s, err := r.siteIn(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer s.close()
	f := &filling{site: s, kept: filepath.Join(filepath.Dir(s.acks), "kept")}
	if err := errors.Join(os.Mkdir(f.kept, 0o777), f.begin(writers, set)); err != nil {
		return err
	}
	fills := r.pick(5, 100)
	for i := range fills {
		if err := f.fill(); err != nil {
			return fmt.Errorf("fill %d: %w", i+1, err)
		}
	}
	return f.end(what, fills)
}

func (f *filling) begin(writers int, set func(*writeOptions)) error {
	err := f.startAll(writers, func(o *writeOptions) {
		o.pause, o.maxBytes = 100*time.Microsecond, fullBytes
		set(o)
	})
	if err != nil {
		return err
	}
	return f.r.waitFor("writers to begin", 20*time.Second, func() bool {
		_, acked := f.counts()
		return len(acked) == writers
	})
}

// fill fills the disk until each writer fails, and frees it until each goes on.
func (f *filling) fill() error {
	failed, _ := f.counts()
	ballast, err := os.Create(filepath.Join(f.dir, "..", "ballast"))
	if err != nil {
		return err
	}
	defer ballast.Close()
	defer os.Remove(ballast.Name())
	block := make([]byte, 4096)
	err = f.r.waitFor("writers to fail", 20*time.Second, func() bool {
		for {
			if _, err := ballast.Write(block); err != nil {
				break
			}
		}
		now, _ := f.counts()
		return grown(failed, now, 5, len(f.all))
	})
	if err != nil {
		return err
	}
	if err := ballast.Truncate(0); err != nil {
		return err
	}
	_, acked := f.counts()
	var freed error
	err = f.r.waitFor("writers to go on", 20*time.Second, func() bool {
		freed = errors.Join(freed, f.free())
		_, now := f.counts()
		return grown(acked, now, 200, len(f.all))
	})
	return errors.Join(err, freed)
}

// counts returns how many lines of each writer failed, and how many did not.
func (f *filling) counts() (failed, acked map[string]uint64) {
	failed, acked = map[string]uint64{}, map[string]uint64{}
	acks, _ := rotatetest.ReadAcks(f.acks)
	for id, a := range acks {
		acked[id], failed[id] = a.Last, 0
		for _, r := range a.Failed {
			failed[id] += r.Last - r.First + 1
		}
	}
	return failed, acked
}

// grown reports whether all n counts have grown.
func grown(from, to map[string]uint64, by uint64, n int) bool {
	for id, was := range from {
		if to[id] < was+by {
			return false
		}
	}
	return len(from) == n
}

// free moves the backups away.
func (f *filling) free() error {
	files, err := filepath.Glob(f.name + ".[0-9]*")
	for _, name := range files {
		err = errors.Join(err, move(name, filepath.Join(f.kept, filepath.Base(name))))
	}
	return err
}

// move moves a file to another file system.
func move(from, to string) error {
	if err := copyFile(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

func (f *filling) end(what string, fills int) error {
	sum, err := f.r.finishAll(f.all)
	if err != nil {
		return err
	}
	if err := errors.Join(f.free(), move(f.name, filepath.Join(f.kept, "app.log"))); err != nil {
		return err
	}
	kept := *f.site
	kept.dir = f.kept
	// Where others write, a piece can't be cut off, but its line is ended.
	torn := 0
	if len(f.all) > 1 {
		torn = int(sum.Failed)
	}
	report, err := kept.verify("-torn", strconv.Itoa(torn))
	if err != nil {
		return err
	}
	f.r.logf("%s: filled %d times; %d lines attempted = %d written + %d failed; %d lost by Stats, %d markers of %d lost; %d pieces, %d rotations, first error: %s",
		what, fills, sum.Attempted, sum.Written, sum.Failed, sum.Stats.Lost, report.Markers, report.Marked, report.Torn, sum.Stats.Rotations, sum.Err)
	switch {
	case sum.Attempted != sum.Written+sum.Failed:
		return errors.New("the writer can't count")
	case sum.CloseErr != "":
		return fmt.Errorf("on Close: %s", sum.CloseErr)
	case sum.Stats.Records != sum.Written || sum.Stats.Lost != sum.Failed:
		return fmt.Errorf("the Stats have %d records and %d lost, want %d and %d", sum.Stats.Records, sum.Stats.Lost, sum.Written, sum.Failed)
	case report.Marked != sum.Failed:
		return fmt.Errorf("the markers tell of %d lost, want %d", report.Marked, sum.Failed)
	case report.Lines != sum.Written:
		return fmt.Errorf("%d lines are there, want %d", report.Lines, sum.Written)
	}
	// A file that does not take a record must not rotate for each: that is the end of the backups.
	if most := 2*sum.Stats.Bytes/fullBytes + 5*uint64(fills); sum.Stats.Rotations > most {
		return fmt.Errorf("%d rotations for %d bytes, want %d at most", sum.Stats.Rotations, sum.Stats.Bytes, most)
	}
	return errorsOf(atLeast("markers", int(report.Markers), fills/2), atLeast("rotations", int(sum.Stats.Rotations), 1))
}
