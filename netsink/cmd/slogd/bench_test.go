package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// BenchmarkReceive is the way of a record of CPython 3.13 from a socket to a file, on one
// connection: one processor receives, another one sends, which takes less.
func BenchmarkReceive(b *testing.B) {
	var one []byte
	for _, v := range oracle.Load[struct {
		Label   string
		Pythons []string
		Frame   []byte
	}](b, "pickles") {
		if v.Label == "cookbook area2" && slices.ContainsFunc(v.Pythons, func(v string) bool { return strings.HasPrefix(v, "3.13") }) {
			one = v.Frame
		}
	}
	for name, args := range map[string][]string{
		"percent": nil,
		"short":   {"-format", "%(message)s"},
		"json":    {"-json"},
	} {
		b.Run(name, func(b *testing.B) {
			o, err := parse(append(args, "-listen", "127.0.0.1:0", "-file", filepath.Join(b.TempDir(), "all.log"), "-max-bytes", "64MB", "-backups", "1"))
			if err != nil {
				b.Fatal(err)
			}
			d, err := start(o, io.Discard, io.Discard)
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			code := make(chan int)
			go func() { code <- d.serve(ctx, cancel) }()
			c, err := net.Dial("tcp", d.streams[0].Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			const batch = 100
			many := bytes.Repeat(one, batch)
			b.ReportAllocs()
			b.SetBytes(int64(len(one)))
			for n := 0; n < b.N; n += batch {
				if _, err := c.Write(many[:min(batch, b.N-n)*len(one)]); err != nil {
					b.Fatal(err)
				}
			}
			c.Close()
			cancel()
			if code := <-code; code != exitDone || d.server.Stats().Records != uint64(b.N) {
				b.Fatalf("%d: %s", code, d.stats())
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
