package expslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path"
	"reflect"
	"runtime"
	"strings"
	"testing"
	stdtest "testing/slogtest"
	"time"

	exp "golang.org/x/exp/slog"
	exptest "golang.org/x/exp/slog/slogtest"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/expslog"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// through is a handler of x/exp that passes everything on: over it, no bridge is taken
// apart again.
type through struct{ exp.Handler }

func (h through) WithAttrs(attrs []exp.Attr) exp.Handler { return through{h.Handler.WithAttrs(attrs)} }
func (h through) WithGroup(name string) exp.Handler      { return through{h.Handler.WithGroup(name)} }

// there and back again.
func there(h slog.Handler) slog.Handler { return expslog.FromExp(through{expslog.ToExp(h)}) }

func lines(t *testing.T, buf *bytes.Buffer) func() []map[string]any {
	return func() []map[string]any {
		var maps []map[string]any
		for line := range bytes.Lines(buf.Bytes()) {
			var m map[string]any
			if err := json.Unmarshal(line, &m); err != nil {
				t.Error(err)
			}
			maps = append(maps, m)
		}
		return maps
	}
}

func TestSlogtest(t *testing.T) {
	t.Run("a handler of ours under x/exp", func(t *testing.T) {
		var buf bytes.Buffer
		h := expslog.ToExp(handlers.NewStream(&buf, formatters.JSON(nil), nil))
		if err := exptest.TestHandler(h, lines(t, &buf)); err != nil {
			t.Error(err)
		}
	})
	t.Run("slog.JSONHandler under x/exp", func(t *testing.T) {
		var buf bytes.Buffer
		if err := exptest.TestHandler(expslog.ToExp(slog.NewJSONHandler(&buf, nil)), lines(t, &buf)); err != nil {
			t.Error(err)
		}
	})
	t.Run("x/exp's JSONHandler under log/slog", func(t *testing.T) {
		var buf bytes.Buffer
		if err := stdtest.TestHandler(expslog.FromExp(exp.NewJSONHandler(&buf, nil)), lines(t, &buf)); err != nil {
			t.Error(err)
		}
	})
}

func TestRun(t *testing.T) {
	open := func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		rec := handlertest.NewRecorder(l)
		return there(rec), rec.Results
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
}

type expName string

func (n expName) LogValue() exp.Value { return exp.GroupValue(exp.String("exp", string(n))) }

type stdName string

func (n stdName) LogValue() slog.Value { return slog.GroupValue(slog.String("std", string(n))) }

// TestValues sends values of every kind both ways.
func TestValues(t *testing.T) {
	now := time.Now()
	err := errors.New("x")
	for _, v := range []any{
		nil, true, time.Second, 1.5, math.Inf(1), int64(-1), "s", now, uint64(math.MaxUint64), err, []int{1}, slog.LevelInfo,
		[]slog.Attr{slog.Int("a", 1), slog.Group("g", "b", 2)}, stdName("n"), expName("n"),
		&slog.Source{Function: "f", File: "x.go", Line: 1}, time.Time{}, (*int)(nil),
	} {
		want, got := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
		direct := v
		if n, ok := v.(expName); ok {
			direct = slog.GroupValue(slog.String("exp", string(n)))
		}
		slog.New(want).With("w", direct).Info("m", "k", direct)
		slog.New(there(got)).With("w", v).Info("m", "k", v)
		exp.New(expslog.ToExp(got)).With("w", v).Info("m", "k", v)
		for i, e := range got.Records() {
			if _, isGroup := v.([]slog.Attr); isGroup && i == 1 {
				continue // []slog.Attr is a slice like any other to x/exp
			}
			if w := want.Records()[0].Attrs; !reflect.DeepEqual(w, e.Attrs) && fmt.Sprint(w) != fmt.Sprint(e.Attrs) {
				t.Errorf("%T %v: %v, want %v", v, v, e.Attrs, w)
			}
		}
	}
}

// TestRecord has everything else of a record get through: time, level, source, context.
func TestRecord(t *testing.T) {
	rec := handlertest.NewRecorder(slog.LevelInfo)
	ctx := contextattrs.With(context.Background(), "request", 7)
	log := exp.New(expslog.ToExp(rec)).WithGroup("g")
	log.DebugCtx(ctx, "not enabled")
	_, _, line, _ := runtime.Caller(0)
	log.LogAttrs(ctx, exp.Level(6), "m", exp.Int("a", 1))
	e := rec.Records()[0]
	f, _ := runtime.CallersFrames([]uintptr{e.PC}).Next()
	if len(rec.Records()) != 1 || e.Level != 6 || fmt.Sprint(e.Attrs) != "map[g:map[a:1] request:7]" || time.Since(e.Time) > time.Hour ||
		path.Base(f.File) != "expslog_test.go" || f.Line != line+1 {
		t.Errorf("%+v, made at %s:%d", rec.Records(), f.File, f.Line)
	}
	var buf bytes.Buffer
	old := expslog.FromExp(exp.NewTextHandler(&buf, &exp.HandlerOptions{AddSource: true, Level: exp.LevelWarn}))
	if old.Enabled(ctx, slog.LevelInfo) {
		t.Error("enabled for INFO")
	}
	_, _, line, _ = runtime.Caller(0)
	slog.New(handlers.NewLevel(old, nil)).WithGroup("g").WarnContext(ctx, "m", "a", stdName("n"))
	if want := fmt.Sprintf("expslog_test.go:%d msg=m request=7 g.a.std=n\n", line+1); !strings.HasSuffix(buf.String(), want) {
		t.Errorf("%s, want ...%s", &buf, want)
	}
}

// TestExc has the one value that formatters know by its type go through x/exp.
func TestExc(t *testing.T) {
	var buf bytes.Buffer
	h := handlers.NewStream(&buf, formatters.Must(formatters.Percent("%(message)s", nil)), nil)
	exc := formatters.Exc(errors.New("x"))
	exp.New(expslog.ToExp(h)).Error("one", "exc_info", exc.Value.Any())
	slog.New(there(h)).Error("two", exc)
	if want := "one\n    error: x\ntwo\n    error: x\n"; buf.String() != want {
		t.Errorf("%q, want %q", &buf, want)
	}
}

// TestUnwrapping has bridges over bridges fall away.
func TestUnwrapping(t *testing.T) {
	std, old := slog.Handler(handlertest.NewRecorder(nil)), exp.Handler(exp.NewTextHandler(os.Stdout, nil))
	if expslog.FromExp(expslog.ToExp(std)) != std || expslog.ToExp(expslog.FromExp(old)) != old {
		t.Error("a bridge over a bridge")
	}
	closed := 0
	c := &closer{old, &closed}
	h := handlers.NewLevel(expslog.FromExp(c), nil)
	if err := handlers.Flush(h); err != nil || closed != 1 {
		t.Errorf("Flush: %v, %d", err, closed)
	}
	if err := handlers.Close(context.Background(), h); err != nil || closed != 2 {
		t.Errorf("Close: %v, %d", err, closed)
	}
	for _, f := range []func(){func() { expslog.ToExp(nil) }, func() { expslog.FromExp(nil) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("nil was taken")
				}
			}()
			f()
		}()
	}
}

type closer struct {
	exp.Handler
	n *int
}

func (c *closer) Flush() error { *c.n++; return nil }
func (c *closer) Close() error { *c.n++; return nil }

// TestBounds has groups that hold themselves.
func TestBounds(t *testing.T) {
	var group [2]slog.Attr
	group[0] = slog.Attr{Key: "g", Value: slog.GroupValue(group[:]...)}
	group[1] = slog.Int("n", 1)
	rec := handlertest.NewRecorder(nil)
	h := there(rec)
	slog.New(h).Info("m", group[0])
	if text := fmt.Sprint(rec.Records()[0].Attrs); !strings.Contains(text, "nested without end") || len(text) > 10_000 {
		t.Errorf("%d bytes: %.200s", len(text), text)
	}
}

func ExampleToExp() {
	h := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil)), nil)
	legacy := exp.New(expslog.ToExp(h)).With("module", "billing")
	legacy.Warn("slow query", exp.Group("query", exp.Duration("took", time.Second)))
	// Output:
	// WARNING slow query module=billing query.took=1s
}

func ExampleFromExp() {
	old := exp.NewTextHandler(os.Stdout, &exp.HandlerOptions{ReplaceAttr: func(groups []string, a exp.Attr) exp.Attr {
		if a.Key == exp.TimeKey {
			return exp.Attr{}
		}
		return a
	}})
	slog.New(expslog.FromExp(old)).WithGroup("request").Info("done", "status", 200)
	// Output:
	// level=INFO msg=done request.status=200
}

func BenchmarkToExp(b *testing.B) {
	log := exp.New(expslog.ToExp(slog.DiscardHandler))
	ctx := context.Background()
	b.Run("disabled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			log.LogAttrs(ctx, exp.LevelInfo, "m", exp.Int("a", 1), exp.String("b", "c"))
		}
	})
	b.Run("3 attrs", func(b *testing.B) {
		log := exp.New(expslog.ToExp(quiet{}))
		b.ReportAllocs()
		for b.Loop() {
			log.LogAttrs(ctx, exp.LevelInfo, "m", exp.Int("a", 1), exp.String("b", "c"), exp.Bool("c", true))
		}
	})
}

// quiet is enabled, and does nothing.
type quiet struct{}

func (quiet) Enabled(context.Context, slog.Level) bool  { return true }
func (quiet) Handle(context.Context, slog.Record) error { return nil }
func (h quiet) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h quiet) WithGroup(string) slog.Handler           { return h }
