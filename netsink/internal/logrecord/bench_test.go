package logrecord

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The limits that a receiver has by itself, see receiver.Server.
var usual = Limits{Depth: 64, Nodes: 100_000, Digits: 4300}

func load(tb testing.TB, name string) []byte {
	p, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// BenchmarkDecode reads what CPython 3.13 sent: a plain record, one with extras and one
// with a traceback. Then it reads the same in JSON, and what else is everyday JSON. The names are those of docs/benchmarks/pickle, which has others' readers.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"plain.pickle", "extra.pickle", "exception.pickle"} {
		p := load(b, name)
		d := NewDecoder(usual)
		benchDecode(b, name+"/slogsuite", p, d.Decode)
		benchDecode(b, name+"/slogsuite-any", p, d.decodePickle)
	}
	payloads := everydayJSON(b)
	for _, name := range slices.Sorted(maps.Keys(payloads)) {
		d := NewDecoder(usual)
		benchDecode(b, name+"/slogsuite", payloads[name], d.Decode)
		benchDecode(b, name+"/slogsuite-any", payloads[name], d.decodeJSON)
	}
}

func benchDecode(b *testing.B, name string, p []byte, decode func([]byte) (string, slog.Record, error)) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		b.ReportAllocs()
		start := processorTime()
		for b.Loop() {
			if _, _, err := decode(p); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(processorTime()-start)/float64(b.N), "cpu-ns/op")
	})
}
