package rotate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBufferedIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		f := opened(t, dir, Options{Durability: Buffered, BufferBytes: 8, FlushInterval: time.Minute})
		write(t, f, "a", "b")
		wantFiles(t, dir, "app.log", "")
		time.Sleep(time.Minute) // by time
		synctest.Wait()
		wantFiles(t, dir, "app.log", "a|b|")
		write(t, f, "ccc", "ddd", "eee") // by size
		wantFiles(t, dir, "app.log", "a|b|ccc|ddd|")
		if err := f.Flush(); err != nil { // when asked
			t.Error(err)
		}
		wantFiles(t, dir, "app.log", "a|b|ccc|ddd|eee|")
		write(t, f, "longer than the buffer", "f")
		f.Close() // at the end
		wantFiles(t, dir, "app.log", "a|b|ccc|ddd|eee|longer than the buffer|f|")
	})
}

// TestBufferedRotatesBetweenRecords has the size rule hold for what is in the buffer too.
func TestBufferedRotatesBetweenRecords(t *testing.T) {
	for _, o := range []Options{{}, {Durability: Buffered}} {
		o.MaxBytes, o.Upward = 100, true
		dir := t.TempDir()
		f := opened(t, dir, o)
		for i := range 100 {
			write(t, f, fmt.Sprintf("%03d", i))
		}
		f.Close()
		for name, text := range tree(t, dir) {
			if name != "app.log" && len(text) != 96 {
				t.Errorf("%v: %s has %d bytes", o.Durability, name, len(text))
			}
		}
	}
}

// TestBufferedKeepsWhatItCannotWrite lets the buffer run over, and Close.
func TestBufferedKeepsWhatItCannotWrite(t *testing.T) {
	f, err := Open("/dev/full", Options{Durability: Buffered, BufferBytes: 4})
	if err != nil {
		t.Skip(err)
	}
	write(t, f, "a", "b") // in the buffer
	for range 3 {
		if _, err := f.Write([]byte("c\n")); err == nil {
			t.Error("no error")
		}
	}
	if s := f.Stats(); s.Records != 2 || s.Lost != 3 {
		t.Errorf("%+v", s)
	}
	if err := f.Close(); err == nil {
		t.Error("Close: no error")
	}
	if s := f.Stats(); s.Records != 0 || s.Lost != 5 {
		t.Errorf("after Close: %+v", s)
	}
}

// TestOneSyncForAllThatWait has sixteen writers wait while a sync is under way.
func TestOneSyncForAllThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := opened(t, t.TempDir(), Options{Durability: Durable})
		f.sync.mu.Lock()
		f.sync.busy = true
		f.sync.mu.Unlock()
		var wg sync.WaitGroup
		var mu sync.Mutex
		returned := 0
		for range 16 {
			wg.Go(func() {
				write(t, f, "x")
				mu.Lock()
				returned++
				mu.Unlock()
			})
		}
		synctest.Wait()
		if returned != 0 {
			t.Errorf("%d writes returned before a sync", returned)
		}
		f.sync.mu.Lock()
		f.sync.busy = false
		f.sync.cond.Broadcast()
		f.sync.mu.Unlock()
		wg.Wait()
		if s := f.Stats(); s.Syncs != 1 || s.Records != 16 {
			t.Errorf("%+v", s)
		}
	})
}

// TestFailedSyncIsReturned syncs what can't be synced.
func TestFailedSyncIsReturned(t *testing.T) {
	f := opened(t, t.TempDir(), Options{Durability: Durable})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	f.sync.use(w)
	if _, err := f.Write([]byte("a\n")); err == nil {
		t.Error("Write: no error")
	}
	f.sync.use(f.out.f)
	write(t, f, "b")
}

// TestDurableAcrossRotations has writers wait for a sync while the file rotates.
func TestDurableAcrossRotations(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Durability: Durable, MaxBytes: 64, Upward: true})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				write(t, f, fmt.Sprintf("%d %02d", i, j))
			}
		})
	}
	wg.Wait()
	lines := 0
	for _, text := range tree(t, dir) {
		lines += strings.Count(text, "\n")
	}
	if s := f.Stats(); lines != 400 || s.Rotations < 20 {
		t.Errorf("%d lines, %+v", lines, s)
	}
}

func init() {
	for _, d := range []Durability{Direct, Buffered, Durable} {
		children["killed "+d.String()] = func(dir string) error { return killed(dir, d) }
	}
}

// killed writes four records, flushes after the second, and is killed.
func killed(dir string, d Durability) error {
	f, err := Open(filepath.Join(dir, "app.log"), Options{Durability: d})
	if err != nil {
		return err
	}
	for i := range 4 {
		if _, err := fmt.Fprintf(f, "%d\n", i); err != nil {
			return err
		}
		if i == 1 {
			if err := f.Flush(); err != nil {
				return err
			}
		}
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	return errors.Join(err, errors.New("still alive"))
}

// TestKilled is what the documentation promises on kill -9: Direct and Durable have
// all for which Write returned, Buffered all up to the last flush.
func TestKilled(t *testing.T) {
	for d, want := range map[Durability]string{Direct: "0|1|2|3|", Buffered: "0|1|", Durable: "0|1|2|3|"} {
		dir := t.TempDir()
		if out, err := child("killed "+d.String(), dir).CombinedOutput(); err == nil || len(out) > 0 {
			t.Fatalf("%v: %v\n%s", d, err, out)
		}
		wantFiles(t, dir, "app.log", want)
	}
}

// TestBufferedCloseFindsADeletedFile deletes the file while its records are in the buffer.
func TestBufferedCloseFindsADeletedFile(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Durability: Buffered})
	write(t, f, "a")
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	wantFiles(t, dir, "app.log", "a|")
}
