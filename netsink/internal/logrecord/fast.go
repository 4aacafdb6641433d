package logrecord

import (
	"encoding/binary"
	"log/slog"
	"math"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
)

// decodeFast reads what CPython's makePickle makes of nearly all records: a dict of texts, numbers, None
// and bools in one batch, of protocol 1. It builds no dict, and gives up, with ok
// unset, whenever anything is unusual: then decodePickle says what it is. Of what it
// takes, decodePickle makes the same.
func (d *Decoder) decodeFast(p []byte, r *slog.Record) (logger string, ok bool) {
	s := scanner{p: p, ok: true, memo: &d.memo}
	if d.limits.Digits < maxFastDigits || d.limits.Depth < 1 || !s.begin() {
		return "", false
	}
	f := fastRecord{d: d, o: &formatters.Origin{}}
	for expected := keyName; s.ok && !s.skip('u'); expected++ {
		name := s.raw()
		if expected >= numKeys || keyNames[expected] != string(name) {
			expected = keysByName[string(name)]
		}
		s.memoize()
		f.set(&s, expected, name)
		if f.pairs++; f.pairs > maxFastPairs {
			return "", false
		}
	}
	if !s.ok || !s.skip('.') || !f.complete() || 2*f.pairs+2 > d.limits.Nodes {
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
	maxFastShared = 256 // bytes of a text that comes by its number
	maxFastDigits = 18  // of an int, in text
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
		s.ok = s.skip('N')
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
	if s.skip('N') {
		return ""
	}
	return f.text(s, k)
}

// long is optional, for texts that hardly ever come again.
func (f *fastRecord) long(s *scanner) string {
	if s.skip('N') {
		return ""
	}
	return string(s.textValue())
}

// extra reads an attr. One whose key came before is not read fast, nor one that is no plain value.
func (f *fastRecord) extra(s *scanner, name []byte) {
	if s.ok = s.ok && f.n < maxFastExtras && utf8.Valid(name); !s.ok {
		return
	}
	a := slog.Attr{Key: f.d.texts.text(name)}
	for i := range f.n {
		if f.d.extras[i].Key == a.Key {
			s.ok = false
		}
	}
	if len(name) > len(renamed) && string(name[:len(renamed)]) == renamed {
		s.ok = false
	}
	a.Value = s.value()
	f.d.extras[f.n] = a
	f.n++
}

// finish makes the record.
func (f *fastRecord) finish(r *slog.Record) {
	setTime(f.o, f.created, true, f.msecs, true)
	*r = slog.NewRecord(timeOf(f.o), formatters.FromPythonLevel(int(f.o.LevelNo)), f.msg, 0)
	r.AddAttrs(f.o.Attr())
	r.AddAttrs(f.d.extras[:f.n]...)
	clear(f.d.extras[:f.n])
}

// A scanner reads the opcodes of such a pickle.
type scanner struct {
	p    []byte
	at   int
	ok   bool
	next int  // number in the memo
	last span // of the text read last
	memo *[maxFastMemo]span
}

// A span is where a text is: its beginning and end.
type span [2]int32

// begin reads the beginning of a dict.
func (s *scanner) begin() bool {
	if !s.skip('}') {
		return false
	}
	s.last = span{0, -1} // a dict is no text
	s.memoize()
	return s.skip('(') && s.ok && len(s.p) < math.MaxInt32
}

// skip skips a byte if it comes next.
func (s *scanner) skip(b byte) bool {
	if s.at < len(s.p) && s.p[s.at] == b {
		s.at++
		return true
	}
	return false
}

// take returns the next n bytes.
func (s *scanner) take(n int) []byte {
	if n < 0 || n > len(s.p)-s.at {
		s.ok = false
		s.at = len(s.p)
		return nil
	}
	s.at += n
	return s.p[s.at-n : s.at]
}

// raw reads BINUNICODE, and does not ask whether it is UTF-8.
func (s *scanner) raw() []byte {
	if len(s.p)-s.at < 5 || s.p[s.at] != 'X' {
		s.ok = false
		return nil
	}
	n := binary.LittleEndian.Uint32(s.p[s.at+1:])
	s.at += 5
	if n > math.MaxInt32 {
		s.ok = false
		return nil
	}
	text := s.take(int(n))
	s.last = span{int32(s.at - len(text)), int32(s.at)}
	return text
}

// memoize reads the number that the value before may get. It has to be the next one.
func (s *scanner) memoize() {
	if s.at+1 >= len(s.p) || s.p[s.at] != 'q' {
		return
	}
	if n := int(s.p[s.at+1]); n != s.next || n >= maxFastMemo {
		s.ok = false
		return
	}
	s.memo[s.next] = s.last
	s.next++
	s.at += 2
}

// textValue reads a text that is a value.
func (s *scanner) textValue() []byte {
	text := s.rawValue()
	s.ok = s.ok && utf8.Valid(text)
	return text
}

// rawValue reads a text that is a value, anew or one that came before, as raw does.
func (s *scanner) rawValue() []byte {
	if s.at+1 >= len(s.p) || s.p[s.at] != 'h' {
		text := s.raw()
		s.memoize()
		return text
	}
	n := int(s.p[s.at+1])
	s.at += 2
	if n >= s.next {
		s.ok = false
		return nil
	}
	from, to := s.memo[n][0], s.memo[n][1]
	if to < from || to-from > maxFastShared {
		s.ok = false
		return nil
	}
	return s.p[from:to]
}

// int reads a whole number.
func (s *scanner) int() int64 {
	if s.at >= len(s.p) {
		s.ok = false
		return 0
	}
	s.at++
	switch s.p[s.at-1] {
	case 'K':
		if p := s.take(1); s.ok {
			return int64(p[0])
		}
	case 'M':
		if p := s.take(2); s.ok {
			return int64(binary.LittleEndian.Uint16(p))
		}
	case 'J':
		if p := s.take(4); s.ok {
			return int64(int32(binary.LittleEndian.Uint32(p)))
		}
	case 'L':
		return s.digits()
	}
	s.ok = false
	return 0
}

// digits reads what follows LONG: digits, an L and the end of the line.
func (s *scanner) digits() (n int64) {
	negative := s.skip('-')
	start := s.at
	for s.at < len(s.p) && s.p[s.at]-'0' <= 9 {
		n = 10*n + int64(s.p[s.at]-'0')
		s.at++
	}
	length := s.at - start
	if length == 0 || length > maxFastDigits || length > 1 && s.p[start] == '0' || negative && n == 0 || !s.skip('L') || !s.skip('\n') {
		s.ok = false
	}
	if negative {
		return -n
	}
	return n
}

// float reads BINFLOAT.
func (s *scanner) float() float64 {
	if !s.skip('G') {
		s.ok = false
		return 0
	}
	p := s.take(8)
	if !s.ok {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(p))
}

// value reads any plain value.
func (s *scanner) value() slog.Value {
	if !s.ok || s.at >= len(s.p) {
		s.ok = false
		return slog.Value{}
	}
	switch s.p[s.at] {
	case 'X', 'h':
		return slog.StringValue(string(s.textValue()))
	case 'G':
		return slog.Float64Value(s.float())
	case 'N':
		s.at++
		return slog.AnyValue(nil)
	case 'I':
		p := s.take(4)
		if !s.ok || string(p) != "I00\n" && string(p) != "I01\n" {
			s.ok = false
			return slog.Value{}
		}
		return slog.BoolValue(p[2] == '1')
	}
	return slog.Int64Value(s.int())
}
