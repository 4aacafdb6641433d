package handlers

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
)

// bySlog draws the attrs in v, if that is an Attr, a Value or a LogValuer in another
// value: there their keys are those of no field or map. It reports false if nothing in
// them is to be hidden by key or type: then v is what it looks like, and is drawn so. Within
// such attrs all is drawn as attrs, or the work would double with each level.
func (d *drawing) bySlog(path string, v reflect.Value, depth int) (p picture, hides bool) {
	if !v.CanInterface() || v.NumMethod() == 0 || v.Kind() == reflect.Pointer && v.IsNil() {
		return picture{}, false
	}
	draw := d.attrsOf(path, v.Interface(), depth)
	if draw == nil {
		return picture{}, false
	}
	hidden, found, nodes := d.hidden, d.found, d.s.nodes
	d.inAttrs++
	p = draw()
	d.inAttrs--
	if d.hidden == hidden && d.inAttrs == 0 {
		d.found, d.s.nodes = found, nodes
		return picture{}, false
	}
	return p, true
}

// attrsOf returns what draws the attrs in x, nil if x has none.
func (d *drawing) attrsOf(path string, x any, depth int) func() picture {
	switch x := x.(type) {
	case slog.Attr:
		return func() picture { return d.slogAttr(path, x, depth) }
	case *slog.Attr:
		return func() picture { return d.slogAttr(path, *x, depth) }
	case slog.Value:
		return func() picture { return d.slogValue(path, x, depth) }
	case *slog.Value:
		return func() picture { return d.slogValue(path, *x, depth) }
	case slog.LogValuer:
		if resolved, ok := resolveSafely(slog.AnyValue(x)); ok && resolved.Kind() == slog.KindGroup {
			return func() picture { return d.slogValue(path, resolved, depth) }
		}
	}
	return nil
}

// slogAttr draws an attr as its String has it.
func (d *drawing) slogAttr(path string, a slog.Attr, depth int) picture {
	key, p := d.slogMember(path, a, depth)
	return picture{text: key + "=" + p.text, json: "{" + quoted(key) + ":" + p.json + "}"}
}

func (d *drawing) slogMember(path string, a slog.Attr, depth int) (key string, p picture) {
	key, _ = d.scrub(a.Key)
	if d.s.rules.hides(dotted(path), a.Key) {
		return key, d.secret()
	}
	return key, d.slogValue(d.s.rules.below(path, []string{a.Key}), a.Value, depth+1)
}

// slogValue draws a group as its String has it, else what v holds.
func (d *drawing) slogValue(path string, v slog.Value, depth int) picture {
	if v.Kind() != slog.KindGroup {
		return d.value(path, reflect.ValueOf(v.Any()), depth)
	}
	var texts, jsons []string
	for _, a := range v.Group() {
		if d.s.nodes--; depth > maxRedactDepth || d.s.nodes < 0 {
			return d.beyond()
		}
		key, p := d.slogMember(path, a, depth)
		texts, jsons = append(texts, key+"="+p.text), append(jsons, quoted(key)+":"+p.json)
	}
	return picture{text: "[" + strings.Join(texts, " ") + "]", json: "{" + strings.Join(jsons, ",") + "}"}
}

// redraw looks into the picture that another Redact has made, which has other keys
// and patterns. Of the value there is only what shows.
func (s *scrubber) redraw(path string, p *picture) (slog.Value, bool) {
	d := drawing{s: s, of: fmt.Sprintf("%T", p), already: p.stands}
	text, _ := d.scrub(p.text)
	marshaled, _ := d.scrub(p.marshaled)
	js, whole := d.document(path, []byte(p.json))
	if !whole || d.hidden > 0 || d.names(path, p.text) {
		hidden := d.secret()
		return slog.StringValue(hidden.text), s.note(d.found)
	}
	if !s.note(d.found) {
		return slog.Value{}, false
	}
	return slog.AnyValue(&picture{text, js, marshaled, p.stands}), true
}

// names reports whether text, as fmt writes structs and maps, names a member to hide
// that is not hidden already.
func (d *drawing) names(path, text string) bool {
	text = strings.ReplaceAll(text, ":"+d.already, "")
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("{}[]& ", r) }) {
		for name, rest, ok := strings.Cut(word, ":"); ok; name, rest, ok = strings.Cut(rest, ":") {
			if d.s.rules.hides(dotted(path), name) {
				return true
			}
		}
	}
	return false
}

// rescrub looks into the text of an error that another Redact has changed.
func (s *scrubber) rescrub(e *scrubbedError) (slog.Value, bool) {
	message, inMessage := s.text(e.message)
	text, inText := s.text(e.text)
	if !inMessage && !inText {
		return slog.Value{}, false
	}
	return slog.AnyValue(&scrubbedError{message, text}), true
}

func (s *scrubber) note(found bool) bool {
	s.found = s.found || found
	return found
}

// keyNames returns all names that the key of a map goes by: as it is, as fmt prints it,
// as encoding/json does.
func keyNames(k reflect.Value, shown picture) []string {
	names := []string{shown.text}
	if k.Kind() == reflect.Interface {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		names = []string{k.String(), shown.text}
	}
	var marshaled string
	if json.Unmarshal([]byte(shown.json), &marshaled) == nil && marshaled != "" {
		names = append(names, marshaled)
	}
	return names
}
