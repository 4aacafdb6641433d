package formatters

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A plainPiece is a plain field, or text if its key is "".
type plainPiece struct{ key, text string }

// inStyle returns the pieces as a format of the style.
func inStyle(style string, pieces []plainPiece) string {
	var b strings.Builder
	escape := map[string]*strings.Replacer{
		"%": strings.NewReplacer("%", "%%"),
		"{": strings.NewReplacer("{", "{{", "}", "}}"),
		"$": strings.NewReplacer("$", "$$"),
	}[style]
	field := map[string]string{"%": "%%(%s)s", "{": "{%s}", "$": "${%s}"}[style]
	for _, p := range pieces {
		if p.key == "" {
			b.WriteString(escape.Replace(p.text))
		} else {
			fmt.Fprintf(&b, field, p.key)
		}
	}
	return b.String()
}

// randomPieces makes a format of any style.
func randomPieces(rng *rand.Rand) []plainPiece {
	keys := []string{"attrs", "k", "g.k", "g", "nosuch", "user_id", "_"}
	for f := fieldName; f < fieldAttrs; f++ {
		if f != fieldRelativeCreated { // it goes on while the test runs
			keys = append(keys, fieldTable[f].name)
		}
	}
	texts := []string{" ", "%", "{", "}", "$", "{{", "%s", "$x", "${y}", "é\xff", "\n", "100%", "", "{name}", "%(name)s"}
	pieces := []plainPiece{{key: keys[rng.IntN(len(keys))]}}
	for range rng.IntN(6) {
		if rng.IntN(2) == 0 {
			pieces = append(pieces, plainPiece{key: keys[rng.IntN(len(keys))]})
		} else {
			pieces = append(pieces, plainPiece{text: texts[rng.IntN(len(texts))]})
		}
	}
	return pieces
}

// A format means the same in every style.
func TestStylesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	sited, _ := here()
	records := []slog.Record{
		newRecord(slog.LevelInfo, "plain"),
		newRecord(slog.LevelWarn, "a\nb{}%s$x", "k", 1, "x", "y z", slog.Group("g", "k", "v", "l", 2), "name", "n"),
		newRecord(slog.LevelError, "m", "user_id", 1.5, "_", nil, (&Origin{Created: 5, FuncName: "f", TaskName: "t", LevelName: "L\n"}).Attr(), Exc(errBench)),
		sited,
	}
	for range 5000 {
		pieces := randomPieces(rng)
		opts := &Options{Raw: rng.IntN(2) == 0, Strict: rng.IntN(2) == 0, Location: time.UTC, Defaults: map[string]any{"nosuch": "d"}}
		withs := rng.IntN(4)
		var lines [3][]string
		for i, style := range []string{"%", "{", "$"} {
			f, err := constructors[style](inStyle(style, pieces), opts)
			if err != nil {
				t.Fatalf("%s: %v", inStyle(style, pieces), err)
			}
			if withs&1 != 0 {
				f = f.WithLoggerName("logger", "a.b\n").WithAttrs([]slog.Attr{slog.Int("k", 7), slog.String("w", "é")})
			}
			if withs&2 != 0 {
				f = f.WithGroup("g").WithAttrs([]slog.Attr{slog.String("k", "in g")})
			}
			for _, r := range records {
				lines[i] = append(lines[i], string(f.Append(nil, []slog.Attr{slog.Int("ctx", 1), slog.Int("k", 0)}, r)), render(f, r))
			}
		}
		for i, want := range lines[0] {
			if lines[1][i] != want || lines[2][i] != want {
				t.Fatalf("%q: got\n%q\n%q\n%q", inStyle("%", pieces), want, lines[1][i], lines[2][i])
			}
		}
	}
}

// Plain fields take the short way in every style.
func TestStylesAreSimple(t *testing.T) {
	for style, format := range map[string]string{
		"%": named,
		"{": "{asctime} {name} {levelname} {message}",
		"$": "$asctime ${name} $levelname $message",
	} {
		if f := Must(constructors[style](format, nil)).(*template); !f.simple.able {
			t.Errorf("%s takes the long way", format)
		}
	}
}

func TestNeedsSource(t *testing.T) {
	for _, test := range []struct {
		style, format string
		want          bool
	}{
		{"%", "%(pathname)s", true},
		{"%", "%(filename)s", true},
		{"%", "%(module)s", true},
		{"%", "%(lineno)d", true},
		{"%", "%(message)s %(funcName)-20s", true},
		{"%", "%s %(message)s", true},
		{"%", "%(asctime)s %(name)s %(levelname)s %(message)s %(attrs)s %(process)d %(src.lineno)s", false},
		{"{", "{lineno}", true},
		{"{", "{lineno:>5}", true},
		{"{", "{message} {lineno.real}", true},
		{"{", "{pathname[0]}", true},
		{"{", "{message:{lineno}}", true},
		{"{", "{message:.{width}} {name!r} {{lineno}}", false},
		{"{", "{asctime} {name:10} {levelname:<8} {message} {a.lineno} {attrs}", false},
		{"$", "$funcName", true},
		{"$", "$message ${module}", true},
		{"$", "$asctime $name $levelname $message $$lineno ${attrs}", false},
	} {
		opts := &Options{NoValidate: test.format == "%s %(message)s"}
		f := Must(constructors[test.style](test.format, opts)).WithAttrs([]slog.Attr{slog.Int("a", 1)})
		if got := f.(interface{ NeedsSource() bool }).NeedsSource(); got != test.want {
			t.Errorf("%s: NeedsSource is %v", test.format, got)
		}
	}
}

// NeedsSource is true if and only if the PC changes a line.
func TestNeedsSourceIsTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	with, _ := here()
	without := newRecord(slog.LevelInfo, "m")
	for range 2000 {
		pieces := randomPieces(rng)
		style := []string{"%", "{", "$"}[rng.IntN(3)]
		f := Must(constructors[style](inStyle(style, pieces), nil)).(*template)
		if differ := render(f, with) != render(f, without); differ != f.NeedsSource() {
			t.Fatalf("%s: NeedsSource is %v, and lines differ: %v", inStyle(style, pieces), f.NeedsSource(), differ)
		}
	}
}

// Formats of other styles allocate nothing either, with a spec or without.
func TestAllocationsOfStyles(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, test := range []struct {
		style, format string
		attrs         []slog.Attr
	}{
		{"{", "{asctime} {name} {levelname} {message}", nil},
		{"{", "{asctime} {name} {levelname} {message}", fiveAttrs},
		{"{", "{asctime} {name:>12} {levelname:<8} {message:é^40.30}", fiveAttrs},
		{"{", "{path:20} {status:05d} {took:.3f} {cause:>20} {message} {since}", fiveAttrs},
		{"{", "{created:,.3f} {msecs:03.0f} {process:#x} {thread:_} {created.real} {levelno:%}", nil},
		{"{", "{attrs:>40} {message!s:10}", fiveAttrs},
		{"{", "{path[0]} {message}", fiveAttrs},
		{"$", "$asctime $name $levelname $message", nil},
		{"$", "$asctime $name $levelname $message", fiveAttrs},
		{"$", "$path ${status} $took $cause $message $created $lineno $attrs", fiveAttrs},
	} {
		f := Must(constructors[test.style](test.format, nil))
		r := newRecord(slog.LevelInfo, benchMessage)
		r.AddAttrs(test.attrs...)
		buf := make([]byte, 0, 1024)
		if got := testing.AllocsPerRun(500, func() { buf = f.Append(buf[:0], nil, r) }); got != 0 {
			t.Errorf("%s with %d attrs: %v allocations", test.format, len(test.attrs), got)
		}
	}
}
