package formatters

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A config is what the Options of a formatter say. It is immutable, but for
// the clock's cache.
type config struct {
	clock    clock
	levels   *LevelNames
	defaults map[string]slog.Value
	strict   bool
	raw      bool
	replace  func([]string, slog.Attr) slog.Attr
	key      configKey

	badDateFmt string // what is wrong with Options.DateFmt

	// For formatters that have no format string.
	source         bool
	fields         []string
	keys           map[string]string
	timeUnit       time.Duration
	duplicates     Duplicates
	escapeControls bool
	color          Color
}

// A configKey identifies a config. Options that can't be compared are as
// equal as their identities.
type configKey struct {
	dateFmt                 string
	loc                     *time.Location
	levels                  *LevelNames
	defaults                string
	strict, raw, noValidate bool
	layout                  string  // what formatters without a format string are told
	identity                *config // nil if the rest says all
}

// newConfig copies opts, which may be nil.
func newConfig(opts *Options) *config {
	if opts == nil {
		opts = &Options{}
	}
	c := &config{
		clock:   clock{loc: opts.Location, raw: opts.Raw},
		levels:  opts.Levels,
		strict:  opts.Strict,
		raw:     opts.Raw,
		replace: opts.ReplaceAttr,

		source:         opts.Source,
		fields:         slices.Clone(opts.Fields),
		keys:           maps.Clone(opts.Keys),
		timeUnit:       opts.TimeUnit,
		duplicates:     opts.Duplicates,
		escapeControls: opts.EscapeControls,
		color:          opts.Color,
	}
	if opts.DateFmt != "" {
		if !opts.NoValidate {
			c.badDateFmt = goLayout(opts.DateFmt)
		}
		c.clock.layout = newTimeLayout(opts.DateFmt)
		if c.badDateFmt != "" { // for formatters that return no error
			mark := string(appendMarker(nil, "asctime", c.badDateFmt))
			c.clock.layout = newTimeLayout(strings.ReplaceAll(mark, "%", "%%"))
		}
	}
	c.defaults = make(map[string]slog.Value, len(opts.Defaults))
	for key, x := range opts.Defaults {
		c.defaults[key] = slog.AnyValue(x)
	}
	defaults, comparable := defaultsKey(c.defaults)
	c.key = configKey{opts.DateFmt, opts.Location, opts.Levels, defaults, opts.Strict, opts.Raw, opts.NoValidate, layoutKey(opts), nil}
	if !comparable || c.replace != nil {
		c.key.identity = c
	}
	return c
}

// layoutKey returns text that tells the options of formatters without a format
// string apart. The maps are printed in the order of their keys.
func layoutKey(o *Options) string {
	return fmt.Sprintf("%t %q %q %d %d %t %d", o.Source, o.Fields, o.Keys, o.TimeUnit, o.Duplicates, o.EscapeControls, o.Color)
}

// defaultsKey returns text that tells defaults apart, and false if it can't.
func defaultsKey(defaults map[string]slog.Value) (string, bool) {
	var b []byte
	for _, key := range slices.Sorted(maps.Keys(defaults)) {
		var ok bool
		b = append(strconv.AppendQuote(b, key), ':')
		if b, ok = appendValueKey(b, defaults[key]); !ok {
			return "", false
		}
	}
	return string(b), true
}

// maxKeyText bounds the text of a key. What takes more is as equal as its identity.
const maxKeyText = 64 << 10

// appendValueKey appends text that tells values of the basic kinds apart, and
// returns false for others, and for what takes too much text.
func appendValueKey(dst []byte, v slog.Value) ([]byte, bool) {
	if len(dst) > maxKeyText {
		return dst, false
	}
	dst = append(dst, byte('0'+int(v.Kind())))
	switch v.Kind() {
	case slog.KindString:
		dst = strconv.AppendQuote(dst, v.String())
	case slog.KindInt64:
		dst = strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		dst = strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindFloat64:
		dst = strconv.AppendUint(dst, math.Float64bits(v.Float64()), 16)
	case slog.KindBool:
		dst = strconv.AppendBool(dst, v.Bool())
	case slog.KindDuration:
		dst = strconv.AppendInt(dst, int64(v.Duration()), 10)
	case slog.KindTime:
		name, offset := v.Time().Zone() // which %Z and %z print
		dst = fmt.Appendf(dst, "%d.%d%+d%q", v.Time().Unix(), v.Time().Nanosecond(), offset, name)
	case slog.KindGroup:
		return appendGroupKey(dst, v.Group())
	default:
		return dst, v.Kind() == slog.KindAny && v.Any() == nil
	}
	return append(dst, ';'), true
}

func appendGroupKey(dst []byte, attrs []slog.Attr) ([]byte, bool) {
	dst = append(dst, '{')
	for _, a := range attrs {
		var ok bool
		dst = append(strconv.AppendQuote(dst, a.Key), ':')
		if dst, ok = appendValueKey(dst, a.Value); !ok {
			return dst, false
		}
	}
	return append(dst, '}'), true
}

// A state is what a formatter was given with the With methods. It is
// immutable: each With method makes another.
type state struct {
	name    string   // of the logger
	groups  []string // open groups; never appended to
	prefix  []byte   // the groups, each with a dot; never appended to
	tail    []byte   // " key=value" of the attrs that no field names
	slots   []slot   // of the fields that name attrs; never written to
	exc     *excValue
	origin  *Origin
	opaque  *state // identity, if a slot holds what can't be compared
	slotKey string
}

// A stateKey identifies a state.
type stateKey struct {
	name, groups, tail, slots string
	exc                       *excValue
	origin                    *Origin
	opaque                    *state
}

func (s *state) key() stateKey {
	groups := ""
	if len(s.groups) > 0 { // not the prefix: a group may have a dot in its name
		groups = fmt.Sprintf("%q", s.groups)
	}
	return stateKey{s.name, groups, string(s.tail), s.slotKey, s.exc, s.origin, s.opaque}
}

// withName returns s with the logger's name.
func (s *state) withName(name string) *state {
	t := *s
	t.name = name
	return &t
}

// withGroup returns s with one more open group.
func (s *state) withGroup(name string) *state {
	t := *s
	t.groups = append(slices.Clip(slices.Clone(s.groups)), name)
	t.prefix = slices.Concat(s.prefix, []byte(name), []byte{'.'})
	return &t
}

// withAttrs returns s with attrs written to its slots, which are p's, and its
// tail. Without a p there are no slots.
func (s *state) withAttrs(cfg *config, p *program, attrs []slog.Attr) *state {
	t := *s
	attrs = replaceAll(cfg.replace, s.groups, attrs)
	t.exc, t.origin = findSpecial(attrs, s.exc, s.origin)
	w := attrWriter{
		slots:  slices.Clone(s.slots),
		from:   fromWith,
		exc:    t.exc,
		dst:    append(make([]byte, 0, len(s.tail)+16*len(attrs)), s.tail...),
		prefix: slices.Clone(s.prefix),
	}
	if p != nil {
		w.paths, w.parts = p.paths, p.parts
	}
	if s.exc != nil && s.exc != t.exc {
		w.top(slog.Any(excKey, s.exc))
	}
	for _, a := range attrs {
		w.top(a)
	}
	t.tail, t.slots = w.dst, w.slots
	t.setSlotKey()
	return &t
}

// setSlotKey notes what tells the slots apart.
func (s *state) setSlotKey() {
	var b strings.Builder
	s.opaque = nil
	for i, sl := range s.slots {
		if sl.from == nowhere {
			continue
		}
		text, ok := appendValueKey(nil, sl.value)
		if !ok || sl.bad != "" {
			s.opaque = s
		}
		fmt.Fprintf(&b, "%d=%s", i, text)
	}
	s.slotKey = b.String()
}

// findSpecial returns the last error and Origin that attrs carry as fields of
// the record, or else those given.
func findSpecial(attrs []slog.Attr, exc *excValue, origin *Origin) (*excValue, *Origin) {
	for _, a := range attrs {
		exc, origin = special(a.Value, exc, origin)
	}
	return exc, origin
}

// special returns v as one of those, or what was given.
func special(v slog.Value, exc *excValue, origin *Origin) (*excValue, *Origin) {
	if v.Kind() != slog.KindLogValuer {
		return exc, origin
	}
	switch x := v.LogValuer().(type) {
	case *Origin:
		if x != nil {
			return exc, x
		}
	case *excValue:
		if x != nil {
			return x, origin
		}
	}
	return exc, origin
}
