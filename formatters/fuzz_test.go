package formatters

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

// A format string that is accepted renders; without validation every format
// is accepted, and none panics.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{named, "%(message)s %(k)05d%%", "%", "%(", "%(a(b)c)-+ #0*.*hs", "%s %(attrs)r", "%(msecs)03d%(created).99f", "é%\xff", "%(k)99999d"} {
		f.Add(s, "%a %b %-5Y%Oc%f", "value", int64(7))
	}
	f.Fuzz(func(t *testing.T, format, dateFmt, text string, n int64) {
		checkFormat(t, "%", format, dateFmt, text, n)
	})
}

// As FuzzFormat, for formats in the { style.
func FuzzBrace(f *testing.F) {
	for _, s := range []string{
		"{asctime} {levelname:<8} {message}", "{k:+#020_x}{s!r:é^30.{k}}{{", "{", "}", "{}", "{0}", "{s", "{s!}", "{s:{k:{k}}}", "{at:%H:%M\n}{created:,.3f}{lineno:c}",
		"{list[0]}{g[k]}{g.k.real}{list[1].imag!a:>{k}}{name[0]}", "{message:\n<5}", "{attrs:.99999}{thread:1048577}", "{k:٣}{taskName:>3}", "{created:.1048576}", "{args!r}{args[0]}", "{s:z}{k:{s}}é\xff{\xff}",
	} {
		f.Add(s, "%H%f", "value", int64(7))
	}
	f.Fuzz(func(t *testing.T, format, dateFmt, text string, n int64) {
		checkFormat(t, "{", format, dateFmt, text, n)
	})
}

// As FuzzFormat, for formats in the $ style.
func FuzzDollar(f *testing.F) {
	for _, s := range []string{"$asctime $levelname ${message}", "$$ $k${g.k}$s$$", "$", "${", "${}", "${k", "$1", "${a..b}", "$attrs é\xff$\xff", "${k:>5} $message", "${s-x}"} {
		f.Add(s, "%H%f", "value", int64(7))
	}
	f.Fuzz(func(t *testing.T, format, dateFmt, text string, n int64) {
		checkFormat(t, "$", format, dateFmt, text, n)
	})
}

// checkFormat checks what holds for every format string: it is refused with a
// proper error, or it renders each record as it does without validation, and
// all fields of the record itself.
func checkFormat(t *testing.T, style, format, dateFmt, text string, n int64) {
	t.Helper()
	r := newRecord(slog.Level(n%20), text, "k", n, "s", text, "err", errBench, "at", testTime, "list", []any{text, n}, slog.Group("g", "k", n, text, 1))
	r.AddAttrs((&Origin{LevelNo: 30, LevelName: "WARNING", LineNo: 12, Thread: 7, Process: 9, FuncName: "f", TaskName: "t"}).Attr())
	strict, err := constructors[style](format, &Options{DateFmt: dateFmt})
	lenient, err2 := constructors[style](format, &Options{DateFmt: dateFmt, NoValidate: true})
	if err2 != nil {
		t.Fatalf("%q without validation: %v", format, err2)
	}
	line := render(lenient, r)
	var fe *FormatError
	switch {
	case err == nil:
		if got := render(strict, r); got != line {
			t.Errorf("%q renders %q, without validation %q", format, got, line)
		}
		if !strings.Contains(format+dateFmt+text, "%!") {
			checkFilled(t, strict.(*template), line)
		}
	case !errors.As(err, &fe) || fe.Reason == "" || fe.Format != format || !strings.Contains(format, fe.Field) || fe.Column < 0:
		t.Errorf("%q: improper error %#v", format, err)
	case strings.HasPrefix(fe.Reason, "no format spec") || strings.HasPrefix(fe.Reason, "no field name"): // which Python may render all the same
	case fe.Field != "" && !strings.Contains(line, "%!"):
		t.Errorf("%q is refused for %s, but renders %q", format, fe.Field, line)
	}
	if string(appendEscaped(nil, format)) == format && string(appendEscaped(nil, dateFmt)) == dateFmt {
		checkSafe(t, format, line)
	}
}

// dependsOnRecord reports whether the record's own fields may not do for o.
func dependsOnRecord(o op) bool {
	b := o.brace
	if b == nil {
		return o.kind == opField && o.spec.conv == 'c' // of one character
	}
	switch o.field {
	case fieldExcInfo, fieldExcText, fieldStackInfo: // None has no format spec
		return b.conv == 0
	}
	return b.nested != nil || b.lookups != nil
}

// checkFilled checks that the fields of the record have no markers.
func checkFilled(t *testing.T, f *template, line string) {
	t.Helper()
	for _, o := range f.program.ops {
		if o.field == noField && o.kind >= opField || dependsOnRecord(o) {
			return
		}
	}
	if strings.Contains(line, "%!") {
		t.Errorf("%q was accepted, and renders %q", f.format, line)
	}
}

// One record is one line, whatever is in it.
func FuzzOneLine(f *testing.F) {
	f.Add("message\n", "key\n", "value\x1b[2J", "group\r", "logger\u202e", uint8(0))
	f.Add("\xff", "\u2028", "\x00", "\u0085", "", uint8(200))
	f.Add("k=v", "a b", "\"", "'", "\\", uint8(3))
	f.Fuzz(func(t *testing.T, msg, key, value, group, name string, choice uint8) {
		formats := []string{"%(message)s", named, "%(v)s %(v)r %(v)a %(v)10.3s|%(message)s", "%(attrs)s|%(message)-20s", "%(name)r %(message).5s", "%s",
			"{v}{v[0]}{v[1].real}{v!r:>5}{v[2]!a:.3} {message:{name}}", "{attrs:>9}|{message:{v[0]}<20}{name[0]}{levelno:c}", "${v} $attrs $message $name"}
		format := formats[int(choice)%len(formats)]
		construct := constructors[format[:1]]
		fm := Must(construct(format, &Options{NoValidate: true})).WithLoggerName("logger", name)
		if choice&64 != 0 {
			fm = fm.WithGroup(group)
		}
		if choice&128 != 0 {
			fm = fm.WithAttrs([]slog.Attr{slog.String(key, value)})
		}
		r := newRecord(slog.LevelInfo, msg, slog.String(key, value), slog.Group(group, key, value), slog.Any("v", []any{value, errors.New(value), stringer{value}}),
			slog.Any(value, stringer{msg}), slog.Any("e", errors.New(msg)), slog.Any("p", panicText(msg)))
		text := string(fm.Append(nil, []slog.Attr{slog.String(key, msg)}, r))
		checkSafe(t, format, text)
	})
}

type panicText string

func (p panicText) String() string { panic(string(p)) }

// The tail is what slog's TextHandler writes, for the basic kinds.
func FuzzTail(f *testing.F) {
	f.Add("k", "v", "g", int64(1), 1.5, true)
	f.Add("a b", "x=y", "", int64(math.MinInt64), math.Inf(1), false)
	f.Add("\n", "\u00a0", "g.h", int64(0), 0.0, false)
	fm := Must(Percent("%(attrs)s", nil))
	f.Fuzz(func(t *testing.T, key, value, group string, n int64, x float64, b bool) {
		for _, s := range []string{key, value, group} {
			if strings.ContainsRune(s, 0x7F) || !isTrimmed(s) {
				t.Skip() // slog leaves DEL as it is, and the text around attrs is trimmed here
			}
		}
		at := time.Unix(n%(1<<33), n%1000*1e6).UTC()
		r := record0("", slog.String(key, value), slog.Int64("n", n), slog.Group(group, slog.String(value, key), slog.Float64(key, x)), slog.Bool(value, b),
			slog.Duration("d", time.Duration(n)), slog.Time("t", at), slog.Uint64("u", uint64(n)))
		if got, want := render(fm, r), textTail(asIs, r); got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
		with := func(h slog.Handler) slog.Handler {
			if h = h.WithAttrs([]slog.Attr{slog.String(key, value)}); group == "" {
				return h // which slog.Logger sees to
			}
			return h.WithGroup(group)
		}
		if got, want := render(fm.WithAttrs([]slog.Attr{slog.String(key, value)}).WithGroup(group), r), textTail(with, r); got != want {
			t.Errorf("with groups\ngot  %s\nwant %s", got, want)
		}
	})
}

// isTrimmed reports whether s can't be confused with what slog drops: the
// built-in keys that the comparison removes.
func isTrimmed(s string) bool {
	return s != slog.LevelKey && s != slog.MessageKey && s != slog.TimeKey && s != slog.SourceKey
}

// Whatever records come, a handler over a Formatter writes one line for each.
func TestOneWriteOneLine(t *testing.T) {
	var out strings.Builder
	log := slog.New(newStreamHandler(&out, Must(Percent(named, nil))))
	log.InfoContext(context.Background(), "first\nforged", "k", "v\nw")
	log.With("a", 1).WithGroup("g").Warn("second")
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("%d lines in %q", got, out.String())
	}
}
