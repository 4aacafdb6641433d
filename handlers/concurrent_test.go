package handlers_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// meeting is a writer in which two Writes wait for each other.
type meeting struct {
	syncBuffer
	met sync.WaitGroup
}

func (m *meeting) Write(p []byte) (int, error) {
	m.met.Done()
	m.met.Wait()
	return m.syncBuffer.Write(p)
}

// declared is a meeting that says so itself.
type declared struct{ *meeting }

func (declared) WritesConcurrently() {}

func TestConcurrentWriterIsNotLocked(t *testing.T) {
	for name, wrap := range map[string]func(*meeting) io.Writer{
		"Concurrent": func(m *meeting) io.Writer { return handlers.Concurrent(m) },
		"declared":   func(m *meeting) io.Writer { return declared{m} },
	} {
		m := new(meeting)
		m.met.Add(2)
		log := slog.New(handlers.NewStream(wrap(m), nil, nil))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { log.Info("m") })
		}
		wg.Wait() // with a lock the two would never meet
		if got := m.String(); got != "m\nm\n" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// A control: other writers see one Write at a time.
func TestOtherWritersAreLocked(t *testing.T) {
	inside, most := 0, 0
	var mu sync.Mutex
	w := writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		inside++
		most = max(most, inside)
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		inside--
		mu.Unlock()
		return len(p), nil
	})
	log := slog.New(handlers.NewStream(w, nil, nil))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				log.Info("m")
			}
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d Writes at once", most)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// flushed is a writer with a name that can be flushed.
type flushed struct {
	bytes.Buffer
	n int
}

func (f *flushed) Flush() error { f.n++; return nil }
func (f *flushed) Name() string { return "mine" }

func TestConcurrentIsSeenThrough(t *testing.T) {
	w := new(flushed)
	h := handlers.NewStream(handlers.Concurrent(w), nil, slog.LevelInfo)
	if got := h.String(); got != "Stream(mine) level INFO" {
		t.Errorf("String is %q", got)
	}
	if err := handlers.Flush(h); err != nil || w.n != 1 {
		t.Errorf("%d flushes, %v", w.n, err)
	}
	short := handlers.NewStream(handlers.Concurrent(writerFunc(func(p []byte) (int, error) { return 1, nil })), nil, nil)
	if err := short.Handle(context.Background(), record(slog.LevelInfo, "m")); err == nil || !strings.Contains(err.Error(), io.ErrShortWrite.Error()) {
		t.Errorf("a short write is the error %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("Concurrent(nil) does not panic")
		}
	}()
	handlers.Concurrent(nil)
}
