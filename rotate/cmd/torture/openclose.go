//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// openClose opens, writes, rotates and closes files in this process, and looks what
// is left of that.
func openClose(r *run) error {
	for _, c := range []struct {
		what string
		o    rotate.Options
	}{
		{"alone", rotate.Options{}},
		{"shared", rotate.Options{Shared: true}},
		{"buffered", rotate.Options{Durability: rotate.Buffered}},
		{"compressed", rotate.Options{Compress: gzipCodec{}}},
		{"durable", rotate.Options{Durability: rotate.Durable, Shared: true}},
		{"by the clock", rotate.Options{When: "S"}},
	} {
		c.o.MaxBytes, c.o.BackupCount = 1000, 5
		if err := r.openCloseOnce(c.what, c.o); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	return nil
}

func (r *run) openCloseOnce(what string, o rotate.Options) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	rounds := r.pick(100, 1000)
	files, goroutines := openFiles(), runtime.NumGoroutine()
	for i := range rounds {
		if err := openOnce(s.name, o, uint64(i)); err != nil {
			return err
		}
	}
	if err := r.waitFor("goroutines to end", 5*time.Second, func() bool { return runtime.NumGoroutine() <= goroutines }); err != nil {
		return fmt.Errorf("%w: %d at first, now %d", err, goroutines, runtime.NumGoroutine())
	}
	if now := openFiles(); now != files {
		return fmt.Errorf("%d open files at first, now %d", files, now)
	}
	r.logf("%s: opened and closed %d times: %d open files, %d goroutines, as before", what, rounds, files, goroutines)
	_, err = s.verify("-pruned")
	return err
}

func openOnce(name string, o rotate.Options, round uint64) error {
	f, err := rotate.Open(name, o)
	if err != nil {
		return err
	}
	for i := range uint64(10) {
		if _, err := f.Write(rotatetest.AppendLine(nil, "w", round*10+i+1, 200)); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return f.Close() // once more does no harm
}

// openFiles counts the open files of this process. Those of the runtime, its poller's
// for example, are not counted: they come when they are needed first.
func openFiles() (n int) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(to, "anon_inode:") && !strings.HasPrefix(to, "/proc/") {
			n++
		}
	}
	return n
}
