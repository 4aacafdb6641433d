package handlertest_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleRecorder() {
	rec := handlertest.NewRecorder(slog.LevelInfo)
	log := slog.New(rec).With("service", "shop").WithGroup("order")

	log.Debug("not recorded")
	log.Warn("paid", "id", 7, slog.Group("by", "name", "ada"))

	for _, e := range rec.Records() {
		fmt.Println(e.Level, e.Message, e.Groups, e.Attrs)
	}
	// Output:
	// WARN paid [order] map[order:map[by:map[name:ada] id:7] service:shop]
}

func TestRecorder(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	log := slog.New(rec.WithLoggerName("logger", "a.b"))
	ctx := contextattrs.With(context.Background(), "req", 1)
	log.WithGroup("g").InfoContext(ctx, "one", "k", "v")
	slog.New(rec).Debug("two")

	want := []handlertest.Entry{
		{Level: slog.LevelInfo, Message: "one", Logger: "a.b", Groups: []string{"g"},
			Attrs: map[string]any{"req": int64(1), "g": map[string]any{"k": "v"}}},
		{Level: slog.LevelDebug, Message: "two", Attrs: map[string]any{}},
	}
	got := rec.Records()
	for i, e := range got {
		if e.Time.IsZero() || e.PC == 0 {
			t.Errorf("record %d has time %v and PC %d", i, e.Time, e.PC)
		}
		got[i].Time, got[i].PC = want[i].Time, want[i].PC
	}
	if d := handlertest.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := handlertest.Diff([]string{"one", "two"}, rec.Messages()); d != "" {
		t.Error(d)
	}
	if rec.Reset(); len(rec.Records()) != 0 {
		t.Error("Reset left records")
	}
}

func TestRecorderLevel(t *testing.T) {
	var level slog.LevelVar
	rec := handlertest.NewRecorder(&level)
	log := slog.New(rec).With("a", 1)
	log.Debug("no")
	level.Set(slog.LevelDebug)
	log.Debug("yes")
	if d := handlertest.Diff([]string{"yes"}, rec.Messages()); d != "" {
		t.Error(d)
	}
}

// endless returns a group that holds itself.
type endless struct{}

func (e endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("left", e), slog.Any("right", e))
}

func TestRecorderBoundsEndlessGroups(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	loop := make([]slog.Attr, 2)
	loop[0] = slog.Attr{Key: "l", Value: slog.GroupValue(loop...)}
	loop[1] = slog.Int("n", 1)
	slog.New(rec).Info("m", "e", endless{}, "l", slog.GroupValue(loop...))
	if n := len(rec.Records()); n != 1 {
		t.Errorf("%d records", n)
	}
}

func TestRecorderConcurrently(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				slog.New(rec).With("a", 1).Info("m")
				rec.Records()
			}
		})
	}
	wg.Wait()
	if n := len(rec.Results()); n != 400 {
		t.Errorf("%d records", n)
	}
}

// FuzzRecorder compares the Recorder with slog's JSON handler, for random calls.
// Values are text and keys unique, where the two can be compared.
func FuzzRecorder(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		rec := handlertest.NewRecorder(nil)
		var buf bytes.Buffer
		var a, b slog.Handler = rec, slog.NewJSONHandler(&buf, nil)
		next := 0
		attr := func() slog.Attr {
			next++
			key := fmt.Sprint("k", next)
			switch rnd.IntN(4) {
			case 0:
				return slog.Group(key, slog.String("in", key))
			case 1:
				return slog.Group("", slog.String(key+"i", "inlined"))
			}
			return slog.String(key, fmt.Sprint(rnd.IntN(9)))
		}
		for range rnd.IntN(8) {
			if rnd.IntN(2) == 0 {
				x := attr()
				a, b = a.WithAttrs([]slog.Attr{x}), b.WithAttrs([]slog.Attr{x})
			} else {
				next++
				g := fmt.Sprint("g", next)
				a, b = a.WithGroup(g), b.WithGroup(g)
			}
		}
		var attrs []slog.Attr
		for range rnd.IntN(4) {
			attrs = append(attrs, attr())
		}
		slog.New(a).LogAttrs(context.Background(), slog.LevelInfo, "m", attrs...)
		slog.New(b).LogAttrs(context.Background(), slog.LevelInfo, "m", attrs...)
		want, err := handlertest.ParseJSON(buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		got := rec.Results()
		delete(want[0], "time")
		delete(got[0], "time")
		got[0]["level"] = "INFO"
		if d := handlertest.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
