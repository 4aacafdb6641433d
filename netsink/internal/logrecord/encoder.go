// Package logrecord is a record on the wire: a dict of CPython's LogRecord, as
// SocketHandler.makePickle pickles it or as a JSON object, and a [slog.Record] again.
package logrecord

import (
	"log/slog"
	"slices"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// minRecord is the least that a record can be made to fit into.
const minRecord = 4096

// An Encoder makes records into what stands in a frame. It is an immutable value that
// carries the attrs, groups and the logger's name given to it, already encoded; each With
// method returns another. All methods may be called from several goroutines at once. Use
// [NewEncoder]; the zero value is not usable.
//
// A record becomes all the attributes of CPython's LogRecord, in their order, then the attrs, those of With, of
// the context and of the record. Their keys are flat: the members of a group have its key and a
// dot before theirs. One that is called as an attribute of the LogRecord is gets
// attr. before its key. Of several attrs of one key the record's keeps it, else that of With, else the
// context's, the last one of each; others get #2 and so on after their keys.
//
// Values are Python's where they have the kind: None, bool, int of any size, float, str, list (a slice), tuple (an
// array), dict (a map). Errors, and whatever has a text of its own, are that; structs, bytes and
// all else are the text that formatters print. Times are as RFC 3339 has them, durations such as
// 1.5s. Bytes that are no UTF-8 become \xNN in any text.
type Encoder struct {
	json   bool
	max    int
	name   string
	prefix string // the open groups, each with a dot
	attrs  []pair // of With; never appended to
	left   int    // attrs of With that there was no room for
	exc    slog.Value
	origin *formatters.Origin

	template *template
}

// NewEncoder returns an Encoder that writes pickles of protocol 1, or JSON. What it makes
// of a record is at most max bytes long, or 4096 if max is less: the longest texts are cut, with a mark
// that tells how much is missing. If the attrs are too many even so, or more than 30,000, the last ones are left out, and
// an attr tells how many.
func NewEncoder(json bool, max int) *Encoder {
	e := &Encoder{json: json, max: minRecord, name: "root"}
	if max > minRecord {
		e.max = max
	}
	e.template = e.newTemplate()
	return e
}

// WithAttrs returns an Encoder that writes attrs with every record. The caller gives the
// slice away.
func (e *Encoder) WithAttrs(attrs []slog.Attr) *Encoder {
	c := getCollector()
	defer c.release()
	c.withState(e)
	c.rank = fromWith
	for _, a := range attrs {
		c.top(e.prefix, a)
	}
	with := *e
	with.attrs, with.left, with.exc, with.origin = slices.Clone(c.pairs), c.left, c.exc, c.origin
	with.template = with.newTemplate()
	return &with
}

// WithGroup returns an Encoder that qualifies the attrs given to it later, and those of
// records, by name and a dot. An empty name changes nothing.
func (e *Encoder) WithGroup(name string) *Encoder {
	if name == "" {
		return e
	}
	with := *e
	with.prefix += name + "."
	with.template = with.newTemplate()
	return &with
}

// WithLoggerName returns an Encoder that writes name as the logger's. Without one it is
// "root".
func (e *Encoder) WithLoggerName(name string) *Encoder {
	with := *e
	with.name = name
	with.template = with.newTemplate()
	return &with
}

// Append appends r to dst, without a frame's header. It never fails and never panics.
func (e *Encoder) Append(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if out, ok := e.appendEveryday(dst, ctxAttrs, r); ok {
		return out
	}
	return e.appendAny(dst, ctxAttrs, r)
}

// appendAny appends any record.
func (e *Encoder) appendAny(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	c := getCollector()
	defer c.release()
	c.collect(e, ctxAttrs, r)
	w := writer{dst: dst, json: e.json, cap: e.max + spare, limit: len(dst) + e.max}
	w.record(c)
	if len(w.dst)-len(dst) <= e.max {
		return w.dst
	}
	return c.fit(w.dst[:len(dst)], e)
}

// collect gathers what is to be written of r.
func (c *collector) collect(e *Encoder, ctxAttrs []slog.Attr, r *slog.Record) {
	c.withState(e)
	c.rank = fromContext
	for _, a := range ctxAttrs {
		c.top("", a)
	}
	c.rank = fromRecord
	r.Attrs(func(a slog.Attr) bool {
		c.top(e.prefix, a)
		return true
	})
	c.name, c.msg = e.name, r.Message
	c.setFields(r)
	c.settle()
}

// setFields finds the fields of the record.
func (c *collector) setFields(r *slog.Record) {
	at := *r
	if at.Time.IsZero() {
		at.Time = time.Now()
	}
	c.relative = float64(at.Time.Sub(processStart)) / 1e6
	if c.origin == nil {
		c.origin = formatters.NewOrigin(at)
	} else {
		c.relative = c.origin.RelativeCreated
	}
	c.created, c.msecs = c.origin.Created, c.origin.MSecs
	if c.created == 0 && c.msecs == 0 {
		o := formatters.NewOrigin(at)
		c.created, c.msecs = o.Created, o.MSecs
	}
	c.excText = c.origin.ExcText
	if text, ok := formatters.ExcText(c.exc); ok {
		c.setError(text)
	}
}

// setError sets the text of an error that was logged. If the record came with one already, it is an attr.
func (c *collector) setError(text string) {
	if c.excText == "" {
		c.excText = text
	} else if c.excText != text {
		c.add(keyNames[keyExcInfo], slog.StringValue(text))
	}
}
