package slogtree

import (
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// Rules that set steps or programs aside.
const (
	ruleTypes     = "Go's type system excludes it: a name that is no string, a level that is no int"
	ruleNoLevel   = "a record at a Python level between two levels of slog"
	ruleLow       = "a record at or below NOTSET, which CPython's disable and handlers block at first; here nothing is blocked"
	ruleSpelling  = "level names in any case and with an offset are understood here"
	ruleReserved  = "an extra named like a field of the record is an error in CPython; here it stays an attr"
	ruleAnonymous = "a record handled without a name or level of its own"
	ruleHandlerID = "handlers have no names here: variables name them"
	ruleRepr      = "repr of handlers and adapters"
	ruleNobody    = "CPython's complaint that there is no handler and no last resort"
	ruleInPlace   = "a handler's filter that changes the record in place for later handlers; here records are values"
	ruleRaises    = "a filter that raises: CPython passes it to the caller, here OnError is told"
	ruleField     = "a filter that sets a field of the record that slog.Record has not"
	ruleStale     = "assigning an attribute past its setter, which leaves CPython's cache of levels stale"
	ruleRounded   = "the text of a Python level between two levels of slog"
	ruleEmpty     = "the root's child without a name is the root here"
	ruleDots      = "two dots in a row: CPython skips ancestors above the empty part"
	ruleRootName  = "CPython takes the root for a descendant of r, ro, roo and root"
)

// threshold returns the level that stands for Python's where a level is a
// threshold: numbers between two levels become the higher one.
func threshold(v any) (slog.Level, error) {
	switch v := v.(type) {
	case int64:
		return formatters.FromPythonLevel(int(v)), nil
	case bool: // an int in Python
		if v {
			return formatters.FromPythonLevel(1), nil
		}
		return LevelNotSet, nil
	case *big.Int:
		return formatters.FromPythonLevel(math.MaxInt * v.Sign()), nil
	}
	return 0, aside(ruleTypes)
}

// threshold is the function of that name, but understands names as CPython
// does: exactly as they were registered.
func (w *world) threshold(v any) (slog.Level, error) {
	name, ok := v.(string)
	if !ok {
		level, err := threshold(v)
		if n, ok := v.(int64); ok && err == nil {
			w.rounded = w.rounded || !exact(n)
			w.nameLevel(level)
		}
		return level, err
	}
	level, err := w.parse.Parse(name)
	if err == nil && !w.registered[name] {
		return 0, aside(ruleSpelling)
	}
	return level, err
}

// exact reports whether a level of slog has that number in Python.
func exact(n int64) bool {
	return int64(formatters.PythonLevel(formatters.FromPythonLevel(int(n)))) == n
}

// recordLevel returns the level of a record that has Python's level v.
func (w *world) recordLevel(v any) (slog.Level, error) {
	n, ok := v.(int64)
	switch {
	case !ok:
		return 0, aside(ruleTypes)
	case n <= 0:
		return 0, w.skip(ruleLow)
	case !exact(n):
		return 0, w.skip(ruleNoLevel)
	}
	level := formatters.FromPythonLevel(int(n))
	w.nameLevel(level)
	return level, nil
}

// blocked returns the highest level that logging.disable(n) blocks, for which
// numbers between two levels become the lower one.
func blocked(n int64) slog.Level {
	if n == 0 {
		return LevelNotSet
	}
	level := formatters.FromPythonLevel(int(n))
	for int64(formatters.PythonLevel(level)) > n {
		level--
	}
	return level
}

// nameLevel gives a level that has no name the one that CPython prints for
// it. Here its name is relative to the level below, as slog has it; a program
// that wants Python's adds it to its LevelNames, and so do we.
func (w *world) nameLevel(level slog.Level) {
	if !w.named[level] {
		w.named[level] = true
		w.names.Add(level, fmt.Sprintf("Level %d", formatters.PythonLevel(level)))
	}
}

// truth is Python's bool(v).
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v != ""
	}
	return true
}

// goValue returns the Go value that stands for a Python value.
func goValue(v any) any {
	switch v := v.(type) {
	case oracle.List:
		return goValues(v)
	case oracle.Tuple:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[any]())).Elem()
		reflect.Copy(array, reflect.ValueOf(goValues(v)))
		return array.Interface()
	case oracle.Dict:
		return goDict(v)
	case oracle.Bytes:
		return []byte(v)
	}
	return v
}

func goValues(items []any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = goValue(item)
	}
	return out
}

// goDict returns a group, which keeps the order, if all keys are strings.
func goDict(d oracle.Dict) any {
	var attrs []slog.Attr
	m := map[any]any{}
	for _, item := range d {
		m[item.Key] = goValue(item.Value)
		if key, ok := item.Key.(string); ok {
			attrs = append(attrs, slog.Any(key, goValue(item.Value)))
		}
	}
	if len(d) > 0 && len(attrs) == len(d) {
		return slog.GroupValue(attrs...)
	}
	return m
}

func goAttrs(attributes oracle.Attributes) []slog.Attr {
	attrs := make([]slog.Attr, len(attributes))
	for i, item := range attributes {
		attrs[i] = slog.Any(item.Key.(string), goValue(item.Value))
	}
	return attrs
}

// conversion is one field of Python's % operator.
var conversion = regexp.MustCompile(`%(?:\(([^()]*)\))?([#0 +-]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?(.)?`)

// merge is LogRecord.getMessage. Messages come merged in Go, so the driver
// does it; what CPython can't merge becomes a marker in the message.
func merge(msg any, args []any) string {
	text, ok := msg.(string)
	if !ok {
		text, _ = convert("s", msg)
	}
	if len(args) == 0 {
		return text
	}
	m := merger{args: args}
	if d, ok := args[0].(oracle.Dict); ok && len(args) == 1 && len(d) > 0 {
		m.mapping = d
	}
	merged := conversion.ReplaceAllStringFunc(text, m.field)
	if m.reason == "" && m.mapping == nil && m.next < len(args) {
		m.reason = "not all arguments converted"
	}
	if m.reason != "" {
		return "%!message(" + m.reason + ")"
	}
	return merged
}

// A merger is one use of the % operator.
type merger struct {
	args    []any
	mapping oracle.Dict
	next    int    // of args
	reason  string // why it failed
}

// field renders one field.
func (m *merger) field(field string) string {
	parts := conversion.FindStringSubmatch(field)
	if field == "%%" {
		return "%"
	}
	spec := parts[2] + m.star(parts[3])
	if strings.Contains(field, ".") {
		spec += "." + m.star(parts[4])
	}
	value := m.value(parts[1], strings.HasPrefix(field, "%("))
	text, ok := convert(spec+parts[5], value)
	if !ok && m.reason == "" {
		m.reason = "bad field " + field
	}
	return text
}

// star replaces * by the next argument.
func (m *merger) star(width string) string {
	if width == "*" {
		return fmt.Sprint(m.value("", false))
	}
	return width
}

func (m *merger) value(key string, keyed bool) any {
	switch {
	case keyed:
		v, ok := m.mapping.Get(key)
		if !ok {
			m.reason = "no key " + key
		}
		return v
	case m.next >= len(m.args):
		m.reason = "not enough arguments"
		return nil
	}
	m.next++
	return m.args[m.next-1]
}

// convert renders v with a field such as "5.2f", and reports whether it can.
func convert(spec string, v any) (string, bool) {
	f, err := formatters.Percent("%(v)"+spec, &formatters.Options{Raw: true, Strict: true, NoValidate: true})
	if err != nil {
		return "", false
	}
	r := slog.NewRecord(time.Time{}, 0, "", 0)
	r.AddAttrs(slog.Any("v", goValue(v)))
	text := string(f.Append(nil, nil, r))
	return text, !strings.HasPrefix(text, "%!v(")
}

// reserved are the names that CPython refuses as an extra.
var reserved = strings.Fields("name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName " +
	"created msecs relativeCreated thread threadName processName process taskName message asctime")

func anyReserved(attributes oracle.Attributes) bool {
	return slices.ContainsFunc(attributes, func(item oracle.Item) bool { return slices.Contains(reserved, item.Key.(string)) })
}

// setOrigin sets the field of o that CPython calls key.
func setOrigin(o *formatters.Origin, key string, v any) {
	name := strings.ReplaceAll(key, "_", "")
	field := reflect.ValueOf(o).Elem().FieldByNameFunc(func(f string) bool { return strings.EqualFold(f, name) })
	if field.IsValid() && v != nil {
		field.Set(reflect.ValueOf(v).Convert(field.Type()))
	}
}
