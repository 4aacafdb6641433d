package formatters

import "strings"

// appendBlocks appends the texts that stand after the line, as CPython does:
// exc_text, or what the error makes of itself, then stack_info.
func (l *line) appendBlocks(dst []byte, start int) []byte {
	if l.exc == nil && l.origin == nil {
		return dst
	}
	text := ""
	if l.origin != nil {
		text = l.origin.ExcText
	}
	if text == "" && l.exc != nil {
		text = l.exc.text()
	}
	dst = l.appendBlock(dst, start, text)
	if l.origin != nil {
		dst = l.appendBlock(dst, start, l.origin.StackInfo)
	}
	return dst
}

// appendBlock appends text on a line of its own. Unless Raw is set, each of
// its lines is indented, so that none can pass for a record.
func (l *line) appendBlock(dst []byte, start int, text string) []byte {
	if text == "" {
		return dst
	}
	if len(dst) == start || dst[len(dst)-1] != '\n' {
		dst = append(dst, '\n')
	}
	if l.cfg.raw {
		return append(dst, text...)
	}
	text = strings.TrimRight(text, "\n")
	for {
		first, rest, more := strings.Cut(text, "\n")
		dst = appendEscaped(append(dst, "    "...), strings.TrimSuffix(first, "\r"))
		if !more {
			return dst
		}
		dst = append(dst, '\n')
		text = rest
	}
}

// excText returns the text of the field of an exception or a stack, or "".
func excText(l *line, f field) string {
	switch {
	case f == fieldExcInfo && l.exc != nil:
		return l.exc.text()
	case l.origin == nil:
		return ""
	case f == fieldExcInfo:
		return l.origin.ExcText
	}
	return l.origin.StackInfo
}
