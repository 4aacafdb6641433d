package slogtree

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
)

// hooked calls do for each record.
type hooked struct {
	do     func(ctx context.Context) error
	closed int
}

func (h *hooked) Enabled(context.Context, slog.Level) bool        { return true }
func (h *hooked) Handle(ctx context.Context, _ slog.Record) error { return h.do(ctx) }
func (h *hooked) WithAttrs([]slog.Attr) slog.Handler              { return h }
func (h *hooked) WithGroup(string) slog.Handler                   { return h }
func (h *hooked) WithLoggerName(key, name string) slog.Handler    { return h }
func (h *hooked) Close(context.Context) error                     { h.closed++; return nil }

// TestRemoveHandlerWaits removes a handler that a record is in.
func TestRemoveHandlerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{})
		release := make(chan struct{})
		h := &hooked{do: func(context.Context) error { <-release; return nil }}
		tree.Root().AddHandler(h)
		go tree.Get("a").With("k", 1).Info("in flight")
		synctest.Wait()
		returned := make(chan error)
		go func() {
			removed, err := tree.Root().RemoveHandler(context.Background(), h)
			if !removed {
				err = errors.New("not removed")
			}
			returned <- err
		}()
		synctest.Wait()
		select {
		case err := <-returned:
			t.Fatalf("RemoveHandler returned %v while a record was in the handler", err)
		default:
		}
		if n := len(tree.Root().Handlers()); n != 0 {
			t.Error("the handler is still attached while RemoveHandler waits")
		}
		close(release)
		if err := <-returned; err != nil {
			t.Error(err)
		}
	})
}

// TestRemoveHandlerThatBlocks removes a handler that never returns.
func TestRemoveHandlerThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{})
		forever := make(chan struct{})
		h := &hooked{do: func(context.Context) error { <-forever; return nil }}
		tree.Root().AddHandler(h)
		go tree.Get("a").Info("stuck")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		removed, err := tree.Root().RemoveHandler(ctx, h)
		if !removed || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("RemoveHandler returned %v, %v; want true and a deadline", removed, err)
		}
		tree.Root().AddHandler(slog.DiscardHandler)
		tree.Get("a").Info("others are not held up")
		if removed, err := tree.Root().RemoveHandler(t.Context(), slog.DiscardHandler); !removed || err != nil {
			t.Errorf("a removal that does not concern the stuck record returned %v, %v", removed, err)
		}
		close(forever) // for synctest, which wants every goroutine to end
	})
}

// TestRemoveHandlerInsideHandle removes a handler from its own Handle.
func TestRemoveHandlerInsideHandle(t *testing.T) {
	tree := New(Options{})
	calls := 0
	var h *hooked
	h = &hooked{do: func(ctx context.Context) error {
		calls++
		now, cancel := context.WithCancel(ctx)
		cancel()
		removed, err := tree.Root().RemoveHandler(now, h)
		if !removed || !errors.Is(err, context.Canceled) {
			t.Errorf("RemoveHandler returned %v, %v; want true and canceled", removed, err)
		}
		return nil
	}}
	tree.Root().AddHandler(h)
	tree.Root().AddHandler(slog.DiscardHandler)
	l := tree.Get("a").With("k", 1)
	l.Info("first")
	l.Info("second")
	if calls != 1 {
		t.Errorf("the handler ran %d times, want once", calls)
	}
}

// TestRemoveHandlerInsideOnError removes the handler that failed.
func TestRemoveHandlerInsideOnError(t *testing.T) {
	broken := errors.New("broken")
	var tree *Tree
	h := &hooked{do: func(context.Context) error { return broken }}
	var got []error
	tree = New(Options{OnError: func(err error) {
		got = append(got, err)
		if removed, err := tree.Root().RemoveHandler(context.Background(), h); !removed || err != nil {
			t.Errorf("RemoveHandler returned %v, %v", removed, err)
		}
	}})
	tree.Root().AddHandler(h)
	tree.Root().AddHandler(slog.DiscardHandler)
	tree.Get("a").Info("first")
	tree.Get("a").Info("second")
	if len(got) != 1 || !errors.Is(got[0], broken) {
		t.Errorf("OnError got %v, want the error once", got)
	}
}

func TestRemoveHandlerByIdentity(t *testing.T) {
	tree := New(Options{})
	uncomparable := func() slog.Handler { return somebodys(nil) }
	h := uncomparable()
	tree.Root().AddHandler(h)
	tree.Root().AddHandler(h)
	if n := len(tree.Root().Handlers()); n != 2 {
		t.Errorf("%d handlers, want 2: what can't be compared is never the same", n)
	}
	if removed, err := tree.Root().RemoveHandler(t.Context(), h); removed || err != nil {
		t.Errorf("RemoveHandler returned %v, %v", removed, err)
	}
	if err := tree.Close(t.Context()); err != nil || len(tree.Root().Handlers()) != 0 {
		t.Errorf("Close returned %v and left %d", err, len(tree.Root().Handlers()))
	}
}

// somebodys is a handler that == can't compare.
type somebodys []int

func (somebodys) Enabled(context.Context, slog.Level) bool  { return true }
func (somebodys) Handle(context.Context, slog.Record) error { return nil }
func (h somebodys) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h somebodys) WithGroup(string) slog.Handler           { return h }

// TestClose attaches handlers at several loggers.
func TestClose(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	var order []string
	shared := &closing{name: "shared", order: &order}
	own := &closing{name: "own", order: &order}
	tree.Root().AddHandler(shared)
	tree.Get("a").AddHandler(shared)
	tree.Get("a").AddHandler(handlers.NewLevel(own, slog.LevelInfo))
	tree.Get("a").SetLevel(slog.LevelError)
	derived := tree.Get("a.b").With("k", 1)
	derived.Error("before")
	if err := tree.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	derived.Error("after")
	if err := tree.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"own flushed", "shared flushed", "own closed", "shared closed"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
	if shared.records != 2 || own.records != 1 {
		t.Errorf("shared met %d records, own %d; want 2 and 1, all before Close", shared.records, own.records)
	}
	if tree.Get("a").Level() != slog.LevelError {
		t.Error("Close forgot a level")
	}
}

// closing notes when it is flushed and closed.
type closing struct {
	name    string
	order   *[]string
	records int
	err     error
}

func (h *closing) Enabled(context.Context, slog.Level) bool     { return true }
func (h *closing) Handle(context.Context, slog.Record) error    { h.records++; return nil }
func (h *closing) WithAttrs([]slog.Attr) slog.Handler           { return h }
func (h *closing) WithGroup(string) slog.Handler                { return h }
func (h *closing) WithLoggerName(key, name string) slog.Handler { return h }
func (h *closing) AddsContextAttrs()                            {}
func (h *closing) Flush() error                                 { *h.order = append(*h.order, h.name+" flushed"); return h.err }
func (h *closing) Close() error                                 { *h.order = append(*h.order, h.name+" closed"); return h.err }

func TestCloseReturnsErrors(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	broken := errors.New("disk full")
	tree.Root().AddHandler(&closing{order: new([]string), err: broken})
	if err := tree.Close(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Close returned %v, want the handler's error", err)
	}
}

// TestCloseDoesNotWaitForEver closes while a record is stuck in one handler.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{LastResort: slog.DiscardHandler})
		release := make(chan struct{})
		stuck := &hooked{do: func(context.Context) error { <-release; return nil }}
		idle := &hooked{do: func(context.Context) error { return nil }}
		tree.Get("a").AddHandler(stuck)
		tree.Get("b").AddHandler(idle)
		go tree.Get("a").Info("stuck")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := tree.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close returned %v, want a deadline", err)
		}
		if idle.closed != 1 || stuck.closed != 0 {
			t.Errorf("closed: idle %d, stuck %d; want 1 and 0", idle.closed, stuck.closed)
		}
		close(release)
		synctest.Wait()
		if stuck.closed != 1 {
			t.Error("the stuck handler was not closed when its record left")
		}
	})
}

// TestGoexitInHandler ends the goroutine that logs.
func TestGoexitInHandler(t *testing.T) {
	tree := New(Options{})
	h := &hooked{do: func(context.Context) error { runtime.Goexit(); return nil }}
	tree.Root().AddHandler(h)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tree.Get("a").Info("m")
	}()
	<-ended
	if removed, err := tree.Root().RemoveHandler(t.Context(), h); !removed || err != nil {
		t.Errorf("RemoveHandler returned %v, %v", removed, err)
	}
}

// TestManyInFlight fills more slots than a part has.
func TestManyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{})
		release := make(chan struct{})
		h := &hooked{do: func(context.Context) error { <-release; return nil }}
		tree.Root().AddHandler(h)
		for range 200 {
			go tree.Get("a").Info("m")
		}
		synctest.Wait()
		inFlight := 0
		tree.flight.any(func(*effective) bool { inFlight++; return false })
		if inFlight != 200 {
			t.Errorf("%d records in flight, want 200", inFlight)
		}
		close(release)
		if _, err := tree.Root().RemoveHandler(t.Context(), h); err != nil {
			t.Error(err)
		}
	})
}

// TestCrowdedLoggers looks at where a logger's records are announced: at home
// as long as they come one at a time, anywhere once two have met.
func TestCrowdedLoggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{})
		release := make(chan struct{})
		h := &hooked{do: func(context.Context) error { <-release; return nil }}
		l := tree.Get("a")
		l.Debug("disabled, so announced nowhere")
		if l.node.handler.home.Load() != nil {
			t.Error("a disabled call took a home")
		}
		l.Info("to the last resort")
		first := l.node.handler.home.Load()
		if first == nil || first == crowded {
			t.Errorf("the home is %p", first)
		}
		tree.Root().AddHandler(h)
		go l.Info("one")
		synctest.Wait()
		if l.node.handler.home.Load() != first || first.using.Load() == nil {
			t.Error("one record at a time is not announced at home")
		}
		go l.Info("two")
		synctest.Wait()
		if l.node.handler.home.Load() != crowded {
			t.Error("two records met, and the logger is not crowded")
		}
		close(release)
	})
}
