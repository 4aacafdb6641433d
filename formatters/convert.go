package formatters

import (
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// appendValue appends v as Python's % operator does with the conversion s, or
// returns why it can't. If safe is set, text is escaped.
func (s *spec) appendValue(dst []byte, v slog.Value, safe bool) (_ []byte, bad string) {
	start := len(dst)
	switch s.conv {
	case 's':
		dst, bad = appendPyStr(dst, v)
	case 'r':
		dst, bad = appendPyRepr(dst, v)
	case 'a':
		if dst, bad = appendPyRepr(dst, v); bad == "" {
			dst = escapeNonASCII(dst, start)
		}
	case 'c': // takes no precision
		if dst, bad = appendCharacter(dst, v); bad == "" && safe {
			dst = escapeTail(dst, start)
		}
		return s.pad(dst, start), bad
	default:
		return s.appendNumeric(dst, v)
	}
	if bad != "" {
		return dst, bad
	}
	return s.finishText(dst, start, safe), ""
}

func (s *spec) appendNumeric(dst []byte, v slog.Value) (_ []byte, bad string) {
	v, bad = resolve(v)
	if bad != "" {
		return dst, bad
	}
	n, ok := toNumber(v)
	if !ok {
		return dst, fmt.Sprintf("%%%c needs a number, not %s", s.conv, typeName(v))
	}
	return s.appendNumber(dst, n)
}

// appendCharacter appends the one character that %c makes of v.
func appendCharacter(dst []byte, v slog.Value) (_ []byte, bad string) {
	v, bad = resolve(v)
	if bad != "" {
		return dst, bad
	}
	if v.Kind() == slog.KindString {
		if utf8.RuneCountInString(v.String()) == 1 {
			return append(dst, v.String()...), ""
		}
		return dst, "%c needs an integer or one character"
	}
	n, ok := toNumber(v)
	if !ok || n.isFloat {
		return dst, "%c needs an integer or one character, not " + typeName(v)
	}
	r, ok := n.codePoint()
	if !ok {
		return dst, "%c needs a number from 0 to 0x10FFFF"
	}
	return utf8.AppendRune(dst, r), ""
}

// typeName returns the name of v's type for a reason.
func typeName(v slog.Value) string {
	if v.Kind() == slog.KindAny {
		if v.Any() == nil {
			return "None"
		}
		return fmt.Sprintf("%T", v.Any())
	}
	return v.Kind().String()
}
