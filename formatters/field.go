package formatters

import (
	"log/slog"
	"os"
	"strings"
	"time"
)

// A field is an attribute of CPython's LogRecord, which a format can name.
type field uint8

const (
	noField field = iota
	fieldName
	fieldMsg
	fieldArgs
	fieldLevelName
	fieldLevelNo
	fieldPathName
	fieldFileName
	fieldModule
	fieldExcInfo
	fieldExcText
	fieldStackInfo
	fieldLineNo
	fieldFuncName
	fieldCreated
	fieldMSecs
	fieldRelativeCreated
	fieldThread
	fieldThreadName
	fieldProcessName
	fieldProcess
	fieldTaskName
	fieldMessage
	fieldAsctime
	fieldAttrs // ours: all attrs that no other field prints
	numFields
)

// A fieldKind is the Python type of a field.
type fieldKind uint8

const (
	textField fieldKind = iota // str or None
	intField
	floatField
)

// fieldTable is in the order of CPython's LogRecord.__dict__.
var fieldTable = [numFields]struct {
	name string
	kind fieldKind
}{
	fieldName:            {"name", textField},
	fieldMsg:             {"msg", textField},
	fieldArgs:            {"args", textField},
	fieldLevelName:       {"levelname", textField},
	fieldLevelNo:         {"levelno", intField},
	fieldPathName:        {"pathname", textField},
	fieldFileName:        {"filename", textField},
	fieldModule:          {"module", textField},
	fieldExcInfo:         {"exc_info", textField},
	fieldExcText:         {"exc_text", textField},
	fieldStackInfo:       {"stack_info", textField},
	fieldLineNo:          {"lineno", intField},
	fieldFuncName:        {"funcName", textField},
	fieldCreated:         {"created", floatField},
	fieldMSecs:           {"msecs", floatField},
	fieldRelativeCreated: {"relativeCreated", floatField},
	fieldThread:          {"thread", intField},
	fieldThreadName:      {"threadName", textField},
	fieldProcessName:     {"processName", textField},
	fieldProcess:         {"process", intField},
	fieldTaskName:        {"taskName", textField},
	fieldMessage:         {"message", textField},
	fieldAsctime:         {"asctime", textField},
	fieldAttrs:           {"attrs", textField},
}

// isSource reports whether f tells where a record was made.
func (f field) isSource() bool {
	switch f {
	case fieldPathName, fieldFileName, fieldModule, fieldLineNo, fieldFuncName:
		return true
	}
	return false
}

// fieldNamed returns the field that key names, or noField.
func fieldNamed(key string) field {
	for f := fieldName; f < numFields; f++ {
		if fieldTable[f].name == key {
			return f
		}
	}
	return noField
}

// noSuchField returns the mark for a name among Options.Fields that names none.
func noSuchField(name string) string {
	return string(appendMarker(nil, name, "no such field"+suggestField(name)))
}

// suggestField returns a question for a name that is a field's but for case or
// one letter, or "".
func suggestField(name string) string {
	for f := fieldName; f < numFields; f++ {
		if field := fieldTable[f].name; isNearly(name, field) {
			return "; did you mean " + field + "?"
		}
	}
	return ""
}

// isNearly reports whether a is b in another case, or with one letter more,
// less or changed. Short words are too near each other for that.
func isNearly(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if len(b) < 5 || len(a) < len(b)-1 || len(a) > len(b)+1 {
		return false
	}
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	a, b = a[n:], b[n:]
	switch {
	case len(a) > len(b):
		return a[1:] == b
	case len(a) < len(b):
		return a == b[1:]
	}
	return a[1:] == b[1:]
}

// programStart is what relativeCreated counts from.
var programStart = time.Now()

var processID = int64(os.Getpid())

// What Python calls the only process and its first thread.
const (
	mainThread  = "MainThread"
	mainProcess = "MainProcess"
)

// hasTime reports whether the times of a record come from o.
func (o *Origin) hasTime() bool { return o != nil && (o.Created != 0 || o.MSecs != 0) }

// orNone returns s as a value, None if it is empty.
func orNone(s string) slog.Value {
	if s == "" {
		return slog.Value{}
	}
	return slog.StringValue(s)
}

// recordField returns the value of a field that depends on the record and
// its Origin alone. The fields that are not found here have appenders.
func (l *line) recordField(f field) slog.Value {
	switch f {
	case fieldMsg, fieldMessage:
		return slog.StringValue(l.message)
	case fieldArgs:
		return slog.AnyValue([0]any{}) // a slog message has none
	case fieldCreated, fieldMSecs, fieldRelativeCreated:
		return slog.Float64Value(timeField(f, l.time, l.origin))
	}
	if l.origin != nil {
		return originField(f, l.origin)
	}
	return localField(f, l.level, l.pc)
}

func originField(f field, o *Origin) slog.Value {
	switch f {
	case fieldLevelNo:
		return slog.Int64Value(o.LevelNo)
	case fieldPathName:
		return slog.StringValue(o.PathName)
	case fieldFileName:
		return slog.StringValue(o.FileName)
	case fieldModule:
		return slog.StringValue(o.Module)
	case fieldLineNo:
		return slog.Int64Value(o.LineNo)
	case fieldFuncName:
		return orNone(o.FuncName)
	case fieldThread:
		return slog.Int64Value(o.Thread)
	case fieldThreadName:
		return slog.StringValue(o.ThreadName)
	case fieldProcess:
		return slog.Int64Value(o.Process)
	case fieldProcessName:
		return slog.StringValue(o.ProcessName)
	case fieldTaskName:
		return orNone(o.TaskName)
	case fieldExcText:
		return orNone(o.ExcText)
	case fieldStackInfo:
		return orNone(o.StackInfo)
	}
	return slog.Value{}
}

// localField is for records made in this process.
func localField(f field, level slog.Level, pc uintptr) slog.Value {
	switch f {
	case fieldLevelNo:
		return slog.IntValue(PythonLevel(level))
	case fieldPathName:
		return slog.StringValue(sites.get(pc).pathname)
	case fieldFileName:
		return slog.StringValue(sites.get(pc).filename)
	case fieldModule:
		return slog.StringValue(sites.get(pc).module)
	case fieldLineNo:
		return slog.IntValue(sites.get(pc).line)
	case fieldFuncName:
		return orNone(sites.get(pc).funcName)
	case fieldThread:
		return slog.IntValue(0)
	case fieldThreadName:
		return slog.StringValue(mainThread)
	case fieldProcess:
		return slog.Int64Value(processID)
	case fieldProcessName:
		return slog.StringValue(mainProcess)
	}
	return slog.Value{} // None
}

func timeField(f field, t time.Time, o *Origin) float64 {
	if o != nil && (o.hasTime() || f == fieldRelativeCreated) {
		switch f {
		case fieldCreated:
			return o.Created
		case fieldMSecs:
			return o.MSecs
		}
		return o.RelativeCreated
	}
	if t.IsZero() {
		return 0
	}
	switch f {
	case fieldCreated:
		return float64(t.Unix()) + float64(t.Nanosecond())/1e9
	case fieldMSecs:
		return float64(t.Nanosecond() / 1e6)
	}
	return float64(t.Sub(programStart)) / 1e6
}

// lacksTime reports whether f tells of a time that the record does not have.
func lacksTime(l *line, f field) bool {
	if !l.time.IsZero() || l.origin.hasTime() {
		return false
	}
	switch f {
	case fieldAsctime, fieldCreated, fieldMSecs:
		return true
	}
	return f == fieldRelativeCreated && l.origin == nil
}
