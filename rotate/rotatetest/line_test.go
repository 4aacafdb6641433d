package rotatetest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What AppendLine makes, parse takes, for any writer, number and size; nothing that
// a change, a cut or an insertion makes of it is taken for a whole line of
// another text.
func FuzzLine(f *testing.F) {
	f.Add("w1", uint64(1), 120, 40, byte('x'))
	f.Add("a", uint64(1<<64-1), 0, 0, byte('\n'))
	f.Add("web-1.example_2", uint64(1000), 1<<21, 3, byte('0'))
	f.Fuzz(func(t *testing.T, writer string, seq uint64, size, at int, c byte) {
		if seq == 0 || !isWriter(writer) || size > 1<<22 {
			return
		}
		line := AppendLine([]byte("before"), writer, seq, size)
		if !bytes.HasPrefix(line, []byte("before")) {
			t.Fatalf("what was there is gone: %q", line)
		}
		line = line[len("before"):]
		if least := leastSize(writer, seq); len(line) != min(max(size, least), MaxLine) {
			t.Fatalf("%d bytes, want %d, at least %d: %q", len(line), size, least, line)
		}
		text := bytes.TrimSuffix(line, []byte("\n"))
		if len(text) != len(line)-1 || bytes.IndexByte(text, '\n') >= 0 {
			t.Fatalf("no line break at the end, or others: %q", line)
		}
		h, whole := parse(text)
		if !whole || string(h.writer) != writer || h.seq != seq || h.size != len(line) {
			t.Fatalf("%q is parsed as %+v, %t", line, h, whole)
		}
		at = int(uint(at) % uint(len(text)))
		for what, b := range map[string][]byte{
			"changed": slices.Concat(text[:at], []byte{c}, text[at+1:]),
			"cut":     text[:at],
			"shorter": slices.Concat(text[:at], text[at+1:]),
			"longer":  slices.Concat(text[:at], []byte{c}, text[at:]),
			"glued":   slices.Concat(text[:at], text),
		} {
			if _, whole := parse(b); whole && !bytes.Equal(b, text) {
				t.Fatalf("%s at %d: %q is taken for whole, and so is %q", what, at, b, text)
			}
		}
		if h, ok := isFragment(text[:at]); ok && (string(h.writer) != writer || h.seq != seq) {
			t.Fatalf("%q is said to be a piece of %s's line %d", text[:at], h.writer, h.seq)
		}
		if at > 0 && !isGlued(slices.Concat(text[:at], text)) {
			t.Fatalf("%q before %q is not seen", text[:at], text)
		}
	})
}

// What parse takes is what AppendLine makes: nothing else is a whole line.
func FuzzParse(f *testing.F) {
	f.Add([]byte("w1 1 30 abcdefghijklmnop"))
	f.Add(AppendLine(nil, "w1", 17, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.TrimSuffix(b, []byte("\n"))
		if h, whole := parse(b); whole {
			if again := AppendLine(nil, string(h.writer), h.seq, h.size); !bytes.Equal(again, append(b[:len(b):len(b)], '\n')) {
				t.Fatalf("%q is taken for whole; it would be %q", b, again)
			}
		}
		isGlued(b)
		isFragment(b)
		parseMarker(b)
	})
}

// A line does not allocate where there is room, nor does looking at it.
func TestLineAllocates(t *testing.T) {
	buf := make([]byte, 0, 200)
	n := uint64(0)
	if allocs := testing.AllocsPerRun(100, func() {
		n++
		buf = AppendLine(buf[:0], "w1", n, 120)
		if _, whole := parse(buf[:119]); !whole {
			t.Fatal("not whole")
		}
	}); allocs > 0 {
		t.Errorf("%v allocations a line", allocs)
	}
}

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		s      string
		n      uint64
		length int
	}{
		{"", 0, 0}, {"0", 0, 0}, {"01", 0, 0}, {"x", 0, 0}, {"1", 1, 1}, {"120 ", 120, 3},
		{"18446744073709551615", 1<<64 - 1, 20}, {"18446744073709551616", 0, 0}, {strings.Repeat("9", 40), 0, 0},
	} {
		if n, length := parseNumber([]byte(c.s)); n != c.n || length != c.length {
			t.Errorf("%q: %d in %d digits, want %d in %d", c.s, n, length, c.n, c.length)
		}
	}
}

// A bitmap, beside a map.
func TestBitmap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var b bitmap
		model := map[uint64]bool{}
		top := uint64(1) << (1 + rng.IntN(16))
		for range rng.IntN(3000) {
			n := 1 + rng.Uint64N(top)
			if b.add(n) != model[n] {
				t.Fatalf("add %d says it was there: %t", n, !model[n])
			}
			model[n] = true
		}
		var failed []Range
		for at := uint64(1); at < top; at += 1 + rng.Uint64N(top) {
			failed = append(failed, Range{at, at + rng.Uint64N(4)})
			at += 5
		}
		first, last := 1+rng.Uint64N(top), 1+rng.Uint64N(top)
		var want []Range
		for n := first; n <= last; n++ {
			if model[n] || slices.ContainsFunc(failed, func(r Range) bool { return r.First <= n && n <= r.Last }) {
				continue
			}
			if k := len(want); k > 0 && want[k-1].Last == n-1 {
				want[k-1].Last = n
			} else {
				want = append(want, Range{n, n})
			}
		}
		got := slices.Collect(b.missing(first, last, failed))
		if !slices.Equal(join(got), want) {
			t.Fatalf("from %d to %d miss %v, want %v", first, last, got, want)
		}
		n := uint64(0)
		for k := range model {
			if first <= k && k <= last {
				n++
			}
		}
		if got := b.count(Range{first, last}); first <= last && got != n {
			t.Fatalf("from %d to %d count %d, want %d", first, last, got, n)
		}
	}
}

// join joins ranges that touch: two that failed one after the other part none.
func join(ranges []Range) (joined []Range) {
	for _, r := range ranges {
		if k := len(joined); k > 0 && joined[k-1].Last+1 == r.First {
			joined[k-1].Last = r.Last
		} else {
			joined = append(joined, r)
		}
	}
	return joined
}

// The greatest number there is does not wrap.
func TestBitmapEnd(t *testing.T) {
	var b bitmap
	b.add(1<<64 - 1)
	b.add(1<<64 - 3)
	got := slices.Collect(b.missing(1<<64-4, 1<<64-1, nil))
	if want := []Range{{1<<64 - 4, 1<<64 - 4}, {1<<64 - 2, 1<<64 - 2}}; !slices.Equal(got, want) {
		t.Errorf("miss %v, want %v", got, want)
	}
}
