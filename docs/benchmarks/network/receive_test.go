package network

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/rotate"
)

const (
	lineFormat = "%(asctime)s %(name)s %(levelname)s %(message)s"
	rotateAt   = 64 << 20
)

// frames are what one record is on the wire.
var frames = []struct {
	name string
	make func() []byte
}{
	{"python3.13", func() []byte {
		p := must(os.ReadFile("../../../netsink/internal/logrecord/testdata/plain.pickle"))
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(p))), p...)
	}},
	{"pickle", func() []byte { return capture(netsink.Pickle) }},
	{"json", func() []byte { return capture(netsink.JSON) }},
}

// capture returns the frame of a record that our handler sends.
func capture(p netsink.Protocol) []byte {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	got := make(chan []byte)
	go func() {
		c := must(l.Accept())
		defer c.Close()
		got <- must(io.ReadAll(c))
	}()
	s := ours(p, fiveAttrs)(l.Addr().String())
	must(0, s.send())
	closed := make(chan error)
	go func() { closed <- s.close() }()
	frame := <-got
	must(0, <-closed)
	return frame
}

// source sends a frame so many times, many at once. It reads the frame from a file.
func source(addr, file string, n int) {
	frame := must(os.ReadFile(file))
	const batch = 100
	many := bytes.Repeat(frame, batch)
	c := must(net.Dial("tcp", addr))
	for ; n > 0; n -= batch {
		must(c.Write(many[:min(batch, n)*len(frame)]))
	}
	must(0, c.(*net.TCPConn).CloseWrite())
	must(io.Copy(io.Discard, c)) // until the receiver has read all
}

// receivers take records from a connection each, and write a line for each into a file.
var receivers = []struct {
	name string
	run  func(b *testing.B, l net.Listener, path string, line []byte)
}{
	{"limit-frames", countFrames},
	{"slogsuite", serve},
}

// BenchmarkReceive receives records from a process that sends them as fast as they are taken,
// until all are in the file.
func BenchmarkReceive(b *testing.B) {
	for _, f := range frames {
		frame := f.make()
		for _, r := range receivers {
			b.Run(f.name+"/"+r.name, func(b *testing.B) { receive(b, lat.AtLeast(b, 300_000), frame, r.run) })
		}
	}
}

func receive(b *testing.B, n int, frame []byte, run func(*testing.B, net.Listener, string, []byte)) {
	dir := b.TempDir()
	path := filepath.Join(dir, "app.log")
	input := filepath.Join(dir, "frame")
	must(0, os.WriteFile(input, frame, 0o600))
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	b.ReportAllocs()
	b.ResetTimer()
	cpu, allocs := lat.CPU(), allocations()
	start(b, "source", must(os.Executable()), l.Addr().String(), input, strconv.Itoa(n))
	run(b, l, path, []byte("2026-03-14 15:09:26,535 orders.api.http INFO served /api/v1/orders in 17 ms\n"))
	took, used := b.Elapsed(), lat.CPU()-cpu
	b.ReportMetric(float64(allocations()-allocs)/float64(n), "allocs/op")
	b.StopTimer()
	if got := lines(path); got != n {
		b.Fatalf("%d lines of %d are in the files", got, n)
	}
	b.ReportMetric(float64(used)/float64(n), cpuTime)
	b.ReportMetric(float64(n)/used.Seconds(), "records/cpu-s")
	report(b, n, took, n*len(frame))
}

// lines counts the lines of a file and its backups.
func lines(path string) int {
	n := 0
	for _, name := range must(filepath.Glob(path + "*")) {
		n += bytes.Count(must(os.ReadFile(name)), []byte("\n"))
	}
	return n
}

// serve has our Server receive until the connection has ended.
func serve(b *testing.B, l net.Listener, path string, _ []byte) {
	format := formatters.Must(formatters.Percent(lineFormat, nil))
	h := must(rotate.NewHandler(path, format, nil, rotate.Options{MaxBytes: rotateAt, Upward: true, Durability: rotate.Buffered}))
	s := &receiver.Server{
		Target:  func(string) slog.Handler { return h },
		OnError: func(err error) { b.Error(err) },
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, &one{Listener: l, done: cancel}) }()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if err := h.Close(); err != nil {
		b.Fatal(err)
	}
}

// one is a listener that calls done when its first connection is closed.
type one struct {
	net.Listener
	done func()
}

func (l *one) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &oneConn{c.(*net.TCPConn), l.done}, nil
}

type oneConn struct {
	*net.TCPConn
	done func()
}

func (c *oneConn) Close() error {
	defer c.done()
	return c.TCPConn.Close()
}

// countFrames is a lower bound: it takes frames apart, reads nothing in them, and writes the
// same line for each through a buffer.
func countFrames(b *testing.B, l net.Listener, path string, line []byte) {
	c := must(l.Accept())
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	f := must(os.Create(path))
	out := bufio.NewWriterSize(f, 64<<10)
	for {
		head, err := in.Peek(4)
		if err == io.EOF {
			break
		}
		must(head, err)
		must(in.Discard(4 + int(binary.BigEndian.Uint32(head))))
		must(out.Write(line))
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	must(0, f.Close())
}
