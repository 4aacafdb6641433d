package handlers_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// setLog sets up the log package until the test ends.
func setLog(t *testing.T, w io.Writer, flags int, prefix string) {
	oldW, oldFlags, oldPrefix := log.Writer(), log.Flags(), log.Prefix()
	log.SetOutput(w)
	log.SetFlags(flags)
	log.SetPrefix(prefix)
	t.Cleanup(func() {
		log.SetOutput(oldW)
		log.SetFlags(oldFlags)
		log.SetPrefix(oldPrefix)
	})
}

// adopted is what Adopt makes of a default logger's handler under these settings.
func adopted(t *testing.T, w io.Writer, flags int, prefix string, l *slog.Logger) slog.Handler {
	setLog(t, w, flags, prefix)
	h := handlers.Adopt(l.Handler())
	if got := fmt.Sprintf("%T", h); got == "*slog.defaultHandler" {
		t.Fatal("Adopt left the default handler as it is")
	}
	return h
}

// stdLines makes of "INFO message k=v" what handlertest.ParseText understands.
func stdLines(text string) []string {
	line := regexp.MustCompile(`^INFO (\S*)(.*)$`)
	var lines []string
	for l := range strings.Lines(text) {
		m := line.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		lines = append(lines, fmt.Sprintf("level=INFO msg=%q%s", m[1], m[2]))
	}
	return lines
}

// TestStdLogWritesAsSlogDoes sends the same to slog's handler and to ours. The
// derived loggers pin which unexported fields of slog hold what is bound: a Go
// release that changes them must turn this red.
func TestStdLogWritesAsSlogDoes(t *testing.T) {
	derive := map[string]func(*slog.Logger) *slog.Logger{
		"nothing":       func(l *slog.Logger) *slog.Logger { return l },
		"attrs":         func(l *slog.Logger) *slog.Logger { return l.With("a", 1, "b", "x y") },
		"percent":       func(l *slog.Logger) *slog.Logger { return l.With("rate", "100%", "%(name)s", "%d") },
		"group":         func(l *slog.Logger) *slog.Logger { return l.WithGroup("g") },
		"attrs in one":  func(l *slog.Logger) *slog.Logger { return l.With("a", 1).WithGroup("g").With("b", 2) },
		"open and bare": func(l *slog.Logger) *slog.Logger { return l.WithGroup("g").With("b", 2).WithGroup("h") },
	}
	logs := map[string]func(*slog.Logger){
		"message": func(l *slog.Logger) { l.Info("hello world") },
		"attrs":   func(l *slog.Logger) { l.Warn("hello", "k", "v w", slog.Group("g", "x", 1.5), "d", time.Second) },
		"with":    func(l *slog.Logger) { l.With("w", true).WithGroup("i").With("n", nil).Error("hello", "k", "v") },
		"level":   func(l *slog.Logger) { l.Log(context.Background(), 6, "between") },
		"empty":   func(l *slog.Logger) { l.Info("") },
	}
	base := slog.Default()
	for dname, d := range derive {
		for lname, emit := range logs {
			t.Run(dname+"/"+lname, func(t *testing.T) {
				var want, got strings.Builder
				h := adopted(t, &got, 0, "", d(base))
				setLog(t, &want, 0, "")
				emit(d(base))
				emit(slog.New(h))
				if got.String() != want.String() || want.Len() == 0 {
					t.Errorf("got  %q\nwant %q", got.String(), want.String())
				}
			})
		}
	}
}

func TestStdLogFlags(t *testing.T) {
	zone := time.FixedZone("", -3*60*60)
	when := time.Date(2009, 11, 10, 23, 0, 1, 123456789, zone)
	pc, file, line, _ := runtime.Caller(0)
	for _, test := range []struct {
		flags        int
		prefix, want string
	}{
		{log.LstdFlags | log.LUTC, "", "2009/11/11 02:00:01 INFO m"},
		{log.Ldate | log.LUTC, "", "2009/11/11 INFO m"},
		{log.Ltime | log.LUTC, "", "02:00:01 INFO m"},
		{log.Lmicroseconds | log.LUTC, "", "02:00:01.123456 INFO m"},
		{log.LstdFlags | log.Lmicroseconds | log.LUTC, "p: ", "p: 2009/11/11 02:00:01.123456 INFO m"},
		{log.LstdFlags, "", when.Local().Format("2006/01/02 15:04:05 ") + "INFO m"},
		{log.Ldate | log.LUTC | log.Lmsgprefix, "p: ", "2009/11/11 p: INFO m"},
		{log.Lmsgprefix, "[100%] ", "[100%] INFO m"},
		{log.Lshortfile, "", fmt.Sprintf("stdlog_test.go:%d: INFO m", line)},
		{log.Llongfile | log.Lmsgprefix, "p ", fmt.Sprintf("%s:%d: p INFO m", file, line)},
		{log.Ltime | log.LUTC | log.Lshortfile | log.Lmsgprefix, "p ", fmt.Sprintf("02:00:01 stdlog_test.go:%d: p INFO m", line)},
		{0, "", "INFO m"},
	} {
		var buf strings.Builder
		h := adopted(t, &buf, test.flags, test.prefix, slog.Default())
		handle(t, h, slog.NewRecord(when, slog.LevelInfo, "m", pc+1))
		if buf.String() != test.want+"\n" {
			t.Errorf("flags %b, prefix %q: %q, want %q", test.flags, test.prefix, buf.String(), test.want)
		}
	}
}

// TestStdLogIsOfThatMoment changes the log package after the adoption.
func TestStdLogIsOfThatMoment(t *testing.T) {
	var then, later strings.Builder
	h := adopted(t, &then, 0, "then ", slog.Default())
	setLog(t, &later, log.Lshortfile, "later ")
	handle(t, h, record(slog.LevelInfo, "m"))
	if then.String() != "then INFO m\n" || later.Len() != 0 {
		t.Errorf("%q, and later %q", then.String(), later.String())
	}
}

func TestStdLogWithoutTimeOrSource(t *testing.T) {
	var buf strings.Builder
	h := adopted(t, &buf, log.LstdFlags|log.Lshortfile, "", slog.Default())
	handle(t, h, slog.Record{Message: "m"})
	if buf.String() != "???:0: INFO m\n" {
		t.Errorf("%q", buf.String())
	}
}

func TestStdLogForgesNoLine(t *testing.T) {
	var buf strings.Builder
	h := adopted(t, &buf, 0, "", slog.Default().With("w", "a\nINFO forged"))
	handle(t, h, record(slog.LevelInfo, "m\nINFO forged", slog.String("k", "\nINFO forged"), slog.String("l\nINFO forged", "v")))
	if n := strings.Count(buf.String(), "\n"); n != 1 {
		t.Errorf("%d lines: %q", n, buf.String())
	}
}

func TestStdLogShowsContextAttrs(t *testing.T) {
	var buf strings.Builder
	log := slog.New(adopted(t, &buf, 0, "", slog.Default().WithGroup("g")))
	log.InfoContext(contextattrs.With(context.Background(), "req", 7), "m", "k", "v")
	if buf.String() != "INFO m req=7 g.k=v\n" {
		t.Errorf("%q", buf.String())
	}
}

func TestStdLogLevelIsSlogs(t *testing.T) {
	h := adopted(t, io.Discard, 0, "", slog.Default())
	if h.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("enabled for DEBUG")
	}
	defer slog.SetLogLoggerLevel(slog.SetLogLoggerLevel(slog.LevelDebug))
	if !h.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("not enabled for DEBUG after SetLogLoggerLevel")
	}
}
