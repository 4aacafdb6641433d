package formatters

import (
	"log/slog"
	"strings"
)

// A jsonFormatter is the Formatter that JSON returns. It is immutable.
type jsonFormatter struct {
	layout  *jsonLayout
	cfg     *config
	state   *state // its tail is members of the object, up to the last group that is open
	nameKey string
	opened  int // how many of the state's groups the tail has opened

	// Made of the above. Texts of members begin with a comma.
	name     string     // the logger's name
	bound    string     // what stands between the message and the attrs of the context or the record
	pending  string     // opens the groups that the tail has not opened
	closeOne string     // closes what the tail has opened, and the line
	closeAll string     // closes all groups and the line
	writer   jsonWriter // at the start of a line
	record   *template  // for the fields of the record
}

// JSON returns a Formatter that writes a record as one JSON object, byte for
// byte as [slog.JSONHandler] does:
//
//	{"time":"2024-02-29T12:30:45.678Z","level":"INFO","msg":"served","status":200,"req":{"path":"/x"}}
//
// The logger's name comes after the message, under the key given to
// WithLoggerName, then the attrs of the context, of With, and of the record. The
// text of an error given by [Exc] is the last member, "exc_info", after the
// group "origin" of an [Origin]; both stand at top level whatever groups are open.
//
// A line is valid JSON always, in UTF-8. Where slog.JSONHandler of Go 1.26
// writes none, JSON does: after a group of nothing but empty groups, for a year
// beyond 9999, and for a MarshalJSON that returns what is no UTF-8. What has no
// end or panics becomes a string that says so. A WithGroup without a name
// changes nothing, and groups beyond 512 open ones are not opened.
//
// Of the options, Levels gives the levels other names than slog's, Location the
// time another zone than its own, DateFmt and TimeUnit another form. Source,
// Fields, Keys, Duplicates, EscapeControls and ReplaceAttr do what they say.
// With Fields, a line is what python-json-logger makes of such a format, see
// [Options.Fields]; Strict then leaves the attrs out unless Fields has "attrs".
// Defaults, Raw, NoValidate and Color mean nothing here. Keys renames "exc_info"
// and the logger's name too.
//
// The Formatter has a method NeedsSource() bool, which reports whether a line
// shows where its record was made.
func JSON(opts *Options) Formatter {
	cfg := newConfig(opts)
	cfg.clock.raw = true // escaped as JSON is
	j := &jsonFormatter{cfg: cfg, layout: newJSONLayout(cfg), state: &state{}}
	return j.bind()
}

// maxOpenGroups bounds the groups opened by WithGroup, as readers bound the
// depth of what they read.
const maxOpenGroups = 512

// bind makes the texts of j, which is new.
func (j *jsonFormatter) bind() *jsonFormatter {
	w := jsonWriter{controls: j.cfg.escapeControls, open: j.layout.open, bound: j.state.exc, exc: j.state.exc, origin: j.state.origin}
	j.writer, j.name = w, ""
	if key := j.layout.rename(j.nameKey); key != "" && len(j.cfg.fields) == 0 {
		w := jsonWriter{controls: j.cfg.escapeControls}
		j.name = string(appendJSONString(w.key([]byte{'"'}, key), j.state.name, w.controls)[1:])
	}
	j.bound = j.name + string(j.state.tail)
	pending := []byte{'"'}
	for _, name := range j.state.groups[j.opened:] {
		pending = append(w.key(pending, name), w.open)
	}
	j.pending = string(pending[1:])
	j.closeOne = strings.Repeat("}", j.opened+1)
	j.closeAll = strings.Repeat("}", len(j.state.groups)+1)
	j.record = &template{cfg: j.cfg, state: j.state}
	return j
}

func (j *jsonFormatter) WithAttrs(attrs []slog.Attr) Formatter {
	if len(attrs) == 0 {
		return j
	}
	k, s := *j, *j.state
	k.state = &s
	w := j.writer
	w.bound = nil
	dst := append(make([]byte, 0, len(s.tail)+16*len(attrs)), '"') // for key to look at
	dst = append(append(dst, s.tail...), j.pending...)
	start := len(dst)
	for _, a := range replaceAll(j.cfg.replace, s.groups, attrs) {
		dst = w.attr(dst, a)
	}
	if len(dst) > start {
		s.tail, k.opened = dst[1:], len(s.groups)
	}
	s.exc, s.origin = w.exc, w.origin
	return k.bind()
}

func (j *jsonFormatter) WithGroup(name string) Formatter {
	if name == "" || len(j.state.groups) >= maxOpenGroups {
		return j
	}
	k := *j
	k.state = j.state.withGroup(name)
	return k.bind()
}

func (j *jsonFormatter) WithLoggerName(key, name string) Formatter {
	k := *j
	k.state, k.nameKey = j.state.withName(name), key
	return k.bind()
}

// jsonKey identifies what a jsonFormatter renders.
type jsonKey struct {
	config  configKey
	state   stateKey
	nameKey string
	opened  int
}

func (j *jsonFormatter) Key() any {
	return jsonKey{j.cfg.key, j.state.key(), j.nameKey, j.opened}
}

// NeedsSource reports whether a line shows where its record was made.
func (j *jsonFormatter) NeedsSource() bool { return j.layout.needsSource }

func (j *jsonFormatter) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	return j.append(dst, ctxAttrs, &r)
}

// append is Append, for AppendRecord.
func (j *jsonFormatter) append(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if j.layout.long || len(ctxAttrs) > 0 {
		return j.appendLong(dst, ctxAttrs, r)
	}
	w := j.writer
	dst = j.appendRecordAttrs(appendShort(j.appendHead(dst, r), j.bound), &w, r)
	if w.exc == nil && w.origin == nil {
		return dst
	}
	dst = j.appendLoser(dst[:len(dst)-1], &w)
	return append(j.appendSpecials(dst, &w, true), '}')
}

// appendRecordAttrs appends the attrs of the record, and what closes the line.
// It does not ask for NumAttrs, which copies the record, as Attrs does.
func (j *jsonFormatter) appendRecordAttrs(dst []byte, w *jsonWriter, r *slog.Record) []byte {
	start := len(dst)
	dst = appendMembers(dst, j.pending, w.open)
	inside := len(dst)
	r.Attrs(func(a slog.Attr) bool {
		dst = w.attr(dst, a)
		return true
	})
	if len(dst) == inside {
		return appendShort(dst[:start], j.closeOne)
	}
	return appendShort(dst, j.closeAll)
}

// appendMembers appends the text of members, which begins with a comma, to an
// object that may be empty.
func appendMembers(dst []byte, text string, open byte) []byte {
	if text != "" && dst[len(dst)-1] == open {
		text = text[1:]
	}
	return appendShort(dst, text)
}
