package logrecord

import (
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// A key is one of the attributes of CPython's LogRecord.
type key uint8

const (
	noKey key = iota // an extra
	keyName
	keyMsg
	keyArgs
	keyLevelName
	keyLevelNo
	keyPathName
	keyFileName
	keyModule
	keyExcInfo
	keyExcText
	keyStackInfo
	keyLineNo
	keyFuncName
	keyCreated
	keyMSecs
	keyRelativeCreated
	keyThread
	keyThreadName
	keyProcessName
	keyProcess
	keyTaskName
	keyMessage // a formatter's, as asctime is: made anew by whoever prints the record
	keyAsctime
	numKeys
)

// keyNames has them in the order in which makePickle writes them.
var keyNames = [numKeys]string{
	keyName: "name", keyMsg: "msg", keyArgs: "args", keyLevelName: "levelname", keyLevelNo: "levelno", keyPathName: "pathname",
	keyFileName: "filename", keyModule: "module", keyExcInfo: "exc_info", keyExcText: "exc_text", keyStackInfo: "stack_info", keyLineNo: "lineno",
	keyFuncName: "funcName", keyCreated: "created", keyMSecs: "msecs", keyRelativeCreated: "relativeCreated", keyThread: "thread",
	keyThreadName: "threadName", keyProcessName: "processName", keyProcess: "process", keyTaskName: "taskName",
	keyMessage: "message", keyAsctime: "asctime",
}

var keysByName = func() map[string]key {
	m := map[string]key{}
	for k := keyName; k < numKeys; k++ {
		m[keyNames[k]] = k
	}
	return m
}()

// renamed is what a sender puts before the key of an attr that is named like a field.
const renamed = "attr."

// record makes a record of a LogRecord's dict. Texts made of its values are no longer than allowed.
func (d *Decoder) record(dict pickle.Dict, allowed int) (logger string, r slog.Record, err error) {
	var v [numKeys]any
	var has [numKeys]bool
	extras := make([]slog.Attr, 1, 1+len(dict)) // the first one is the origin's
	for i := range dict {
		name := textOf(dict[i].Key)
		if k := keysByName[name]; k != noKey && isText(dict[i].Key) {
			v[k], has[k] = dict[i].Value, true
			continue
		}
		extras = append(extras, attr(name, dict[i].Value))
	}
	if !has[keyMsg] && !has[keyLevelNo] {
		return "", r, errNoRecord
	}
	if v[keyName] == nil {
		v[keyName] = "root"
	}
	if !has[keyMsg] {
		v[keyMsg] = ""
	}
	o := origin(&v)
	if !has[keyLevelName] {
		o.LevelName = formatters.LevelName(formatters.FromPythonLevel(int(o.LevelNo)))
	}
	extras[0] = o.Attr()
	r = slog.NewRecord(timeOf(o), formatters.FromPythonLevel(int(o.LevelNo)), message(v[keyMsg], v[keyArgs], allowed), 0)
	r.AddAttrs(extras...)
	return textOf(v[keyName]), r, nil
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

// attr returns an extra as an attr.
func attr(name string, v any) slog.Attr {
	if k, ok := strings.CutPrefix(name, renamed); ok && keysByName[k] != noKey {
		name = k
	}
	switch v := v.(type) {
	case string:
		return slog.String(name, v)
	case int64:
		return slog.Int64(name, v)
	case float64:
		return slog.Float64(name, v)
	case bool:
		return slog.Bool(name, v)
	}
	return slog.Any(name, v)
}

// origin returns the fields that a slog.Record has no room for.
func origin(v *[numKeys]any) *formatters.Origin {
	o := &formatters.Origin{
		LevelNo: levelNo(v[keyLevelNo], v[keyLevelName]), LevelName: textOf(v[keyLevelName]),
		PathName: textOf(v[keyPathName]), FileName: textOf(v[keyFileName]), Module: textOf(v[keyModule]),
		LineNo: whole(v[keyLineNo]), FuncName: optional(v[keyFuncName]),
		Thread: whole(v[keyThread]), ThreadName: textOf(v[keyThreadName]),
		Process: whole(v[keyProcess]), ProcessName: textOf(v[keyProcessName]), TaskName: optional(v[keyTaskName]),
		ExcText: excText(v[keyExcText], v[keyExcInfo]), StackInfo: optional(v[keyStackInfo]),
	}
	created, ok := floatOf(v[keyCreated])
	msecs, hasMSecs := floatOf(v[keyMSecs])
	setTime(o, created, ok, msecs, hasMSecs)
	o.RelativeCreated, _ = floatOf(v[keyRelativeCreated])
	return o
}

// levelNo returns the number of a level, or that of its name, or INFO's.
func levelNo(number, name any) int64 {
	if n, ok := wholeOf(number); ok {
		return n
	}
	for _, v := range []any{number, name} {
		if s, ok := v.(string); ok {
			if l, err := formatters.ParseLevel(s); err == nil {
				return int64(formatters.PythonLevel(l))
			}
		}
	}
	return int64(formatters.PythonLevel(slog.LevelInfo))
}

// excText returns exc_text, or what exc_info says that came along, which is no more than
// that there is one: a traceback can't be sent.
func excText(text, info any) string {
	if s := optional(text); s != "" || isFalse(info) {
		return s
	}
	if t, ok := info.(pickle.Tuple); ok && len(t) == 3 && t[0] == nil {
		return "NoneType: None"
	}
	return textOf(info)
}

// Times of a record, in seconds since 1970, are those of the years 1 to 9999, which all
// that prints times can print.
const (
	minCreated = -62135596800
	maxCreated = 253402300799
)

// isTime reports whether created is a time that can be printed.
func isTime(created float64) bool { return created >= minCreated && created <= maxCreated }

// setTime sets created and msecs, those of now if there is no usable time, and msecs by created if
// there are none.
func setTime(o *formatters.Origin, created float64, ok bool, msecs float64, hasMSecs bool) {
	if !ok || !isTime(created) {
		now := time.Now()
		created, hasMSecs = float64(now.UnixMicro())/1e6, false
	}
	if !hasMSecs || !(math.Abs(msecs) < 1<<53) {
		msecs = math.Floor((created - math.Floor(created)) * 1000)
	}
	o.Created, o.MSecs = created, msecs
}

// timeOf returns created, to the microsecond, which is as exact as such a float is.
func timeOf(o *formatters.Origin) time.Time {
	seconds := math.Floor(o.Created)
	micros := math.Round((o.Created - seconds) * 1e6)
	return time.Unix(int64(seconds), int64(micros)*1000)
}
