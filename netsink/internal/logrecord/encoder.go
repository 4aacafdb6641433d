package logrecord

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// An Encoder makes records into what stands in a frame. It is an immutable value that
// carries the attrs, groups and the logger's name given to it; each With
// method returns another. All methods may be called from several goroutines at once.
type Encoder struct {
	json  bool
	max   int
	name  string
	group string // with its dot
	attrs []slog.Attr
}

// NewEncoder returns an Encoder that writes pickles of protocol 1, or JSON. What it makes
// of a record is at most max bytes long: the longest texts are cut, with a mark.
func NewEncoder(json bool, max int) *Encoder { return &Encoder{json: json, max: max, name: "root"} }

// WithAttrs returns an Encoder that writes attrs with every record. The caller gives the
// slice away.
func (e *Encoder) WithAttrs(attrs []slog.Attr) *Encoder {
	derived := *e
	derived.attrs = slices.Clip(e.attrs)
	for _, a := range attrs {
		derived.attrs = flatten(derived.attrs, e.group, a)
	}
	return &derived
}

// WithGroup returns an Encoder that qualifies the attrs given to it later, and those of
// records, by name and a dot. An empty name changes nothing.
func (e *Encoder) WithGroup(name string) *Encoder {
	if name == "" {
		return e
	}
	derived := *e
	derived.group += name + "."
	return &derived
}

// WithLoggerName returns an Encoder that writes name as the logger's. Without one it is
// "root".
func (e *Encoder) WithLoggerName(name string) *Encoder {
	derived := *e
	derived.name = name
	return &derived
}

// flatten appends a, or the attrs of a group.
func flatten(dst []slog.Attr, group string, a slog.Attr) []slog.Attr {
	if o, ok := a.Value.Any().(*formatters.Origin); ok && o != nil {
		return append(dst, a)
	}
	if _, ok := formatters.ExcText(a.Value); ok {
		return append(dst, a)
	}
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup {
		if a.Equal(slog.Attr{}) {
			return dst
		}
		return append(dst, slog.Attr{Key: group + a.Key, Value: v})
	}
	if a.Key != "" {
		group += a.Key + "."
	}
	for _, inner := range v.Group() {
		dst = flatten(dst, group, inner)
	}
	return dst
}

var started = time.Now()

type pair struct {
	key   string
	value any
}

// Append appends r to dst, without a frame's header. It never fails and never panics.
func (e *Encoder) Append(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	pairs := e.pairs(ctxAttrs, r)
	if e.json {
		return appendJSON(dst, pairs)
	}
	return appendPickle(dst, pairs)
}

func (e *Encoder) pairs(ctxAttrs []slog.Attr, r *slog.Record) []pair {
	attrs := slices.Clip(e.attrs)
	for _, a := range ctxAttrs {
		attrs = flatten(attrs, "", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		attrs = flatten(attrs, e.group, a)
		return true
	})
	frame, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	created := float64(r.Time.UnixNano()) / 1e9
	o := &formatters.Origin{
		LevelNo: int64(formatters.PythonLevel(r.Level)), LevelName: formatters.LevelName(r.Level),
		PathName: frame.File, FileName: filepath.Base(frame.File), Module: strings.TrimSuffix(filepath.Base(frame.File), ".go"),
		LineNo: int64(frame.Line), FuncName: frame.Function[strings.LastIndexByte(frame.Function, '.')+1:],
		Created: created, MSecs: float64(r.Time.Nanosecond() / 1e6), RelativeCreated: float64(r.Time.Sub(started)) / 1e6,
		ThreadName: "MainThread", Process: int64(os.Getpid()), ProcessName: "MainProcess",
	}
	var extras []pair
	for _, a := range attrs {
		if other, ok := a.Value.Any().(*formatters.Origin); ok && other != nil {
			o = other
			continue
		}
		if text, ok := formatters.ExcText(a.Value); ok {
			copied := *o
			copied.ExcText = text
			o = &copied
			continue
		}
		extras = append(extras, pair{a.Key, plainValue(a.Value)})
	}
	pairs := []pair{
		{"name", e.name}, {"msg", r.Message}, {"args", nil}, {"levelname", o.LevelName}, {"levelno", o.LevelNo}, {"pathname", o.PathName},
		{"filename", o.FileName}, {"module", o.Module}, {"exc_info", nil}, {"exc_text", orNil(o.ExcText)}, {"stack_info", orNil(o.StackInfo)},
		{"lineno", o.LineNo}, {"funcName", orNil(o.FuncName)}, {"created", o.Created}, {"msecs", o.MSecs}, {"relativeCreated", o.RelativeCreated},
		{"thread", o.Thread}, {"threadName", o.ThreadName}, {"processName", o.ProcessName}, {"process", o.Process}, {"taskName", orNil(o.TaskName)},
	}
	own := len(pairs)
	for _, x := range extras {
		if x.key == "message" || x.key == "asctime" || slices.ContainsFunc(pairs[:own], func(p pair) bool { return p.key == x.key }) {
			x.key = "attr." + x.key
		}
		pairs = append(pairs, x)
	}
	return pairs
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func plainValue(v slog.Value) any {
	switch v.Kind() {
	case slog.KindString, slog.KindInt64, slog.KindFloat64, slog.KindBool:
		return v.Any()
	case slog.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case slog.KindUint64:
		if v.Uint64() <= math.MaxInt64 {
			return int64(v.Uint64())
		}
	}
	if v.Any() == nil {
		return nil
	}
	return fmt.Sprint(v.Any())
}

func appendJSON(dst []byte, pairs []pair) []byte {
	dst = append(dst, '{')
	for i, p := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		key, _ := json.Marshal(p.key)
		value, err := json.Marshal(p.value)
		if err != nil {
			value, _ = json.Marshal(fmt.Sprint(p.value))
		}
		dst = append(append(append(dst, key...), ':'), value...)
	}
	return append(dst, '}')
}

func appendPickle(dst []byte, pairs []pair) []byte {
	dst = append(dst, '}', 'q', 0, '(')
	memo := 1
	text := func(s string) {
		s = strings.ToValidUTF8(s, "�")
		dst = binary.LittleEndian.AppendUint32(append(dst, 'X'), uint32(len(s)))
		dst = append(dst, s...)
		if memo < 256 {
			dst = append(dst, 'q', byte(memo))
		} else {
			dst = binary.LittleEndian.AppendUint32(append(dst, 'r'), uint32(memo))
		}
		memo++
	}
	for _, p := range pairs {
		text(p.key)
		switch v := p.value.(type) {
		case nil:
			dst = append(dst, 'N')
		case bool:
			dst = append(dst, "I00\n"...)
			if v {
				dst[len(dst)-2] = '1'
			}
		case int64:
			switch {
			case 0 <= v && v < 256:
				dst = append(dst, 'K', byte(v))
			case 0 <= v && v < 65536:
				dst = binary.LittleEndian.AppendUint16(append(dst, 'M'), uint16(v))
			case math.MinInt32 <= v && v <= math.MaxInt32:
				dst = binary.LittleEndian.AppendUint32(append(dst, 'J'), uint32(v))
			default:
				dst = append(strconv.AppendInt(append(dst, 'L'), v, 10), 'L', '\n')
			}
		case float64:
			dst = binary.BigEndian.AppendUint64(append(dst, 'G'), math.Float64bits(v))
		case string:
			text(v)
		}
	}
	return append(dst, 'u', '.')
}
