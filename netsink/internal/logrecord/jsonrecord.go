package logrecord

import (
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// decodeJSON reads a record of Python's, or of slog's.
func (d *Decoder) decodeJSON(p []byte) (logger string, r slog.Record, err error) {
	dict, err := readJSON(p, d.limits)
	if err != nil {
		return "", r, err
	}
	if _, ok := dict.Get(keyNames[keyLevelNo]); !ok {
		if _, ok := dict.Get(slog.LevelKey); ok {
			return slogRecord(dict)
		}
	}
	return d.record(dict, textAllowed(p))
}

// slogRecord makes a record of what slog.JSONHandler writes.
func slogRecord(dict pickle.Dict) (logger string, r slog.Record, err error) {
	o := &formatters.Origin{}
	var at time.Time
	level, msg := slog.LevelInfo, ""
	logger = "root"
	attrs := make([]slog.Attr, 1, 1+len(dict)) // the first one is the origin's
	for _, item := range dict {
		name, v := textOf(item.Key), item.Value
		s, isString := v.(string)
		source, isDict := v.(pickle.Dict)
		switch {
		case name == slog.TimeKey && isString && at.IsZero():
			if at, err = time.Parse(time.RFC3339Nano, s); err != nil {
				attrs = append(attrs, slog.String(name, s))
			}
		case name == slog.LevelKey:
			level = levelOf(v)
		case name == slog.MessageKey:
			msg = textOf(v)
		case name == "logger" && isString:
			logger = s
		case name == slog.SourceKey && isDict:
			setSource(o, source)
		default:
			attrs = append(attrs, slog.Attr{Key: name, Value: groupValue(v)})
		}
	}
	if at.IsZero() {
		at = time.Now()
	}
	o.LevelNo, o.LevelName = int64(formatters.PythonLevel(level)), formatters.LevelName(level)
	attrs[0] = o.Attr()
	r = slog.NewRecord(at, level, msg, 0)
	r.AddAttrs(attrs...)
	return logger, r, nil
}

// levelOf returns the level of a name such as INFO+2, or of a number of Python's.
func levelOf(v any) slog.Level {
	if n, ok := wholeOf(v); ok {
		return formatters.FromPythonLevel(int(n))
	}
	l, err := formatters.ParseLevel(textOf(v))
	if err != nil {
		return slog.LevelInfo
	}
	return l
}

// setSource sets the fields that a slog.Source has. As in [formatters.Origin], funcName is the bare
// name, and module the file's without its extension.
func setSource(o *formatters.Origin, source pickle.Dict) {
	function, _ := source.Get("function")
	file, _ := source.Get("file")
	line, _ := source.Get("line")
	o.FuncName, o.PathName, o.LineNo = optional(function), optional(file), whole(line)
	o.FuncName = o.FuncName[strings.LastIndexByte(o.FuncName, '/')+1:]
	o.FuncName = o.FuncName[strings.LastIndexByte(o.FuncName, '.')+1:]
	if o.PathName != "" {
		o.FileName = path.Base(strings.ReplaceAll(o.PathName, `\`, "/"))
		o.Module = strings.TrimSuffix(o.FileName, path.Ext(o.FileName))
	}
}

// groupValue returns an object as a group, which it was, and all else as it is.
func groupValue(v any) slog.Value {
	dict, ok := v.(pickle.Dict)
	if !ok {
		return attr("", v).Value
	}
	attrs := make([]slog.Attr, 0, len(dict))
	for _, item := range dict {
		attrs = append(attrs, slog.Attr{Key: textOf(item.Key), Value: groupValue(item.Value)})
	}
	return slog.GroupValue(attrs...)
}
