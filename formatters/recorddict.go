package formatters

import (
	"log/slog"
	"strings"
)

// appendRecord appends all attributes of the record as a Python dict, which
// is what an unkeyed %s prints: CPython's own, then the attrs of the context
// and the record, then message and asctime.
func (l *line) appendRecord(dst []byte, s *spec) []byte {
	attrs := make([]slog.Attr, 0, int(numFields)+len(l.all))
	for f := fieldName; f < fieldMessage; f++ {
		v := l.value(f)
		if f == fieldLevelName {
			v = slog.StringValue(string(l.appendLevelName(nil)))
		}
		attrs = append(attrs, slog.Attr{Key: fieldTable[f].name, Value: v})
	}
	for _, a := range l.all {
		if !isSpecial(a.Value) {
			attrs = append(attrs, a)
		}
	}
	attrs = append(attrs, slog.String("message", l.message))
	if strings.Contains(l.format, "%(asctime)") { // as CPython decides it
		attrs = append(attrs, slog.String("asctime", string(l.appendAsctime(nil))))
	}
	return l.appendValue(dst, s, "record", slog.GroupValue(attrs...))
}

// isSpecial reports whether v is an Origin or an Exc.
func isSpecial(v slog.Value) bool {
	exc, origin := special(v, nil, nil)
	return exc != nil || origin != nil
}
