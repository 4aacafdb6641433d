package rotate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A milled is a File whose backups are made by the test.
type milled struct {
	*File
	t    *testing.T
	mu   sync.Mutex
	errs []error
}

func newMilled(t *testing.T, o Options) *milled { return newMilledIn(t, t.TempDir(), o) }

func newMilledIn(t *testing.T, dir string, o Options) *milled {
	t.Helper()
	m := &milled{t: t}
	o.OnError = func(err error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.errs = append(m.errs, err)
	}
	f, err := newFile(filepath.Join(dir, "app.log"), o)
	if err != nil {
		t.Fatal(err)
	}
	m.File = f
	t.Cleanup(func() {
		m.mill.close()
		f.shared.close()
	})
	return m
}

// run lets the mill do what it can.
func (m *milled) run() {
	m.mill.rotated()
	m.mill.settle()
}

// put makes a file beside the log.
func (m *milled) put(name, text string) string {
	m.t.Helper()
	path := filepath.Join(filepath.Dir(m.base), name)
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// errors returns what was reported, and forgets it.
func (m *milled) errors() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := errors.Join(m.errs...)
	m.errs = nil
	if err == nil {
		return ""
	}
	return err.Error()
}

// files returns what is in a directory, with compressed files as they were.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = string(b)
		if r, err := Gzip.NewReader(bytes.NewReader(b)); err == nil && strings.HasSuffix(e.Name(), ".gz") {
			if text, err := io.ReadAll(r); err == nil {
				found[e.Name()] = string(text)
			}
		}
	}
	delete(found, "app.log.lock")
	return found
}

func (m *milled) check(want map[string]string) {
	m.t.Helper()
	if got := files(m.t, filepath.Dir(m.base)); !maps.Equal(got, want) {
		m.t.Errorf("there are %s, want %s", brief(got), brief(want))
	}
}

func brief(files map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, fmt.Sprintf("%s %.20q", name, files[name]))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// A testCodec is Gzip with a function that is called for each piece that is written.
type testCodec struct {
	Codec
	write func(p []byte) error
}

func (c testCodec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	z, err := c.Codec.NewWriter(w)
	return &testWriter{z, c.write}, err
}

type testWriter struct {
	io.WriteCloser
	write func(p []byte) error
}

func (w *testWriter) Write(p []byte) (int, error) {
	if err := w.write(p); err != nil {
		return 0, err
	}
	return w.WriteCloser.Write(p)
}

// millGoroutines counts the goroutines of mills.
func millGoroutines() int {
	b := make([]byte, 1<<20)
	return strings.Count(string(b[:runtime.Stack(b, true)]), "(*mill).run")
}

// There is a goroutine while there is work, and none before and after.
func TestMillGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		during := 0
		codec := testCodec{Gzip, func([]byte) error { during = millGoroutines(); return nil }}
		m := newMilled(t, Options{Compress: codec, Upward: true, MaxAge: time.Hour})
		m.put("app.log.1", "a\n")
		if n := millGoroutines(); n != 0 {
			t.Errorf("%d goroutines before there is work", n)
		}
		m.run()
		synctest.Wait()
		if n := millGoroutines(); during != 1 || n != 0 {
			t.Errorf("%d goroutines during work and %d after it, want 1 and 0", during, n)
		}
		m.mill.close()
		m.mill.rotated()
		m.mill.close()
		synctest.Wait()
		if n := millGoroutines(); n != 0 {
			t.Errorf("%d goroutines after close", n)
		}
	})
}

// A mill that has nothing to do has no goroutine even for a moment.
func TestMillNotNeeded(t *testing.T) {
	m := newMilled(t, Options{MaxBytes: 1, BackupCount: 2})
	m.mill.rotated()
	if m.mill.running || m.mill.again {
		t.Error("it started")
	}
}

func TestMillRelease(t *testing.T) {
	m := newMilled(t, Options{})
	open := func() *os.File {
		f, err := os.Open(m.put("x", ""))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	var all []*os.File
	for range maxFiles + 10 {
		f := open()
		m.mill.release(f)
		all = append(all, f)
	}
	m.mill.settle()
	m.mill.close()
	late := open()
	m.mill.release(late)
	for i, f := range append(all, late) {
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("file %d was not closed", i)
		}
	}
}

// No more than maxFiles wait.
func TestMillReleaseBound(t *testing.T) {
	m := newMilled(t, Options{})
	m.mill.running = true // as if it were at work
	path := m.put("x", "")
	for range 2 * maxFiles {
		f, err := os.Open(path)
		must(t, err)
		m.mill.release(f)
	}
	if n := len(m.mill.files); n != maxFiles {
		t.Errorf("%d files wait", n)
	}
	go m.mill.run()
	m.mill.settle()
}

// Files are closed while a backup is being compressed, which can take minutes.
func TestMillReleaseMeanwhile(t *testing.T) {
	var m *milled
	var f *os.File
	pieces := 0
	codec := testCodec{Gzip, func([]byte) error {
		switch pieces++; pieces {
		case 1:
			m.mill.release(f)
		case 2:
			if err := f.Close(); !errors.Is(err, os.ErrClosed) {
				t.Error("the file is still open")
			}
		}
		return nil
	}}
	m = newMilled(t, Options{Compress: codec, Upward: true})
	f, _ = os.Open(m.put("app.log.1", strings.Repeat("x", 3*pieceSize)))
	m.run()
	if pieces < 2 {
		t.Errorf("%d pieces", pieces)
	}
}

// Close gives up a compression within one piece, leaves nothing of it, and deletes
// what is to be deleted. The next one does it again.
func TestMillClose(t *testing.T) {
	text := strings.Repeat("x", 100*pieceSize)
	dir := t.TempDir()
	begun := make(chan bool, 1)
	pieces := 0
	var m *milled
	codec := testCodec{Gzip, func([]byte) error {
		if pieces++; pieces == 1 {
			begun <- true
			<-m.mill.ending
		}
		return nil
	}}
	m = newMilledIn(t, dir, Options{Compress: codec, Upward: true, BackupCount: 1})
	m.put("app.log.2", text)
	m.mill.rotated()
	<-begun
	m.mill.rotated() // a rotation
	m.put("app.log.3", "new")
	m.mill.close()
	if pieces != 1 {
		t.Errorf("%d pieces after the end", pieces-1)
	}
	m.check(map[string]string{"app.log.3": "new"})
	m.put("app.log.3", text)

	m = newMilledIn(t, dir, Options{Compress: Gzip, Upward: true})
	m.run()
	m.check(map[string]string{"app.log.3.gz": text})
}

// A panic of what is the user's is reported, once, and ends nothing.
func TestMillPanic(t *testing.T) {
	codec := testCodec{Gzip, func(p []byte) error {
		if string(p) == "b" {
			panic("the codec")
		}
		return nil
	}}
	m := newMilled(t, Options{Compress: codec, Upward: true})
	m.put("app.log.1", "a")
	m.put("app.log.2", "b")
	m.put("app.log.3", "c")
	m.run()
	m.check(map[string]string{"app.log.1.gz": "a", "app.log.2": "b", "app.log.3.gz": "c"})
	if got := m.errors(); strings.Count(got, "panic: the codec") != 1 {
		t.Errorf("reported %q", got)
	}

	harmless := true // Open tries it
	m = newMilled(t, Options{BackupCount: 1, Upward: true, Namer: func(name string) string {
		if harmless {
			return name
		}
		panic("the namer")
	}})
	harmless = false
	m.run()
	m.run()
	if got := m.errors(); strings.Count(got, "panic: the namer") != 1 {
		t.Errorf("reported %q", got)
	}
}

func TestMillGoexit(t *testing.T) {
	m := newMilled(t, Options{Compress: testCodec{Gzip, func([]byte) error { runtime.Goexit(); return nil }}, Upward: true})
	m.put("app.log.1", "a")
	m.run() // it returns
	m.check(map[string]string{"app.log.1": "a"})
}

// What can't be done is reported once, tried again with growing pauses, and
// reported anew if it has worked in between.
func TestMillTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		var broken atomic.Bool
		broken.Store(true)
		codec := testCodec{Gzip, func([]byte) error {
			if attempts.Add(1); broken.Load() {
				return errors.New("broken")
			}
			return nil
		}}
		m := newMilled(t, Options{Compress: codec, Upward: true})
		m.put("app.log.1", "a")
		m.run()
		for range 20 { // rotations don't make it more
			m.run()
		}
		if n := attempts.Load(); n != 1 {
			t.Errorf("%d attempts at once", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := attempts.Load(); n < 15 || n > 25 { // 1, 2, 4, ... s, then each 5 minutes
			t.Errorf("%d attempts in an hour", n)
		}
		if got := m.errors(); strings.Count(got, "broken") != 1 {
			t.Errorf("reported %q", got)
		}
		m.check(map[string]string{"app.log.1": "a"})
		broken.Store(false)
		time.Sleep(lastHold)
		synctest.Wait()
		m.check(map[string]string{"app.log.1.gz": "a"})
		broken.Store(true)
		m.put("app.log.2", "b")
		m.run()
		if got := m.errors(); strings.Count(got, "broken") != 1 {
			t.Errorf("reported %q for the second", got)
		}
		must(t, os.Remove(m.base+".2"))
		m.run()
		if n := len(m.mill.troubles); n != 0 {
			t.Errorf("%d troubles are kept of backups that are gone", n)
		}
		m.put("app.log.3", "c")
		m.run()
		m.mill.close()
		if m.mill.timer.Stop() {
			t.Error("there is a timer after close")
		}
	})
}

func TestMillNoDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	m := newMilledIn(t, dir, Options{Compress: Gzip, Upward: true, BackupCount: 1})
	m.run()
	if got := m.errors(); got != "" {
		t.Error(got)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the directory was made")
	}
}
