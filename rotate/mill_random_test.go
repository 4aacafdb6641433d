package rotate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Any number of rotations, ends in the middle and new beginnings, with what the mill does
// beside them: each record is there, once, in order.
func TestMillRandom(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 4))
		base := filepath.Join(t.TempDir(), "app.log")
		o := Options{Compress: Gzip, Upward: seed%2 == 0, MaxBytes: 1000, BackupCount: 1000, Shared: seed%3 == 0 && canShare() == nil,
			OnError: func(err error) { t.Error(err) }}
		if seed%4 == 3 {
			o.Upward, o.Cron = false, "0 0 1 1 *"
		}
		n := 0
		for range 6 {
			f, err := Open(base, o)
			must(t, err)
			for range rng.IntN(300) {
				n++
				_, err := fmt.Fprintf(f, "%d %s\n", n, strings.Repeat("x", n%50))
				must(t, err)
				if rng.IntN(100) == 0 {
					f.mill.settle()
				}
			}
			must(t, f.Close())
		}
		f, err := Open(base, o)
		must(t, err)
		f.mill.settle()
		backups, err := f.names.list()
		must(t, err)
		must(t, f.Close())
		got := files(t, filepath.Dir(base))
		var text strings.Builder
		for _, b := range backups {
			name := filepath.Base(b.path)
			if b.ext != ".gz" && !o.Shared {
				t.Errorf("seed %d: %s is not compressed", seed, name)
			}
			text.WriteString(got[name])
			delete(got, name)
		}
		text.WriteString(got["app.log"])
		lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
		for i, line := range lines {
			if want := fmt.Sprintf("%d %s", i+1, strings.Repeat("x", (i+1)%50)); line != want {
				t.Fatalf("seed %d: line %d is %q, want %q", seed, i+1, line, want)
			}
		}
		if len(lines) != n || len(got) != 1 {
			t.Errorf("seed %d: %d lines of %d; left are %s", seed, len(lines), n, brief(got))
		}
	}
}

// Two that share a file compress and delete side by side, and each record is there, once.
func TestMillTwo(t *testing.T) {
	if canShare() != nil {
		t.Skip(canShare())
	}
	base := filepath.Join(t.TempDir(), "app.log")
	o := Options{Compress: Gzip, Upward: true, MaxBytes: 1000, Shared: true, OnError: func(err error) { t.Error(err) }}
	const records = 1000
	var all sync.WaitGroup
	for writer := range 2 {
		f, err := Open(base, o)
		must(t, err)
		all.Go(func() {
			for i := range records {
				if _, err := fmt.Fprintf(f, "%d %d %s\n", writer, i, strings.Repeat("x", i%50)); err != nil {
					t.Error(err)
				}
			}
			f.mill.settle()
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f, err := Open(base, o)
	must(t, err)
	f.mill.settle()
	backups, err := f.names.list()
	must(t, errors.Join(err, f.Close()))
	got := files(t, filepath.Dir(base))
	seen := map[string]int{}
	packed := 0
	for _, b := range backups {
		name := filepath.Base(b.path)
		for line := range strings.Lines(got[name]) {
			seen[line]++
		}
		if b.ext != "" {
			packed++
		}
	}
	for line := range strings.Lines(got["app.log"]) {
		seen[line]++
	}
	for writer := range 2 {
		for i := range records {
			line := fmt.Sprintf("%d %d %s\n", writer, i, strings.Repeat("x", i%50))
			if seen[line] != 1 {
				t.Errorf("%q is there %d times", line, seen[line])
			}
		}
	}
	if len(seen) != 2*records || len(got) != len(backups)+1 || packed < len(backups)-2 {
		t.Errorf("%d lines, %d of %d backups compressed, in %d files", len(seen), packed, len(backups), len(got))
	}
}
