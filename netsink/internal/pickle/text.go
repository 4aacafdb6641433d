package pickle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AppendText appends str(v), or repr(v), of a value that Load returned.
func AppendText(dst []byte, v any, repr bool) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "None"...)
	case string:
		if repr {
			return appendQuoted(dst, v)
		}
		return append(dst, v...)
	case bool:
		return appendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		return appendFloat(dst, v)
	case []byte:
		return appendBytes(dst, v)
	case []any:
		return append(appendItems(append(dst, '['), v), ']')
	case interface {
		AppendPython(dst []byte, repr bool) []byte
	}:
		return v.AppendPython(dst, repr)
	}
	return fmt.Append(dst, v)
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "True"...)
	}
	return append(dst, "False"...)
}

// appendItems appends the reprs of items, with commas.
func appendItems(dst []byte, items []any) []byte {
	for i, v := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendText(dst, v, true)
	}
	return dst
}

func appendPairs(dst []byte, pairs []Item) []byte {
	dst = append(dst, '{')
	for i := range pairs {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(AppendText(dst, pairs[i].Key, true), ": "...)
		dst = AppendText(dst, pairs[i].Value, true)
	}
	return append(dst, '}')
}

// appendFloat appends f as Python's repr has it: the shortest digits that give f
// back, with an exponent below 1e-4 and from 1e16 on.
func appendFloat(dst []byte, f float64) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 0):
		return append(dst, strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))...)
	case abs != 0 && (abs < 1e-4 || abs >= 1e16):
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, b := range dst[start:] {
		if b == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// appendQuoted appends repr(s).
func appendQuoted(dst []byte, s string) []byte {
	quote := quoteOf(s)
	dst = append(dst, quote)
	for i, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r == 0x7F:
			dst = appendControl(dst, byte(r))
		case r < 0x7F || unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		case r == utf8.RuneError && s[i] != 0xEF:
			dst = appendHex(append(dst, `\x`...), rune(s[i]), 2)
		case r < 0x100:
			dst = appendHex(append(dst, `\x`...), r, 2)
		case r < 0x10000:
			dst = appendHex(append(dst, `\u`...), r, 4)
		default:
			dst = appendHex(append(dst, `\U`...), r, 8)
		}
	}
	return append(dst, quote)
}

// quoteOf returns the quote that Python takes for s.
func quoteOf(s string) byte {
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		return '"'
	}
	return '\''
}

func appendControl(dst []byte, b byte) []byte {
	switch b {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHex(append(dst, `\x`...), rune(b), 2)
}

func appendHex(dst []byte, r rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

// appendBytes appends repr of bytes.
func appendBytes(dst, p []byte) []byte {
	quote := quoteOf(string(p))
	dst = append(dst, 'b', quote)
	for _, b := range p {
		switch {
		case b == quote || b == '\\':
			dst = append(dst, '\\', b)
		case b < ' ':
			dst = appendControl(dst, b)
		case b >= 0x7F:
			dst = appendHex(append(dst, `\x`...), rune(b), 2)
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, quote)
}

// AppendPython appends repr(t), which is str(t) too.
func (t Tuple) AppendPython(dst []byte, _ bool) []byte {
	dst = appendItems(append(dst, '('), t)
	if len(t) == 1 {
		dst = append(dst, ',')
	}
	return append(dst, ')')
}

// AppendPython appends repr(s), which is str(s) too.
func (s Set) AppendPython(dst []byte, _ bool) []byte {
	if len(s) == 0 {
		return append(dst, "set()"...)
	}
	return append(appendItems(append(dst, '{'), s), '}')
}

// AppendPython appends repr(s), which is str(s) too.
func (s Frozenset) AppendPython(dst []byte, _ bool) []byte {
	if len(s) == 0 {
		return append(dst, "frozenset()"...)
	}
	return append(appendItems(append(dst, "frozenset({"...), s), "})"...)
}

// AppendPython appends repr(b), which is str(b) too.
func (b Bytearray) AppendPython(dst []byte, _ bool) []byte {
	return append(appendBytes(append(dst, "bytearray("...), b), ')')
}

// AppendPython appends repr(d), which is str(d) too.
func (d Dict) AppendPython(dst []byte, _ bool) []byte { return appendPairs(dst, d) }

// AppendPython appends repr(d), which is str(d) too, as from CPython 3.12 on.
func (d OrderedDict) AppendPython(dst []byte, _ bool) []byte {
	dst = append(dst, "OrderedDict("...)
	if len(d) > 0 {
		dst = appendPairs(dst, d)
	}
	return append(dst, ')')
}

// AppendPython appends repr(c), which is str(c) too.
func (c Complex) AppendPython(dst []byte, _ bool) []byte {
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		return append(appendPart(dst, im), 'j')
	}
	dst = appendPart(append(dst, '('), re)
	if !math.Signbit(im) || math.IsNaN(im) {
		dst = append(dst, '+')
	}
	return append(appendPart(dst, im), "j)"...)
}

// appendPart appends f without a fraction of zero.
func appendPart(dst []byte, f float64) []byte {
	start := len(dst)
	dst = appendFloat(dst, f)
	if n := len(dst) - len(".0"); n > start && string(dst[n:]) == ".0" {
		return dst[:n]
	}
	return dst
}

// AppendPython appends str(t), or repr(t).
func (t Text) AppendPython(dst []byte, repr bool) []byte {
	if repr {
		return append(dst, t.Repr...)
	}
	return append(dst, t.Str...)
}

// AppendPython appends what Python prints where a container holds itself.
func (c Cycle) AppendPython(dst []byte, _ bool) []byte { return append(dst, c.text...) }

// AppendPython appends o as <module.Class(args) state>, whichever of these it has.
func (o Object) AppendPython(dst []byte, _ bool) []byte {
	dst = append(append(dst, '<'), o.Class...)
	if o.Args != nil {
		dst = append(appendItems(append(dst, '('), o.Args), ')')
	}
	if len(o.Items) > 0 {
		dst = append(appendItems(append(dst, " ["...), o.Items), ']')
	}
	if len(o.Pairs) > 0 {
		dst = appendPairs(append(dst, ' '), o.Pairs)
	}
	if o.State != nil {
		dst = AppendText(append(dst, ' '), o.State, true)
	}
	return append(dst, '>')
}

func str(v any) string { return string(AppendText(nil, v, false)) }

func (t Tuple) String() string       { return str(t) }
func (s Set) String() string         { return str(s) }
func (s Frozenset) String() string   { return str(s) }
func (b Bytearray) String() string   { return str(b) }
func (d Dict) String() string        { return str(d) }
func (d OrderedDict) String() string { return str(d) }
func (c Complex) String() string     { return str(c) }
func (t Text) String() string        { return t.Str }
func (c Cycle) String() string       { return c.text }
func (o Object) String() string      { return str(o) }

// AppendFloat is AppendText for a float.
func AppendFloat(dst []byte, f float64) []byte { return appendFloat(dst, f) }
