package netsink

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestMain is the peer of benchmarks too: a process of its own, so that the processor time is the
// sender's alone.
func TestMain(m *testing.M) {
	if os.Getenv("NETSINK_BENCH_PEER") != "" {
		countBytes()
		return
	}
	os.Exit(m.Run())
}

// countBytes accepts connections and prints how many bytes each one carried.
func countBytes() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			n, _ := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c}, make([]byte, 256<<10))
			c.Close()
			fmt.Println(n)
		}()
	}
}

// A counter is such a process.
type counter struct {
	addr string
	out  *bufio.Scanner
}

func startCounter(tb testing.TB) *counter {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NETSINK_BENCH_PEER=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := &counter{out: bufio.NewScanner(out)}
	c.out.Scan()
	c.addr = c.out.Text()
	return c
}

// bytes waits for the connection to end and returns what it carried.
func (c *counter) bytes() int {
	c.out.Scan()
	n, _ := strconv.Atoi(c.out.Text())
	return n
}

// shapes are the protocols, and the same without the encoding.
var shapes = []struct {
	name string
	make func(h *Handler) func()
	o    Options
}{
	{"Pickle", logRecord, Options{Protocol: Pickle}},
	{"JSON", logRecord, Options{Protocol: JSON}},
	{"Frames", putFrame, Options{}},
	{"Encoding", encodeRecord, Options{}}, // what other processes cost a caller who sends nothing
}

func logRecord(h *Handler) func() { return logTo(slog.New(h)) }

func logTo(l *slog.Logger) func() {
	ctx := context.Background()
	since := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	return func() {
		l.LogAttrs(ctx, slog.LevelInfo, "request served", slog.String("path", "/api/v1/items"), slog.Int("status", 200),
			slog.Duration("took", 1234567), slog.Time("since", since))
	}
}

func encodeRecord(h *Handler) func() { return logTo(slog.New(encoding{h})) }

// encoding is a Handler that drops what it has encoded.
type encoding struct{ *Handler }

func (h encoding) Handle(_ context.Context, r slog.Record) error {
	buf := getBuffer()
	*buf = h.encoder.Append(*buf, nil, &r)
	putBuffer(buf)
	return nil
}

func putFrame(h *Handler) func() {
	p := make([]byte, 300)
	p[2], p[3] = 1, 300-256-4
	return func() { _ = h.sender.put(p, "") }
}

// BenchmarkFlood sends b.N records from one goroutine to a peer that counts bytes, and waits until
// it has read them all.
func BenchmarkFlood(b *testing.B) {
	for _, s := range shapes[:3] {
		b.Run(s.name, func(b *testing.B) {
			peer := startCounter(b)
			h, err := NewHandler("tcp", peer.addr, s.o)
			if err != nil {
				b.Fatal(err)
			}
			send := s.make(h)
			b.ReportAllocs()
			b.ResetTimer()
			start := time.Now()
			for range b.N {
				send()
			}
			if err := h.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
			bytes := peer.bytes()
			took := time.Since(start)
			b.StopTimer()
			if n := h.Stats().Sent; n != uint64(b.N) {
				b.Fatalf("%d records were sent of %d", n, b.N)
			}
			b.ReportMetric(float64(b.N)/took.Seconds(), "records/s")
			b.ReportMetric(float64(bytes)/float64(b.N), "bytes/record")
		})
	}
}

// BenchmarkCaller measures what single calls take, flat out and with pauses between them.
func BenchmarkCaller(b *testing.B) {
	for _, s := range shapes {
		for _, pause := range []time.Duration{0, 2 * time.Microsecond, 20 * time.Microsecond, 200 * time.Microsecond} {
			b.Run(fmt.Sprintf("%s/every=%v", s.name, pause), func(b *testing.B) {
				peer := startCounter(b)
				h, err := NewHandler("tcp", peer.addr, s.o)
				if err != nil {
					b.Fatal(err)
				}
				send := s.make(h)
				send()
				_ = h.Flush()
				took := make([]time.Duration, b.N)
				b.ResetTimer()
				next := time.Now()
				for i := range b.N {
					for pause > 0 && time.Since(next) < 0 {
					}
					next = next.Add(pause)
					start := time.Now()
					send()
					took[i] = time.Since(start)
				}
				b.StopTimer()
				if err := h.Close(context.Background()); err != nil {
					b.Fatal(err)
				}
				slices.Sort(took)
				for _, q := range []float64{0.5, 0.99, 0.999, 0.9999} {
					b.ReportMetric(float64(took[int(q*float64(len(took)-1))]), fmt.Sprintf("p%v-ns", 100*q))
				}
			})
		}
	}
}
