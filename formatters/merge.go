package formatters

import (
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A MergeError tells why a message and its arguments can't be merged.
type MergeError struct {
	Class string // CPython's exception, such as TypeError; MemoryError if there would be too much text
	Text  string // what str gives of the exception
}

// Error returns class and text.
func (e *MergeError) Error() string { return e.Class + ": " + e.Text }

func mergeError(class, format string, args ...any) *MergeError {
	return &MergeError{class, fmt.Sprintf(format, args...)}
}

// Merge returns msg % args, as LogRecord.getMessage of CPython 3.13 does. Without
// arguments that is msg as it is.
//
// The arguments are a tuple of args, unless mapping is there: then they are one
// mapping, whose items that function finds, and which is args[0] for fields
// without a key. Values are as Python has them in Go: nil, bool, int64 or
// another integer, *big.Int, float64, string, []byte (bytes) and []any (a list),
// and any [PythonText]. One with a method PythonType() string is of that type in errors.
//
// The result has at most max bytes, whatever widths and precisions msg asks for. The
// error is a *[MergeError]; the string is msg then. Merge may be called
// from several goroutines at once, if mapping may.
func Merge(msg string, args []any, mapping func(key string) (value any, ok bool), max int) (string, error) {
	if len(args) == 0 && mapping == nil {
		return msg, nil
	}
	m := merger{percentParser: percentParser{compiler: compiler{format: msg}}, args: args, mapping: mapping, max: max}
	if err := m.merge(); err != nil {
		return msg, err
	}
	return string(m.dst), nil
}

// A merger merges a message and its arguments. It reads a message as CPython does,
// from left to right, and finds the first error.
type merger struct {
	percentParser
	dst     []byte
	max     int
	args    []any
	mapping func(string) (any, bool)
	next    int // the argument that is next
	written int // bytes of texts, those that a precision cut off again too
}

func (m *merger) merge() *MergeError {
	for m.pos < len(m.format) {
		i := strings.IndexByte(m.format[m.pos:], '%')
		if i < 0 {
			i = len(m.format) - m.pos
		}
		m.dst = append(m.dst, m.format[m.pos:m.pos+i]...)
		if m.pos += i; m.accept('%') {
			if err := m.afterSign(); err != nil {
				return err
			}
		}
		if len(m.dst) > m.max {
			return m.tooLong()
		}
	}
	if m.next < len(m.args) && m.mapping == nil {
		return mergeError("TypeError", "not all arguments converted during string formatting")
	}
	return nil
}

func (m *merger) tooLong() *MergeError {
	return mergeError("MemoryError", "the merged message is longer than %d bytes", m.max)
}

// afterSign reads what follows a percent sign.
func (m *merger) afterSign() *MergeError {
	if m.accept('%') {
		m.dst = append(m.dst, '%')
		return nil
	}
	if strings.HasPrefix(m.format[m.pos:], "(") {
		if err := m.item(); err != nil {
			return err
		}
	}
	s, err := m.conversion()
	if err != nil {
		return err
	}
	if m.pos == len(m.format) {
		return mergeError("ValueError", "incomplete format")
	}
	conv, size := utf8.DecodeRuneInString(m.format[m.pos:])
	m.pos += size
	v, err := m.arg()
	if err != nil {
		return err
	}
	return m.field(s, conv, size, v)
}

// item reads a key. From then on its value is the one argument that there is.
func (m *merger) item() *MergeError {
	if m.mapping == nil {
		return mergeError("TypeError", "format requires a mapping")
	}
	key, _, reason := m.key()
	if reason != "" {
		return mergeError("ValueError", "incomplete format key")
	}
	v, ok := m.mapping(key)
	if !ok {
		return mergeError("KeyError", "%s", appendRepr(nil, key, false))
	}
	m.args, m.next = []any{v}, 0
	return nil
}

// arg returns the next argument.
func (m *merger) arg() (any, *MergeError) {
	if m.next >= len(m.args) {
		return nil, mergeError("TypeError", "not enough arguments for format string")
	}
	m.next++
	return m.args[m.next-1], nil
}

// conversion reads a conversion up to its last character.
func (m *merger) conversion() (s spec, err *MergeError) {
	s.flags(&m.percentParser)
	s.prec = -1
	if m.star() {
		if s.width, err = m.starValue("ssize_t", -math.MaxInt, math.MaxInt); err != nil {
			return s, err
		}
		if s.width < 0 {
			s.left, s.width = true, -s.width
		}
	} else {
		s.width, _ = m.digits()
	}
	if m.accept('.') {
		if err = m.precision(&s); err != nil {
			return s, err
		}
	}
	_ = m.accept('h') || m.accept('l') || m.accept('L')
	return s, nil
}

// precision reads what follows the dot.
func (m *merger) precision(s *spec) (err *MergeError) {
	if m.star() {
		s.prec, err = m.starValue("int", math.MinInt32, math.MaxInt32)
		s.prec = max(s.prec, 0)
		return err
	}
	if s.prec, _ = m.digits(); s.prec >= tooManyDigits {
		return mergeError("ValueError", "precision too big")
	}
	return nil
}

// starValue returns the argument that a * takes. It has to fit one of C's types.
func (m *merger) starValue(cType string, least, most int64) (int, *MergeError) {
	v, err := m.arg()
	if err != nil {
		return 0, err
	}
	n, ok := anyNumber(v)
	if !ok || n.isFloat || isPythonText(v) {
		return 0, mergeError("TypeError", "* wants int")
	}
	i, fits := n.int64()
	if !fits || i < least || i > most {
		return 0, mergeError("OverflowError", "Python int too large to convert to C %s", cType)
	}
	return int(i), nil
}

// int64 returns an int as such, and whether it is one.
func (n number) int64() (int64, bool) {
	switch {
	case n.big != nil:
		return 0, false
	case n.neg:
		return -int64(n.mag), n.mag <= 1<<63
	}
	return int64(n.mag), n.mag < 1<<63
}

// field writes v by the conversion that ends in conv, which was the last size bytes read.
func (m *merger) field(s spec, conv rune, size int, v any) *MergeError {
	switch conv {
	case 's', 'r', 'a':
		s.conv = byte(conv)
		return m.text(&s, v)
	case 'c':
		return m.character(&s, v)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		s.conv = byte(conv)
		return m.whole(&s, v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		s.conv = byte(conv)
		return m.real(&s, v)
	}
	shown := conv
	if conv < 31 || conv > 126 {
		shown = '?'
	}
	at := utf8.RuneCountInString(m.format[:m.pos-size])
	return mergeError("ValueError", "unsupported format character '%c' (0x%x) at index %d", shown, conv, at)
}

// room returns an error if a field of so many characters would be too long.
func (m *merger) room(n int) *MergeError {
	if n > m.max-len(m.dst) {
		return m.tooLong()
	}
	return nil
}

// maxRewritten bounds how many times the longest message may be written: a precision can have
// each of many fields cut off all of a long value.
const maxRewritten = 4

func (m *merger) text(s *spec, v any) *MergeError {
	if err := m.room(s.width); err != nil {
		return err
	}
	start := len(m.dst)
	if text, ok := v.(string); ok && s.conv == 's' && len(text) > m.max && s.prec < 0 {
		return m.tooLong() // not worth copying
	}
	w := pyWriter{dst: m.dst, nodes: maxNodes, limit: m.max}
	reason := w.value(slog.AnyValue(v), s.conv != 's', 0)
	if m.dst = w.dst; reason != "" {
		return mergeError("TypeError", "%s", clip(reason))
	}
	if m.written += len(m.dst) - start; w.full || m.written/maxRewritten > m.max {
		return m.tooLong()
	}
	if s.conv == 'a' {
		m.dst = escapeNonASCII(m.dst, start)
	}
	m.dst = s.finishText(m.dst, start, false)
	return nil
}

func (m *merger) character(s *spec, v any) *MergeError {
	if err := m.room(s.width); err != nil {
		return err
	}
	start := len(m.dst)
	if text, ok := v.(string); ok && utf8.RuneCountInString(text) == 1 {
		m.dst = s.pad(append(m.dst, text...), start)
		return nil
	}
	n, ok := m.number(v)
	if !ok || n.isFloat {
		return mergeError("TypeError", "%%c requires int or char")
	}
	r, ok := n.codePoint()
	if !ok {
		return mergeError("OverflowError", "%%c arg not in range(0x110000)")
	}
	m.dst = s.pad(utf8.AppendRune(m.dst, r), start)
	return nil
}

// number returns v as a number, if Python has it as one.
func (m *merger) number(v any) (number, bool) {
	if isPythonText(v) {
		return number{}, false
	}
	return anyNumber(v)
}

func (m *merger) whole(s *spec, v any) *MergeError {
	conv := s.conv
	if conv == 'i' || conv == 'u' {
		s.conv = 'd'
	}
	n, ok := m.number(v)
	needsInt := s.conv != 'd'
	switch {
	case !ok || needsInt && n.isFloat:
		need := "a real number"
		if needsInt {
			need = "an integer"
		}
		return mergeError("TypeError", "%%%c format: %s is required, not %s", conv, need, pythonType(v))
	case n.isFloat && math.IsNaN(n.f):
		return mergeError("ValueError", "cannot convert float NaN to integer")
	}
	if n, ok = n.truncate(); !ok {
		return mergeError("OverflowError", "cannot convert float infinity to integer")
	}
	if err := m.room(max(s.width, s.prec, n.bits()/4)); err != nil {
		return err
	}
	m.dst = s.appendInt(m.dst, n)
	return nil
}

// bits returns a length of which a quarter is no more than the decimal digits of n.
func (n number) bits() int {
	if n.big != nil {
		return n.big.BitLen()
	}
	return 0
}

func (m *merger) real(s *spec, v any) *MergeError {
	n, ok := m.number(v)
	if !ok {
		return mergeError("TypeError", "must be real number, not %s", pythonType(v))
	}
	f, ok := n.float()
	if !ok {
		return mergeError("OverflowError", "int too large to convert to float")
	}
	digits := s.prec
	if s.conv|0x20 == 'g' && !s.alt {
		digits = min(digits, 800)
	}
	if err := m.room(max(s.width, digits)); err != nil {
		return err
	}
	m.dst = s.appendFloat(m.dst, f)
	return nil
}

// pythonType returns the name of v's type in Python.
func pythonType(v any) string {
	switch v := v.(type) {
	case interface{ PythonType() string }:
		return v.PythonType()
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case []byte:
		return "bytes"
	case []any:
		return "list"
	case *big.Int:
		return "int"
	}
	n, ok := anyNumber(v)
	switch {
	case ok && n.isFloat:
		return "float"
	case ok:
		return "int"
	}
	return strconv.Quote(clip(fmt.Sprintf("%T", v)))
}
