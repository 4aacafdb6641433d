package logrecord

import (
	"log/slog"
	"sort"

	"github.com/slogsuite/slogsuite/formatters"
)

// The shortest that texts and keys are cut to.
const (
	minText = 40
	minKey  = 256
)

// spare is less than all that stands around a record's texts. A text that is longer than the record may be by
// that much can be cut without a look at it: it has to be anyway.
const spare = 100

// fit appends the record so that it has no more than e.max bytes: with its longest texts cut to one
// length, as long as possible, or else with the last attrs left out. It is not called often.
func (c *collector) fit(dst []byte, e *Encoder) []byte {
	c.flatten()
	size := func(cap, pairs int) int {
		w := writer{dst: dst, json: e.json, cap: cap, limit: len(dst) + e.max}
		w.record(c.first(pairs))
		dst = w.dst[:len(dst)]
		return len(w.dst) - len(dst)
	}
	all := len(c.pairs)
	cap, pairs := minText, all
	if size(minText, all) <= e.max {
		cap += sort.Search(e.max-minText, func(n int) bool { return size(minText+n+1, all) > e.max })
	} else {
		pairs = sort.Search(all, func(n int) bool { return size(minText, n+1) > e.max })
	}
	w := writer{dst: dst, json: e.json, cap: cap}
	w.record(c.first(pairs))
	return w.dst
}

// flatten makes texts of all containers, which can be cut then, and cuts keys that have no end.
func (c *collector) flatten() {
	for i := range c.pairs {
		p := &c.pairs[i]
		if len(p.key) > minKey {
			p.key = cut(p.key, minKey, 0)
		}
		if p.value.Kind() == slog.KindAny && p.value.Any() != nil {
			p.value = slog.StringValue(string(formatters.AppendText(nil, p.key, p.value)))
		}
	}
	if hasDuplicates(c.pairs) {
		renameDuplicates(c.pairs)
	}
}

// first returns c with only so many pairs, and one that tells of the others.
func (c *collector) first(n int) *collector {
	if n >= len(c.pairs) {
		return c
	}
	first := *c
	first.pairs, first.left = c.pairs[:n], c.left+len(c.pairs)-n
	return &first
}
