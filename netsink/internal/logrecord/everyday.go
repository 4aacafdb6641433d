package logrecord

import (
	"encoding/binary"
	"log/slog"
	"math"
	"strconv"
	"time"
)

// processStart is what relativeCreated counts from.
var processStart = time.Now()

// A fastWriter writes the attrs of an everyday record.
type fastWriter struct {
	dst    []byte
	memo   int
	json   bool
	ok     bool   // the record is an everyday one so far
	again  bool   // two attrs may have the same key
	seen   keySet // of the keys written
	prefix string
	limit  int // of dst: a record that has more is too long
}

// appendEveryday appends a record that has nothing unusual: the message is UTF-8, the level is one of
// the five, no attr is a group, a LogValuer or a container, and all have keys of their own. For any
// other ok is unset. What it appends is what appendAny does.
func (e *Encoder) appendEveryday(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) (_ []byte, ok bool) {
	t := e.template
	level := levelText(r.Level)
	if !t.ok || level == nil || r.Time.IsZero() || len(t.keys)+len(ctxAttrs)+r.NumAttrs() > everydayMax {
		return dst, false
	}
	at := placeOf(r.PC)
	if at == nil {
		return dst, false
	}
	w := fastWriter{dst: dst, json: e.json, ok: true, memo: t.memo, seen: t.seen, limit: len(dst) + e.max}
	if len(r.Message) > e.max {
		return dst, false
	}
	if e.json {
		w.jsonFixed(t, level, at, r)
	} else {
		w.pickleFixed(t, level, at, r)
	}
	if !w.attrs(e.prefix, ctxAttrs, r) || w.again && hasKeyTwice(t.keys, e.prefix, ctxAttrs, r) {
		return dst, false
	}
	if e.json {
		w.dst = append(w.dst, '}')
	} else {
		w.dst = append(w.dst, 'u', '.')
	}
	return w.dst, len(w.dst)-len(dst) <= e.max
}

func (w *fastWriter) pickleFixed(t *template, level, at *protocols, r *slog.Record) {
	w.dst = append(w.dst, t.head...)
	w.ok = isUTF8(r.Message)
	w.dst = binary.LittleEndian.AppendUint32(w.dst, uint32(len(r.Message)))
	w.dst = append(w.dst, r.Message...)
	w.dst = append(w.dst, level[0]...)
	w.dst = append(w.dst, at[0]...)
	w.dst = binary.BigEndian.AppendUint64(w.dst, math.Float64bits(created(r.Time)))
	w.dst = append(w.dst, msecsText[0]...)
	w.dst = binary.BigEndian.AppendUint64(w.dst, math.Float64bits(float64(r.Time.Nanosecond()/1e6)))
	w.dst = append(w.dst, relativeText[0]...)
	w.dst = binary.BigEndian.AppendUint64(w.dst, math.Float64bits(relative(r.Time)))
	w.dst = append(w.dst, t.rest...)
}

func (w *fastWriter) jsonFixed(t *template, level, at *protocols, r *slog.Record) {
	w.dst = appendJSONText(append(w.dst, t.head...), r.Message)
	w.dst = append(w.dst, level[1]...)
	w.dst = append(w.dst, at[1]...)
	w.dst = appendCreated(w.dst, created(r.Time))
	w.dst = append(w.dst, msecsText[1]...)
	w.dst = append(strconv.AppendUint(w.dst, uint64(r.Time.Nanosecond()/1e6), 10), '.', '0')
	w.dst = append(w.dst, relativeText[1]...)
	w.dst = appendRelative(w.dst, r.Time.Sub(processStart))
	w.dst = append(w.dst, t.rest...)
}

// created returns t in seconds since 1970.
func created(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// relative returns the milliseconds from the process's start to t.
func relative(t time.Time) float64 { return float64(t.Sub(processStart)) / 1e6 }

// attrs writes all attrs, and reports whether all were everyday ones.
func (w *fastWriter) attrs(prefix string, ctxAttrs []slog.Attr, r *slog.Record) bool {
	for i := 0; i < len(ctxAttrs) && w.ok; i++ {
		w.attr(&ctxAttrs[i])
	}
	if !w.ok {
		return false
	}
	w.prefix = prefix
	r.Attrs(func(a slog.Attr) bool {
		w.attr(&a)
		return w.ok
	})
	return w.ok
}

// attr writes an attr if it is an everyday one.
func (w *fastWriter) attr(a *slog.Attr) {
	tooLong := len(w.dst)+len(a.Key) > w.limit || a.Value.Kind() == slog.KindString && len(w.dst)+len(a.Value.String()) > w.limit
	if w.prefix == "" && isField(a.Key) || a.Key == "" || tooLong {
		w.ok = false
		return
	}
	w.ok = isUTF8(a.Key) // two that are not may be the same in the end
	w.again = w.seen.add(w.prefix, a.Key) || w.again
	if w.json {
		w.jsonAttr(a)
	} else {
		w.pickleAttr(a)
	}
}

func (w *fastWriter) pickleAttr(a *slog.Attr) {
	w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'X'), uint32(len(w.prefix)+len(a.Key)))
	w.dst = append(append(w.dst, w.prefix...), a.Key...)
	w.memoize()
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		w.pickleText(v.String())
	case slog.KindInt64:
		w.pickleInt(v.Int64())
	case slog.KindFloat64:
		w.dst = binary.BigEndian.AppendUint64(append(w.dst, 'G'), math.Float64bits(v.Float64()))
	default:
		w.other(a)
	}
}

func (w *fastWriter) pickleText(s string) {
	w.ok = w.ok && isUTF8(s)
	w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'X'), uint32(len(s)))
	w.dst = append(w.dst, s...)
	w.memoize()
}

func (w *fastWriter) memoize() {
	if w.memo < 256 {
		w.dst = append(w.dst, 'q', byte(w.memo))
	} else {
		w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'r'), uint32(w.memo))
	}
	w.memo++
}

func (w *fastWriter) pickleInt(n int64) {
	switch {
	case n>>8 == 0:
		w.dst = append(w.dst, 'K', byte(n))
	case n>>16 == 0:
		w.dst = append(w.dst, 'M', byte(n), byte(n>>8))
	case n < math.MinInt32 || n > math.MaxInt32:
		w.dst = append(strconv.AppendInt(append(w.dst, 'L'), n, 10), 'L', '\n')
	default:
		w.dst = binary.LittleEndian.AppendUint32(append(w.dst, 'J'), uint32(n))
	}
}

func (w *fastWriter) jsonAttr(a *slog.Attr) {
	w.dst = append(w.dst, ',', '"')
	if w.prefix != "" {
		w.dst = appendJSONBody(w.dst, w.prefix)
	}
	w.dst = append(appendJSONBody(w.dst, a.Key), '"', ':')
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		w.dst = appendJSONText(w.dst, v.String())
	case slog.KindInt64:
		w.dst = strconv.AppendInt(w.dst, v.Int64(), 10)
	case slog.KindFloat64:
		w.dst = appendJSONFloat(w.dst, v.Float64())
	default:
		w.other(a)
	}
}

// other writes a value of a kind that is less usual.
func (w *fastWriter) other(a *slog.Attr) {
	s := writer{dst: w.dst, json: w.json, memo: w.memo}
	switch v := a.Value; v.Kind() {
	case slog.KindBool:
		s.bool(v.Bool())
	case slog.KindDuration:
		s.duration(v.Duration())
	case slog.KindTime:
		s.time(v.Time())
	case slog.KindUint64:
		s.uint(v.Uint64())
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			x, _ := leafText(a.Key, err)
			s.value(x)
			break
		}
		w.ok = w.ok && v.Any() == nil
		s.none()
	default:
		w.ok = false
	}
	w.dst, w.memo = s.dst, s.memo
}
