package rotatetest

import (
	"iter"
	"maps"
	"math/bits"
	"slices"
)

// A Range is the numbers from First to Last, both included.
type Range struct{ First, Last uint64 }

const chunkBits = 1 << 13

// A chunk tells of chunkBits numbers which of them are there.
type chunk [chunkBits / 64]uint64

// A bitmap is a set of numbers that lie close together for the most part. It takes
// a bit for each number, and 1 KiB at least for any chunkBits of them.
type bitmap struct {
	chunks map[uint64]*chunk
	at     uint64 // the number of cur
	cur    *chunk // where the last number went: the next goes there too, mostly
}

// add adds n, and reports whether it was there already.
func (b *bitmap) add(n uint64) (was bool) {
	if at := n / chunkBits; b.cur == nil || at != b.at {
		b.at, b.cur = at, b.chunk(at)
	}
	word, bit := &b.cur[n%chunkBits/64], uint64(1)<<(n%64)
	was = *word&bit != 0
	*word |= bit
	return was
}

func (b *bitmap) chunk(at uint64) *chunk {
	c := b.chunks[at]
	if c == nil {
		if b.chunks == nil {
			b.chunks = map[uint64]*chunk{}
		}
		c = new(chunk)
		b.chunks[at] = c
	}
	return c
}

// runs returns the numbers that are there, as ranges that ascend and do not touch.
func (b *bitmap) runs() iter.Seq[Range] {
	return func(yield func(Range) bool) {
		var run Range
		open := false
		for _, at := range slices.Sorted(maps.Keys(b.chunks)) {
			for n := range b.chunks[at].all() {
				n += at * chunkBits
				if open && n == run.Last+1 {
					run.Last = n
					continue
				}
				if open && !yield(run) {
					return
				}
				run, open = Range{n, n}, true
			}
		}
		if open {
			yield(run)
		}
	}
}

// all returns the numbers of a chunk.
func (c *chunk) all() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i, word := range c {
			for ; word != 0; word &= word - 1 {
				if !yield(uint64(i*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// missing returns which of the numbers from first to last are neither there nor in
// one of the ranges of other, which ascend.
func (b *bitmap) missing(first, last uint64, other []Range) iter.Seq[Range] {
	return func(yield func(Range) bool) {
		next := first // the first number not yet decided
		for run := range merge(b.runs(), other) {
			if run.First > last {
				break
			}
			if run.First > next && !yield(Range{next, run.First - 1}) {
				return
			}
			if run.Last >= last {
				return
			}
			next = max(next, run.Last+1)
		}
		if next <= last {
			yield(Range{next, last})
		}
	}
}

// merge returns the ranges of both, by their first number.
func merge(a iter.Seq[Range], b []Range) iter.Seq[Range] {
	return func(yield func(Range) bool) {
		for r := range a {
			for len(b) > 0 && b[0].First < r.First {
				if !yield(b[0]) {
					return
				}
				b = b[1:]
			}
			if !yield(r) {
				return
			}
		}
		for _, r := range b {
			if !yield(r) {
				return
			}
		}
	}
}

// count returns how many of the numbers of a range are there.
func (b *bitmap) count(r Range) (n uint64) {
	for run := range b.runs() {
		if first, last := max(run.First, r.First), min(run.Last, r.Last); first <= last {
			n += last - first + 1
		}
	}
	return n
}
