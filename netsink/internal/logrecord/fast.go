package logrecord

import (
	"log/slog"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
)

// decodeFast reads what nearly all records are: what CPython's makePickle makes of texts, numbers, None
// and bools, a dict in one batch, of protocol 1; or the same in JSON, a flat object; or what
// [slog.JSONHandler] writes, if that is flat. It builds no dict, and gives up, with ok
// unset, whenever anything is unusual: then decodePickle or decodeJSON says what it is. Of what it
// takes, they make the same.
func (d *Decoder) decodeFast(p []byte, r *slog.Record) (logger string, ok bool) {
	s := scanner{p: p, ok: true, json: len(p) > 0 && p[0] == '{', memo: &d.memo, room: &d.room}
	if d.limits.Digits < maxFastNumber || d.limits.Depth < 1 || !s.begin() {
		return "", false
	}
	if s.isSlog() {
		return d.decodeSlog(&s, r)
	}
	f := fastRecord{d: d, o: &formatters.Origin{}}
	for expected := keyName; s.more(); expected++ {
		var name []byte
		expected, name = s.key(expected)
		f.set(&s, expected, name)
		if f.pairs++; f.pairs > maxFastPairs {
			return "", false
		}
	}
	if !s.end() || !f.complete() || 2*f.pairs+2 > d.limits.Nodes {
		return "", false
	}
	f.finish(r)
	return f.logger, true
}

// Bounds of what is read fast, so that no limit is passed by it.
const (
	maxFastPairs  = 48
	maxFastExtras = 16
	maxFastMemo   = 128
	maxFastShared = 256      // bytes of a text that comes by its number
	maxFastDigits = 18       // of an int, in text
	maxFastNumber = 32       // bytes of a float, in text
	maxFastRoom   = 16 << 10 // bytes of a text that was escaped, of which the room is kept
)

// A fastRecord is a record that is being read.
type fastRecord struct {
	d       *Decoder
	o       *formatters.Origin
	pairs   int
	seen    uint32 // which keys
	logger  string
	msg     string
	created float64
	msecs   float64
	n       int // extras, which are in the Decoder's room for them
}

// complete reports whether all fields are there that others are made from.
func (f *fastRecord) complete() bool {
	const needed = 1<<keyName | 1<<keyMsg | 1<<keyLevelName | 1<<keyLevelNo | 1<<keyPathName | 1<<keyFileName | 1<<keyModule |
		1<<keyLineNo | 1<<keyCreated | 1<<keyMSecs | 1<<keyRelativeCreated | 1<<keyThread | 1<<keyThreadName | 1<<keyProcessName | 1<<keyProcess
	return f.seen&needed == needed && isTime(f.created)
}

// set reads the value of a key. As in a dict, the last one counts.
func (f *fastRecord) set(s *scanner, k key, name []byte) {
	if k == noKey {
		f.extra(s, name)
		return
	}
	f.seen |= 1 << k
	switch o := f.o; k {
	case keyName:
		f.logger = f.text(s, k)
	case keyMsg:
		f.msg = string(s.textValue())
	case keyArgs, keyExcInfo:
		s.ok = s.none()
	case keyLevelName:
		o.LevelName = f.text(s, k)
	case keyLevelNo:
		o.LevelNo = s.int()
	case keyPathName:
		o.PathName = f.text(s, k)
	case keyFileName:
		o.FileName = f.text(s, k)
	case keyModule:
		o.Module = f.text(s, k)
	case keyExcText:
		o.ExcText = f.long(s)
	case keyStackInfo:
		o.StackInfo = f.long(s)
	case keyLineNo:
		o.LineNo = s.int()
	case keyFuncName:
		o.FuncName = f.optional(s, k)
	case keyCreated:
		f.created = s.float()
	case keyMSecs:
		f.msecs = s.float()
	case keyRelativeCreated:
		o.RelativeCreated = s.float()
	case keyThread:
		o.Thread = s.int()
	case keyThreadName:
		o.ThreadName = f.text(s, k)
	case keyProcessName:
		o.ProcessName = f.text(s, k)
	case keyProcess:
		o.Process = s.int()
	case keyTaskName:
		o.TaskName = f.optional(s, k)
	default: // message and asctime, which are dropped
		s.textValue()
	}
}

// text returns the text of a field. What came last in it was UTF-8, or it would not have been
// remembered.
func (f *fastRecord) text(s *scanner, k key) string {
	p := s.rawValue()
	if last := f.d.texts.last[k]; last == string(p) {
		return last
	}
	if s.ok = s.ok && utf8.Valid(p); !s.ok {
		return ""
	}
	return f.d.texts.field(k, p)
}

// optional returns the text of what may be None.
func (f *fastRecord) optional(s *scanner, k key) string {
	if s.none() {
		return ""
	}
	return f.text(s, k)
}

// long is optional, for texts that hardly ever come again.
func (f *fastRecord) long(s *scanner) string {
	if s.none() {
		return ""
	}
	return string(s.textValue())
}

// extra reads an attr. One whose key may be a renamed one is not read fast.
func (f *fastRecord) extra(s *scanner, name []byte) {
	if len(name) > len(renamed) && string(name[:len(renamed)]) == renamed {
		s.ok = false
	}
	f.d.extra(s, name, f.n)
	f.n++
}

// extra reads the attr that comes after n others. One whose key came before is not read fast, nor one that is no plain value.
func (d *Decoder) extra(s *scanner, name []byte, n int) {
	if s.ok = s.ok && n < maxFastExtras; !s.ok {
		return
	}
	a := slog.Attr{Key: d.lastKeys[n]}
	if a.Key != string(name) {
		s.ok = utf8.Valid(name)
		a.Key = d.texts.text(name)
	}
	for i := range n {
		if d.extras[i].Key == a.Key {
			s.ok = false
		}
	}
	a.Value = s.value()
	d.extras[n] = a
	if s.ok && len(a.Key) <= maxTextLen {
		d.lastKeys[n] = a.Key
	}
}

// finish makes the record.
func (f *fastRecord) finish(r *slog.Record) {
	setTime(f.o, f.created, true, f.msecs, true)
	*r = slog.NewRecord(timeOf(f.o), formatters.FromPythonLevel(int(f.o.LevelNo)), f.msg, 0)
	f.d.addAttrs(r, f.o, f.n)
}

// addAttrs adds the fields and the extras, of which there are n, and forgets these.
func (d *Decoder) addAttrs(r *slog.Record, o *formatters.Origin, n int) {
	r.AddAttrs(o.Attr())
	r.AddAttrs(d.extras[:n]...)
	clear(d.extras[:n])
}
