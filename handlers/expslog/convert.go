package expslog

import (
	"log/slog"

	exp "golang.org/x/exp/slog"
)

// Bounds on groups that lead back to themselves, or stand in many places.
const (
	maxDepth   = 64
	maxMembers = 1 << 20
	cutMark    = "!group nested without end"
)

// A converter converts the attrs of one record.
type converter struct {
	depth, members int // what is left of the bounds
}

func newConverter() converter { return converter{maxDepth, maxMembers} }

// enter reports whether a group of n members is still within bounds.
func (c *converter) enter(n int) bool {
	if c.depth == 0 || c.members < n {
		return false
	}
	c.depth--
	c.members -= n
	return true
}

func (c *converter) toStd(attrs []exp.Attr) []slog.Attr {
	converted := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		converted[i] = c.attrToStd(a)
	}
	return converted
}

func (c *converter) attrToStd(a exp.Attr) slog.Attr {
	return slog.Attr{Key: a.Key, Value: c.valueToStd(a.Value)}
}

func (c *converter) valueToStd(v exp.Value) slog.Value {
	switch v.Kind() {
	case exp.KindBool:
		return slog.BoolValue(v.Bool())
	case exp.KindDuration:
		return slog.DurationValue(v.Duration())
	case exp.KindFloat64:
		return slog.Float64Value(v.Float64())
	case exp.KindInt64:
		return slog.Int64Value(v.Int64())
	case exp.KindString:
		return slog.StringValue(v.String())
	case exp.KindTime:
		return slog.TimeValue(v.Time())
	case exp.KindUint64:
		return slog.Uint64Value(v.Uint64())
	case exp.KindGroup:
		if !c.enter(len(v.Group())) {
			return slog.StringValue(cutMark)
		}
		defer func() { c.depth++ }()
		return slog.GroupValue(c.toStd(v.Group())...)
	case exp.KindLogValuer:
		if std, ok := v.LogValuer().(expValuer); ok {
			return slog.AnyValue(std.LogValuer)
		}
		return slog.AnyValue(stdValuer{v.LogValuer()})
	}
	if s, ok := v.Any().(*exp.Source); ok && s != nil {
		return slog.AnyValue(&slog.Source{Function: s.Function, File: s.File, Line: s.Line})
	}
	return slog.AnyValue(v.Any()) // which sees a LogValuer of log/slog
}

func (c *converter) toExp(attrs []slog.Attr) []exp.Attr {
	converted := make([]exp.Attr, len(attrs))
	for i, a := range attrs {
		converted[i] = c.attrToExp(a)
	}
	return converted
}

func (c *converter) attrToExp(a slog.Attr) exp.Attr {
	return exp.Attr{Key: a.Key, Value: c.valueToExp(a.Value)}
}

func (c *converter) valueToExp(v slog.Value) exp.Value {
	switch v.Kind() {
	case slog.KindBool:
		return exp.BoolValue(v.Bool())
	case slog.KindDuration:
		return exp.DurationValue(v.Duration())
	case slog.KindFloat64:
		return exp.Float64Value(v.Float64())
	case slog.KindInt64:
		return exp.Int64Value(v.Int64())
	case slog.KindString:
		return exp.StringValue(v.String())
	case slog.KindTime:
		return exp.TimeValue(v.Time())
	case slog.KindUint64:
		return exp.Uint64Value(v.Uint64())
	case slog.KindGroup:
		if !c.enter(len(v.Group())) {
			return exp.StringValue(cutMark)
		}
		defer func() { c.depth++ }()
		return exp.GroupValue(c.toExp(v.Group())...)
	case slog.KindLogValuer:
		if old, ok := v.LogValuer().(stdValuer); ok {
			return exp.AnyValue(old.LogValuer)
		}
		return exp.AnyValue(expValuer{v.LogValuer()})
	}
	if s, ok := v.Any().(*slog.Source); ok && s != nil {
		return exp.AnyValue(&exp.Source{Function: s.Function, File: s.File, Line: s.Line})
	}
	return exp.AnyValue(v.Any()) // which sees a LogValuer of x/exp
}

// A stdValuer is a LogValuer of x/exp as one of log/slog. It is asked when the handler
// wants to know.
type stdValuer struct{ exp.LogValuer }

func (v stdValuer) LogValue() slog.Value {
	c := newConverter()
	return c.valueToStd(v.LogValuer.LogValue())
}

// An expValuer is a LogValuer of log/slog as one of x/exp.
type expValuer struct{ slog.LogValuer }

func (v expValuer) LogValue() exp.Value {
	c := newConverter()
	return c.valueToExp(v.LogValuer.LogValue())
}
