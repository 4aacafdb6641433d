package formatters

import (
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestAppendText(t *testing.T) {
	shared := strings.Repeat("x", 1<<20)
	many := make([]string, 1000)
	for i := range many {
		many[i] = shared
	}
	for _, test := range []struct {
		v    any
		want string
	}{
		{"a\nb", "a\nb"},
		{nil, "None"},
		{[]any{"a", 1.0, true}, "['a', 1.0, True]"},
		{errors.New("oh"), "oh"},
		{panicking{}, "%!k(PANIC in AppendPython: oh)"},
		{(*strings.Builder)(nil), "None"},
	} {
		if got := string(AppendText([]byte("-"), "k", slog.AnyValue(test.v))); got != "-"+test.want {
			t.Errorf("%v: %q, want %q", test.v, got, test.want)
		}
	}
	if got := AppendText(nil, "k", slog.AnyValue(many)); len(got) > maxGroupText+2*len(shared) {
		t.Errorf("%d bytes of text", len(got))
	}
}

// An Origin of a record is what the formatters print without one.
func TestNewOrigin(t *testing.T) {
	const format = "%(levelname)s %(levelno)s %(pathname)s %(filename)s %(module)s %(lineno)s %(funcName)s %(created)r %(msecs)r " +
		"%(relativeCreated)r %(thread)s %(threadName)s %(process)s %(processName)s %(taskName)s %(exc_text)s %(stack_info)s"
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	for _, pc := range []uintptr{0, pcs[0]} {
		r := slog.NewRecord(time.Now(), slog.LevelWarn+1, "m", pc)
		f := Must(Percent(format, &Options{Strict: true}))
		want := string(f.Append(nil, nil, r))
		o := NewOrigin(r)
		r.AddAttrs(o.Attr())
		if got := string(f.Append(nil, nil, r)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
