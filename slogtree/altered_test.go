package slogtree_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

type secretUser struct{ Name, Password string }

func (u *secretUser) String() string { return u.Name + ":" + u.Password }

// A filter that alters in place what others have rendered before is not undone.
func TestFilterThatAltersInPlace(t *testing.T) {
	run := func(share bool) string {
		var a, b bytes.Buffer
		fa := formatters.Must(formatters.Percent("%(message)s", nil))
		fb := formatters.Must(formatters.Percent("%(message)s", nil))
		if !share {
			fb = formatters.Must(formatters.Percent("%(message)s", &formatters.Options{NoValidate: true}))
		}
		redact := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			r.Attrs(func(at slog.Attr) bool {
				if at.Value.Kind() == slog.KindGroup {
					at.Value.Group()[0] = slog.String("password", "***")
				}
				if u, ok := at.Value.Any().(*secretUser); ok {
					u.Password = "***"
				}
				return true
			})
			return r, true
		})
		h := handlers.NewFanout(handlers.NewStream(&a, fa, nil), handlers.NewFilter(handlers.NewStream(&b, fb, nil), redact))
		slog.New(h).Info("m", slog.Group("g", "password", "secret"), "u", &secretUser{"bob", "secret"})
		return b.String()
	}
	if shared, alone := run(true), run(false); shared != alone {
		t.Errorf("shared %q, alone %q", shared, alone)
	}
}

// A wrapper that embeds a Renderer has its WriteRendered, which must not stand for
// the wrapper's own Handle.
type redacting struct{ handlers.Renderer }

func (redacting) AddsContextAttrs() {}
func (h redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	return redacting{h.Renderer.WithAttrs(attrs).(handlers.Renderer)}
}
func (h redacting) WithGroup(name string) slog.Handler {
	return redacting{h.Renderer.WithGroup(name).(handlers.Renderer)}
}
func (h redacting) Handle(ctx context.Context, r slog.Record) error {
	r.Message = "REDACTED"
	return h.Renderer.Handle(ctx, r)
}

func TestWrapperOfARenderer(t *testing.T) {
	var b bytes.Buffer
	one, two := handlers.NewStream(io.Discard, nil, nil), redacting{handlers.NewStream(&b, nil, nil)}
	slog.New(handlers.NewFanout(one, two)).Info("secret")
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(one)
	tree.Root().AddHandler(two)
	tree.Get("x").With("k", 1).Info("secret")
	if strings.Contains(b.String(), "secret") {
		t.Errorf("%q", b.String())
	}
}

// A Formatter that embeds another one has its Key, and renders otherwise.
type upper struct{ formatters.Formatter }

func (f upper) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	n := len(dst)
	dst = f.Formatter.Append(dst, ctxAttrs, r)
	copy(dst[n:], bytes.ToUpper(dst[n:]))
	return dst
}

func TestWrapperOfAFormatter(t *testing.T) {
	var b bytes.Buffer
	f := formatters.Must(formatters.Percent("%(message)s", nil))
	slog.New(handlers.NewFanout(handlers.NewStream(io.Discard, f, nil), handlers.NewStream(&b, upper{f}, nil))).Info("secret")
	if b.String() != "SECRET\n" {
		t.Errorf("%q", b.String())
	}
}

type keyed struct {
	formatters.Formatter
	key func() any
}

func (f keyed) Key() any                                        { return f.key() }
func (f keyed) WithLoggerName(k, n string) formatters.Formatter { return f }
func (f keyed) WithAttrs(a []slog.Attr) formatters.Formatter    { return f }

func TestFormatterWithABadKey(t *testing.T) {
	for name, key := range map[string]func() any{"uncomparable": func() any { return []int{1} }, "panics": func() any { panic("key") }} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("fanout panics: %v", p)
				}
			}()
			var good bytes.Buffer
			mk := func() slog.Handler {
				return handlers.NewStream(io.Discard, keyed{formatters.Must(formatters.Percent("%(message)s", nil)), key}, nil)
			}
			tree := slogtree.New(slogtree.Options{OnError: func(err error) { t.Log("OnError", err) }})
			tree.Root().AddHandler(handlers.NewStream(&good, nil, nil))
			tree.Root().AddHandler(mk())
			tree.Root().AddHandler(mk())
			tree.Get("x").Info("hello")
			tree.Get("x").Logger.Info("hello")
			if strings.Count(good.String(), "hello") != 2 {
				t.Errorf("lost for all: %q", good.String())
			}
			handlers.NewFanout(handlers.NewStream(&good, nil, nil), mk(), mk())
		})
	}
}

type needy struct{ slog.Handler }

func (needy) NeedsSource() bool                    { panic("needs") }
func (h needy) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h needy) WithGroup(string) slog.Handler      { return h }

func TestNeedsSourceThatPanics(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("AddHandler panics: %v", p)
		}
	}()
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(needy{slog.NewTextHandler(io.Discard, nil)})
	tree.Root().Info("m")
}

type adding struct{ formatters.Formatter }

func (f adding) WithLoggerName(k, n string) formatters.Formatter { return f }
func (f adding) Append(dst []byte, c []slog.Attr, r slog.Record) []byte {
	r.AddAttrs(slog.Int("added", 1))
	return f.Formatter.Append(dst, c, r)
}
func (f adding) Key() any { return [2]any{"adds", f.Formatter.Key()} }

func TestFormatterThatAddsAttrs(t *testing.T) {
	var a, b bytes.Buffer
	mk := func(w io.Writer, format string) slog.Handler {
		return handlers.NewStream(w, adding{formatters.Must(formatters.Percent(format, nil))}, nil)
	}
	h := handlers.NewFanout(mk(&a, "%(message)s"), mk(io.Discard, "%(message)s"), mk(&b, "x %(message)s"), mk(io.Discard, "x %(message)s"))
	r := slog.NewRecord(time.Time{}, 0, "m", 0)
	for i := range 6 {
		r.AddAttrs(slog.Int(fmt.Sprint("k", i), i))
	}
	r.AddAttrs(slog.Int("k6", 6))
	r.AddAttrs(slog.Int("k7", 6))
	_ = h.Handle(context.Background(), r)
	if strings.Contains(b.String(), "BUG") {
		t.Errorf("%q", b.String())
	}
}

type talkative struct{ l *slogtree.Logger }

func (b talkative) LogValue() slog.Value { b.l.Info("inner", "k", 1); return slog.StringValue("v") }
func (b talkative) String() string       { return "x" }

func TestLogValuerThatLogs(t *testing.T) {
	var a, b bytes.Buffer
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(handlers.NewStream(&a, nil, nil))
	tree.Root().AddHandler(handlers.NewStream(&b, nil, nil))
	l := tree.Get("x")
	l.Info("outer", slog.Group("g", "v", talkative{l}), "w", talkative{l})
	if a.String() != b.String() || strings.Count(a.String(), "inner") != 2 {
		t.Errorf("%q\n%q", a.String(), b.String())
	}
}
