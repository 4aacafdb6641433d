package logrecord

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// What is written fast is what is written slowly.
func TestEverydayRecords(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	m := &maker{rand.New(rand.NewPCG(seed, 1)), false}
	everyday := 0
	for range 20_000 {
		s := m.sent()
		for _, json := range []bool{false, true} {
			e := s.encoder(json, 1<<20)
			got, ok := e.appendEveryday([]byte("before"), s.ctx, &s.record)
			if !ok {
				if !bytes.Equal(got, []byte("before")) {
					t.Fatalf("seed %d: what was not written is there: %.300q", seed, got)
				}
				continue
			}
			everyday++
			if want := e.appendAny([]byte("before"), s.ctx, &s.record); !bytes.Equal(got, want) {
				t.Fatalf("seed %d:\nfast %q\nslow %q", seed, got, want)
			}
		}
	}
	if everyday < 4000 {
		t.Errorf("only %d records were everyday ones", everyday)
	}
	for _, s := range everydayRecords() {
		if _, ok := s.encoder(false, 1<<20).appendEveryday(nil, nil, &s.record); !ok {
			t.Error("an everyday record is written slowly")
		}
	}
}

// Times are written as Python's repr has them.
func TestTimesInJSON(t *testing.T) {
	m := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	for range 300_000 {
		at := time.Unix(1<<30+m.Int64N(1<<30), m.Int64N(1e9))
		switch m.IntN(4) {
		case 0:
			at = at.Truncate(time.Microsecond)
		case 1:
			at = at.Truncate(time.Second >> m.IntN(23))
		}
		f := created(at)
		if got, want := appendCreated(nil, f), pickle.AppendText(nil, f, false); !bytes.Equal(got, want) {
			t.Fatalf("created %s, want %s", got, want)
		}
		d := time.Duration(m.Int64()>>m.IntN(63)) * time.Duration(1-2*m.IntN(2))
		if got, want := appendRelative(nil, d), pickle.AppendText(nil, float64(d)/1e6, false); !bytes.Equal(got, want) {
			t.Fatalf("relativeCreated %s, want %s", got, want)
		}
	}
}

func TestEncodeAllocates(t *testing.T) {
	with := []slog.Attr{slog.String("service", "shop"), slog.Any("tags", []string{"a", "b"})}
	for _, s := range everydayRecords() {
		s.with, s.groups = [][]slog.Attr{with}, []string{"http"}
		s.ctx = []slog.Attr{slog.String("request", "r-17")}
		for _, json := range []bool{false, true} {
			e, dst := s.encoder(json, 1<<20), make([]byte, 0, 4096)
			if n := testing.AllocsPerRun(100, func() { e.Append(dst, s.ctx, &s.record) }); n != 0 {
				t.Errorf("JSON %v: %v allocations", json, n)
			}
		}
	}
}

// BenchmarkEncode writes a record of five attrs, as it is, and through With and a group.
func BenchmarkEncode(b *testing.B) {
	s := everydayRecords()[1]
	s.record.Time = time.Now()
	for _, json := range []bool{false, true} {
		name := map[bool]string{false: "pickle", true: "JSON"}[json]
		e := s.encoder(json, 1<<20)
		dst := make([]byte, 0, 4096)
		bench := func(name string, appended func() []byte) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					n = len(appended())
				}
				b.ReportMetric(float64(n), "bytes")
			})
		}
		bench(name, func() []byte { return e.Append(dst, nil, &s.record) })
		with := e.WithAttrs([]slog.Attr{slog.String("service", "shop"), slog.Int("pid", 4711)}).WithGroup("http")
		bench(name+"/with", func() []byte { return with.Append(dst, nil, &s.record) })
		bench(name+"/any", func() []byte { return e.appendAny(dst, nil, &s.record) })
	}
}
