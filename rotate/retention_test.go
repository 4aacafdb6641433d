package rotate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func (m *milled) putAt(n, text string, at time.Time) {
	m.t.Helper()
	if err := os.Chtimes(m.put(n, text), at, at); err != nil {
		m.t.Fatal(err)
	}
}

// decoys are names that are not those of backups, but look like them.
var decoys = []string{
	"app.log", "app.log.lock.1", "app.log.bak", "xapp.log.1", "xapp.log.2024-01-01", "app.log.2024-1-1", "app.log.2024-01-0१", "app.log.2024-01-01-old", "app.log.12024-01-01",
	"app.log.2024-01-01_10", "app.2024-01-01.log", "app.log.2024-01-01.old.gz", "app.log.2024-01-01.0", "app.log.2024-01-01.01", "app.log.2024-01-01.gz.gz",
	"app.log.1.bak", "app.log.01", "app.log.0", "app.log.-1", "app.log.+1", "app.log. 1", "app.log.1 ", "app.log..1", "app.log.1.", "app.log.1.1", "app.log.1.tmp",
	"app.log1", "app.log.1.gz.tmp.1", "app.log.1.gz~", "app.log.gz", "app.log.tmp", "app.log.gz.tmp", "app.log.99999999999999999999", "app.log.1e1", "app.log.१", "APP.LOG.1",
}

// Only what names.parse knows is ever deleted or compressed, and nothing that is not
// a regular file.
func TestRetentionDecoys(t *testing.T) {
	old := time.Unix(1e9, 0)
	for _, byDays := range []bool{false, true} {
		o := Options{Upward: true, BackupCount: 1, MaxAge: time.Hour, MaxTotalBytes: 1, Compress: Gzip}
		if byDays {
			o.When = "midnight"
		}
		m := newMilled(t, o)
		dir := filepath.Dir(m.base)
		mine := []string{"app.log.1", "app.log.2", "app.log.3.gz", "app.log.10.zst"}
		if byDays {
			mine = []string{"app.log.2024-01-01", "app.log.2024-01-02.gz", "app.log.2024-01-02.1"}
		}
		want := map[string]string{}
		for _, name := range decoys {
			m.putAt(name, "decoy "+name, old)
			want[name] = "decoy " + name
		}
		for _, name := range mine {
			m.putAt(name, "old "+name, old)
		}
		for _, name := range []string{"app.log.7", "app.log.2024-07-07"} {
			must(t, os.Mkdir(filepath.Join(dir, name), 0o777))
		}
		for _, name := range []string{"app.log.8", "app.log.2024-07-08"} {
			must(t, os.Symlink(m.put("linked", "linked"), filepath.Join(dir, name)))
			want[name] = "linked"
		}
		want["linked"] = "linked"
		m.run()
		for _, name := range []string{"app.log.7", "app.log.2024-07-07"} {
			must(t, os.Remove(filepath.Join(dir, name))) // they are there, and empty
		}
		m.check(want)
		if got := m.errors(); got != "" {
			t.Error(got)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRetention(t *testing.T) {
	now := time.Unix(1.7e9, 0)
	ten := strings.Repeat("x", 10)
	for _, c := range []struct {
		name  string
		o     Options
		files string // name:age in hours
		want  string
	}{
		{"no limit", Options{Upward: true, Compress: Gzip}, "1.gz:9 2.gz:8", "1.gz 2.gz"},
		{"count", Options{Upward: true, BackupCount: 2}, "1:1 2:2 10:3", "2 10"},
		{"count of both forms", Options{Upward: true, BackupCount: 2, Compress: Gzip}, "1.gz:1 2.gz:1 3.zst:1", "2.gz 3.zst"},
		{"count when both forms are there", Options{Upward: true, BackupCount: 2, Compress: Gzip}, "1:1 1.gz:1 2.gz:1 2.zst:1 3.gz:1", "2.gz 2.zst 3.gz"},
		{"count of days", Options{When: "midnight", BackupCount: 2}, "2024-01-01:1 2024-01-02.2:1 2024-01-02.10:1 2023-12-31:1", "2024-01-02.2 2024-01-02.10"},
		{"a lower count leaves what shifts", Options{MaxBytes: 5, BackupCount: 1}, "1:1 2:1 3:1", "1 2 3"},
		{"age", Options{MaxBytes: 5, BackupCount: 1, MaxAge: 2 * time.Hour}, "1:1 2:2 3:3 4:-5", "1 4"},
		{"size", Options{MaxBytes: 5, BackupCount: 1, MaxTotalBytes: 29}, "1:1 2:2 3:3", "1 2"},
		{"size, just", Options{MaxBytes: 5, BackupCount: 1, MaxTotalBytes: 30}, "1:1 2:2 3:3", "1 2 3"},
		{"size, no room at all", Options{Upward: true, MaxTotalBytes: 9}, "1:1 2:2 3:3", ""},
		{"all", Options{Upward: true, BackupCount: 4, MaxAge: 4 * time.Hour, MaxTotalBytes: 20}, "1:9 2:9 3:9 4:3 5:2 6:1", "5 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := c.o
			o.now = func() time.Time { return now }
			m := newMilled(t, o)
			for _, file := range strings.Fields(c.files) {
				name, age, _ := strings.Cut(file, ":")
				h, err := time.ParseDuration(age + "h")
				must(t, err)
				m.putAt("app.log."+name, ten, now.Add(-h))
			}
			m.run()
			want := map[string]string{}
			for _, name := range strings.Fields(c.want) {
				want["app.log."+name] = ten
			}
			m.check(want)
			if got := m.errors(); got != "" {
				t.Error(got)
			}
		})
	}
}

// Whatever the backups are and come: what is kept is the newest, no more than is
// allowed, and no less.
func TestRetentionRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 7))
	now := time.Unix(1.7e9, 0)
	for range 30 {
		o := Options{Upward: true, now: func() time.Time { return now }}
		o.BackupCount, o.MaxTotalBytes = rng.IntN(4), int64(rng.IntN(2)*(1+rng.IntN(200)))
		if rng.IntN(2) == 0 {
			o.MaxAge = time.Duration(1+rng.IntN(20)) * time.Hour
		}
		m := newMilled(t, o)
		type made struct {
			n, size, age int
		}
		var there []made
		for n := 1; n <= 30; {
			for range rng.IntN(6) { // rotations
				b := made{n, rng.IntN(60), rng.IntN(24)}
				m.putAt(fmt.Sprintf("app.log.%d", b.n), strings.Repeat("x", b.size), now.Add(-time.Duration(b.age)*time.Hour))
				there = append(there, b)
				n++
			}
			m.run()
			if o.BackupCount > 0 && len(there) > o.BackupCount {
				there = there[len(there)-o.BackupCount:]
			}
			var kept []made
			total := 0
			for _, b := range slices.Backward(there) {
				if total += b.size; o.MaxTotalBytes > 0 && total > int(o.MaxTotalBytes) {
					break
				}
				kept = append(kept, b)
			}
			slices.Reverse(kept)
			there = slices.DeleteFunc(kept, func(b made) bool {
				return o.MaxAge > 0 && time.Duration(b.age)*time.Hour >= o.MaxAge
			})
			want := map[string]string{}
			for _, b := range there {
				want[fmt.Sprintf("app.log.%d", b.n)] = strings.Repeat("x", b.size)
			}
			m.check(want)
			if t.Failed() {
				t.Fatalf("%d backups, %d bytes, %v", o.BackupCount, o.MaxTotalBytes, o.MaxAge)
			}
		}
	}
}

// Backups grow old while the program writes nothing, and when the clock is set.
func TestRetentionByTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set atomic.Int64
		m := newMilled(t, Options{Upward: true, MaxAge: 10 * time.Hour, now: func() time.Time { return time.Now().Add(time.Duration(set.Load())) }})
		m.putAt("app.log.1", "a", time.Now().Add(-9*time.Hour))
		m.putAt("app.log.2", "b", time.Now())
		m.run()
		m.check(map[string]string{"app.log.1": "a", "app.log.2": "b"})
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		m.check(map[string]string{"app.log.1": "a", "app.log.2": "b"})
		time.Sleep(time.Second)
		synctest.Wait()
		m.check(map[string]string{"app.log.2": "b"})
		set.Store(int64(9 * time.Hour))
		time.Sleep(lookAgain)
		synctest.Wait()
		m.check(map[string]string{})
		if m.mill.timer.Stop() {
			t.Error("a timer is left, though there are no backups")
		}
	})
}

// With compression a backup counts by what it is compressed.
func TestRetentionAfterCompression(t *testing.T) {
	m := newMilled(t, Options{Upward: true, MaxTotalBytes: 1000, Compress: Gzip})
	text := strings.Repeat("x", 2000)
	want := map[string]string{}
	for i := 1; i <= 3; i++ {
		m.put(fmt.Sprintf("app.log.%d", i), text)
		m.run()
		want[fmt.Sprintf("app.log.%d.gz", i)] = text
	}
	m.check(want)
}

// The identity of a backup is looked at again before it is deleted.
func TestRetentionRenamed(t *testing.T) {
	m := newMilled(t, Options{Upward: true, BackupCount: 1})
	dir := filepath.Dir(m.base)
	m.put("app.log.1", "a")
	m.put("app.log.2", "b")
	slots, _, err := m.names.slots()
	must(t, err)
	must(t, os.Rename(filepath.Join(dir, "app.log.1"), filepath.Join(dir, "app.log.9")))
	must(t, os.Rename(filepath.Join(dir, "app.log.2"), filepath.Join(dir, "app.log.1")))
	m.mill.drop(slots[0])
	m.mill.drop(slots[1])
	m.check(map[string]string{"app.log.1": "b", "app.log.9": "a"})
	if got := m.errors(); got != "" {
		t.Error(got)
	}
}

// A backup that a rotation has renamed while the directory was read can be in the list
// twice. It does not count twice.
func TestRetentionSeenTwice(t *testing.T) {
	m := newMilled(t, Options{MaxBytes: 5, BackupCount: 3, MaxTotalBytes: 20})
	m.put("app.log.1", "0123456789")
	m.put("app.log.2", "0123456789")
	slots, _, err := m.names.slots()
	must(t, err)
	if got := m.mill.settledSurplus(append(slots, slots[1])); len(got) != 0 {
		t.Errorf("%d are too many", len(got))
	}
}
