package formatters

import (
	"bytes"
	"strconv"
	"strings"
)

// quotedBreak is a line break as it is quoted. What has it may have a
// backslash and an n instead.
var quotedBreak = []byte(`\n`)

// appendInline appends the attrs of a tail that have one line.
func (f *consoleFormatter) appendInline(dst, tail []byte) []byte {
	for len(tail) > 0 {
		var key, value []byte
		if key, value, tail = cutPair(tail); hasLines(value) {
			continue
		}
		dst = append(append(append(dst, f.keyOn...), key...), f.keyOff...)
		on, off := f.valueStyle(key)
		dst = append(append(append(dst, on...), value...), off...)
	}
	return dst
}

// appendOwnLines appends the attrs of a tail that have several lines, each
// line on one of its own. They are escaped and indented with [Options.Raw] too,
// as attrs are the same with it and without.
func (f *consoleFormatter) appendOwnLines(dst, tail []byte) []byte {
	if !bytes.Contains(tail, quotedBreak) {
		return dst
	}
	for len(tail) > 0 {
		var key, value []byte
		if key, value, tail = cutPair(tail); !hasLines(value) {
			continue
		}
		dst = append(append(dst, "\n   "...), f.keyOn...) // which begins with a space
		dst = append(append(dst, key...), f.keyOff...)
		on, off := f.valueStyle(key)
		text, _ := strconv.Unquote(string(value)) // it was quoted by strconv
		for line := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
			dst = append(append(dst, "\n        "...), on...)
			dst = appendEscaped(dst, strings.TrimSuffix(line, "\r"))
			dst = append(dst, off...)
		}
	}
	return dst
}

// valueStyle returns what stands before and after the value of an attr.
func (f *consoleFormatter) valueStyle(key []byte) (on, off string) {
	if !f.colored {
		return "", ""
	}
	name := key[bytes.LastIndexByte(key, '.')+1:]
	if string(name) == "err" || string(name) == "error" {
		return f.style(styleError), f.reset()
	}
	return "", ""
}

// cutPair returns the key and the value of the first attr of a tail, quoted
// as they are there, and the rest of the tail. What is not quoted has neither
// spaces nor equals signs, so that it is clear where each ends.
func cutPair(tail []byte) (key, value, rest []byte) {
	key, rest = cutPart(tail[1:], '=')
	value, rest = cutPart(rest[1:], ' ')
	return key, value, rest
}

// cutPart returns the text up to the byte end, which it is quoted against.
func cutPart(text []byte, end byte) (word, rest []byte) {
	n := 0
	if len(text) > 0 && text[0] == '"' {
		n = quotedLen(text)
	} else if n = bytes.IndexByte(text, end); n < 0 {
		n = len(text)
	}
	return text[:n], text[n:]
}

// quotedLen returns the length of the quoted text that b begins with.
func quotedLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// hasLines reports whether a value has text after a line break.
func hasLines(value []byte) bool {
	if !bytes.Contains(value, quotedBreak) || value[0] != '"' {
		return false
	}
	broken := false
	for i := 1; i < len(value)-1; i++ {
		isBreak := false
		if value[i] == '\\' {
			i++
			isBreak = value[i] == 'n' || value[i] == 'r'
		}
		if broken && !isBreak {
			return true
		}
		broken = broken || isBreak && value[i] == 'n'
	}
	return false
}
