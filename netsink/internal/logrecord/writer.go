package logrecord

import (
	"encoding/binary"
	"log/slog"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// A writer writes a record in one of the protocols.
type writer struct {
	dst  []byte
	json bool
	cap  int // how long a text may be, 0 for as long as it is

	limit int // of dst, beyond which nothing more is written that can be long, 0 for none

	memo int // of a pickle: how many values have numbers
	n    int // pairs since the record began, or since the last batch of a pickle
}

// batch is how many pairs or items CPython writes at once.
const batch = 1000

// record writes a whole record.
func (w *writer) record(c *collector) {
	o := c.origin
	w.begin()
	w.textPair(keyName, c.name)
	w.textPair(keyMsg, c.msg)
	w.nonePair(keyArgs)
	w.textPair(keyLevelName, o.LevelName)
	w.intPair(keyLevelNo, o.LevelNo)
	w.textPair(keyPathName, o.PathName)
	w.textPair(keyFileName, o.FileName)
	w.textPair(keyModule, o.Module)
	w.nonePair(keyExcInfo)
	w.optionalPair(keyExcText, c.excText)
	w.optionalPair(keyStackInfo, o.StackInfo)
	w.intPair(keyLineNo, o.LineNo)
	w.optionalPair(keyFuncName, o.FuncName)
	w.floatPair(keyCreated, c.created)
	w.floatPair(keyMSecs, c.msecs)
	w.floatPair(keyRelativeCreated, c.relative)
	w.intPair(keyThread, o.Thread)
	w.textPair(keyThreadName, o.ThreadName)
	w.textPair(keyProcessName, o.ProcessName)
	w.intPair(keyProcess, o.Process)
	w.optionalPair(keyTaskName, o.TaskName)
	for i := range c.pairs {
		w.pair(&c.pairs[i])
	}
	if c.left > 0 {
		w.pair(&pair{key: missingKey, value: slog.StringValue(missing(c.left))})
	}
	w.end()
}

func (w *writer) begin() {
	if w.json {
		w.dst = append(w.dst, '{')
		return
	}
	w.dst = append(w.dst, '}')
	w.memoize()
	w.dst = append(w.dst, '(')
}

func (w *writer) end() {
	if w.json {
		w.dst = append(w.dst, '}')
		return
	}
	w.dst = append(w.dst, 'u', '.')
}

// key writes the key of a pair.
func (w *writer) key(key string) {
	if w.json {
		if w.n++; w.n > 1 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(appendJSONText(w.dst, key), ':')
		return
	}
	w.pickleText(key)
}

// done ends a pair.
func (w *writer) done() {
	if w.json {
		return
	}
	if w.n++; w.n == batch {
		w.dst = append(w.dst, 'u', '(')
		w.n = 0
	}
}

func (w *writer) textPair(k key, s string) {
	w.key(keyNames[k])
	w.text(s)
	w.done()
}

func (w *writer) nonePair(k key) {
	w.key(keyNames[k])
	w.none()
	w.done()
}

// optionalPair writes None for "".
func (w *writer) optionalPair(k key, s string) {
	if s == "" {
		w.nonePair(k)
	} else {
		w.textPair(k, s)
	}
}

func (w *writer) intPair(k key, n int64) {
	w.key(keyNames[k])
	w.int(n)
	w.done()
}

func (w *writer) floatPair(k key, f float64) {
	w.key(keyNames[k])
	w.float(f)
	w.done()
}

// over reports whether there is more than is allowed, so that none of it is of use.
func (w *writer) over() bool { return w.limit > 0 && len(w.dst) > w.limit }

func (w *writer) pair(p *pair) {
	if w.over() {
		return
	}
	w.key(p.key)
	switch v := p.value; v.Kind() {
	case slog.KindString:
		w.cutText(v.String(), p.missing)
	case slog.KindInt64:
		w.int(v.Int64())
	case slog.KindUint64:
		w.uint(v.Uint64())
	case slog.KindFloat64:
		w.float(v.Float64())
	case slog.KindBool:
		w.bool(v.Bool())
	case slog.KindDuration:
		w.duration(v.Duration())
	case slog.KindTime:
		w.time(v.Time())
	default:
		w.value(v.Any())
	}
	w.done()
}

// value writes a tree.
func (w *writer) value(x any) {
	if w.over() {
		return
	}
	switch x := x.(type) {
	case bool:
		w.bool(x)
	case int64:
		w.int(x)
	case *big.Int:
		w.bigInt(x)
	case float64:
		w.float(x)
	case string:
		w.text(x)
	case []any:
		w.list(x)
	case pickle.Tuple:
		w.tuple(x)
	case pickle.Dict:
		w.dict(x)
	default:
		w.none()
	}
}

// text writes a text, cut if it is too long.
func (w *writer) text(s string) { w.cutText(s, 0) }

// cutText writes a text of which so many bytes are missing already.
func (w *writer) cutText(s string, missing int) {
	switch {
	case w.over():
		return
	case w.cap > 0 && len(s) > w.cap:
		s = cut(s, w.cap, missing)
	case missing > 0:
		s = cut(s, max(len(s), minText), missing)
	}
	if w.json {
		w.dst = appendJSONText(w.dst, s)
	} else {
		w.pickleText(s)
	}
}

// begun writes what begins a short ASCII text, that is appended then, and returns where; ended ends it.
func (w *writer) begun() (start int) {
	if w.json {
		w.dst = append(w.dst, '"')
	} else {
		w.dst = append(w.dst, 'X', 0, 0, 0, 0)
	}
	return len(w.dst)
}

func (w *writer) ended(start int) {
	if w.json {
		w.dst = append(w.dst, '"')
		return
	}
	w.dst[start-4] = byte(len(w.dst) - start)
	w.memoize()
}

func (w *writer) duration(d time.Duration) {
	start := w.begun()
	w.dst = append(w.dst, d.String()...)
	w.ended(start)
}

func (w *writer) time(t time.Time) {
	start := w.begun()
	w.dst = t.AppendFormat(w.dst, time.RFC3339Nano)
	w.ended(start)
}

// pickleText writes BINUNICODE, which gets a number.
func (w *writer) pickleText(s string) {
	s = validText(s)
	w.dst = append(w.dst, 'X')
	w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(len(s)))
	w.dst = append(w.dst, s...)
	w.memoize()
}

// memoize gives what was written a number: BINPUT, or LONG_BINPUT.
func (w *writer) memoize() {
	if w.memo < 256 {
		w.dst = append(w.dst, 'q', byte(w.memo))
	} else {
		w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'r'), uint32(w.memo))
	}
	w.memo++
}

func (w *writer) none() {
	if w.json {
		w.dst = append(w.dst, "null"...)
	} else {
		w.dst = append(w.dst, 'N')
	}
}

func (w *writer) bool(b bool) {
	switch {
	case w.json:
		w.dst = strconv.AppendBool(w.dst, b)
	case b:
		w.dst = append(w.dst, "I01\n"...)
	default:
		w.dst = append(w.dst, "I00\n"...)
	}
}

func (w *writer) int(n int64) {
	switch {
	case w.json:
		w.dst = strconv.AppendInt(w.dst, n, 10)
	case n < math.MinInt32 || n > math.MaxInt32:
		w.dst = append(w.dst, 'L')
		w.dst = append(strconv.AppendInt(w.dst, n, 10), 'L', '\n')
	case n>>8 == 0:
		w.dst = append(w.dst, 'K', byte(n))
	case n>>16 == 0:
		w.dst = append(w.dst, 'M', byte(n), byte(n>>8))
	default:
		w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'J'), uint32(n))
	}
}

func (w *writer) uint(n uint64) {
	if n>>63 == 0 {
		w.int(int64(n))
		return
	}
	if w.json {
		w.dst = strconv.AppendUint(w.dst, n, 10)
		return
	}
	w.dst = append(strconv.AppendUint(append(w.dst, 'L'), n, 10), 'L', '\n')
}

func (w *writer) bigInt(n *big.Int) {
	if w.json {
		w.dst = n.Append(w.dst, 10)
		return
	}
	w.dst = append(n.Append(append(w.dst, 'L'), 10), 'L', '\n')
}

func (w *writer) float(f float64) {
	if !w.json {
		w.dst = binary.BigEndian.AppendUint64(append(w.dst, 'G'), math.Float64bits(f))
		return
	}
	w.dst = appendJSONFloat(w.dst, f)
}

func (w *writer) list(items []any) {
	if w.json {
		w.jsonItems(items)
		return
	}
	w.dst = append(w.dst, ']')
	w.memoize()
	if len(items) == 1 {
		w.value(items[0])
		w.dst = append(w.dst, 'a')
		return
	}
	for len(items) > 0 {
		n := min(len(items), batch)
		w.dst = append(w.dst, '(')
		for _, x := range items[:n] {
			w.value(x)
		}
		w.dst = append(w.dst, 'e')
		items = items[n:]
	}
}

func (w *writer) jsonItems(items []any) {
	w.dst = append(w.dst, '[')
	for i, x := range items {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.value(x)
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) tuple(items []any) {
	switch {
	case w.json:
		w.jsonItems(items)
		return
	case len(items) == 0:
		w.dst = append(w.dst, ')')
		return
	}
	w.dst = append(w.dst, '(')
	for _, x := range items {
		w.value(x)
	}
	w.dst = append(w.dst, 't')
	w.memoize()
}

func (w *writer) dict(d pickle.Dict) {
	if w.json {
		w.jsonDict(d)
		return
	}
	w.dst = append(w.dst, '}')
	w.memoize()
	if len(d) == 1 {
		w.item(&d[0])
		w.dst = append(w.dst, 's')
		return
	}
	for more := len(d) > 0; more; {
		n := min(len(d), batch)
		w.dst = append(w.dst, '(')
		for i := range d[:n] {
			w.item(&d[i])
		}
		w.dst = append(w.dst, 'u')
		d, more = d[n:], n == batch // CPython ends with an empty batch after a full one
	}
}

func (w *writer) item(it *pickle.Item) {
	if w.over() {
		return
	}
	if key, ok := it.Key.(string); ok {
		w.pickleText(key)
	} else {
		w.value(it.Key)
	}
	w.value(it.Value)
}

func (w *writer) jsonDict(d pickle.Dict) {
	w.dst = append(w.dst, '{')
	for i := range d {
		if w.over() {
			return
		}
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(appendJSONText(w.dst, keyText(d[i].Key)), ':')
		w.value(d[i].Value)
	}
	w.dst = append(w.dst, '}')
}
