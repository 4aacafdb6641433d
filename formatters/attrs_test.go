package formatters

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// textTail returns what slog's TextHandler writes for the attrs alone.
func textTail(with func(slog.Handler) slog.Handler, r slog.Record) string {
	var buf bytes.Buffer
	h := slog.Handler(slog.NewTextHandler(&buf, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		return a
	}}))
	if err := with(h).Handle(context.Background(), r); err != nil {
		panic(err)
	}
	return strings.TrimSpace(buf.String())
}

func asIs(h slog.Handler) slog.Handler { return h }

type stringer struct{ s string }

func (s stringer) String() string { return s.s }

type bytesOfMine []byte

// The tail is what slog's TextHandler writes.
func TestTailIsTextHandlers(t *testing.T) {
	f := Must(Percent("%(attrs)s", nil))
	for _, args := range [][]any{
		{"s", "plain", "sp", "a b", "eq", "a=b", "quote", `"`, "empty", "", "nl", "a\nb", "back", `a\b`},
		{"é", "é", "wide", "日本", "invalid", "a\xffb", "sep", "\u2028", "bidi", "\u202e", "nbsp", "\u00a0"},
		{"key with space", 1, "key=eq", 2, "k\n", 3, "", 4},
		{"i", 1, "n", int64(math.MinInt64), "u", uint64(math.MaxUint64), "f", 1.5, "whole", 2.0, "big", 1e100, "nan", math.NaN(), "inf", math.Inf(-1)},
		{"b", true, "d", 1500 * time.Microsecond, "t", testTime.UTC(), "zone", testTime.In(time.FixedZone("x", 3600))},
		{"nil", nil, "err", errors.New("boom and bust"), "wrapped", fmt.Errorf("w: %w", errBench), "addr", netip.MustParseAddr("::1")},
		{"bytes", []byte("a b"), "mine", bytesOfMine("x"), "slice", []int{1, 2}, "map", map[string]int{"b": 1, "a": 2}},
		{"struct", struct {
			A int
			B string
		}{1, "x"}, "ptr", &struct{ A int }{1}, "stringer", stringer{"my text"}, "source", &slog.Source{File: "f.go", Line: 3}},
		{slog.Group("g", "a", 1, slog.Group("h", "b", 2)), slog.Group("", "inline", 3), slog.Group("none")},
		{slog.Group("g with space", "k", "v"), slog.Attr{}, slog.Any("", nil), slog.Any("group", slog.GroupValue(slog.Int("x", 1)))},
		{"dup", 1, "dup", 2, "nilptr", (*int)(nil), "nilstringer", (*stringer)(nil), "nilerr", (*myErr)(nil)},
	} {
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "", 0)
		r.Add(args...)
		if got, want := render(f, r), textTail(asIs, r); got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
		with := func(h slog.Handler) slog.Handler {
			return h.WithGroup("one").WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("two words")
		}
		g := f.WithGroup("one").WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("").WithGroup("two words")
		if got, want := render(g, r), textTail(with, r); got != want {
			t.Errorf("in groups:\ngot  %s\nwant %s", got, want)
		}
	}
}

type myErr struct{ text string }

func (e *myErr) Error() string { return e.text }

func TestWinners(t *testing.T) {
	for _, test := range []struct {
		name, format string
		with         [][]any
		ctx, args    []any
		want         string
	}{
		{"default", "%(ip)s", nil, nil, nil, "dflt"},
		{"context beats default", "%(ip)s", nil, []any{"ip", "c"}, nil, "c"},
		{"later context beats earlier", "%(ip)s", nil, []any{"ip", "c", "ip", "d"}, nil, "d ip=c"},
		{"With beats context", "%(ip)s", [][]any{{"ip", "w"}}, []any{"ip", "c"}, nil, "w ip=c"},
		{"later With beats earlier", "%(ip)s", [][]any{{"ip", "w"}, {"ip", "x"}}, nil, nil, "x ip=w"},
		{"record beats all", "%(ip)s", [][]any{{"ip", "w"}}, []any{"ip", "c"}, []any{"ip", "r", "ip", "s"}, "s ip=c ip=w ip=r"},
		{"group and member", "%(req)s %(req.ip)s", nil, nil, []any{slog.Group("req", "ip", 1, "n", 2)}, "{'ip': 1, 'n': 2} 1"},
		{"beaten group", "%(req)s", nil, nil, []any{slog.Group("req", "a", 1), slog.Group("req", "b", 2)}, "{'b': 2} req.a=1"},
		{"group whole beside others", "%(req)s", nil, nil, []any{slog.Group("req", "a", 1), "k", "v"}, "{'a': 1} k=v"},
		{"empty group", "%(req)s", nil, nil, []any{"req", slog.GroupValue()}, "%!req(MISSING)"},
		{"dotted key", "%(a.b)s", nil, nil, []any{"a.b", 1}, "1"},
		{"the same field twice", "%(k)s %(k)03d", nil, nil, []any{"k", 7}, "7 007"},
		{"field of the record wins", "%(name)s %(process)s", nil, nil, []any{"name", "x", "process", "y"}, "root " + fmt.Sprint(processID) + " name=x process=y"},
		{"attrs in the middle", "<%(attrs)s> %(k)s", [][]any{{"w", 1}}, []any{"c", 2}, []any{"k", 3, "r", 4}, "<w=1 c=2 r=4> 3"},
		{"attrs twice", "%(attrs)s|%(attrs)s", nil, nil, []any{"k", 3}, "k=3|k=3"},
		{"no attrs", "[%(attrs)s]", nil, nil, nil, "[]"},
		{"attrs as others", "%(attrs)8s|%(attrs)-6s|%(attrs).1s|%(attrs)r", nil, nil, []any{"k", 3}, "     k=3|k=3   |k|'k=3'"},
	} {
		f := Must(Percent(test.format, &Options{Defaults: map[string]any{"ip": "dflt"}}))
		for _, args := range test.with {
			f = f.WithAttrs(argsToAttrs(args))
		}
		got := string(f.Append([]byte("before "), argsToAttrs(test.ctx), record0("", test.args...)))
		if want := "before " + test.want; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, want)
		}
	}
}

func argsToAttrs(args []any) []slog.Attr {
	var attrs []slog.Attr
	r := record0("", args...)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// Open groups qualify the attrs of With and of records, not the context's.
func TestGroupsQualify(t *testing.T) {
	f := Must(Percent("%(g.ip)s %(ip)s", nil)).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("w", 1)})
	got := string(f.Append(nil, []slog.Attr{slog.String("ip", "ctx")}, record0("", "ip", "rec", "k", 2)))
	if want := "rec ctx g.w=1 g.k=2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Siblings made from one Formatter at the same time share nothing.
func TestSiblings(t *testing.T) {
	f := Must(Percent("%(slot)s %(message)s", nil)).WithAttrs([]slog.Attr{slog.Int("base", 0), slog.String("slot", "of base")}).WithGroup("g")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			g := f
			want := "of base m base=0"
			for depth := range 8 {
				g = g.WithAttrs([]slog.Attr{slog.Int("k", 10*i+depth)}).WithGroup(fmt.Sprint("h", i))
				want += fmt.Sprintf(" g.%sk=%d", strings.Repeat(fmt.Sprintf("h%d.", i), depth), 10*i+depth)
				if got := render(g, record0("m")); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
	wg.Wait()
	if got := render(f, record0("m")); got != "of base m base=0" {
		t.Errorf("the base became %s", got)
	}
}

func TestReplaceAttr(t *testing.T) {
	var seen []string
	opts := &Options{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		seen = append(seen, strings.Join(append(groups, a.Key), "/"))
		_ = append(groups, "spoilt")
		switch a.Key {
		case "secret":
			return slog.String(a.Key, "***")
		case "gone":
			return slog.Attr{}
		case "renamed":
			return slog.Any("ip", a.Value)
		case "group":
			return slog.Group("made", "x", 1)
		case "panics":
			panic("oh")
		}
		return a
	}}
	f := Must(Percent("%(ip)s %(req)s %(message)s", opts)).WithGroup("a").WithAttrs([]slog.Attr{slog.String("secret", "w")})
	ctx := []slog.Attr{slog.String("secret", "c"), slog.String("renamed", "::1"), slog.Group("req", "secret", 1, "gone", 2, "n", 3)}
	got := string(f.Append(nil, ctx, record0("m", "secret", "r", "gone", 1, "group", 2, "panics", 3, Exc(errBench), slog.Group("b", "secret", 4))))
	want := `::1 {'secret': '***', 'n': 3} m a.secret=*** secret=*** a.secret=*** a.made.x=1 a.panics="%!panics(PANIC in ReplaceAttr: oh)" a.b.secret=***` +
		"\n    error: no route to host"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := fmt.Sprint(seen), "[a/secret secret renamed req/secret req/gone req/n a/secret a/gone a/group a/panics a/b/secret]"; !sameMembers(got, want) {
		t.Errorf("called for %s, want %s", got, want)
	}
}

func sameMembers(a, b string) bool {
	count := map[string]int{}
	for _, s := range strings.Fields(strings.Trim(a, "[]")) {
		count[s]++
	}
	for _, s := range strings.Fields(strings.Trim(b, "[]")) {
		count[s]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// An Origin and an error are found wherever they come from, and are no attrs.
func TestSpecialAttrs(t *testing.T) {
	o := &Origin{LevelName: "NOTICE", LevelNo: 25, FuncName: "f"}
	f := Must(Percent("%(levelname)s %(levelno)d %(funcName)s %(message)s", nil))
	want := "NOTICE 25 f m k=1\n    error: boom"
	special := []slog.Attr{o.Attr(), Exc(errors.New("boom"))}
	k := slog.Int("k", 1)
	for name, got := range map[string]string{
		"record":  string(f.Append(nil, nil, record0("m", special[0], k, special[1]))),
		"context": string(f.Append(nil, special, record0("m", k))),
		"With":    string(f.WithAttrs(special).Append(nil, nil, record0("m", k))),
		"groups":  string(f.WithAttrs([]slog.Attr{k}).WithGroup("g").WithAttrs(special).Append(nil, nil, record0("m"))),
	} {
		if got != want {
			t.Errorf("from %s: got %q, want %q", name, got, want)
		}
	}
	g := f.WithAttrs([]slog.Attr{Exc(errors.New("first"))})
	got := render(g, record0("m", Exc(errors.New("second"))))
	if want := "INFO 20 None m exc_info=first\n    error: second"; got != want {
		t.Errorf("of two errors: got %q, want %q", got, want)
	}
	if got := render(f, record0("m", (*Origin)(nil).Attr())); got != "INFO 20 None m" {
		t.Errorf("a nil Origin gives %q", got)
	}
}

// The slice given to WithAttrs may be changed by its new owner only; a
// Formatter keeps nothing of it.
func TestWithAttrsKeepsNothing(t *testing.T) {
	attrs := []slog.Attr{slog.String("ip", "a"), slog.String("k", "b")}
	f := Must(Percent("%(ip)s", nil)).WithAttrs(attrs)
	attrs[0], attrs[1] = slog.String("ip", "x"), slog.String("k", "y")
	if got := render(f, record0("")); got != "a k=b" {
		t.Errorf("got %s", got)
	}
}
