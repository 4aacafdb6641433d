package pickle

import (
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
)

// limitMap only builds a map as large as the record, out of strings copied
// from the wire: what any decoder into a map must pay.
func limitMap(b *testing.B, m map[string]any) {
	b.ReportAllocs()
	keys, texts := make([][]byte, 0, len(m)), make([][]byte, 0, len(m))
	for k, v := range m {
		s, _ := v.(string)
		keys, texts = append(keys, []byte(k)), append(texts, []byte(s))
	}
	defer lat.Meter(b)()
	for b.Loop() {
		out := make(map[string]any, len(keys))
		for i, k := range keys {
			out[string(k)] = string(texts[i])
		}
	}
}

// limitScan only walks the opcodes that occur in such a record and sums up the
// lengths, keeping nothing: what a decoder into a struct might approach.
func limitScan(b *testing.B, data []byte) {
	b.ReportAllocs()
	defer lat.Meter(b)()
	for b.Loop() {
		if scan(data) == 0 {
			b.Fatal("not understood")
		}
	}
}

// scan is one flat switch over the opcodes.
func scan(p []byte) int {
	sum := 0
	for i := 0; i < len(p); {
		op := p[i]
		i++
		switch op {
		case '.':
			return sum
		case '}', '(', ')', ']', 'u', 's', 'e', 'a', 't', 'N', '\x85', '\x86', '\x87', '\x88', '\x89':
		case 'q', 'K', 'h', '\x80':
			i++
		case 'M':
			i += 2
		case 'J', 'r', 'j':
			i += 4
		case 'G':
			i += 8
		case '\x8a':
			i += 1 + int(p[i])
		case 'X':
			n := int(p[i]) | int(p[i+1])<<8 | int(p[i+2])<<16 | int(p[i+3])<<24
			sum += n
			i += 4 + n
		case 'I', 'L', 'F':
			for p[i] != '\n' {
				i++
			}
			i++
		default:
			return 0
		}
	}
	return sum
}
