package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// counted is a formatter that counts the records that it renders. Its key is
// that of the formatter in it.
type counted struct {
	formatters.Formatter
	n *int
}

func (f counted) WithAttrs(attrs []slog.Attr) formatters.Formatter {
	return counted{f.Formatter.WithAttrs(attrs), f.n}
}

func (f counted) WithGroup(name string) formatters.Formatter {
	return counted{f.Formatter.WithGroup(name), f.n}
}

func (f counted) WithLoggerName(key, name string) formatters.Formatter {
	return counted{f.Formatter.WithLoggerName(key, name), f.n}
}

func (f counted) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	*f.n++
	return f.Formatter.Append(dst, ctxAttrs, r)
}

// A sharedSet is streams, each with a buffer, whose renderings are counted.
type sharedSet struct {
	renderings int
	bufs       []*bytes.Buffer
}

// stream returns a stream with a format, which it does not share with other
// calls: equal keys are what counts.
func (s *sharedSet) stream(format string, level slog.Leveler) *handlers.Stream {
	buf := new(bytes.Buffer)
	s.bufs = append(s.bufs, buf)
	return handlers.NewStream(buf, counted{percent(format), &s.renderings}, level)
}

// texts returns what each stream has written since the last call.
func (s *sharedSet) texts() []string {
	texts := make([]string, len(s.bufs))
	for i, buf := range s.bufs {
		texts[i] = buf.String()
		buf.Reset()
	}
	return texts
}

// check compares what was written and how often the record was rendered.
func (s *sharedSet) check(t *testing.T, renderings int, want ...string) {
	t.Helper()
	diff(t, want, s.texts())
	if s.renderings != renderings {
		t.Errorf("%d renderings, want %d", s.renderings, renderings)
	}
	s.renderings = 0
}

func TestFanoutRendersOnce(t *testing.T) {
	var s sharedSet
	log := slog.New(handlers.NewFanout(
		s.stream("A %(message)s", nil),
		s.stream("B %(message)s", nil),
		handlers.NewLevel(handlers.NewLevel(s.stream("A %(message)s", nil), slog.LevelInfo), slog.LevelDebug),
		s.stream("A %(message)s", slog.LevelError),
		s.stream("C %(message)s", nil),
		s.stream("B %(message)s", nil),
	))
	log.Info("m", "k", 1)
	s.check(t, 3, "A m k=1\n", "B m k=1\n", "A m k=1\n", "", "C m k=1\n", "B m k=1\n")
	log.Error("m")
	s.check(t, 3, "A m\n", "B m\n", "A m\n", "A m\n", "C m\n", "B m\n")
	log.With("w", 2).WithGroup("g").With("x", 3).Info("m", "k", 1)
	s.check(t, 3, "A m w=2 g.x=3 g.k=1\n", "B m w=2 g.x=3 g.k=1\n", "A m w=2 g.x=3 g.k=1\n", "", "C m w=2 g.x=3 g.k=1\n", "B m w=2 g.x=3 g.k=1\n")
	ctx := contextattrs.With(context.Background(), "c", 4)
	log.WithGroup("g").InfoContext(ctx, "m", "k", 1)
	s.check(t, 3, "A m c=4 g.k=1\n", "B m c=4 g.k=1\n", "A m c=4 g.k=1\n", "", "C m c=4 g.k=1\n", "B m c=4 g.k=1\n")
	log.Debug("m")
	s.check(t, 3, "A m\n", "B m\n", "", "", "C m\n", "B m\n")
}

func TestFanoutSharesEightFormats(t *testing.T) {
	var s sharedSet
	var hs []slog.Handler
	var want []string
	for range 2 {
		for i := range 20 {
			hs = append(hs, s.stream(fmt.Sprintf("%d %%(message)s", i), nil))
			want = append(want, fmt.Sprintf("%d m\n", i))
		}
	}
	slog.New(handlers.NewFanout(hs...)).Info("m")
	s.check(t, 32, want...) // 8 formats share, 12 are rendered twice
}

func TestFanoutSharesWithEachOwnTerminator(t *testing.T) {
	var s sharedSet
	one, two, three := s.stream("%(message)s", nil), s.stream("%(message)s", nil), s.stream("%(message)s", nil)
	one.SetTerminator("<" + strings.Repeat("1", 5000) + ">")
	two.SetTerminator("")
	slog.New(handlers.NewFanout(one, two, three)).Info("m")
	s.check(t, 1, "m<"+strings.Repeat("1", 5000)+">", "m", "m\n")
}

// A filter that lets a record pass as it is does not keep it from being
// shared; one that replaces it does.
func TestFanoutSharesWhatFiltersLeave(t *testing.T) {
	pass := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true })
	add := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.String("added", "x"))
		return r, true
	})
	rename := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "k" {
				a.Value = slog.StringValue("hidden")
			}
			out.AddAttrs(a)
			return true
		})
		return out, true
	})
	deny := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, false })
	boom := handlers.FilterFunc(func(context.Context, string, slog.Record) (slog.Record, bool) { panic("boom") })
	var s sharedSet
	log := slog.New(handlers.NewFanout(
		s.stream("%(message)s", nil),
		handlers.NewFilter(s.stream("%(message)s", nil), pass),
		handlers.NewFilter(s.stream("%(message)s", nil), pass, add),
		handlers.NewFilter(handlers.NewFilter(s.stream("%(message)s", nil), rename), pass),
		handlers.NewFilter(s.stream("%(message)s", nil), deny),
		handlers.NewLevel(handlers.NewFilter(handlers.NewLevel(s.stream("%(message)s", nil), nil), pass), nil),
		handlers.NewFilter(s.stream("%(message)s", nil), boom),
	))
	log.Info("m", "k", 1)
	s.check(t, 3, "m k=1\n", "m k=1\n", "m k=1 added=x\n", "m k=hidden\n", "", "m k=1\n", "m k=1\n")
	log.Info("m")
	s.check(t, 2, "m\n", "m\n", "m added=x\n", "m\n", "", "m\n", "m\n") // rename finds nothing to replace
	var p *handlers.PanicError
	if err := log.Handler().Handle(t.Context(), record(slog.LevelInfo, "m")); !errors.As(err, &p) {
		t.Errorf("the panic of a filter became %v", err)
	}
}

// A record that some filter gives back with a value that can't be compared, or
// with another of its group, counts as replaced.
func TestFanoutKnowsReplacedValues(t *testing.T) {
	swap := func(v any) handlers.Filter {
		return handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
			out.AddAttrs(slog.Any("k", v))
			return out, true
		})
	}
	for _, c := range []struct{ was, becomes any }{
		{1, 2}, {1, int64(2)}, {1, "one"}, {1.5, 2.5}, {[]int{1}, []int{2}}, {nil, 1}, {nil, "x"}, {errors.New("a"), errors.New("b")},
		{slog.GroupValue(slog.Int("a", 1)), slog.GroupValue(slog.Int("a", 2))}, {true, false}, {uint64(1), uint64(2)},
	} {
		var s sharedSet
		h := handlers.NewFanout(s.stream("%(message)s", nil), handlers.NewFilter(s.stream("%(message)s", nil), swap(c.becomes)))
		slog.New(h).Info("m", "k", c.was)
		texts := s.texts()
		alone := handlers.NewFilter(s.stream("%(message)s", nil), swap(c.becomes))
		slog.New(alone).Info("m", "k", c.was)
		if want := s.texts()[2]; texts[1] != want || texts[0] == want {
			t.Errorf("%v replaced by %v: got %q and %q, want another and %q", c.was, c.becomes, texts[0], texts[1], want)
		}
	}
}

// A filter may change in place what an attr points to: it must not see its work undone
// by a rendering from before.
func TestFanoutDoesNotUndoFilters(t *testing.T) {
	type user struct{ Password string }
	redact := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.Attrs(func(a slog.Attr) bool {
			if a.Value.Kind() == slog.KindGroup {
				a.Value.Group()[0] = slog.String("pw", "***")
			} else if u, ok := a.Value.Any().(*user); ok {
				u.Password = "***"
			}
			return true
		})
		return r, true
	})
	var s sharedSet
	log := slog.New(handlers.NewFanout(s.stream("%(message)s", nil), handlers.NewFilter(s.stream("%(message)s", nil), redact)))
	log.Info("m", "u", &user{"secret"})
	log.Info("m", slog.Group("g", "pw", "secret"))
	if texts := s.texts(); strings.Contains(texts[1], "secret") || strings.Count(texts[1], "***") != 2 {
		t.Errorf("the filtered one wrote %q", texts[1])
	}
}

func TestFanoutReplaceAttrIsIdentity(t *testing.T) {
	opts := &formatters.Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}
	n := 0
	one := counted{formatters.Must(formatters.Percent("%(message)s", opts)), &n}
	two := counted{formatters.Must(formatters.Percent("%(message)s", opts)), &n}
	var a, b, c bytes.Buffer
	slog.New(handlers.NewFanout(handlers.NewStream(&a, one, nil), handlers.NewStream(&b, one, nil), handlers.NewStream(&c, two, nil))).Info("m", "k", 1)
	if n != 2 {
		t.Errorf("%d renderings by one formatter twice and an equal one with a function, want 2", n)
	}
	diff(t, []string{"m k=1\n", "m k=1\n", "m k=1\n"}, []string{a.String(), b.String(), c.String()})
}

// upperStream embeds a Stream and changes records on their way to it.
type upperStream struct{ *handlers.Stream }

func (h upperStream) Handle(ctx context.Context, r slog.Record) error {
	r.Message = strings.ToUpper(r.Message)
	return h.Stream.Handle(ctx, r)
}

func (h upperStream) WithAttrs(attrs []slog.Attr) slog.Handler {
	return upperStream{h.Stream.WithAttrs(attrs).(*handlers.Stream)}
}

func (h upperStream) WithGroup(name string) slog.Handler {
	return upperStream{h.Stream.WithGroup(name).(*handlers.Stream)}
}

// A wrapper that embeds one of ours is not bypassed.
func TestFanoutRespectsEmbedding(t *testing.T) {
	var s sharedSet
	log := slog.New(handlers.NewFanout(s.stream("%(message)s", nil), upperStream{s.stream("%(message)s", nil)}, handlers.NewLevel(upperStream{s.stream("%(message)s", nil)}, nil)))
	log.Info("m")
	log.With("a", 1).Info("m")
	s.check(t, 6, "m\nm a=1\n", "M\nM a=1\n", "M\nM a=1\n")
	if !handlers.NeedsSource(handlers.Adopt(upperStream{s.stream("%(message)s", nil)})) {
		t.Error("a handler that may use the PC does not need the source, because of what it embeds")
	}
}

// otherKey is a Formatter with a key of its own.
type otherKey struct {
	formatters.Formatter
	key any
}

func (f otherKey) Key() any {
	if f.key == "panic" {
		panic("no key")
	}
	return f.key
}

// A key that can tell nothing is shared by nobody, least of all with a handler
// that has no formatter.
func TestFanoutSharesNoBadKeys(t *testing.T) {
	for _, key := range []any{nil, []int{1}, [1]any{[]int{1}}, math.NaN(), "panic"} {
		var text, one, two bytes.Buffer
		f := otherKey{percent("%(message)s"), key}
		h := handlers.NewFanout(slog.NewTextHandler(&text, nil), handlers.NewStream(&one, f, nil), handlers.NewStream(&two, f, nil))
		if err := h.Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)); err != nil {
			t.Errorf("key %v: %v", key, err)
		}
		diff(t, []string{"level=INFO msg=m\n", "m\n", "m\n"}, []string{text.String(), one.String(), two.String()})
	}
}

// failingWriter fails, panics or writes.
type failingWriter struct {
	err   error
	panic any
}

func (w failingWriter) Write(p []byte) (int, error) {
	if w.panic != nil {
		panic(w.panic)
	}
	return 0, w.err
}

func TestFanoutSharesDespiteTrouble(t *testing.T) {
	var s sharedSet
	bad := func(w failingWriter) slog.Handler {
		return handlers.NewStream(w, counted{percent("%(message)s"), &s.renderings}, nil)
	}
	h := handlers.NewFanout(bad(failingWriter{err: errTest}), s.stream("%(message)s", nil), bad(failingWriter{panic: "p"}), s.stream("%(message)s", nil))
	err := h.Handle(t.Context(), record(slog.LevelInfo, "m"))
	var p *handlers.PanicError
	if !errors.Is(err, errTest) || !errors.As(err, &p) {
		t.Errorf("got %v", err)
	}
	s.check(t, 1, "m\n", "m\n")
}

// TestFanoutEqualsHandlersAlone compares random fan-outs with their handlers
// under random derivations, levels and filters.
func TestFanoutEqualsHandlersAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	shared := 0
	for range 400 {
		var together, apart sharedSet
		var hs, alone []slog.Handler
		for range 1 + rng.IntN(6) {
			make := randomHandler(rng)
			hs, alone = append(hs, make(&together)), append(alone, make(&apart))
		}
		var fan slog.Handler = handlers.NewFanout(hs...)
		for range rng.IntN(4) {
			step := randomStep(rng)
			fan = step(fan)
			for i := range alone {
				alone[i] = step(alone[i])
			}
		}
		ctx := context.Background()
		if rng.IntN(2) == 0 {
			ctx = contextattrs.With(ctx, "c", rng.IntN(9))
		}
		level := slog.Level(rng.IntN(16) - 4)
		log := func(h slog.Handler) {
			slog.New(h).LogAttrs(ctx, level, "m", slog.Int("k", 1), slog.Any("v", []int{2}), slog.Group("h", "i", 3))
		}
		log(fan)
		for _, h := range alone {
			log(h)
		}
		diff(t, stamps(apart.texts()), stamps(together.texts()))
		shared += apart.renderings - together.renderings
		if t.Failed() {
			return
		}
	}
	if shared < 150 {
		t.Errorf("only %d renderings were shared", shared)
	}
}

// stamps takes the times out, which differ between calls.
func stamps(texts []string) []string {
	out := slices.Clone(texts)
	for i, text := range out {
		if at := strings.Index(text, "T"); at >= 0 {
			out[i] = text[:at]
		}
	}
	return out
}

// randomHandler returns what makes one and the same handler for two sets.
func randomHandler(rng *rand.Rand) func(*sharedSet) slog.Handler {
	format := []string{"%(message)s", "%(levelname)s %(k)d %(message)s", "%(name)s %(message)s %(attrs)s T%(asctime)s"}[rng.IntN(3)]
	level := slog.Level(rng.IntN(12) - 4)
	filter := []handlers.Filter{handlers.NameFilter("a"), handlers.NameFilter(""), handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.Int("f", 9))
		return r, true
	})}[rng.IntN(3)]
	kind := rng.IntN(5)
	return func(s *sharedSet) slog.Handler {
		switch h := s.stream(format, nil); kind {
		case 0:
			return handlers.NewLevel(h, level)
		case 1:
			return handlers.NewFilter(h, filter)
		case 2:
			return handlers.NewLevel(handlers.NewFilter(handlers.NewLevel(h, level), filter), slog.LevelDebug)
		default:
			return h
		}
	}
}

func randomStep(rng *rand.Rand) func(slog.Handler) slog.Handler {
	n := rng.IntN(9)
	switch rng.IntN(3) {
	case 0:
		return func(h slog.Handler) slog.Handler { return h.WithGroup("g") }
	case 1:
		return func(h slog.Handler) slog.Handler { return handlers.BindName(h, "logger", "a.b") }
	}
	return func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.Int("w", n)}) }
}
