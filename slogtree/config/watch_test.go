package config

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fakeNotifier tells of changes when a test says so.
type fakeNotifier struct {
	hint     chan struct{}
	followed int
	closed   bool
}

func (n *fakeNotifier) changed() <-chan struct{} { return n.hint }
func (n *fakeNotifier) follow()                  { n.followed++ }
func (n *fakeNotifier) close()                   { n.closed = true }

// A watched is a watch of a file that a test makes up, in a bubble of time.
type watched struct {
	*watch
	fakeNotifier
	mu      sync.Mutex // of what follows
	text    string
	touched int // the file's time of modification
	lookErr error
	busy    bool     // Apply waits for its ctx
	applied []string // with the time since the beginning
	told    []string
	begin   time.Time
}

// newWatched starts a watch of a file with the text "1". A text that begins with
// ! can't be applied.
func newWatched(t *testing.T, o WatchOptions) *watched {
	w := &watched{text: "1", fakeNotifier: fakeNotifier{hint: make(chan struct{}, 1)}, begin: time.Now()}
	o.OnReload = func(r *Report, err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		said := w.at() + " ok"
		if err != nil {
			said = w.at() + " " + err.Error()
		}
		w.told = append(w.told, said)
	}
	w.watch = newWatch("f", nil, o)
	w.look = func() (seen, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return seen{[]byte(w.text), time.Unix(int64(w.touched), 0)}, w.lookErr
	}
	w.apply = func(ctx context.Context, data []byte) (*Report, error) {
		w.mu.Lock()
		w.applied = append(w.applied, w.at()+" "+string(data))
		busy := w.busy
		w.mu.Unlock()
		if busy {
			<-ctx.Done()
			return &Report{}, ctx.Err()
		}
		if strings.HasPrefix(string(data), "!") {
			return nil, errors.New("bad " + string(data))
		}
		return &Report{}, nil
	}
	if err := w.first(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := w.start(t.Context(), w)
	t.Cleanup(func() {
		stop()
		if !w.closed {
			t.Error("the notifier is not closed when stop has returned")
		}
		stop()
	})
	return w
}

func (w *watched) at() string { return time.Since(w.begin).String() }

// set changes the file, or what reading it gives.
func (w *watched) set(text string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text, w.lookErr = text, err
	w.touched++
}

// write changes the file, and tells of it.
func (w *watched) write(text string) {
	w.set(text, nil)
	w.hint <- struct{}{}
}

func (w *watched) check(t *testing.T, applied, told []string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.applied, applied) || !slices.Equal(w.told, told) {
		t.Errorf("applied %q, want %q; told %q, want %q", w.applied, applied, w.told, told)
	}
}

// A change is applied when the file has been left alone for Delay, once.
func TestWatchSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, WatchOptions{Interval: time.Hour})
		for _, text := range []string{"", "!half", "2"} {
			time.Sleep(90 * time.Millisecond)
			w.write(text)
		}
		time.Sleep(99 * time.Millisecond)
		w.check(t, []string{"0s 1"}, nil)
		time.Sleep(time.Millisecond)
		w.check(t, []string{"0s 1", "370ms 2"}, []string{"370ms ok"})
		if w.followed != 1 {
			t.Errorf("followed %d times", w.followed)
		}
	})
}

// A file that is never left alone is applied all the same.
func TestWatchNeverQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, WatchOptions{Delay: time.Second, Interval: time.Hour})
		for range 11 {
			w.write("2")
			time.Sleep(999 * time.Millisecond)
		}
		w.check(t, []string{"0s 1", "10s 2"}, []string{"10s ok"})
	})
}

// What the system doesn't tell of is found all the same, and a file that did
// not change is not applied.
func TestWatchInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, WatchOptions{})
		w.write("1")
		time.Sleep(time.Minute)
		w.check(t, []string{"0s 1"}, nil)
		w.set("2", nil)
		time.Sleep(5 * time.Second)
		w.check(t, []string{"0s 1", "1m5s 2"}, []string{"1m5s ok"})
	})
}

// A text that can't be applied is told once, and tried again when the file is
// written again, with the same text too: what failed may have been a directory that was
// missing.
func TestWatchBadText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, WatchOptions{})
		w.write("!2")
		time.Sleep(time.Minute)
		w.check(t, []string{"0s 1", "100ms !2"}, []string{"100ms bad !2"})
		w.write("!2")
		time.Sleep(time.Minute)
		w.check(t, []string{"0s 1", "100ms !2", "1m0.1s !2"}, []string{"100ms bad !2", "1m0.1s bad !2"})
		w.write("1")
		time.Sleep(time.Minute)
		w.write("1")
		time.Sleep(time.Minute)
		w.check(t, []string{"0s 1", "100ms !2", "1m0.1s !2", "2m0.1s 1"}, []string{"100ms bad !2", "1m0.1s bad !2", "2m0.1s ok"})
	})
}

// A file that is gone is told once each time, and changes nothing; when it is
// back with the same text nothing is applied.
func TestWatchMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, WatchOptions{})
		for range 2 {
			w.set("1", errors.New("gone"))
			time.Sleep(58 * time.Second)
			w.set("1", nil)
			time.Sleep(58 * time.Second)
		}
		w.check(t, []string{"0s 1"}, []string{"5s gone", "2m0s gone"})
		w.set("1", errors.New("gone"))
		time.Sleep(57 * time.Second)
		w.set("2", nil)
		time.Sleep(5 * time.Second)
		w.check(t, []string{"0s 1", "4m50s 2"}, []string{"5s gone", "2m0s gone", "3m55s gone", "4m50s ok"})
	})
}

// The watch ends with ctx, while it waits for the file to settle and while it
// applies too. What stop does is checked by newWatched.
func TestWatchEnds(t *testing.T) {
	for name, prepare := range map[string]func(*watched){
		"idle":     func(w *watched) {},
		"settling": func(w *watched) { w.write("2") },
		"applying": func(w *watched) {
			w.mu.Lock()
			w.busy = true
			w.mu.Unlock()
			w.write("2")
			time.Sleep(time.Second)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWatched(t, WatchOptions{})
			prepare(w)
			synctest.Wait()
			w.mu.Lock()
			defer w.mu.Unlock()
			if name == "applying" && len(w.applied) != 2 {
				t.Errorf("%s: applied %q", name, w.applied)
			}
		})
	}
}

// An Apply that waits for a handler doesn't keep later changes from being
// applied for ever.
func TestWatchApplyTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := WatchOptions{Interval: time.Hour}
		w := newWatch("f", nil, o)
		n := &fakeNotifier{hint: make(chan struct{}, 1)}
		text, told := "1", make(chan error, 2)
		w.look = func() (seen, error) { return seen{data: []byte(text)}, nil }
		w.OnReload = func(_ *Report, err error) { told <- err }
		w.apply = func(ctx context.Context, data []byte) (*Report, error) {
			return w.limited(ctx, func(ctx context.Context) (*Report, error) {
				if string(data) == "2" {
					<-ctx.Done()
				}
				return &Report{}, context.Cause(ctx)
			})
		}
		if err := w.first(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop := w.start(t.Context(), n)
		defer stop()
		text = "2"
		n.hint <- struct{}{}
		begin := time.Now()
		if err := <-told; err == nil || time.Since(begin) != applyTime+100*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		text = "3"
		n.hint <- struct{}{}
		if err := <-told; err != nil {
			t.Error(err)
		}
	})
}

// Real files and what the system tells of them. Intervals are an hour, so that
// nothing is found by looking again.
func TestWatchFiles(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string, text string){
		"write":   func(t *testing.T, dir, text string) { write(t, filepath.Join(dir, "f"), text) },
		"replace": func(t *testing.T, dir, text string) { replace(t, dir, text) },
		"remove and write": func(t *testing.T, dir, text string) {
			must(t, os.Remove(filepath.Join(dir, "f")))
			write(t, filepath.Join(dir, "f"), text)
		},
		"rename away and write": func(t *testing.T, dir, text string) { // vim with backups
			must(t, os.Rename(filepath.Join(dir, "f"), filepath.Join(dir, "f~")))
			write(t, filepath.Join(dir, "f"), text)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "f"), "1")
			watchReal(t, filepath.Join(dir, "f"), func(text string) { change(t, dir, text) })
		})
	}
}

// A ConfigMap of Kubernetes: the file is a link to ..data/f, and ..data a link
// to a directory, which is exchanged by a rename.
func TestWatchConfigMap(t *testing.T) {
	dir := t.TempDir()
	publish := func(text string) {
		version, err := os.MkdirTemp(dir, "..version")
		must(t, err)
		write(t, filepath.Join(version, "f"), text)
		must(t, os.Symlink(filepath.Base(version), filepath.Join(dir, "..data_tmp")))
		must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	}
	publish("1")
	must(t, os.Symlink(filepath.Join("..data", "f"), filepath.Join(dir, "f")))
	watchReal(t, filepath.Join(dir, "f"), publish)
}

// The directory that a link leads to is watched after the link has changed.
func TestWatchFollows(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "a"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "b"), 0o700))
	write(t, filepath.Join(dir, "a", "f"), "1")
	write(t, filepath.Join(dir, "b", "g"), "2")
	must(t, os.Symlink(filepath.Join("a", "f"), filepath.Join(dir, "link")))
	step := 0
	watchReal(t, filepath.Join(dir, "link"), func(text string) {
		if step++; step == 1 {
			must(t, os.Symlink(filepath.Join("b", "g"), filepath.Join(dir, "new")))
			must(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "link")))
			return
		}
		write(t, filepath.Join(dir, "b", "g"), text)
	})
}

// watchReal changes a file three times, which has the text "1" at first, and
// waits until each change is applied.
func watchReal(t *testing.T, path string, change func(text string)) {
	t.Helper()
	w := newWatch(path, nil, WatchOptions{Delay: time.Millisecond, Interval: time.Hour})
	applied := make(chan string, 100)
	w.apply = func(_ context.Context, data []byte) (*Report, error) {
		applied <- string(data)
		return &Report{}, nil
	}
	n := newNotifier(path)
	if _, ok := n.(noNotifier); ok {
		t.Skip("the system tells of no changes")
	}
	must(t, w.first(t.Context()))
	w.OnReload = func(*Report, error) {}
	stop := w.start(t.Context(), n)
	defer stop()
	<-applied
	for _, text := range []string{"2", "3", "4"} {
		change(text)
		for got := range applied { // a text that was only half written may come before
			if got == text {
				break
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func replace(t *testing.T, dir, text string) {
	t.Helper()
	write(t, filepath.Join(dir, ".f.swp"), text)
	must(t, os.Rename(filepath.Join(dir, ".f.swp"), filepath.Join(dir, "f")))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLook(t *testing.T) {
	dir := t.TempDir()
	if _, err := look(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Error(err)
	}
	if _, err := look(filepath.Join(dir, "f")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestLinksOf(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	must(t, os.Mkdir(filepath.Join(dir, "d"), 0o700))
	must(t, os.Symlink("d", filepath.Join(dir, "e")))
	must(t, os.Symlink(filepath.Join(dir, "e", "g"), filepath.Join(dir, "d", "f")))
	for path, want := range map[string][]string{
		"d/g": {"d/g"}, "d/f": {"d/f", "e", "d/g"}, "e/f": {"e", "d/f", "e", "d/g"}, "x/y": {"x/y"},
	} {
		got := linksOf(filepath.Join(dir, filepath.FromSlash(path)))
		for i := range got {
			rel, err := filepath.Rel(dir, got[i])
			must(t, err)
			got[i] = filepath.ToSlash(rel)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := linksOf(filepath.Join(dir, "loop")); len(got) != maxLinks+1 {
		t.Errorf("a loop has %d links", len(got))
	}
}
