package handlers_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// openConsole makes Streams that write as Console does.
func openConsole(color formatters.Color) opened {
	return func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		var buf syncBuffer
		f := formatters.Console(&formatters.Options{DateFmt: "%FT%T%z", Color: color})
		return handlers.NewStream(&buf, f, l), results(t, func() string {
			if colored := strings.Contains(buf.String(), "\x1b"); colored != (color == formatters.ColorAlways) && buf.String() != "" {
				t.Errorf("with Color %d, coloured is %v", color, colored)
			}
			return parsableConsole(buf.String())
		})
	}
}

// What is read off Console's lines.
var (
	sgr         = regexp.MustCompile("\x1b\\[[0-9;]*m")
	noTime      = regexp.MustCompile(`(?m)^- `)
	consoleLine = regexp.MustCompile(`(?m)^(\S+) (\w+) +(?:a\.b: )?(.*?)(?: *$| +(\S+=))`) // a.b is handlertest's name of a logger
)

// parsableConsole makes Console's lines what handlertest.ParseText understands.
func parsableConsole(text string) string {
	text = noTime.ReplaceAllString(sgr.ReplaceAllString(text, ""), `"" `) // no time
	return consoleLine.ReplaceAllString(text, `time=$1 level=$2 msg="$3" $4`)
}

// colorEnv sets what Console asks the environment for.
func colorEnv(t *testing.T, noColor, forceColor, term string) {
	t.Helper()
	t.Setenv("NO_COLOR", noColor)
	t.Setenv("FORCE_COLOR", forceColor)
	t.Setenv("TERM", term)
}

// openTerminal opens the master's end of a pseudoterminal, which is a terminal too.
func openTerminal(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudoterminal: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// withFd and withConn write to memory and say that they are a file.
type withFd struct {
	bytes.Buffer
	file *os.File
}

func (w *withFd) Fd() uintptr { return w.file.Fd() }

type withConn struct {
	bytes.Buffer
	file *os.File
}

func (w *withConn) SyscallConn() (syscall.RawConn, error) { return w.file.SyscallConn() }

func logsInColor(h *handlers.Stream, out interface{ String() string }) bool {
	slog.New(h).WithGroup("g").With("a", 1).Info("m")
	return strings.Contains(out.String(), "\x1b[")
}

// A Stream colours what Console formats if it writes to a terminal.
func TestConsoleOnTerminal(t *testing.T) {
	colorEnv(t, "", "", "xterm")
	tty := openTerminal(t)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		file *os.File
		want bool
	}{
		"terminal": {tty, true},
		"null":     {null, false}, // a character device as well
		"file":     {file, false},
		"pipe":     {pipe, false},
		"closed":   {closed, false},
		"no file":  {nil, false},
	} {
		conn := &withConn{file: c.file}
		if got := logsInColor(handlers.NewStream(conn, formatters.Console(nil), nil), conn); got != c.want {
			t.Errorf("%s by SyscallConn: coloured is %v, want %v", name, got, c.want)
		}
		fd := &withFd{file: c.file}
		if got := logsInColor(handlers.NewStream(fd, formatters.Console(nil), nil), fd); got != c.want {
			t.Errorf("%s by Fd: coloured is %v, want %v", name, got, c.want)
		}
		plain := &withConn{file: c.file}
		h := handlers.NewStream(plain, nil, nil).WithDefaultFormatter(formatters.Console(nil)).(*handlers.Stream)
		if got := logsInColor(h, plain); got != c.want {
			t.Errorf("%s with Console as the default: coloured is %v, want %v", name, got, c.want)
		}
	}
}

// What is no file is no terminal, and neither is a File: FORCE_COLOR colours
// what goes to a Stream, and no files for keeps.
func TestConsoleElsewhere(t *testing.T) {
	colorEnv(t, "", "1", "xterm")
	var buf bytes.Buffer
	if !logsInColor(handlers.NewStream(&buf, formatters.Console(nil), nil), &buf) {
		t.Error("FORCE_COLOR colours no stream")
	}
	colorEnv(t, "", "", "xterm")
	buf.Reset()
	if logsInColor(handlers.NewStream(&buf, formatters.Console(nil), nil), &buf) {
		t.Error("a buffer counts as a terminal")
	}
	colorEnv(t, "", "1", "xterm")
	for color, want := range map[formatters.Color]bool{formatters.ColorAuto: false, formatters.ColorNever: false, formatters.ColorAlways: true} {
		name := filepath.Join(t.TempDir(), "app.log")
		f, err := handlers.NewFile(name, formatters.Console(&formatters.Options{Color: color}), nil, handlers.FileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		slog.New(f).Info("m")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(text), "\x1b"); got != want {
			t.Errorf("a file with Color %d: coloured is %v", color, got)
		}
	}
}

// A formatter that was told goes on telling: the last writer decides.
func TestTerminalIsForEachStream(t *testing.T) {
	colorEnv(t, "", "", "xterm")
	f := formatters.Console(nil)
	tty, buf := &withConn{file: openTerminal(t)}, new(bytes.Buffer)
	onTerminal, onBuffer := handlers.NewStream(tty, f, nil), handlers.NewStream(buf, f, nil)
	if !logsInColor(onTerminal, tty) || logsInColor(onBuffer, buf) {
		t.Error("one stream changes the other's formatter")
	}
}
