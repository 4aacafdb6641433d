package formatters

import "log/slog"

// A replacer applies [Options.ReplaceAttr] to attrs before they are written.
type replacer struct {
	f     func([]string, slog.Attr) slog.Attr
	calls int // of LogValue in groups
	count int // of attrs in groups
}

// replaceAll returns attrs, which stand in groups, with f applied to each
// that is no group, at any depth. Without an f it returns attrs themselves.
func replaceAll(f func([]string, slog.Attr) slog.Attr, groups []string, attrs []slog.Attr) []slog.Attr {
	if f == nil {
		return attrs
	}
	out := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if isSpecial(a.Value) {
			out = append(out, a)
			continue
		}
		r := replacer{f: f}
		out = r.attr(out, groups, a, 0)
	}
	return out
}

// attr appends what becomes of a to out.
func (r *replacer) attr(out []slog.Attr, groups []string, a slog.Attr, depth int) []slog.Attr {
	v, bad := r.resolve(a.Value, depth)
	if bad == "" && v.Kind() != slog.KindGroup {
		if a, bad = r.call(groups, slog.Attr{Key: a.Key, Value: v}); bad == "" {
			if isEmpty(&a) {
				return out
			}
			v, bad = r.resolve(a.Value, depth)
		}
	} else if bad == "" {
		v = r.group(groups, a.Key, v, depth)
	}
	if bad != "" {
		v = slog.AnyValue(failure(bad))
	}
	return append(out, slog.Attr{Key: a.Key, Value: v})
}

// group returns the group v with all in it replaced.
func (r *replacer) group(groups []string, key string, v slog.Value, depth int) slog.Value {
	if depth >= maxGroups {
		return slog.AnyValue(failure("groups nested too deep"))
	}
	if key != "" {
		groups = append(groups[:len(groups):len(groups)], key)
	}
	var out []slog.Attr
	for _, a := range v.Group() {
		if r.count++; r.count > maxGroupAttrs {
			return slog.AnyValue(failure("too many attrs"))
		}
		out = r.attr(out, groups, a, depth+1)
	}
	return slog.GroupValue(out...)
}

// resolve is bounded over all of an attr.
func (r *replacer) resolve(v slog.Value, depth int) (slog.Value, string) {
	if depth > 0 && v.Kind() == slog.KindLogValuer {
		if r.calls++; r.calls > maxLogValues || depth > maxDepth {
			return slog.Value{}, "LogValue nested too deep"
		}
	}
	return resolve(v)
}

// call calls the user's function, with groups that it can't spoil.
func (r *replacer) call(groups []string, a slog.Attr) (out slog.Attr, bad string) {
	defer func() {
		if p := recover(); p != nil {
			out, bad = a, "PANIC in ReplaceAttr: "+safeSprint(p)
		}
	}()
	return r.f(groups[:len(groups):len(groups)], a), ""
}

// A failure is a value that could not be had; the text is the reason.
type failure string
