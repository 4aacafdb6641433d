package slogtree

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// endless is a LogValuer whose value is a group that holds another one.
type endless struct{}

func (endless) LogValue() slog.Value { return slog.GroupValue(slog.Any("in", endless{})) }

// circular is a LogValuer that returns itself.
type circular struct{}

func (c circular) LogValue() slog.Value { return slog.AnyValue(c) }

type panickingValuer struct{}

func (panickingValuer) LogValue() slog.Value { panic("in LogValue\nforged line") }

type panickingError struct{ p *int }

func (e *panickingError) Error() string { return fmt.Sprint(*e.p) }

type panickingStringer struct{}

func (panickingStringer) String() string { panic(errors.New("in String")) }

// TestHostileValues logs what users pass by accident or on purpose: each
// record must come out as one bounded line, through the call and through With.
func TestHostileValues(t *testing.T) {
	var nilError *panickingError
	var nilMap map[string]any
	for name, value := range map[string]any{
		"endless group":   endless{},
		"circular":        circular{},
		"LogValue panics": panickingValuer{},
		"String panics":   panickingStringer{},
		"Error panics":    &panickingError{},
		"nil error":       nilError,
		"nil pointer":     (*strings.Builder)(nil),
		"nil":             nil,
		"nil map":         nilMap,
		"invalid UTF-8":   "a\xff\xfe\nforged",
		"1 MB":            strings.Repeat("x\n", 1<<19),
		"func":            func() {},
		"chan":            make(chan int),
		"escape":          "\x1b[2J\u202e\u0085\u2028",
		"bytes":           []byte("a\nb"),
	} {
		for how, log := range map[string]func(*Logger){
			"attr":      func(l *Logger) { l.Info("msg", "v", value, "after", "intact") },
			"With":      func(l *Logger) { l.With("v", value).Info("msg", "after", "intact") },
			"in groups": func(l *Logger) { l.WithGroup("g").With(slog.Group("h", "v", value)).Info("msg", "after", "intact") },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				var out lockedBuffer
				tree := New(Options{OnError: func(err error) { t.Error(err) }})
				f := formatters.Must(formatters.Percent("%(levelname)s %(message)s %(v)s", nil))
				tree.Root().AddHandler(handlers.NewStream(&out, f, nil))
				log(tree.Get("a"))
				got := string(out.Bytes())
				line, rest, _ := strings.Cut(got, "\n")
				if rest != "" || !strings.HasPrefix(line, "INFO msg ") || !strings.HasSuffix(line, "after=intact") {
					t.Errorf("wrote %.300q", got)
				}
				if strings.ContainsAny(line, "\x1b\r\u0085\u2028\u202e") || len(line) > 5<<20 {
					t.Errorf("the line of %d bytes has control characters or no bound: %.300q", len(line), line)
				}
			})
		}
	}
}

// TestTenThousandAttrs loses none of them.
func TestTenThousandAttrs(t *testing.T) {
	var out lockedBuffer
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(&out, nil, nil))
	var args []any
	for i := range 10_000 {
		args = append(args, fmt.Sprintf("k%d", i), i)
	}
	tree.Get("a").Info("m", args...)
	got := string(out.Bytes())
	for _, want := range []string{" k0=0 ", " k5000=5000 ", " k9999=9999\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the line lacks %q", want)
		}
	}
}

// TestForgedNames uses a logger's name as an attack.
func TestForgedNames(t *testing.T) {
	var out lockedBuffer
	tree := New(Options{})
	f := formatters.Must(formatters.Percent("%(name)s %(message)s", nil))
	tree.Root().AddHandler(handlers.NewStream(&out, f, nil))
	tree.Get("a\nroot forged\x1b[0m").Info("m")
	if got := string(out.Bytes()); strings.Count(got, "\n") != 1 || strings.Contains(got, "\x1b") {
		t.Errorf("wrote %q", got)
	}
}

// TestException prints the chain after the line.
func TestException(t *testing.T) {
	var out lockedBuffer
	tree := New(Options{})
	f := formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil))
	tree.Root().AddHandler(handlers.NewStream(&out, f, nil))
	tree.Get("a").Exception(fmt.Errorf("load: %w", errors.New("no such file\nERROR forged")), "failed", "k", 1)
	tree.Get("a").Exception(nil, "no error")
	lines := strings.Split(string(out.Bytes()), "\n")
	if lines[0] != "ERROR failed k=1" || len(lines) < 4 || lines[len(lines)-3] != "ERROR no error" || lines[len(lines)-2] != "    NoneType: None" {
		t.Fatalf("wrote %q", lines)
	}
	for _, line := range lines[1 : len(lines)-3] {
		if !strings.HasPrefix(line, "    ") {
			t.Errorf("the line %q could pass for a record", line)
		}
	}
	if !strings.Contains(string(out.Bytes()), "no such file") {
		t.Errorf("wrote %q", lines)
	}
}
