//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "slogd-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "slogd")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building slogd: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// A process is a running slogd.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string // of stderr
	said  []string    // of them, those that were read
	addrs []string    // that it listens on
	out   bytes.Buffer
	done  chan struct{}
}

// launch starts slogd in dir, and waits until it listens on n addresses. It is killed with the test.
func launch(t *testing.T, dir string, n int, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), lines: make(chan string, 10000), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout = dir, &p.out
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		for s := bufio.NewScanner(stderr); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
		_ = p.cmd.Wait() // its state says it
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.done
	})
	for range n {
		p.addrs = append(p.addrs, strings.TrimPrefix(p.await("slogd: listening on "), "slogd: listening on "))
	}
	return p
}

// await returns the next line of stderr that begins with that.
func (p *process) await(prefix string) string {
	p.t.Helper()
	for timeout := time.After(patience); ; {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("there is no line %q...: %q", prefix, p.said)
			}
			p.said = append(p.said, line)
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-timeout:
			p.t.Fatalf("no line %q... has come: %q", prefix, p.said)
		}
	}
}

// signal sends a signal.
func (p *process) signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for the end, and returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
		for line := range p.lines {
			p.said = append(p.said, line)
		}
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("it goes on: %q", p.said)
	}
	return -1
}

// terminate ends slogd, which has to succeed, and returns its counts.
func (p *process) terminate() map[string]string {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.ended(exitDone)
}

// ended waits for the end with that code, and returns the counts.
func (p *process) ended(code int) map[string]string {
	p.t.Helper()
	if got := p.wait(); got != code {
		p.t.Fatalf("it exited with %d, not %d: %q", got, code, p.said)
	}
	last, ok := strings.CutPrefix(p.said[len(p.said)-1], "slogd: ended ")
	if !ok {
		p.t.Fatalf("the last line is no account: %q", p.said)
	}
	counts := map[string]string{}
	for _, field := range strings.Fields(last) {
		name, value, _ := strings.Cut(field, "=")
		counts[name] = value
	}
	return counts
}

// dial connects to the i-th address.
func (p *process) dial(i int) net.Conn {
	p.t.Helper()
	network, addr := "tcp", p.addrs[i]
	if n, rest, ok := strings.Cut(addr, ":"); ok && (n == "unix" || n == "udp") {
		network, addr = n, rest
	}
	c, err := net.Dial(network, addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	return c
}

// record returns a frame of a record as JSON.
func record(msg string) []byte {
	body, err := json.Marshal(map[string]any{"name": "app.part", "levelno": 30, "levelname": "WARNING", "msg": msg, "created": 1700000000.25, "process": 4711})
	if err != nil {
		panic(err)
	}
	b := append(frame.Begin(nil), body...)
	frame.End(b, 0)
	return b
}

func send(t *testing.T, c io.Writer, p []byte) {
	t.Helper()
	if _, err := c.Write(p); err != nil {
		t.Fatal(err)
	}
}

// read returns what a file has.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// grown waits until a file has so many lines, and returns it.
func grown(t *testing.T, path string, lines int) string {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(path)
		if err == nil && bytes.Count(text, []byte("\n")) >= lines {
			return string(text)
		}
		if time.Now().After(end) {
			t.Fatalf("%s has not got %d lines: %q, %v", path, lines, text, err)
		}
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log")
	c := p.dial(0)
	for i := range 10_000 {
		send(t, c, record(fmt.Sprint("message ", i)))
	}
	c.Close()
	counts := p.terminate() // right away: all that was sent has to be there
	lines := strings.SplitAfter(read(t, filepath.Join(dir, "all.log")), "\n")
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,250 4711 app\.part WARNING message (\d+)\n$`)
	for i, line := range lines[:len(lines)-1] {
		if m := want.FindStringSubmatch(line); m == nil || m[1] != fmt.Sprint(i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
	if len(lines) != 10_001 || counts["records"] != "10000" || counts["connections"] != "1" || counts["errors"] != "0" || counts["open"] != "0" {
		t.Errorf("%d lines, %v", len(lines), counts)
	}
}

// SIGHUP opens the file anew after it was moved.
func TestHangup(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-format", "%(message)s")
	c := p.dial(0)
	send(t, c, record("before"))
	grown(t, filepath.Join(dir, "all.log"), 1)
	if err := os.Rename(filepath.Join(dir, "all.log"), filepath.Join(dir, "moved.log")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.await("slogd: reopened all.log")
	send(t, c, record("after"))
	c.Close()
	p.terminate()
	if before, after := read(t, filepath.Join(dir, "moved.log")), read(t, filepath.Join(dir, "all.log")); before != "before\n" || after != "after\n" {
		t.Errorf("%q, %q", before, after)
	}
}

// A file that does not open holds up no other signal.
func TestHangupHangs(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-format", "%(message)s")
	c := p.dial(0)
	send(t, c, record("before"))
	path := filepath.Join(dir, "all.log")
	grown(t, path, 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP) // opens the pipe, which waits for its reader
	p.signal(syscall.SIGTERM)
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("the client is told %v", err)
	}
	c.Close()
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	p.ended(exitDone)
}

// Without a file SIGHUP does nothing, and records go to stdout.
func TestHangupWithoutFile(t *testing.T) {
	p := launch(t, t.TempDir(), 1, "-listen", "127.0.0.1:0", "-json", "-logger", "mine")
	p.signal(syscall.SIGHUP)
	c := p.dial(0)
	send(t, c, record("x"))
	c.Close()
	p.terminate()
	var o map[string]any
	if err := json.Unmarshal(p.out.Bytes(), &o); err != nil || o["msg"] != "x" || o["logger"] != "mine" || o["level"] != "WARNING" {
		t.Errorf("%q: %v", p.out.String(), err)
	}
}

// A restart takes the port and the file again, and clients that have seen the end lose
// nothing.
func TestRestart(t *testing.T) {
	dir, addr := t.TempDir(), "127.0.0.1:0"
	for i := range 5 {
		p := launch(t, dir, 1, "-listen", addr, "-file", "all.log", "-format", "%(message)s")
		addr = p.addrs[0]
		c := p.dial(0)
		send(t, c, record(fmt.Sprint(2*i)))
		grown(t, filepath.Join(dir, "all.log"), 2*i+1) // else it may never have been accepted
		p.signal(syscall.SIGTERM)
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("the client is told %v", err)
		}
		send(t, c, record(fmt.Sprint(2*i+1)))
		c.Close()
		p.ended(exitDone)
	}
	if got := read(t, filepath.Join(dir, "all.log")); got != "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" {
		t.Errorf("got %q", got)
	}
}

// A client that goes on sending is read for 5 seconds, unless a second signal comes. One that
// comes at the same moment is the same.
func TestSecondSignal(t *testing.T) {
	p := launch(t, t.TempDir(), 1, "-listen", "127.0.0.1:0", "-file", "all.log")
	c := p.dial(0)
	var sender sync.WaitGroup
	sender.Go(func() {
		for rec := record("more"); ; time.Sleep(time.Millisecond) {
			if _, err := c.Write(rec); err != nil {
				return
			}
		}
	})
	grown(t, filepath.Join(p.cmd.Dir, "all.log"), 1)
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGTERM)
	time.Sleep(2 * sameRequest)
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != exitFailed || !strings.Contains(p.said[len(p.said)-1], "a second signal") {
		t.Errorf("%d: %q", code, p.said)
	}
	c.Close()
	sender.Wait()
}

func TestRotation(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-format", "%(message)s", "-max-bytes", "1KB", "-backups", "2", "-direct")
	c := p.dial(0)
	for i := range 99 {
		send(t, c, record(fmt.Sprintf("%0100d", i)))
	}
	c.Close()
	p.terminate()
	all := ""
	for _, name := range []string{"all.log.2", "all.log.1", "all.log"} {
		text := read(t, filepath.Join(dir, name))
		if len(text) > 1000 || len(text) < 900 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		all += text
	}
	if n := strings.Count(all, "\n"); !strings.HasSuffix(all, fmt.Sprintf("%0100d\n%0100d\n", 97, 98)) || n != 27 {
		t.Errorf("the files hold %d lines: %q", n, all)
	}
	if _, err := os.Stat(filepath.Join(dir, "all.log.3")); err == nil {
		t.Error("there is a third backup")
	}
}

func TestLevelAndConsole(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-console", "-level", "31", "-stats", "10ms")
	p.await("slogd: records=")
	c := p.dial(0)
	send(t, c, record("left out"))
	send(t, c, bytes.ReplaceAll(record("critical"), []byte(`"levelno":30`), []byte(`"levelno":50`)))
	c.Close()
	counts := p.terminate()
	file, out := read(t, filepath.Join(dir, "all.log")), p.out.String()
	if !strings.HasSuffix(file, "critical\n") || !strings.Contains(out, "critical") || strings.Contains(file+out, "left out") || counts["skipped"] != "1" {
		t.Errorf("%q, %q, %v", file, out, counts)
	}
}

// Unix sockets and datagrams.
func TestOtherNetworks(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close() // as if killed
	p := launch(t, dir, 2, "-listen", "unix:"+socket, "-listen", "udp:127.0.0.1:0", "-file", "all.log", "-format", "%(message)s")
	send(t, p.dial(0), record("by unix"))
	grown(t, filepath.Join(dir, "all.log"), 1)
	send(t, p.dial(1), record("by udp"))
	grown(t, filepath.Join(dir, "all.log"), 2)

	taken := exec.Command(binary, "-listen", "unix:"+socket)
	out, err := taken.CombinedOutput()
	if taken.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "address already in use") {
		t.Errorf("a second one: %v, %s", err, out)
	}
	p.dial(0).Close()
	p.terminate()
	if got := read(t, filepath.Join(dir, "all.log")); got != "by unix\nby udp\n" {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// A sender that says nothing is closed where that is asked for.
func TestIdle(t *testing.T) {
	p := launch(t, t.TempDir(), 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-idle", "50ms", "-max-conns", "1")
	for range 2 {
		c := p.dial(0)
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the client is told %v", err)
		}
		p.await("slogd: netsink/receiver: peer " + c.LocalAddr().String() + ": frame at byte 0: no record came within 50ms")
		c.Close()
	}
	if counts := p.terminate(); counts["timeouts"] != "2" {
		t.Errorf("%v", counts)
	}
}

// A record that is longer than -max-record ends its sender's connection.
func TestMaxRecord(t *testing.T) {
	p := launch(t, t.TempDir(), 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-max-record", "1KB")
	c := p.dial(0)
	send(t, c, record("short"))
	send(t, c, record(strings.Repeat("x", 1000)))
	if line := p.await("slogd: netsink/receiver: peer " + c.LocalAddr().String()); !strings.Contains(line, "1000 are allowed") {
		t.Errorf("%q", line)
	}
	c.Close()
	if counts := p.terminate(); counts["records"] != "1" || counts["refused"] != "1" {
		t.Errorf("%v", counts)
	}
}

// An extra with the name of a member of each line gets another name in JSON.
func TestJSONExtra(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-file", "all.log", "-json")
	c := p.dial(0)
	body := `{"name":"app","levelno":30,"levelname":"WARNING","msg":"full","created":1700000000.25,"level":"sea"}`
	send(t, c, append([]byte{0, 0, 0, byte(len(body))}, body...))
	c.Close()
	p.terminate()
	if got := read(t, filepath.Join(dir, "all.log")); strings.Count(got, `"level":`) != 1 || !strings.Contains(got, `"level#2":"sea"`) {
		t.Errorf("got %s", got)
	}
}

// What a peer does wrong is told, and is no failure of the program.
func TestBadPeer(t *testing.T) {
	p := launch(t, t.TempDir(), 1, "-listen", "127.0.0.1:0", "-file", "all.log")
	c := p.dial(0)
	send(t, c, []byte("\x00\x00\x00\x10cos\nsystem\n(S'x'"))
	line := p.await("slogd: netsink/receiver: peer " + c.LocalAddr().String())
	if !strings.Contains(line, "frame at byte 0: ") {
		t.Errorf("%q", line)
	}
	if counts := p.terminate(); counts["refused"] != "1" || counts["records"] != "0" {
		t.Errorf("%v", counts)
	}
}

// Records that could not be written are a failure.
func TestCannotWrite(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	for _, how := range [][]string{nil, {"-direct"}} {
		p := launch(t, t.TempDir(), 1, append(how, "-listen", "127.0.0.1:0", "-file", "/dev/full")...)
		c := p.dial(0)
		send(t, c, record("lost"))
		p.await("slogd: ") // of the trouble
		c.Close()
		p.signal(syscall.SIGTERM)
		if counts := p.ended(exitFailed); counts["records"] != "1" || counts["lost"] == "0" {
			t.Errorf("%v: %v, %q", how, counts, p.said)
		}
	}
}
