package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// memoryStep is one call in a program that TestMemoryFlushes runs.
type memoryStep struct {
	do   string // a level to log at, or a call
	want string // messages in the target by then
	left int    // in the buffer
}

// TestMemoryFlushes has what CPython's MemoryHandler(3, flushLevel=ERROR) does.
func TestMemoryFlushes(t *testing.T) {
	for name, c := range map[string]struct {
		o     handlers.MemoryOptions
		steps []memoryStep
	}{
		"capacity": {handlers.MemoryOptions{Capacity: 3}, []memoryStep{
			{"INFO", "", 1}, {"DEBUG", "", 2}, {"INFO", "0 1 2", 0}, {"INFO", "0 1 2", 1},
		}},
		"flush level": {handlers.MemoryOptions{Capacity: 9}, []memoryStep{
			{"WARNING", "", 1}, {"ERROR", "0 1", 0}, {"CRITICAL", "0 1 2", 0}, {"INFO", "0 1 2", 1},
		}},
		"own flush level": {handlers.MemoryOptions{Capacity: 9, FlushLevel: slog.LevelInfo}, []memoryStep{
			{"DEBUG", "", 1}, {"INFO", "0 1", 0},
		}},
		"each at once": {handlers.MemoryOptions{Capacity: -1}, []memoryStep{{"INFO", "0", 0}, {"INFO", "0 1", 0}}},
		"flush":        {handlers.MemoryOptions{}, []memoryStep{{"INFO", "", 1}, {"flush", "0", 0}, {"flush", "0", 0}}},
		"no target grows": {handlers.MemoryOptions{Capacity: 2}, []memoryStep{
			{"no target", "", 0}, {"INFO", "", 1}, {"ERROR", "", 2}, {"INFO", "", 3}, {"flush", "", 3},
			// A target that comes late gets them at the next flush.
			{"target", "", 3}, {"INFO", "0 1 2 3", 0},
		}},
		"severity is forgotten without a target": {handlers.MemoryOptions{Capacity: 9}, []memoryStep{
			{"no target", "", 0}, {"ERROR", "", 1}, {"target", "", 1}, {"INFO", "", 2}, {"ERROR", "0 1 2", 0},
		}},
		"close flushes": {handlers.MemoryOptions{}, []memoryStep{
			{"INFO", "", 1}, {"close", "0", 0}, {"ERROR", "0", 1}, {"close", "0", 1}, {"target", "0", 1}, {"flush", "0 1", 0},
		}},
		"close keeps": {handlers.MemoryOptions{KeepOnClose: true}, []memoryStep{
			{"INFO", "", 1}, {"close", "", 1}, {"flush", "", 1}, {"target", "", 1}, {"flush", "0", 0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			rec := handlertest.NewRecorder(slog.LevelError) // its level is not asked
			m := handlers.NewMemory(rec, c.o)
			logged := 0
			for i, s := range c.steps {
				var err error
				switch s.do {
				case "flush":
					err = m.Flush()
				case "close":
					err = m.Close(context.Background())
				case "target":
					m.SetTarget(rec)
				case "no target":
					m.SetTarget(nil)
				default:
					level, parseErr := formatters.ParseLevel(s.do)
					if parseErr != nil {
						t.Fatal(parseErr)
					}
					err = m.Handle(context.Background(), record(level, fmt.Sprint(logged)))
					logged++
				}
				if got := strings.Join(rec.Messages(), " "); got != s.want || m.Buffered() != s.left || err != nil {
					t.Errorf("step %d, %s: target has %q, buffer %d, error %v; want %q, %d",
						i, s.do, got, m.Buffered(), err, s.want, s.left)
				}
			}
		})
	}
}

func TestMemoryAsksTheTargetsFilters(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	m := handlers.NewMemory(handlers.NewLevel(handlers.NewFilter(rec, handlers.NameFilter("a")), slog.LevelError),
		handlers.MemoryOptions{Capacity: 3})
	for _, name := range []string{"a", "b", "a.c"} {
		handle(t, m.WithLoggerName("logger", name), record(slog.LevelInfo, name))
	}
	diff(t, []string{"a", "a.c"}, rec.Messages())
}

// TestMemoryKeepsBindings has loggers, derived before and after the target changes,
// share one buffer.
func TestMemoryKeepsBindings(t *testing.T) {
	m := handlers.NewMemory(nil, handlers.MemoryOptions{})
	root := slog.New(m)
	a := slog.New(m.WithLoggerName("logger", "a")).With("x", 1).WithGroup("g").With("y", 2)
	late := slog.New(a.Handler().(*handlers.Memory).WithLoggerName("logger", "b"))
	emit := func() {
		root.Info("root")
		a.Info("a", "z", 3)
		late.Info("late", "z", 3)
		a.WithGroup("h").Info("deeper", "z", 3)
	}
	first, second := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	emit()
	for _, rec := range []*handlertest.Recorder{first, second, first} {
		rec.Reset()
		m.SetTarget(foreign{rec})
		if err := m.Flush(); err != nil {
			t.Error(err)
		}
		var got []map[string]any
		for _, e := range rec.Records() {
			got = append(got, e.Attrs)
		}
		n := map[string]any{"y": int64(2), "z": int64(3)}
		diff(t, []map[string]any{
			{},
			{"logger": "a", "x": int64(1), "g": n},
			{"logger": "b", "x": int64(1), "g": n},
			{"logger": "a", "x": int64(1), "g": map[string]any{"y": int64(2), "h": map[string]any{"z": int64(3)}}},
		}, got)
		emit()
	}
}

func TestMemoryKeepsTheMoment(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var alive error
	m := handlers.NewMemory(handlers.NewFanout(rec, &hook{handle: func(ctx context.Context, _ slog.Record) error {
		alive = ctx.Err()
		return nil
	}}), handlers.MemoryOptions{})
	n := 0
	count := valuer(func() slog.Value { n++; return slog.IntValue(n) })
	ctx, cancel := context.WithCancel(contextattrs.With(context.Background(), "req", 7))
	log := slog.New(m).With("bound", count)
	log.InfoContext(ctx, "m", "own", count, slog.Group("g", "in", count))
	n = 100
	cancel()
	if err := m.Flush(); err != nil || alive != nil {
		t.Errorf("Flush: %v; the context: %v", err, alive)
	}
	diff(t, map[string]any{"req": int64(7), "bound": int64(1), "own": int64(2), "g": map[string]any{"in": int64(3)}},
		rec.Records()[0].Attrs)
	handle(t, m, record(slog.LevelError, "without a context"))
	//lint:ignore SA1012 on purpose
	if err := m.Handle(nil, record(slog.LevelError, "nil context")); err != nil {
		t.Error(err)
	}
}

// TestMemoryKeepsSpecialAttrs has Exc and Origin arrive as what they are.
func TestMemoryKeepsSpecialAttrs(t *testing.T) {
	var buf syncBuffer
	m := handlers.NewMemory(handlers.NewStream(&buf, percent("%(process)d %(message)s"), nil), handlers.MemoryOptions{})
	log := slog.New(m)
	log.Info("failed", (&formatters.Origin{Process: 42}).Attr(), formatters.Exc(errTest))
	log.With((&formatters.Origin{Process: 43}).Attr(), formatters.Exc(errTest)).Info("failed")
	if err := m.Flush(); err != nil {
		t.Error(err)
	}
	if got := buf.String(); !strings.HasPrefix(got, "42 failed\n") || !strings.Contains(got, "43 failed\n") || strings.Contains(got, "=") {
		t.Errorf("%q", got)
	}
}

func TestMemoryReportsTheTargetsTrouble(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	calls := 0
	m := handlers.NewMemory(&hook{handle: func(ctx context.Context, r slog.Record) error {
		switch calls++; calls {
		case 1:
			return errTest
		case 2:
			panic("in the target")
		}
		return rec.Handle(ctx, r)
	}}, handlers.MemoryOptions{})
	for i := range 4 {
		handle(t, m, record(slog.LevelInfo, fmt.Sprint(i)))
	}
	err := m.Flush()
	var p *handlers.PanicError
	if !errors.Is(err, errTest) || !errors.As(err, &p) {
		t.Errorf("Flush: %v", err)
	}
	diff(t, []string{"2", "3"}, rec.Messages())
	if m.Buffered() != 0 {
		t.Errorf("%d records are kept", m.Buffered())
	}
}

// TestMemoryTargetLogsBack has the target log to the Memory that feeds it, for some
// records and for all.
func TestMemoryTargetLogsBack(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var m *handlers.Memory
	m = handlers.NewMemory(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if r.Message != "echo" {
			slog.New(m).Error("echo")
		}
		return rec.Handle(ctx, r)
	}}, handlers.MemoryOptions{Capacity: 2})
	for i := range 4 {
		handle(t, m, record(slog.LevelInfo, fmt.Sprint(i)))
	}
	diff(t, []string{"0", "1", "echo", "echo", "2", "3", "echo", "echo"}, rec.Messages())

	handled := 0
	m = handlers.NewMemory(&hook{handle: func(context.Context, slog.Record) error {
		handled++
		return m.Handle(context.Background(), record(slog.LevelError, "for ever"))
	}}, handlers.MemoryOptions{})
	handle(t, m, record(slog.LevelError, "one"))
	if handled < 1000 || m.Buffered() != 1 {
		t.Errorf("%d records handled, %d left", handled, m.Buffered())
	}
}

// TestMemoryTargetFlushesBack has the target flush, and close, the Memory that feeds
// it: that waits, for itself, but not for ever.
func TestMemoryTargetFlushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *handlers.Memory
		m = handlers.NewMemory(&hook{handle: func(ctx context.Context, r slog.Record) error {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			return errors.Join(m.Flush(), m.Close(ended))
		}}, handlers.MemoryOptions{})
		err := m.Handle(context.Background(), record(slog.LevelError, "m"))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, context.Canceled) {
			t.Errorf("Handle: %v", err)
		}
	})
}

// TestMemoryFlushWaits has Flush and Close called while another goroutine is in the
// target.
func TestMemoryFlushWaits(t *testing.T) {
	for name, flush := range map[string]func(*handlers.Memory) error{
		"Flush": (*handlers.Memory).Flush,
		"Close": func(m *handlers.Memory) error { return m.Close(context.Background()) },
	} {
		synctest.Test(t, func(t *testing.T) {
			rec := handlertest.NewRecorder(nil)
			release := make(chan struct{})
			m := handlers.NewMemory(&hook{handle: func(ctx context.Context, r slog.Record) error {
				<-release
				return rec.Handle(ctx, r)
			}}, handlers.MemoryOptions{})
			go func() { _ = m.Handle(context.Background(), record(slog.LevelError, "first")) }()
			synctest.Wait()
			handle(t, m, record(slog.LevelError, "second")) // does not wait
			done := false
			go func() {
				if err := flush(m); err != nil {
					t.Error(err)
				}
				done = true
			}()
			synctest.Wait()
			if done {
				t.Errorf("%s did not wait", name)
			}
			close(release)
			synctest.Wait()
			if !done {
				t.Errorf("%s waits for ever", name)
			}
			diff(t, []string{"first", "second"}, rec.Messages())
		})
	}
}

// asking is a level that asks the Memory that asks for it.
type asking struct{ m **handlers.Memory }

func (l asking) Level() slog.Level {
	(*l.m).Buffered()
	return slog.LevelError
}

func TestMemoryAsksFlushLevelWithoutLock(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var m *handlers.Memory
	m = handlers.NewMemory(rec, handlers.MemoryOptions{FlushLevel: asking{&m}})
	handle(t, m, record(slog.LevelError, "m"))
	diff(t, []string{"m"}, rec.Messages())
}

// TestMemoryTargetEndsItsGoroutine has the target call runtime.Goexit, as
// testing's FailNow does.
func TestMemoryTargetEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		first := true
		m := handlers.NewMemory(&hook{handle: func(ctx context.Context, r slog.Record) error {
			if first {
				first = false
				runtime.Goexit()
			}
			return rec.Handle(ctx, r)
		}}, handlers.MemoryOptions{})
		go func() { _ = m.Handle(context.Background(), record(slog.LevelError, "gone")) }()
		synctest.Wait()
		handle(t, m, record(slog.LevelError, "next"))
		diff(t, []string{"next"}, rec.Messages())
	})
}

// TestMemorySetTargetMidway takes the target away while it handles a record: at most
// that one reaches it.
func TestMemorySetTargetMidway(t *testing.T) {
	for _, keep := range []bool{true, false} {
		after := handlertest.NewRecorder(nil)
		var m *handlers.Memory
		var before []string
		m = handlers.NewMemory(&hook{handle: func(_ context.Context, r slog.Record) error {
			before = append(before, r.Message)
			if keep {
				m.SetTarget(after)
			} else {
				m.SetTarget(nil)
			}
			return nil
		}}, handlers.MemoryOptions{Capacity: 3})
		for i := range 4 {
			handle(t, m, record(slog.LevelInfo, fmt.Sprint(i)))
		}
		diff(t, []string{"0"}, before)
		if !keep {
			m.SetTarget(after)
		}
		if err := m.Flush(); err != nil {
			t.Error(err)
		}
		diff(t, []string{"1", "2", "3"}, after.Messages())
	}
}

// TestMemoryForgetsWhatWasDue has a flush end for want of a target. The rest waits for
// the next flush, not for the next record.
func TestMemoryForgetsWhatWasDue(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var m *handlers.Memory
	m = handlers.NewMemory(&hook{handle: func(context.Context, slog.Record) error {
		m.SetTarget(nil)
		return nil
	}}, handlers.MemoryOptions{})
	for i := range 3 {
		handle(t, m, record(slog.LevelInfo, fmt.Sprint(i)))
	}
	if err := m.Flush(); err != nil {
		t.Error(err)
	}
	m.SetTarget(rec)
	handle(t, m, record(slog.LevelInfo, "3"))
	diff(t, []string{}, rec.Messages())
	handle(t, m, record(slog.LevelError, "4"))
	diff(t, []string{"1", "2", "3", "4"}, rec.Messages())
}

// TestMemoryTargetsOwnAttrs has one target spoil the attrs it is given.
func TestMemoryTargetsOwnAttrs(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	spoiler := &hook{with: func(attrs []slog.Attr) {
		attrs[0].Value.Group()[0] = slog.String("spoilt", "x")
		attrs[0].Key = "spoilt"
	}}
	m := handlers.NewMemory(spoiler, handlers.MemoryOptions{Capacity: 1})
	log := slog.New(m).With(slog.Group("g", "k", "v"))
	log.Info("m")
	m.SetTarget(rec)
	log.Info("m")
	diff(t, map[string]any{"g": map[string]any{"k": "v"}}, rec.Records()[0].Attrs)
}

func TestMemoryString(t *testing.T) {
	m := handlers.NewMemory(handlertest.NewRecorder(nil), handlers.MemoryOptions{})
	if s := m.String(); s != "Memory(1000, Recorder)" {
		t.Errorf("String() = %q", s)
	}
	m.SetTarget(nil)
	if s := m.String(); s != "Memory(1000, no target)" || m.Unwrap() != nil {
		t.Errorf("String() = %q, Unwrap() = %v", s, m.Unwrap())
	}
	if !m.Enabled(context.Background(), -100) {
		t.Error("not enabled for all levels")
	}
}

// TestMemoryBoundsLoops keeps a LogValuer that returns groups of itself.
func TestMemoryBoundsLoops(t *testing.T) {
	var endless valuer
	endless = func() slog.Value { return slog.GroupValue(slog.Any("l", endless), slog.Any("r", endless)) }
	m := handlers.NewMemory(nil, handlers.MemoryOptions{})
	slog.New(m).With("e", endless).Info("m", "e", endless)
	var buf syncBuffer
	m.SetTarget(handlers.NewStream(&buf, nil, nil))
	if err := m.Flush(); err != nil {
		t.Error(err)
	}
	if n := len(buf.String()); n < 1000 || n > 200_000 || !strings.Contains(buf.String(), "nested without end") {
		t.Errorf("a line of %d bytes", n)
	}
}
