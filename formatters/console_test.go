package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// utcConsole returns a Console without colours, in UTC.
func utcConsole(o Options) Formatter {
	o.Location = time.UTC
	return Console(&o)
}

func TestConsoleLines(t *testing.T) {
	names := new(LevelNames)
	names.Add(slog.LevelInfo+2, "NOTICE")
	names.Add(slog.LevelDebug-4, "A-LONG-TRACE\n")
	origin := (&Origin{LevelName: "FATAL", FileName: "app.py", LineNo: 7, Created: 1.25, MSecs: 250}).Attr()
	f := utcConsole(Options{Levels: names})
	for _, test := range []struct {
		name string
		f    Formatter
		r    slog.Record
		want string
	}{
		{"no attrs", f, newRecord(slog.LevelInfo, "m"), "22:13:20.123 INFO     m"},
		{"attrs", f, newRecord(slog.LevelWarn, "m", "k", 1, "s", "a b"), `22:13:20.123 WARNING  m                                        k=1 s="a b"`},
		{"name", f.WithLoggerName("", "app.db"), newRecord(slog.LevelError, "m", "k", 1), "22:13:20.123 ERROR    app.db: m                                k=1"},
		{"root", f.WithLoggerName("", "root"), newRecord(slog.LevelDebug, "m"), "22:13:20.123 DEBUG    m"},
		{"no name", f.WithLoggerName("", "app").WithLoggerName("", ""), newRecord(LevelCritical, "m"), "22:13:20.123 CRITICAL m"},
		{"code points", f.WithLoggerName("", "été"), newRecord(slog.LevelInfo, "日本", "k", 1), "22:13:20.123 INFO     été: 日本                                  k=1"},
		{"long", f, newRecord(slog.LevelInfo, strings.Repeat("long ", 8), "k", 1), "22:13:20.123 INFO     " + strings.Repeat("long ", 8) + " k=1"},
		{"longer", f, newRecord(slog.LevelInfo, strings.Repeat("longer ", 8), "k", 1), "22:13:20.123 INFO     " + strings.Repeat("longer ", 8) + " k=1"},
		{"level of one's own", f, newRecord(slog.LevelInfo+2, "m"), "22:13:20.123 NOTICE   m"},
		{"long level", f, newRecord(slog.LevelDebug-4, "m"), `22:13:20.123 A-LONG-TRACE\n m`},
		{"between levels", f, newRecord(slog.LevelInfo+1, "m"), "22:13:20.123 INFO+1   m"},
		{"no time", f, record0("m"), "--:--:--.--- INFO     m"},
		{"no time for DateFmt", utcConsole(Options{DateFmt: "%H:%M"}), record0("m"), "- INFO     m"},
		{"DateFmt", utcConsole(Options{DateFmt: "%d %b %H:%M"}), newRecord(slog.LevelInfo, "m"), "14 Nov 22:13 INFO     m"},
		{"Location", Console(&Options{Location: time.FixedZone("X", 3600)}), newRecord(slog.LevelInfo, "m"), "23:13:20.123 INFO     m"},
		{"message", f, newRecord(slog.LevelInfo, "a\nb\x1b[31m"), `22:13:20.123 INFO     a\nb\x1b[31m`},
		{"Raw", utcConsole(Options{Raw: true}).WithLoggerName("", "x\ny"), newRecord(slog.LevelInfo, "a\nb"), "22:13:20.123 INFO     x\ny: a\nb"},
		{"Strict", utcConsole(Options{Strict: true, Defaults: map[string]any{"d": 1}}), newRecord(slog.LevelInfo, strings.Repeat("m", 40), "k", 1), "22:13:20.123 INFO     " + strings.Repeat("m", 40) + " k=1"},
		{"Origin", f, newRecord(slog.LevelInfo, "m", origin), "00:00:01.250 FATAL    m"},
		{"Origin's source", utcConsole(Options{Source: true}), newRecord(slog.LevelInfo, "m", origin), "00:00:01.250 FATAL    app.py:7           m"},
		{"no source", utcConsole(Options{Source: true}), newRecord(slog.LevelInfo, "m"), "22:13:20.123 INFO                        m"},
		{"empty", f, newRecord(slog.LevelInfo, ""), "22:13:20.123 INFO     "},
	} {
		if got := render(test.f, test.r); got != test.want {
			t.Errorf("%s\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

// Times that are none show, and start the line all the same.
func TestConsoleBadTimes(t *testing.T) {
	f := utcConsole(Options{})
	for _, test := range []struct {
		created, msecs float64
		want           string
	}{
		{1e300, 0, "%!asctime(created is out of range: 1e+300)"},
		{1, 1000, "00:00:01%!msecs(1000 is out of range)"},
		{1, -1, "00:00:01%!msecs(-1 is out of range)"},
		{1, math.NaN(), "00:00:01%!msecs(NaN is out of range)"},
	} {
		got := render(f, newRecord(slog.LevelInfo, "m", (&Origin{LevelName: "L", Created: test.created, MSecs: test.msecs}).Attr()))
		if !strings.HasPrefix(got, test.want) || !strings.HasSuffix(got, " L        m") {
			t.Errorf("%v and %v give %q", test.created, test.msecs, got)
		}
	}
}

func TestConsoleSource(t *testing.T) {
	pc, _, line, _ := runtime.Caller(0)
	r := slog.NewRecord(testTime, slog.LevelInfo, "m", pc)
	if got, want := render(utcConsole(Options{Source: true}), r), fmt.Sprintf("22:13:20.123 INFO     %-18s m", fmt.Sprintf("console_test.go:%d", line)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for source, want := range map[bool]bool{false: false, true: true} {
		f := Console(&Options{Source: source}).WithAttrs([]slog.Attr{slog.Int("k", 1)}).(interface{ NeedsSource() bool })
		if f.NeedsSource() != want {
			t.Errorf("Source %v: NeedsSource is %v", source, !want)
		}
	}
}

// column returns what the attrs of a line are, without the spaces before.
func column(line string) string {
	_, attrs, _ := strings.Cut(line, " m ")
	return strings.TrimLeft(attrs, " ")
}

// Attrs and their order are those of Percent, from everywhere.
func TestConsoleAttrsAreThoseOfPercent(t *testing.T) {
	var replaced []string
	replace := func(groups []string, a slog.Attr) slog.Attr {
		replaced = append(replaced, strings.Join(append(groups[:len(groups):len(groups)], a.Key), "."))
		if a.Key == "secret" {
			return slog.Attr{}
		}
		return a
	}
	for _, opts := range []*Options{{}, {ReplaceAttr: replace}} {
		replaced = nil
		lines := [2]string{}
		seen := [2]string{}
		for i, f := range []Formatter{Must(Percent("%(asctime)s %(levelname)s m ", opts)), Console(opts)} {
			f = f.WithAttrs(argsToAttrs([]any{"w", 1, "secret", 2})).WithGroup("g").WithAttrs(argsToAttrs([]any{"a b", "c=d"})).WithGroup("h")
			r := newRecord(slog.LevelInfo, "m", "own", time.Second, slog.Group("i", "secret", 3, "j", []int{1}), "p", &panics{}, "n", nil, slog.Group("none"))
			lines[i] = column(string(f.Append(nil, argsToAttrs([]any{"ctx", testTime.UTC(), "secret", 4}), r)))
			seen[i] = fmt.Sprint(replaced)
			replaced = nil
		}
		if lines[0] != lines[1] || seen[0] != seen[1] || !strings.Contains(lines[0], "g.h.own=1s") {
			t.Errorf("Percent writes %s\nConsole writes %s\nthey replace %s\nand %s", lines[0], lines[1], seen[0], seen[1])
		}
	}
}

// What has several lines stands below, in order: With's attrs, the others,
// the exception, the stack.
func TestConsoleOwnLines(t *testing.T) {
	several := errors.Join(errors.New("first\x1b[31m"), errors.New("22:13:20.123 INFO forged\r"))
	f := utcConsole(Options{}).WithAttrs([]slog.Attr{slog.String("w", "x\ny\n"), slog.Int("n", 1)}).WithGroup("g")
	r := newRecord(slog.LevelError, "m", "err", several, "k", 2, "ends", "z\n\n\r\n", "path", `C:\new dir`, "dir", `C:\new\it`, Exc(errors.New("e\nf")), (&Origin{LevelName: "ERROR", StackInfo: "Stack:\n  s"}).Attr())
	want := `--:--:--.--- ERROR    m                                        n=1 g.k=2 g.ends="z\n\n\r\n" g.path="C:\\new dir" g.dir=C:\new\it
    w=
        x
        y
    g.err=
        first\x1b[31m
        22:13:20.123 INFO forged
    error: e
    f
    Stack:
      s`
	r.Time = time.Time{}
	if got := render(f, r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Without an attr that stays on the line there is no column for it.
	want = "--:--:--.--- INFO     m\n    a b=\n        x\n        y"
	if got := render(f.WithLoggerName("", ""), record0("m")); !strings.HasPrefix(got, "--:--:--.--- INFO     m                                        n=1\n    w=") {
		t.Errorf("got\n%s", got)
	}
	if got := render(utcConsole(Options{}), record0("m", "a b", "x\ny")); got != strings.Replace(want, "a b", `"a b"`, 1) {
		t.Errorf("got\n%s", got)
	}
	if got := render(utcConsole(Options{Raw: true}), record0("m", "k", "x\ny\x1b")); got != strings.NewReplacer("a b", "k", "y", `y\x1b`).Replace(want) {
		t.Errorf("Raw: got\n%s", got)
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// shown replaces the sequences of SGR by what they are between < and >.
func shown(line string) string {
	return strings.NewReplacer("\x1b[0m", "<>", "\x1b[", "<").Replace(line)
}

func TestConsoleColors(t *testing.T) {
	f := utcConsole(Options{Color: ColorAlways, Source: true}).WithLoggerName("", "app").WithAttrs([]slog.Attr{slog.Int("w", 1)})
	for _, test := range []struct {
		level slog.Level
		args  []any
		want  string
	}{
		{slog.LevelDebug, nil, "<2mDEBUG<>   "},
		{slog.LevelInfo, nil, "<94mINFO<>    "},
		{slog.LevelWarn + 1, nil, "<30;43mWARNING+1<>"},
		{slog.LevelError, []any{"err", "x y", "g.error", 1, "errors", 2}, "<7;91mERROR<>   "},
		{LevelCritical, []any{"error", "x\ny"}, "<1;7;91mCRITICAL<>"},
	} {
		want := "<2m22:13:20.123<> " + test.want + " <2m<>                   <2mapp:<> m                                   <2mw=<>1"
		switch len(test.args) {
		case 2:
			want += "\n    <2merror=<>\n        <91mx<>\n        <91my<>"
		case 6:
			want += ` <2merr=<><91m"x y"<> <2mg.error=<><91m1<> <2merrors=<>2`
		}
		got := strings.ReplaceAll(shown(render(f, newRecord(test.level, "m", test.args...))), "m\x1b", "")
		if got != want {
			t.Errorf("%v\ngot  %q\nwant %q", test.level, got, want)
		}
	}
}

// The environment decides if Color is ColorAuto, and what was rendered before
// the Formatter is told is coloured too.
func TestConsoleColorAuto(t *testing.T) {
	for _, test := range []struct {
		color                     Color
		noColor, forceColor, term string
		terminal                  bool
		want                      bool
	}{
		{ColorAuto, "", "", "xterm", true, true},
		{ColorAuto, "", "", "", true, true}, // as on Windows
		{ColorAuto, "", "", "xterm", false, false},
		{ColorAuto, "", "", "dumb", true, false},
		{ColorAuto, "1", "", "xterm", true, false},
		{ColorAuto, "0", "", "xterm", true, false}, // whatever it is
		{ColorAuto, "1", "1", "xterm", true, false},
		{ColorAuto, "", "1", "dumb", false, true},
		{ColorAuto, "", "0", "xterm", false, false},
		{ColorAuto, "", "0", "xterm", true, true},
		{ColorAlways, "1", "", "dumb", false, true},
		{ColorNever, "", "1", "xterm", true, false},
	} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("FORCE_COLOR", test.forceColor)
		t.Setenv("TERM", test.term)
		f := utcConsole(Options{Color: test.color}).WithLoggerName("", "app").WithAttrs([]slog.Attr{slog.Int("a", 1), slog.String("b", "x\ny")})
		told := f.(interface{ WithTerminal(bool) Formatter }).WithTerminal(test.terminal)
		always := utcConsole(Options{Color: ColorAlways}).WithLoggerName("", "app").WithAttrs([]slog.Attr{slog.Int("a", 1), slog.String("b", "x\ny")})
		r := newRecord(slog.LevelInfo, "m", "k", 1)
		want := render(always, r)
		if !test.want {
			want = sgr.ReplaceAllString(want, "")
		}
		if got := render(told, r); got != want {
			t.Errorf("%+v\ngot  %q\nwant %q", test, got, want)
		}
		if before := render(f, r); strings.Contains(before, "\x1b") != (test.color == ColorAlways) {
			t.Errorf("%+v: before it is told, %q", test, before)
		}
	}
}

// One record is one line at the left edge, and what it says besides is
// indented; no escape gets through, and colours change nothing else.
func FuzzConsole(f *testing.F) {
	f.Add("message\n", "key\n", "value\x1b[2J", "group\r", "logger\u202e", uint8(0), 0.5)
	f.Add("\xff", "\u2028", "\x00\n1", "\u0085", "", uint8(200), 1e300)
	f.Add("k=v", "a b", "\"\n\"", "'", "\\", uint8(3), -1.0)
	f.Add(`\`, `\n`, "\\\n\\n", `"`, `=`, uint8(255), 0.0)
	f.Add("m", "err", "22:13:20.123 INFO\r\n\r\n22:13:20.123 INFO \x1b[0m", "g", "root", uint8(64), 1.0)
	f.Fuzz(func(t *testing.T, msg, key, value, group, name string, choice uint8, created float64) {
		text := map[Color]string{}
		for _, color := range []Color{ColorAuto, ColorNever, ColorAlways} {
			f := utcConsole(Options{Color: color, Source: choice&1 != 0}).WithLoggerName("logger", name)
			if choice&64 != 0 {
				f = f.WithGroup(group)
			}
			if choice&128 != 0 {
				f = f.WithAttrs([]slog.Attr{slog.String(key, value)})
			}
			r := newRecord(slog.Level(choice%16)-4, msg, slog.String(key, value), slog.Group(group, key, value, value, errors.New(msg)), slog.Any("v", []any{value, stringer{value}}),
				slog.Any(value, stringer{msg}), slog.Any("err", errors.New(value)), slog.Any("p", panicText(msg)))
			if choice&32 != 0 {
				r.Time = time.Time{}
			}
			if choice&16 != 0 {
				r.AddAttrs(Exc(errors.New(value)))
			}
			if choice&8 != 0 {
				r.AddAttrs((&Origin{LevelName: value, FileName: msg, Created: created, MSecs: created, ExcText: key, StackInfo: value}).Attr())
			}
			text[color] = string(f.Append(nil, []slog.Attr{slog.String(key, msg)}, r))
		}
		plain := text[ColorNever]
		if text[ColorAuto] != plain {
			t.Errorf("ColorAuto, told nothing: %q", text[ColorAuto])
		}
		if stripped := sgr.ReplaceAllString(text[ColorAlways], ""); stripped != plain {
			t.Errorf("with colours, but for them\n%q\nwithout\n%q", stripped, plain)
		}
		for i, line := range strings.Split(plain, "\n") {
			checkSafe(t, "Console", line)
			if i > 0 && !strings.HasPrefix(line, "    ") || i == 0 && !strings.ContainsAny(line[:1], "0123456789-%") {
				t.Errorf("line %d of %q begins otherwise", i, plain)
			}
		}
	})
}

// Hostile values do no more harm than in any other formatter.
func TestConsoleHostileValues(t *testing.T) {
	values := loops()
	values["panics"], values["LogValue panics"], values["LogValue of itself"], values["MarshalText fails"] = &panics{}, panicValuer{}, self{}, badMarshaler{}
	for name, v := range values {
		for _, opts := range []*Options{nil, {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}} {
			f := Console(opts)
			checkLine(t, name, render(f, record0("the message", "v", v, slog.Group("g", "v", v))), 3<<20)
			checkLine(t, name+" by With", render(f.WithAttrs(argsToAttrs([]any{"v", v})).WithGroup("g"), record0("the message", "v", v)), 3<<20)
		}
	}
}

// Siblings and the receiver's buffer are left alone.
func TestConsoleKeepsTheBuffer(t *testing.T) {
	for _, color := range []Color{ColorNever, ColorAlways} {
		f := Console(&Options{Color: color}).WithAttrs([]slog.Attr{slog.Int("w", 1)})
		for _, r := range []slog.Record{newRecord(slog.LevelInfo, "m"), newRecord(slog.LevelInfo, "m\n", "k", "a\nb", "n", 1, Exc(errBench))} {
			want := "before " + render(f, r)
			for room := range 200 {
				buf := append(make([]byte, 0, 7+room), "before "...)
				if got := string(f.Append(buf, nil, r)); got != want {
					t.Fatalf("with room for %d: got %q, want %q", room, got, want)
				}
			}
		}
		one, two := f.WithAttrs([]slog.Attr{slog.String("a", "one")}), f.WithAttrs([]slog.Attr{slog.String("b", "two")})
		if got := sgr.ReplaceAllString(column(render(one, record0("m"))+column(render(two, record0("m")))), ""); got != "w=1 a=onew=1 b=two" {
			t.Errorf("siblings write %q", got)
		}
	}
}

// Equal keys promise equal bytes, and colours are part of the key.
func TestConsoleKeys(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("FORCE_COLOR", "")
	t.Setenv("TERM", "xterm")
	rng := rand.New(rand.NewPCG(3, 4))
	seen, shared := map[any]string{}, 0
	for range 5000 {
		f := utcConsole(Options{Color: Color(rng.IntN(3)), Source: rng.IntN(4) == 0, Raw: rng.IntN(4) == 0, DateFmt: []string{"", "", "%H"}[rng.IntN(3)]})
		for range rng.IntN(4) {
			switch rng.IntN(4) {
			case 0:
				f = f.WithGroup([]string{"g", "h"}[rng.IntN(2)])
			case 1:
				f = f.WithLoggerName("", []string{"a", "root", ""}[rng.IntN(3)])
			case 2:
				f = f.(*consoleFormatter).WithTerminal(rng.IntN(2) == 0)
			case 3:
				f = f.WithAttrs([]slog.Attr{slog.Any("k", []any{1, "1", "a\nb", errBench}[rng.IntN(4)])})
			}
		}
		text := render(f, newRecord(slog.LevelInfo, "m\n", "k", 1))
		key := f.Key()
		if old, ok := seen[key]; ok {
			if shared++; old != text {
				t.Fatalf("key %+v gives\n%q and\n%q", key, old, text)
			}
		}
		seen[key] = text
	}
	if shared < 1000 {
		t.Errorf("only %d keys came up again", shared)
	}
	if f, g := Console(nil), Must(Percent("", nil)); f.Key() == g.Key() || f.WithAttrs(nil).Key() != f.Key() || f.WithGroup("").Key() != f.Key() {
		t.Error("the key tells Formatters apart that are the same, or mixes others up")
	}
}

func TestConsoleAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, color := range []Color{ColorNever, ColorAlways} {
		for _, s := range shapes {
			f := Console(&Options{Color: color, Source: true}).WithLoggerName("", "app").WithAttrs(s.with)
			log := slog.New(newStreamHandler(nowhereWriter{}, f))
			got := testing.AllocsPerRun(500, func() {
				log.LogAttrs(t.Context(), slog.LevelInfo, benchMessage, s.attrs...)
			})
			if got != 0 {
				t.Errorf("%s, Color %d: %v allocations", s.name, color, got)
			}
		}
	}
}
