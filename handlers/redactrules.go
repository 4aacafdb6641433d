package handlers

import (
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// redactRules are RedactOptions made ready. They never change.
type redactRules struct {
	names       map[string]bool // lower case, without * and ?
	globs       []string        // the other names
	paths       []string        // what has a dot
	types       map[reflect.Type]bool
	kinds       [slog.KindLogValuer + 1]bool // values of which slog keeps without their type
	interfaces  []reflect.Type
	patterns    []*regexp.Regexp
	replacement string
	trouble     *trouble
}

func newRedactRules(o RedactOptions) *redactRules {
	if o.Keys == nil {
		o.Keys = DefaultRedactKeys()
	}
	r := &redactRules{
		names: map[string]bool{}, types: map[reflect.Type]bool{},
		patterns: slices.Clone(o.Patterns), replacement: o.Replacement,
		trouble: &trouble{fn: o.OnError},
	}
	if r.replacement == "" {
		r.replacement = "[REDACTED]"
	}
	for _, key := range o.Keys {
		r.addKey(strings.ToLower(key))
	}
	for _, t := range o.Types {
		if t.Kind() == reflect.Interface {
			r.interfaces = append(r.interfaces, t)
		} else {
			r.types[t] = true
		}
	}
	for kind, types := range kindTypes {
		r.kinds[kind] = slices.ContainsFunc(types, r.hidesType)
	}
	return r
}

// kindTypes are the types of which slog keeps the values only: an int is an int64 to it.
var kindTypes = map[slog.Kind][]reflect.Type{
	slog.KindBool:     {reflect.TypeFor[bool]()},
	slog.KindString:   {reflect.TypeFor[string]()},
	slog.KindDuration: {reflect.TypeFor[time.Duration]()},
	slog.KindTime:     {reflect.TypeFor[time.Time]()},
	slog.KindFloat64:  {reflect.TypeFor[float64](), reflect.TypeFor[float32]()},
	slog.KindInt64: {
		reflect.TypeFor[int64](), reflect.TypeFor[int](), reflect.TypeFor[int32](), reflect.TypeFor[int16](), reflect.TypeFor[int8](),
	},
	slog.KindUint64: {
		reflect.TypeFor[uint64](), reflect.TypeFor[uint](), reflect.TypeFor[uint32](), reflect.TypeFor[uint16](), reflect.TypeFor[uint8](),
		reflect.TypeFor[uintptr](),
	},
}

func (r *redactRules) addKey(key string) {
	switch {
	case strings.Contains(key, "."):
		r.paths = append(r.paths, key)
	case strings.ContainsAny(key, "*?"):
		r.globs = append(r.globs, key)
	default:
		r.names[key] = true
	}
}

// hides reports whether key, within the groups of path, is one of the keys.
func (r *redactRules) hides(path, key string) bool {
	if len(r.names)+len(r.globs)+len(r.paths) == 0 {
		return false
	}
	key = strings.ToLower(key)
	if r.hidesName(key) || r.hidesName(key[strings.LastIndexByte(key, '.')+1:]) {
		return true
	}
	if len(r.paths) == 0 {
		return false
	}
	for place := range strings.SplitSeq(strings.ToLower(path), alternative) {
		whole := place + key
		if slices.ContainsFunc(r.paths, func(p string) bool { return globMatch(p, whole) }) {
			return true
		}
	}
	return false
}

// A member of a struct can stand in several places: under its name and that in JSON, and
// what is embedded in the struct around it too. A path then has all of them.
const (
	alternative     = "\x00"
	maxAlternatives = 64 // places that a path has, six levels of members with two names each
)

// below returns the path of what goes by these names at path. The name "" stands for what
// has none of its own there.
func (r *redactRules) below(path string, names []string) string {
	if len(r.paths) == 0 || len(names) == 1 && !strings.Contains(path, alternative) {
		return dotted(path) + names[0]
	}
	var all []string
	for place := range strings.SplitSeq(path, alternative) {
		for _, name := range names {
			one := strings.TrimSuffix(dotted(place)+name, ".")
			if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(one, other) }) {
				all = append(all, one)
			}
		}
	}
	return strings.Join(all[:min(len(all), maxAlternatives)], alternative)
}

func (r *redactRules) hidesName(name string) bool {
	return r.names[name] || slices.ContainsFunc(r.globs, func(g string) bool { return globMatch(g, name) })
}

// hidesType reports whether values of type t are to be hidden.
func (r *redactRules) hidesType(t reflect.Type) bool {
	return r.types[t] || slices.ContainsFunc(r.interfaces, t.Implements)
}

// typeHides reports whether values of type t, at path, have members to hide, as far as
// the type tells: it doesn't for what interfaces hold, nor for the keys of maps.
func (r *redactRules) typeHides(path string, t reflect.Type) bool {
	return r.typeHidesOnce(path, t, map[reflect.Type]bool{})
}

// memberHides is typeHides for a member that goes by these names.
func (r *redactRules) memberHides(path string, names []string, t reflect.Type) bool {
	return r.hidesAny(path, names) || r.typeHides(r.below(path, names), t)
}

func (r *redactRules) hidesAny(path string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return r.hides(path, name) })
}

// typeHidesOnce looks at no type twice, since types lead back to themselves.
func (r *redactRules) typeHidesOnce(path string, t reflect.Type, seen map[reflect.Type]bool) bool {
	switch {
	case r.hidesType(t):
		return true
	case seen[t], innocent[t.PkgPath()]:
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return r.typeHidesOnce(path, t.Elem(), seen)
	case reflect.Struct:
		seen[t] = true
		for i := range t.NumField() {
			f := t.Field(i)
			_, _, names := fieldNames(f)
			if r.hidesAny(dotted(path), names) || r.typeHidesOnce(r.below(path, placeNames(f, names)), f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// innocent are packages whose types hold nobody's secrets, whatever their members are
// called: a key "name" or "state" must not hide each time and each lock.
var innocent = map[string]bool{"time": true, "sync": true, "sync/atomic": true, "internal/sync": true}

// globMatch reports whether all of s fits pattern, in which * stands for any
// text, dots too, and ? for one character. It takes at most len(pattern) times
// len(s) steps: only the last star is ever tried again.
func globMatch(pattern, s string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			i += runeLen(s[i:])
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// runeLen returns the length of the first character of s.
func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

// text replaces the patterns in s, and reports whether there were any.
func (r *redactRules) text(s string) (string, bool) {
	found := false
	for _, p := range r.patterns {
		if p.MatchString(s) {
			s, found = p.ReplaceAllLiteralString(s, r.replacement), true
		}
	}
	return s, found
}
