package formatters

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// A guarded value sees to its own lock in its methods. Nobody else may look at
// its fields.
type guarded struct {
	mu sync.Mutex
	m  map[string]any
}

func (g *guarded) Error() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Sprint(len(g.m))
}

func (g *guarded) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, g.Error()) }

type guardedString struct {
	mu *sync.Mutex
	m  map[string]any
}

func (g guardedString) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Sprint(len(g.m))
}

type guardedJSON struct {
	mu sync.Mutex
	M  map[string]any
}

func (g *guardedJSON) MarshalJSON() ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return fmt.Append(nil, len(g.M)), nil
}

// churn changes m under mu until done is closed.
func churn(mu *sync.Mutex, m map[string]any, done chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		mu.Lock()
		m[fmt.Sprint(i%100)] = i
		mu.Unlock()
	}
}

// A value that guards itself is only read by its methods: whoever iterates over
// its map meanwhile ends the program.
func TestGuardedValues(t *testing.T) {
	one := &guarded{m: map[string]any{}}
	text := guardedString{new(sync.Mutex), map[string]any{}}
	outer := &struct{ G guardedJSON }{guardedJSON{M: map[string]any{}}}
	for name, test := range map[string]struct {
		f  Formatter
		a  func() slog.Attr
		mu *sync.Mutex
		m  map[string]any
	}{
		"fmt.Formatter in a tail":           {Logfmt(nil), func() slog.Attr { return slog.Any("v", one) }, &one.mu, one.m},
		"Exc of an error with Format":       {Must(Percent("", nil)), func() slog.Attr { return Exc(one) }, &one.mu, one.m},
		"Stringer in a list":                {Logfmt(nil), func() slog.Attr { return slog.Any("v", []any{text}) }, text.mu, text.m},
		"MarshalJSON of an addressed field": {JSON(nil), func() slog.Attr { return slog.Any("v", outer) }, &outer.G.mu, outer.G.M},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() { churn(test.mu, test.m, done) })
			for range 2000 {
				render(test.f, record0("m", test.a()))
			}
			close(done)
			wg.Wait()
		})
	}
}

// hidden shows itself by Format alone.
type hidden string

func (hidden) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "***") }

type hiddenStruct struct{ password string }

func (*hiddenStruct) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "***") }

// A field shows no more of a value than its fmt.Formatter does, as the tail.
func TestFormatterHides(t *testing.T) {
	for _, v := range []any{hidden("secret"), &hiddenStruct{"secret"}, []any{hidden("secret")}, []hidden{"secret"}, map[string]any{"k": &hiddenStruct{"secret"}}} {
		for _, format := range []string{"%(message)s", "%(v)s", "%(v)r", "{v}", "{v!r}", "$v", "%s %(message)s"} {
			if line := render(Must(constructors[format[:1]](format, nil)), record0("m", "v", v)); strings.Contains(line, "secret") {
				t.Errorf("%s of a %T: %s", format, v, line)
			}
		}
		for name, f := range map[string]Formatter{"logfmt": Logfmt(nil), "console": Console(nil)} {
			if line := render(f, record0("m", "v", v)); strings.Contains(line, "secret") {
				t.Logf("as slog does: %s of a %T: %s", name, v, line)
			}
		}
	}
}

type counts struct{ n *int }

func (c counts) String() string { *c.n++; return "x" }

// No way through a formatter calls a method twice.
func TestMethodsAreCalledOnce(t *testing.T) {
	for name, f := range map[string]Formatter{"percent": Must(Percent("", nil)), "logfmt": Logfmt(nil), "console": Console(nil)} {
		n := 0
		render(f, record0("m", "v", counts{&n}, "last", nilPanicValuer{}.v, "lv", &nilPanicValuer{slog.IntValue(1)}))
		if n != 1 {
			t.Errorf("%s: String was called %d times", name, n)
		}
	}
}

// A zone's name is text, too.
func TestAsctimeEscapesZones(t *testing.T) {
	opts := &Options{DateFmt: "%H %Z", Location: time.FixedZone("A\n\x1b[31m", 3600)}
	for name, f := range map[string]Formatter{"percent": Must(Percent("%(asctime)s %(message)s", opts)), "width": Must(Percent("%(asctime)-9s", opts)), "console": Console(opts), "logfmt": Logfmt(opts), "brace": Must(Brace("{asctime}", opts))} {
		if line := render(f, newRecord(slog.LevelInfo, "m")); strings.ContainsAny(line, "\n\x1b") {
			t.Errorf("%s: %q", name, line)
		}
	}
}

// Elements beyond the bound are not sorted either.
func TestNoSortBeyondTheDepth(t *testing.T) {
	m := map[int]any{}
	for i := range 20_000 {
		m[i] = i
	}
	var list any = []map[int]any{m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m}
	for range 15 {
		list = []any{list}
	}
	f, short := Must(Percent("%(v)s", nil)), time.Now()
	render(f, record0("m", "v", m))
	once := time.Since(short)
	long := time.Now()
	line := render(f, record0("m", "v", list))
	if took := time.Since(long); took > 3*once {
		t.Errorf("%d bytes took %v, all of the map %v", len(line), took, once)
	}
}
