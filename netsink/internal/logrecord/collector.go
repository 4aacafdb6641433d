package logrecord

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/slogsuite/slogsuite/formatters"
)

// A rank is where an attr came from. Of several attrs of one key that of the greatest
// rank keeps it.
type rank uint8

const (
	fromContext rank = iota
	fromWith
	fromRecord
)

// A pair is an attr as it is written: its whole key, and a value of a kind that is neither
// group nor LogValuer, whose Any is nil, *big.Int, []any, pickle.Tuple or pickle.Dict. Nobody
// changes it.
type pair struct {
	key   string
	value slog.Value
	rank  rank

	missing int // bytes that are not in value, as there are too many for any record
}

// Bounds on what the attrs of a record may have us do. What is beyond becomes a text.
const (
	maxGroups    = 64
	maxValuers   = 16      // LogValue results that are LogValuers again
	maxLogValues = 1000    // calls of LogValue in a record
	maxAttrs     = 30_000  // of a record; a receiver counts each as two values, and takes 100,000
	maxVisits    = 300_000 // of attrs and groups, and for each 64 bytes of a key one more: groups may share their members
)

// A collector gathers what is to be written of a record.
type collector struct {
	pairs  []pair
	rank   rank
	exc    slog.Value // of the last Exc
	origin *formatters.Origin

	key          string // of the attr that a container belongs to
	calls, nodes int    // of LogValue, and in containers
	missing      int    // bytes of the value to be added next
	visits       int    // of attrs and groups
	left         int    // attrs and groups that there was no room for
	max          int    // bytes of the whole record

	name, msg, excText string
	created, msecs     float64
	relative           float64
}

var collectors = sync.Pool{New: func() any { return new(collector) }}

func getCollector() *collector { return collectors.Get().(*collector) }

// maxKept bounds the pairs that are kept for later records.
const maxKept = 256

// release keeps c for later, and nothing that it held.
func (c *collector) release() {
	clear(c.pairs)
	*c = collector{pairs: c.pairs[:0]}
	if cap(c.pairs) <= maxKept {
		collectors.Put(c)
	}
}

// withState begins with what e was given.
func (c *collector) withState(e *Encoder) {
	c.pairs = append(c.pairs[:0], e.attrs...)
	c.exc, c.origin, c.left, c.max = e.exc, e.origin, e.left, e.max
}

// top adds an attr that stands in no group of its own.
func (c *collector) top(prefix string, a slog.Attr) {
	if a.Value.Kind() == slog.KindLogValuer && c.special(prefix, a.Value) {
		return
	}
	c.attr(prefix, a, 0)
}

// special notes the error of an Exc or an Origin. Of several errors the last counts, and
// those before it are attrs.
func (c *collector) special(prefix string, v slog.Value) bool {
	if o, ok := v.LogValuer().(*formatters.Origin); ok {
		if o != nil {
			c.origin = o
		}
		return true
	}
	if _, ok := formatters.ExcText(v); !ok {
		return false
	}
	if c.exc.Kind() == slog.KindLogValuer && c.exc.LogValuer() != v.LogValuer() {
		c.attr(prefix, slog.Attr{Key: keyNames[keyExcInfo], Value: c.exc}, 0)
	}
	c.exc = v
	return true
}

// attr adds an attr within depth groups, and nothing for an empty one.
func (c *collector) attr(prefix string, a slog.Attr, depth int) {
	if len(c.pairs) >= maxAttrs || c.visits > maxVisits {
		c.left++
		return
	}
	c.visits += 1 + (len(prefix)+len(a.Key))/64
	v, bad := c.resolve(a.Value)
	switch {
	case bad != "":
		c.add(prefix+a.Key, slog.StringValue(mark(a.Key, bad)))
	case v.Kind() == slog.KindGroup && depth >= maxGroups:
		c.add(prefix+a.Key, slog.StringValue(mark(a.Key, "groups nested too deep")))
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			c.attr(prefix, member, depth+1)
		}
	case a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil:
	default:
		c.add(prefix+a.Key, c.plain(a.Key, v))
	}
}

func (c *collector) add(key string, v slog.Value) {
	if len(c.pairs) >= maxAttrs {
		c.left++
		return
	}
	c.pairs = append(c.pairs, pair{key: validText(key), value: v, missing: c.missing, rank: c.rank})
	c.missing = 0
}

// mark is the text that stands for what can't be written.
func mark(key, reason string) string { return "%!" + key + "(" + reason + ")" }

// resolve returns what v's LogValue methods lead to, or why that failed.
func (c *collector) resolve(v slog.Value) (_ slog.Value, bad string) {
	for n := 0; v.Kind() == slog.KindLogValuer; n++ {
		if c.calls++; n >= maxValuers || c.calls > maxLogValues {
			return v, "LogValue nested too deep"
		}
		if v, bad = callLogValue(v.LogValuer()); bad != "" {
			return v, bad
		}
	}
	return v, ""
}

func callLogValue(lv slog.LogValuer) (v slog.Value, bad string) {
	defer func() {
		if p := recover(); p != nil {
			v, bad = slog.AnyValue(nil), ""
			if !isNilPointer(lv) {
				bad = "PANIC in LogValue: " + string(formatters.AppendText(nil, "panic", slog.AnyValue(p)))
			}
		}
	}()
	return lv.LogValue(), ""
}

// missing tells of attrs that are left out.
func missing(n int) string { return fmt.Sprintf("%d more attrs are left out", n) }
