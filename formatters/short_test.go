package formatters

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
)

// shortWays are formatters whose everyday records take a short way, each with
// the same formatter that knows the long way alone.
func shortWays(t testing.TB, opts *Options) map[string][2]Formatter {
	percent := func(format string) [2]Formatter {
		short := Must(Percent(format, opts)).(*template)
		if !short.simple.able || !short.simple.attrs {
			t.Fatalf("%s has no short way", format)
		}
		return [2]Formatter{short, longTemplate{short}}
	}
	logfmt := Logfmt(opts).(*logfmt)
	if !logfmt.quick {
		t.Fatal("logfmt has no short way")
	}
	return map[string][2]Formatter{
		"everyday": percent("%(asctime)s %(name)s %(levelname)s %(message)s"),
		"message":  percent("%(message)s"),
		"no time":  percent("[%(levelname)s] %(message)s\n"),
		"logfmt":   {logfmt, longLogfmt{logfmt}},
	}
}

// longTemplate takes the long way always.
type longTemplate struct{ *template }

func (f longTemplate) with(g Formatter) Formatter { return longTemplate{g.(*template)} }

func (f longTemplate) WithAttrs(attrs []slog.Attr) Formatter {
	return f.with(f.template.WithAttrs(attrs))
}
func (f longTemplate) WithGroup(name string) Formatter { return f.with(f.template.WithGroup(name)) }
func (f longTemplate) WithLoggerName(key, name string) Formatter {
	return f.with(f.template.WithLoggerName(key, name))
}

func (f longTemplate) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	return f.appendLine(dst, ctxAttrs, &r)
}

// longLogfmt takes the long way always.
type longLogfmt struct{ *logfmt }

func (f longLogfmt) with(g Formatter) Formatter { return longLogfmt{g.(*logfmt)} }

func (f longLogfmt) WithAttrs(attrs []slog.Attr) Formatter { return f.with(f.logfmt.WithAttrs(attrs)) }
func (f longLogfmt) WithGroup(name string) Formatter       { return f.with(f.logfmt.WithGroup(name)) }
func (f longLogfmt) WithLoggerName(key, name string) Formatter {
	return f.with(f.logfmt.WithLoggerName(key, name))
}

func (f longLogfmt) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	return f.appendLong(dst, ctxAttrs, &r)
}

// withSpecials returns attrs with errors and Origins among them, sometimes.
func withSpecials(m *jsonMaker, attrs []slog.Attr) []slog.Attr {
	for range m.byte() % 4 {
		a := []slog.Attr{Exc(errors.New(m.string())), Exc(nil), (&Origin{LevelName: m.string(), LevelNo: 7, Created: 1.5, StackInfo: m.string()}).Attr()}[m.byte()%3]
		if m.byte()%2 == 0 {
			continue
		}
		attrs = slices.Insert(slices.Clip(attrs), int(m.byte())%(len(attrs)+1), a)
	}
	return attrs
}

// sameBothWays renders what data makes by the short and by the long way.
func sameBothWays(t *testing.T, ways map[string][2]Formatter, data []byte) {
	t.Helper()
	for name, way := range ways {
		var lines [2]string
		for i, f := range way {
			m := newJSONMaker(data)
			f = withSteps(f.WithLoggerName("logger", m.string()), m.steps())
			r, ctxAttrs := m.record(), withSpecials(m, m.attrs(0))
			r.AddAttrs(withSpecials(m, m.attrs(0))...)
			lines[i] = address.ReplaceAllString(string(f.Append(nil, ctxAttrs, r)), "0xADDR")
		}
		if lines[0] != lines[1] {
			t.Fatalf("%s:\nshort %q\nlong  %q", name, lines[0], lines[1])
		}
	}
}

// The short way of a record writes what the long way does.
func FuzzShortWays(f *testing.F) {
	rng := rand.New(rand.NewPCG(6, 1))
	for range 30 {
		f.Add(randomBytes(rng, 300))
	}
	ways := shortWays(f, nil)
	f.Fuzz(func(t *testing.T, data []byte) { sameBothWays(t, ways, data) })
}

func TestShortWays(t *testing.T) {
	atLength(t)
	rng := rand.New(rand.NewPCG(6, 2))
	ways := shortWays(t, nil)
	for range 10_000 {
		sameBothWays(t, ways, randomBytes(rng, rng.IntN(300)))
	}
	raw := shortWays(t, &Options{Raw: true})
	for range 2000 {
		sameBothWays(t, raw, randomBytes(rng, rng.IntN(300)))
	}
}

// AppendRecord is Append.
func TestAppendRecord(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	formatters := map[string]Formatter{
		"percent": Must(Percent("%(asctime)s %(a)s %(message)s", nil)), "brace": Must(Brace("{message} {b}", nil)), "json": JSON(nil), "logfmt": Logfmt(nil),
		"console": Console(nil), "of somebody else": longTemplate{Must(Percent("", nil)).(*template)},
		"replacing": JSON(&Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return slog.String(a.Key, "x") }}),
		"replaced":  Must(Percent("%(message)s", &Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return slog.String(a.Key, "x") }})),
	}
	for range 2000 {
		data := randomBytes(rng, rng.IntN(200))
		for name, f := range formatters {
			m := newJSONMaker(data)
			r, ctxAttrs := m.record(), m.attrs(0)
			r.AddAttrs(m.attrs(0)...)
			before := r.Clone()
			got, want := string(AppendRecord(f, nil, ctxAttrs, &r)), string(f.Append(nil, ctxAttrs, r))
			if got != want {
				t.Fatalf("%s: AppendRecord %q, Append %q", name, got, want)
			}
			if r.NumAttrs() != before.NumAttrs() || r.Message != before.Message || string(f.Append(nil, ctxAttrs, before)) != want {
				t.Fatalf("%s: the record has changed", name)
			}
		}
	}
}
