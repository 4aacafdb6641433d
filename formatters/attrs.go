package formatters

import (
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"sync"
)

// A source is where an attr came from. A greater one wins.
type source uint8

const (
	nowhere source = iota
	fromContext
	fromWith
	fromRecord
)

// A slot holds the attr that a field of the format prints.
type slot struct {
	value slog.Value
	bad   string // why there is no value
	from  source
}

// Bounds on groups, so that none that contains itself fills a line.
const (
	maxGroups    = 64   // how deep groups may nest
	maxLogValues = 1000 // calls of LogValue within one attr

	// Attrs within one attr, groups that are shared counted as often as they
	// are written.
	maxGroupAttrs = 1 << 18
	maxGroupText  = 16 << 20 // bytes of them, beyond which no more are written
)

// An attrWriter sorts attrs: those that a field names go to its slot, all
// others to the tail, " key=value" each, as slog's TextHandler writes them.
// Of several attrs for one slot the loser goes to the tail.
type attrWriter struct {
	paths  []string // of the slots
	parts  []bool   // which slots print a part of their attr; it stays in the tail
	slots  []slot
	from   source
	exc    *excValue // printed elsewhere
	noTail bool

	dst      []byte
	prefix   []byte // of keys: the open groups, each with a dot
	depth    int    // of groups within the attr
	claimed  int    // > 0 within a group that a slot has taken
	settled  bool   // the slots have no say any more
	calls    int    // of LogValue within the attr
	count    int    // of attrs within the attr
	start    int    // of the attr in dst
	lvNested int    // depth of LogValue results in LogValue results
}

var attrWriters = sync.Pool{New: func() any { return new(attrWriter) }}

// getAttrWriter returns an empty attrWriter, to be released.
func getAttrWriter() *attrWriter { return attrWriters.Get().(*attrWriter) }

// maxKept bounds the buffers that are kept for later records.
const maxKept = 1024

// release keeps w's buffers for later, and nothing that they held.
func (w *attrWriter) release() {
	clear(w.slots)
	prefix, slots := w.prefix[:0], w.slots[:0]
	if cap(prefix) > maxKept || cap(slots) > maxKept {
		return
	}
	*w = attrWriter{prefix: prefix, slots: slots}
	attrWriters.Put(w)
}

// top writes one attr that stands in no group of its own.
func (w *attrWriter) top(a slog.Attr) {
	if a.Value.Kind() == slog.KindLogValuer {
		switch x := a.Value.LogValuer().(type) {
		case *Origin:
			return
		case *excValue:
			if x == w.exc {
				return
			}
		}
	}
	w.calls, w.count, w.start = 0, 0, len(w.dst)
	w.attr(a)
}

func (w *attrWriter) attr(a slog.Attr) {
	v, bad := a.Value, ""
	resolved := v.Kind() == slog.KindLogValuer
	if resolved {
		v, bad = w.resolve(v)
	}
	if f, ok := failed(v); ok {
		bad = string(f)
	}
	if bad == "" && v.Kind() == slog.KindGroup {
		if resolved {
			w.lvNested++
			defer func() { w.lvNested-- }()
		}
		w.group(a.Key, v)
		return
	}
	if bad == "" && isEmpty(&slog.Attr{Key: a.Key, Value: v}) {
		return
	}
	if !w.fill(a.Key, v, bad) && w.claimed == 0 {
		w.leaf(a.Key, v, bad)
	}
}

// isEmpty reports whether a is a zero Attr, which handlers leave out.
func isEmpty(a *slog.Attr) bool {
	return a.Key == "" && a.Value.Kind() == slog.KindAny && a.Value.Any() == nil
}

// failed returns v as a failure.
func failed(v slog.Value) (failure, bool) {
	if v.Kind() != slog.KindAny {
		return "", false
	}
	f, ok := v.Any().(failure)
	return f, ok
}

// resolve is bounded over all of an attr: a group may hold LogValuers that
// return the group again.
func (w *attrWriter) resolve(v slog.Value) (slog.Value, string) {
	if w.depth > 0 {
		w.calls++
	}
	if w.lvNested >= maxDepth || w.calls > maxLogValues {
		return slog.Value{}, "LogValue nested too deep"
	}
	return resolve(v)
}

// group writes a group. A group without a key is written in its parent's place.
func (w *attrWriter) group(key string, v slog.Value) {
	attrs := v.Group()
	if len(attrs) == 0 {
		w.fill(key, v, "") // as slog has it, an empty group is in no tail
		return
	}
	if w.depth >= maxGroups {
		w.leaf(key, slog.Value{}, "groups nested too deep")
		return
	}
	w.depth++
	defer func() { w.depth-- }()
	if key == "" {
		w.each(key, attrs)
		return
	}
	taken := w.fill(key, v, "")
	if taken {
		w.claimed++
		defer func() { w.claimed-- }()
	}
	n := len(w.prefix)
	w.prefix = append(append(w.prefix, key...), '.')
	w.each(key, attrs)
	w.prefix = w.prefix[:n]
}

// each writes the attrs of a group.
func (w *attrWriter) each(key string, attrs []slog.Attr) {
	for _, a := range attrs {
		if len(w.dst)-w.start > maxGroupText {
			w.count = max(w.count, maxGroupAttrs)
		}
		if w.count++; w.count > maxGroupAttrs {
			if w.count == maxGroupAttrs+1 {
				w.leaf(key, slog.Value{}, "too many attrs")
			}
			return
		}
		w.attr(a)
	}
}

// wants returns the index of the slot for key in the open groups, or -1.
func (w *attrWriter) wants(key string) int {
	if w.settled {
		return -1
	}
	n := len(w.prefix)
	for i, path := range w.paths {
		if len(path) == n+len(key) && path[n:] == key && path[:n] == string(w.prefix) {
			return i
		}
	}
	return -1
}

// fill puts the value into its slot, and reports whether it took it. Who
// loses the slot goes to the tail.
func (w *attrWriter) fill(key string, v slog.Value, bad string) bool {
	i := w.wants(key)
	if i < 0 {
		return false
	}
	old := w.slots[i]
	if old.from > w.from {
		return false
	}
	w.slots[i] = slot{v, bad, w.from}
	if w.parts[i] {
		return false
	}
	if old.from != nowhere {
		w.loser(w.paths[i], old)
	}
	return true
}

// loser writes what had the slot of path to the tail.
func (w *attrWriter) loser(path string, old slot) {
	prefix, claimed := w.prefix, w.claimed
	w.prefix, w.claimed, w.settled = nil, 0, true // the path has the groups
	if old.bad != "" {
		w.leaf(path, old.value, old.bad)
	} else {
		w.attr(slog.Attr{Key: path, Value: old.value})
	}
	w.prefix, w.claimed, w.settled = prefix, claimed, false
}

// leaf writes " key=value" to the tail.
func (w *attrWriter) leaf(key string, v slog.Value, bad string) {
	switch {
	case w.noTail:
	case bad != "":
		w.dst = appendTailMarker(appendTailKey(w.dst, w.prefix, key), key, bad)
	default:
		w.dst, _ = appendPair(w.dst, w.prefix, &slog.Attr{Key: key, Value: v})
	}
}

// appendTailKey appends " key=". An empty key is quoted, in a group too, as
// slog has it.
func appendTailKey(dst, prefix []byte, key string) []byte {
	dst = append(dst, ' ')
	start := len(dst)
	dst = append(dst, prefix...)
	if len(key) <= shortText && cap(dst)-len(dst) > shortText && key != "" {
		out, a, b := appendShortText(dst, key)
		if notPlain(a)|notPlain(b) == 0 && allPlain(prefix) {
			return append(out, '=')
		}
	}
	if key == "" {
		dst = strconv.AppendQuote(dst[:start], string(prefix))
	} else {
		dst = quoteTail(append(dst, key...), start)
	}
	return append(dst, '=')
}

// appendTailMarker appends a marker for the value of key.
func appendTailMarker(dst []byte, key, bad string) []byte {
	return quoteTail(appendMarker(dst, key, bad), len(dst))
}

func appendTailAny(dst []byte, x any) (_ []byte, bad string) {
	if p, ok := x.(PythonText); ok {
		start := len(dst)
		if dst, bad = appendPython(dst, p, false); bad != "" {
			return dst, bad
		}
		return quoteTail(dst, start), ""
	}
	_, marshals := x.(encoding.TextMarshaler)
	if err, ok := x.(error); ok && !marshals && isPlainError(err) {
		return appendErrorText(dst, err)
	}
	if source, ok := x.(*slog.Source); ok && source != nil {
		return appendQuoted(dst, source.File+":"+strconv.Itoa(source.Line)), ""
	}
	if !marshals {
		if b, ok := byteSlice(x); ok {
			return strconv.AppendQuote(dst, string(b)), ""
		}
	}
	if _, ok := x.(fmt.Formatter); ok && !marshals {
		return appendFormatted(dst, x)
	}
	text, kind := methodText(x, true)
	switch kind {
	case hasText:
		return appendQuoted(dst, text), ""
	case nilText:
		return append(dst, "<nil>"...), ""
	case badText:
		return dst, text
	}
	return appendFormatted(dst, x)
}

// isPlainError reports whether err's own text is what slog prints of it.
func isPlainError(err error) bool {
	_, formats := err.(fmt.Formatter)
	return !formats && reflect.TypeOf(err).Kind() != reflect.Slice
}

// appendErrorText appends the error's text, or returns why it can't.
func appendErrorText(dst []byte, err error) (out []byte, bad string) {
	defer func() {
		if p := recover(); p != nil {
			if out, bad = dst, panicReason(err, "Error", p); bad == "" {
				out = append(dst, "<nil>"...)
			}
		}
	}()
	return appendQuoted(dst, err.Error()), ""
}

// appendFormatted appends x as fmt's %+v has it.
func appendFormatted(dst []byte, x any) (_ []byte, bad string) {
	text, bad := sprintf("%+v", x)
	if bad != "" {
		return dst, bad
	}
	return appendQuoted(dst, text), ""
}

// byteSlice returns x's bytes if it is a slice of bytes of whatever name.
func byteSlice(x any) ([]byte, bool) {
	if b, ok := x.([]byte); ok {
		return b, true
	}
	t := reflect.TypeOf(x)
	if t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return reflect.ValueOf(x).Bytes(), true
	}
	return nil, false
}
