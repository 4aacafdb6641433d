package formatters

import "log/slog"

// appendRecord appends all attributes of the record as a Python dict, which
// is what an unkeyed %s prints.
func (l *line) appendRecord(dst []byte, s *spec) []byte {
	attrs := make([]slog.Attr, 0, numFields)
	for f := fieldName; f < fieldMessage; f++ {
		v := l.value(f)
		if f == fieldLevelName {
			v = slog.StringValue(l.levelName())
		}
		attrs = append(attrs, slog.Attr{Key: fieldTable[f].name, Value: v})
	}
	attrs = append(attrs, slog.String("message", l.record.Message))
	return l.appendValue(dst, s, "record", slog.GroupValue(attrs...))
}

func (l *line) levelName() string {
	if l.origin != nil {
		return l.origin.LevelName
	}
	return l.cfg.levels.Name(l.record.Level)
}
