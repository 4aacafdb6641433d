//go:build unix

package netsink_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// cookbook returns the path of a file of the Cookbook's programs that log over the network.
func cookbook(t *testing.T, elem ...string) string {
	t.Helper()
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{root, "testdata", "oracle", "cookbook", "05-network-logging", "document"}, elem...)...)
}

// A pythonReceiver is a process that has said on which port it listens.
type pythonReceiver struct {
	cmd            *exec.Cmd
	address        string
	ended          chan error // how, once all it has printed is in stdout
	stdout, stderr buffer
}

// startReceiver starts one. It ends at the latest with the test.
func startReceiver(t *testing.T, python string, args ...string) *pythonReceiver {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	p := &pythonReceiver{cmd: exec.CommandContext(ctx, python, args...)}
	p.cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8:surrogatepass", "LC_ALL=C.UTF-8")
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for p.address == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the receiver ended: %v\n%s", err, p.stderr.String())
		}
		if port, ok := strings.CutPrefix(line, "port "); ok {
			p.address = "localhost:" + strings.TrimSpace(port)
		}
	}
	p.ended = make(chan error, 1)
	go func() {
		_, err := io.Copy(&p.stdout, lines)
		p.ended <- errors.Join(err, p.cmd.Wait())
	}()
	t.Cleanup(cancel)
	return p
}

// wait waits until it has ended of itself.
func (p *pythonReceiver) wait(t *testing.T) {
	t.Helper()
	if err := <-p.ended; err != nil {
		t.Fatalf("the receiver: %v\n%s", err, p.stderr.String())
	}
}

// newHandler returns a Handler that fails the test if anything goes wrong.
func newHandler(t *testing.T, network, address string, o netsink.Options) *netsink.Handler {
	t.Helper()
	o.OnError = func(err error) { t.Errorf("the sender: %v", err) }
	h, err := netsink.NewHandler(network, address, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// closeHandler closes h, and checks that all was sent.
func closeHandler(t *testing.T, h *netsink.Handler) {
	t.Helper()
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if s := h.Stats(); s.Sent != s.Records || s.Connects != 1 || s.Dropped+s.Unconfirmed+s.Errors > 0 {
		t.Errorf("%+v", s)
	}
}

// The Cookbook's client, with its receiver unmodified: what that prints is what it has printed
// for CPython's client.
func TestToCookbook(t *testing.T) {
	var rules struct {
		Normalise []struct{ Regex, Replace string }
	}
	text, err := os.ReadFile(cookbook(t, "case.json"))
	if err == nil {
		err = json.Unmarshal(text, &rules)
	}
	if err != nil {
		t.Fatal(err)
	}
	normal := func(text string) string {
		for _, r := range rules.Normalise {
			text = regexp.MustCompile(r.Regex).ReplaceAllString(text, r.Replace)
		}
		return text
	}
	want, err := os.ReadFile(cookbook(t, "expected", "stderr.txt"))
	if err != nil {
		t.Fatal(err)
	}
	eachPython(t, func(t *testing.T, python string) {
		p := startReceiver(t, python, cookbook(t, "server.py"))
		h := newHandler(t, "tcp", p.address, netsink.Options{})
		logger := func(name string) *slog.Logger { return slog.New(handlers.BindName(h, "logger", name)) }
		logger1, logger2 := logger("myapp.area1"), logger("myapp.area2")
		logger("root").Info("Jackdaws love my big sphinx of quartz.")
		logger1.Debug("Quick zephyrs blow, vexing daft Jim.")
		logger1.Info("How quickly daft jumping zebras vex.")
		logger2.Warn("Jail zesty vixen who grabbed pay from quack.")
		logger2.Error("The five boxing wizards jump quickly.")
		closeHandler(t, h)
		p.wait(t)
		// The root logger's own level is WARNING there, and every record is logged.
		sameLines(t, normal(p.stderr.String()), normal(string(want)))
	})
}

// toFormat prints every field but the time since the start, which is another for what prints here, and what logAll adds.
var toFormat = strings.Replace(everyField, "%(relativeCreated)d ", "", 1) + " | %(s)s %(i)s %(f)s %(b)s %(nil)s %(d)s %(req.ip)s %(req.deep.n)s %(err)s %(attr.name)s %(with)s"

// logAll gives h records of all kinds, with messages of up to so many bytes.
func logAll(t *testing.T, h slog.Handler, long int) (n int) {
	for _, name := range []string{"app.część", "root", "a"} {
		h := handlers.BindName(h, "logger", name).WithAttrs([]slog.Attr{slog.String("with", "with "+name)})
		for _, level := range []slog.Level{-20, -8, -4, -2, 0, 2, 4, 8, 12, 13, 30} {
			n += log(t, h, level, fmt.Sprintf("level %d", level))
		}
		for _, msg := range []string{"", "100% sure, %d of %s %(name)s", "two\nlines, a tab\t, \x1b[31mred\x1b[0m, nul \x00, \u2028 and \U0001f600",
			"Zoë 'so' \"and\" \\ so", strings.Repeat("long ", long/5)} {
			n += log(t, h, slog.LevelInfo, msg)
		}
		n += log(t, h, slog.LevelError, "failed", formatters.Exc(fmt.Errorf("outer: %w", errors.New("inner\nline"))))
		n += log(t, h, slog.LevelInfo, "others", slog.Int64("i", -1<<63), slog.String("s", ""), slog.Bool("b", false), slog.Float64("f", 1e300))
	}
	return n
}

// log gives h a record that has all attrs that toFormat prints; those of attrs replace them.
func log(t *testing.T, h slog.Handler, level slog.Level, msg string, attrs ...slog.Attr) int {
	t.Helper()
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	// A float has no room for nanoseconds, and the last digit printed would be a matter of how one rounds.
	r := slog.NewRecord(time.Now().Truncate(time.Microsecond), level, msg, pcs[0])
	r.AddAttrs(attrs...)
	for _, a := range []slog.Attr{
		slog.String("s", "a\n'text' ü"), slog.Int("i", 42), slog.Float64("f", 0.1), slog.Bool("b", true), slog.Any("nil", nil),
		slog.Duration("d", 1500*time.Millisecond), slog.Group("req", slog.String("ip", "10.0.0.1"), slog.Group("deep", slog.Uint64("n", 1<<64-1))),
		slog.Any("err", errors.New("an error")), slog.String("name", "not the logger's"),
	} {
		if !slices.ContainsFunc(attrs, func(b slog.Attr) bool { return a.Key == b.Key }) {
			r.AddAttrs(a)
		}
	}
	if err := h.Handle(context.Background(), r); err != nil {
		t.Error(err)
	}
	return 1
}

// Ours sends to CPython, as pickle and as JSON. What is printed there is what is printed here.
func TestToPython(t *testing.T) {
	eachPython(t, func(t *testing.T, python string) {
		for protocol, name := range map[netsink.Protocol]string{netsink.Pickle: "pickle", netsink.JSON: "json"} {
			t.Run(name, func(t *testing.T) {
				var want buffer
				p := startReceiver(t, python, filepath.Join("testdata", "receive.py"), cookbook(t, "server.py"), name, toFormat)
				h := newHandler(t, "tcp", p.address, netsink.Options{Protocol: protocol})
				format := strings.Replace(toFormat, "%(attr.name)s", "not the logger's", 1)
				n := logAll(t, handlers.NewFanout(h, handlers.NewStream(&want, formatters.Must(formatters.Percent(format, raw)), nil)), 200_000)
				closeHandler(t, h)
				p.wait(t)
				if text := p.stderr.String(); text != "" {
					t.Error(text)
				}
				sameLines(t, p.stdout.String(), want.String())
				if sent := h.Stats().Sent; sent != uint64(n) {
					t.Errorf("%d records were sent of %d", sent, n)
				}
			})
		}
	})
}
