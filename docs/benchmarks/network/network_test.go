// Package network measures sending records over loopback TCP, and receiving
// them. Who is at the other end is a process of its own, so that the processor time
// reported is that of the side which is measured.
package network

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// roleVar, in its environment, makes of this program the other end.
const roleVar = "NETWORK_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVar) {
	case "sink":
		sink()
	case "source":
		source(os.Args[1], os.Args[2], must(strconv.Atoi(os.Args[3])))
	default:
		os.Exit(m.Run())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// sink accepts connections and prints how many bytes each one carried.
func sink() {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println(l.Addr())
	for {
		c := must(l.Accept())
		go func() {
			n := must(io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c}, make([]byte, 256<<10)))
			c.Close()
			fmt.Println(n)
		}()
	}
}

// An end is a process at the other end. It ends with the benchmark at the latest.
type end struct {
	cmd  *exec.Cmd
	said *bufio.Reader
}

func start(b *testing.B, role, program string, args ...string) *end {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Env = append(os.Environ(), roleVar+"="+role)
	cmd.Stderr = os.Stderr
	said := must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &end{cmd, bufio.NewReader(said)}
}

// expect returns the next line that the process says.
func (e *end) expect(b *testing.B) string {
	b.Helper()
	line, err := e.said.ReadString('\n')
	if err != nil {
		b.Fatalf("%s: %v", e.cmd, err)
	}
	return strings.TrimSpace(line)
}

// startSink starts a sink, and returns it and its address.
func startSink(b *testing.B) (*end, string) {
	b.Helper()
	e := start(b, "sink", must(os.Executable()))
	return e, e.expect(b)
}

// received waits for a connection to a sink to end and returns its bytes.
func (e *end) received(b *testing.B) int {
	b.Helper()
	return must(strconv.Atoi(e.expect(b)))
}
