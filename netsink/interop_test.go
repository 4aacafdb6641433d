//go:build unix

package netsink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink/receiver"
)

// pythons are the paths of python3 and every python3.x that PATH has and that runs, but each only once.
var pythons = sync.OnceValue(func() (found []string) {
	seen := map[string]bool{}
	for i := range 31 {
		name := "python3"
		if i > 0 {
			name = fmt.Sprintf("python3.%d", i-1)
		}
		out, err := exec.Command(name, "-c", "import logging.handlers, sys; print(sys.executable)").Output()
		path := strings.TrimSpace(string(out))
		if real, linkErr := filepath.EvalSymlinks(path); err == nil && linkErr == nil && !seen[real] {
			seen[real] = true
			found = append(found, path) // name may be a script that takes its time
		}
	}
	return found
})

// eachPython runs a test with each of pythons, or skips it without one, which is an error if
// REQUIRE_PYTHON is set.
func eachPython(t *testing.T, test func(t *testing.T, python string)) {
	if len(pythons()) == 0 {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal("REQUIRE_PYTHON is set and there is no python3 that runs")
		}
		t.Skip("no python3; with REQUIRE_PYTHON=1 this fails")
	}
	for _, python := range pythons() {
		t.Run(filepath.Base(python), func(t *testing.T) { test(t, python) })
	}
}

// everyField is a format of all fields of a LogRecord.
const everyField = "%(asctime)s %(created)f %(msecs)03d %(relativeCreated)d %(pathname)s %(filename)s %(module)s %(lineno)d %(funcName)s " +
	"%(process)d %(processName)s %(thread)d %(threadName)s %(levelno)d %(levelname)s %(name)s %(message)s"

// raw are options that print what CPython prints.
var raw = &formatters.Options{Raw: true, Strict: true}

// A buffer is written from several goroutines.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// A site is a receiver of ours in this process.
type site struct {
	receiver.Server
	network, address string
	out              buffer
	stop             func() error // ends it when it has taken all that was sent
}

// newSite starts one, which prints by f.
func newSite(t *testing.T, network string, f formatters.Formatter) *site {
	t.Helper()
	s := &site{network: network, address: "127.0.0.1:0"}
	if strings.HasPrefix(network, "unix") {
		s.address = socketPath(t)
	}
	target := handlers.NewStream(&s.out, f, nil)
	s.Target = func(string) slog.Handler { return target }
	s.OnError = func(err error) { t.Errorf("the receiver: %v", err) }
	return s
}

// socketPath returns a name for a socket, which must not be long.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ns")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func (s *site) start(t *testing.T) *site {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	switch s.network {
	case "udp", "unixgram":
		pc, err := net.ListenPacket(s.network, s.address)
		if err != nil {
			t.Fatal(err)
		}
		s.address = pc.LocalAddr().String()
		go func() { result <- s.ServePacket(ctx, pc) }()
	default:
		l, err := net.Listen(s.network, s.address)
		if err != nil {
			t.Fatal(err)
		}
		s.address = l.Addr().String()
		go func() { result <- s.Serve(ctx, l) }()
	}
	s.stop = sync.OnceValue(func() error { cancel(); return <-result })
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("the receiver: %v", err)
		}
	})
	return s
}

// runPython runs a script to its end, and returns what it prints.
func runPython(t *testing.T, python string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%s: %v\n%s", cmd, err, exit.Stderr)
		}
		t.Fatalf("%s: %v", cmd, err)
	}
	return string(out)
}

// sameLines compares what was printed, line by line.
func sameLines(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("not what was to be printed (-want +got):\n%s", diff)
	}
}

// CPython's own SocketHandler and DatagramHandler send, and what is printed here is what CPython
// itself prints of the same records.
func TestFromPython(t *testing.T) {
	const format = everyField + " | %(user)s %(things)r"
	eachPython(t, func(t *testing.T, python string) {
		for _, network := range []string{"tcp", "unix", "udp", "unixgram"} {
			t.Run(network, func(t *testing.T) {
				s := newSite(t, network, formatters.Must(formatters.Percent(format, raw))).start(t)
				want := runPython(t, python, filepath.Join("testdata", "send.py"), s.network, s.address, format)
				if err := s.stop(); err != nil {
					t.Fatal(err)
				}
				sameLines(t, s.out.String(), want)
				stats := s.Stats()
				if stats.Records < 50 || stats.Refused+stats.Failed+stats.Skipped+stats.Errors > 0 {
					t.Errorf("%+v", stats)
				}
			})
		}
	})
}
