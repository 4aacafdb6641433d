package formatters

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
)

// A jsonField is one of Options.Fields: a field of CPython's LogRecord, and the
// text `,"key":`. A name that is no field has a mark for its value.
type jsonField struct {
	field field
	key   string
	mark  string
}

// newJSONFields returns the fields of those names. Of several with one key the
// first stands, as in a Python dict.
func newJSONFields(names []string, member func(string) string) (fields []jsonField) {
	for _, name := range names {
		f := jsonField{field: fieldNamed(name)}
		if f.field == noField {
			f.mark = noSuchField(name)
		}
		if f.field != fieldAttrs {
			if f.key = member(name); f.key == "" {
				continue
			}
		}
		if !slices.ContainsFunc(fields, func(other jsonField) bool { return other.key == f.key }) {
			fields = append(fields, f)
		}
	}
	return fields
}

func hasJSONField(fields []jsonField, f field) bool {
	return slices.ContainsFunc(fields, func(other jsonField) bool { return other.field == f })
}

// fieldsNeedSource reports whether one of fields tells where a record was made.
func fieldsNeedSource(fields []jsonField) bool {
	for _, f := range [...]field{fieldPathName, fieldFileName, fieldModule, fieldLineNo, fieldFuncName} {
		if hasJSONField(fields, f) {
			return true
		}
	}
	return false
}

// appendFields appends a line of Options.Fields.
func (j *jsonFormatter) appendFields(dst []byte, p *jsonLine, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	l := line{template: j.record, time: r.Time, message: r.Message, level: r.Level, pc: r.PC}
	l.exc, l.origin = findSpecial(ctxAttrs, j.state.exc, j.state.origin)
	r.Attrs(func(a slog.Attr) bool {
		l.exc, l.origin = special(a.Value, l.exc, l.origin)
		return true
	})
	dst = append(dst, j.layout.open)
	attrs := j.cfg.strict
	for _, f := range j.layout.fields {
		if f.field == fieldAttrs {
			dst, attrs = j.appendAttrs(dst, p, ctxAttrs, r), true
			continue
		}
		dst = j.appendField(dst, &l, f)
	}
	if !attrs {
		dst = j.appendAttrs(dst, p, ctxAttrs, r)
	}
	return append(j.appendUnlisted(dst, &l), '}')
}

// appendUnlisted appends the texts of an exception and a stack that no field
// shows, as python-json-logger does.
func (j *jsonFormatter) appendUnlisted(dst []byte, l *line) []byte {
	for _, f := range [...]jsonField{{field: fieldExcInfo, key: j.layout.excInfo}, {field: fieldStackInfo, key: j.layout.stackInfo}} {
		if f.key != "" && !hasJSONField(j.layout.fields, f.field) && excText(l, f.field) != "" {
			dst = j.appendField(dst, l, f)
		}
	}
	return dst
}

// appendField appends the member of a field.
func (j *jsonFormatter) appendField(dst []byte, l *line, f jsonField) []byte {
	if lacksTime(l, f.field) {
		return dst
	}
	controls := j.cfg.escapeControls
	dst = appendMembers(dst, f.key, j.layout.open)
	start := len(dst)
	switch f.field {
	case noField:
		return appendJSONString(dst, f.mark, controls)
	case fieldArgs:
		return append(dst, "[]"...) // a slog message has none
	case fieldName:
		return appendJSONString(dst, cmp.Or(j.state.name, "root"), controls)
	case fieldExcInfo, fieldStackInfo:
		return appendFieldValue(dst, orNone(excText(l, f.field)), controls)
	case fieldAsctime:
		dst = l.appendAsctime(append(dst, '"'))
		return append(escapeJSONTail(dst, start+1, controls), '"')
	case fieldLevelName:
		dst = l.appendLevelName(append(dst, '"'))
		return append(escapeJSONTail(dst, start+1, controls), '"')
	}
	return appendFieldValue(dst, l.value(f.field), controls)
}

// appendFieldValue appends what a field can be: text, a number, or None.
func appendFieldValue(dst []byte, v slog.Value, controls bool) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendJSONString(dst, v.String(), controls)
	case slog.KindInt64:
		return appendDecimal(dst, v.Int64())
	case slog.KindFloat64:
		return appendFieldFloat(dst, v.Float64())
	}
	return append(dst, "null"...)
}

// appendFieldFloat appends f as Python's json does, but for what is no number
// in JSON: that is the string which Python's float reads.
func appendFieldFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return appendFloatRepr(dst, f)
}
