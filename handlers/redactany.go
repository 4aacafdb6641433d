package handlers

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A picture stands for a value that has a secret in it, or in one of its parts:
// it prints as that value would, but for the secret.
type picture struct {
	text      string
	json      string
	marshaled string // what MarshalText returned; "" if text is as good
	stands    string // for what is hidden, in a picture that is done
}

func (p *picture) String() string               { return p.text }
func (p *picture) MarshalJSON() ([]byte, error) { return []byte(p.json), nil }

// MarshalText is for handlers that prefer it to String.
func (p *picture) MarshalText() ([]byte, error) {
	return []byte(cmp.Or(p.marshaled, p.text)), nil
}

// Format writes the text, whatever the verb.
func (p *picture) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.text)) }

// any looks into a value of any type, which stands at path.
func (s *scrubber) any(path string, v slog.Value) (slog.Value, bool) {
	x := v.Any()
	of := reflect.ValueOf(x)
	switch x := x.(type) {
	case nil, *slog.Source:
		return v, false
	case *picture: // of another Redact
		return s.redraw(path, x)
	case *scrubbedError:
		return s.rescrub(x)
	case reflect.Value: // fmt prints what it holds
		of = x
	}
	d := drawing{s: s, of: fmt.Sprintf("%T", x)}
	shown := d.value(path, of, 0)
	s.found = s.found || d.found
	if !d.found {
		return v, false
	}
	if _, ok := x.(error); ok {
		return slog.AnyValue(&scrubbedError{shown.text, ""}), true
	}
	if shown.json == quoted(shown.text) && cmp.Or(shown.marshaled, shown.text) == shown.text {
		return slog.StringValue(shown.text), true
	}
	shown.stands = s.rules.replacement
	return slog.AnyValue(&shown), true
}

// A drawing makes the picture of one value.
type drawing struct {
	s        *scrubber
	of       string // the value's type
	already  string // stands for what another Redact has hidden
	told     bool   // OnError knows that it goes beyond the bounds
	found    bool
	hidden   int            // how often something was hidden that no pattern would tell
	jsonOnly int            // the text of what is being drawn is known
	inAttrs  int            // what is being drawn is in attrs that are in a value
	chains   map[error]bool // errors whose chain was looked into: whether anything was hidden there
}

// secret is what the picture shows of something hidden.
func (d *drawing) secret() picture {
	d.found = true
	d.hidden++
	return textPicture(d.s.rules.replacement)
}

// beyond is secret for what is too deep, or too large. It is told of once for a value.
func (d *drawing) beyond() picture {
	if !d.told {
		d.told = true
		d.s.rules.tell("a " + d.of + " so deep or large")
	}
	return d.secret()
}

func textPicture(text string) picture { return picture{text: text, json: quoted(text)} }

// quoted returns text as JSON. No text fails.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// scrub replaces patterns in text.
func (d *drawing) scrub(text string) (string, bool) {
	text, found := d.s.rules.text(text)
	d.found = d.found || found
	return text, found
}

// member draws what stands under any of these names.
func (d *drawing) member(path string, names []string, v reflect.Value, depth int) picture {
	for _, name := range names {
		if d.s.rules.hides(path, name) {
			return d.secret()
		}
	}
	return d.value(d.s.rules.below(path, names), v, depth)
}

// value draws v, which stands at path.
func (d *drawing) value(path string, v reflect.Value, depth int) picture {
	if d.s.nodes--; depth > maxRedactDepth || d.s.nodes < 0 {
		return d.beyond()
	}
	if !v.IsValid() {
		return picture{text: "<nil>", json: "null"}
	}
	if d.s.rules.hidesType(v.Type()) {
		return d.secret()
	}
	if p, hides := d.bySlog(path, v, depth); hides {
		return p
	}
	before := d.hidden
	var own picture
	if v.CanInterface() && v.Kind() != reflect.Interface {
		own = d.byMethods(path, v, depth)
	}
	if own.text != "" && own.json != "" { // a lock that the methods take may guard the rest: only its type is looked at
		if d.hidden > before || d.s.rules.typeHides(path, v.Type()) {
			return d.withheld(own, d.secret())
		}
		return own
	}
	inMethods := d.hidden
	p := d.others(path, v, depth, own.text != "")
	if own.text == "" && inMethods > before && d.hidden == inMethods && p.text != "{}" { // the member has another name in there
		p.text = d.s.rules.replacement
	}
	if d.hidden > before {
		return d.withheld(own, p)
	}
	return picture{text: cmp.Or(own.text, p.text), json: cmp.Or(own.json, p.json), marshaled: own.marshaled}
}

// others draws v without its methods. If its text is known, a lock that the method
// takes may guard the rest, and only what encoding/json reads is read.
func (d *drawing) others(path string, v reflect.Value, depth int, textKnown bool) picture {
	if textKnown {
		d.jsonOnly++
		defer func() { d.jsonOnly-- }()
	}
	return d.byKind(path, v, depth)
}

// withheld returns p, the picture of a value without its methods, for one in which
// something is hidden: the texts that the value makes of itself may have it in them. A
// JSON document it makes has been looked into by the names of its members.
func (d *drawing) withheld(own, p picture) picture {
	if own.text != "" && strings.TrimPrefix(p.text, "&") == "{}" { // nothing of it may be read
		p.text = d.s.rules.replacement
	}
	if own.json != "" && strings.ContainsAny(own.json[:1], "{[") {
		p.json = own.json
	}
	return p
}

// byKind draws what fmt and encoding/json would make of v if it had no methods.
func (d *drawing) byKind(path string, v reflect.Value, depth int) picture {
	switch v.Kind() {
	case reflect.Interface:
		return d.value(path, v.Elem(), depth)
	case reflect.Pointer:
		return d.pointer(path, v, depth)
	case reflect.Struct:
		return d.structure(path, v, depth)
	case reflect.Map:
		return d.mapping(path, v, depth)
	case reflect.Slice, reflect.Array:
		return d.list(path, v, depth)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return picture{text: v.Type().String(), json: "null"}
	case reflect.String:
		text, _ := d.scrub(v.String())
		return textPicture(text)
	}
	return d.scalar(v)
}

// scalar draws a number or a bool.
func (d *drawing) scalar(v reflect.Value) picture {
	text := fmt.Sprint(v) // fmt prints what v holds
	if v.CanInterface() {
		text = fmt.Sprint(bare(v))
	}
	scrubbed, found := d.scrub(text)
	js := text
	if v.CanFloat() && !found { // JSON has the digits of a large one
		js = jsonFloat(v, js)
		if shown, hides := d.scrub(js); hides {
			scrubbed, found = shown, true
		}
	}
	if k := v.Kind(); found || !json.Valid([]byte(js)) || k == reflect.Complex64 || k == reflect.Complex128 {
		js = quoted(scrubbed)
	}
	return picture{text: scrubbed, json: js}
}

// jsonFloat returns v as encoding/json has it, or text if that can't.
func jsonFloat(v reflect.Value, text string) string {
	b, err := json.Marshal(v.Float())
	if v.Kind() == reflect.Float32 {
		b, err = json.Marshal(float32(v.Float()))
	}
	if err != nil {
		return text
	}
	return string(b)
}

// bare returns v's number or bool without the methods of its type.
func bare(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case v.CanComplex():
		return v.Complex()
	}
	return v.Bool()
}

func (d *drawing) pointer(path string, v reflect.Value, depth int) picture {
	switch {
	case v.IsNil():
		return picture{text: "<nil>", json: "null"}
	case !v.CanInterface(): // neither fmt nor encoding/json follows it
		return picture{text: fmt.Sprintf("%#x", v.Pointer()), json: "null"}
	}
	p := d.value(path, v.Elem(), depth+1)
	if depth == 0 && p.text != d.s.rules.replacement && strings.ContainsAny(p.text[:min(len(p.text), 1)], "{[m") { // as fmt does
		p.text = "&" + p.text
	}
	return p
}

func (d *drawing) list(path string, v reflect.Value, depth int) picture {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return d.bytes(path, v)
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		return picture{text: "[]", json: "null"}
	}
	texts, jsons := make([]string, v.Len()), make([]string, v.Len())
	for i := range v.Len() {
		if d.s.nodes < 0 {
			return d.beyond()
		}
		p := d.value(path, v.Index(i), depth+1)
		texts[i], jsons[i] = p.text, p.json
	}
	return picture{text: "[" + strings.Join(texts, " ") + "]", json: "[" + strings.Join(jsons, ",") + "]"}
}

// bytes hides bytes whose text has a pattern in it, or a member to hide if it
// begins as JSON: text handlers print them as text.
func (d *drawing) bytes(path string, v reflect.Value) picture {
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	if _, found := d.scrub(string(b)); found || d.hidesIn(path, b) {
		return d.secret()
	}
	return picture{text: fmt.Sprint(b), json: quoted(base64.StdEncoding.EncodeToString(b))}
}

// An entry is a key of a map, as text, and its value.
type entry struct {
	key   string
	value picture
}

func (d *drawing) mapping(path string, v reflect.Value, depth int) picture {
	if v.IsNil() {
		return picture{text: "map[]", json: "null"}
	}
	var entries []entry
	for it := v.MapRange(); it.Next(); {
		if d.s.nodes < 0 {
			return d.beyond()
		}
		key := d.value(path, it.Key(), depth+1)
		entries = append(entries, entry{key.text, d.member(dotted(path), keyNames(it.Key(), key), it.Value(), depth+1)})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	texts, jsons := make([]string, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		texts[i], jsons[i] = e.key+":"+e.value.text, quoted(e.key)+":"+e.value.json
	}
	return picture{text: "map[" + strings.Join(texts, " ") + "]", json: "{" + strings.Join(jsons, ",") + "}"}
}

// dotted returns path ready for the name of a member.
func dotted(path string) string {
	if path == "" || strings.HasSuffix(path, ".") {
		return path
	}
	return strings.ReplaceAll(path, alternative, "."+alternative) + "."
}

func (d *drawing) structure(path string, v reflect.Value, depth int) picture {
	var texts, jsons []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, names := fieldNames(f)
		if d.jsonOnly > 0 && !f.IsExported() && (!f.Anonymous || f.Type.Kind() == reflect.Pointer) {
			if d.s.rules.memberHides(dotted(path), names, f.Type) {
				texts = append(texts, f.Name+":"+d.secret().text)
			}
			continue
		}
		p := d.field(dotted(path), f, names, v.Field(i), depth+1)
		texts = append(texts, f.Name+":"+p.text)
		if member := jsonMember(f, name, options, v.Field(i), p.json); member != "" {
			jsons = append(jsons, member)
		}
	}
	return picture{text: "{" + strings.Join(texts, " ") + "}", json: "{" + strings.Join(jsons, ",") + "}"}
}

// field draws what stands in a field that goes by these names.
func (d *drawing) field(path string, f reflect.StructField, names []string, v reflect.Value, depth int) picture {
	if d.s.rules.hidesAny(path, names) {
		return d.secret()
	}
	return d.value(d.s.rules.below(path, placeNames(f, names)), v, depth)
}

// placeNames returns the names under which the members of a field's value stand: with none
// if they are also those of the struct that it is embedded in.
func placeNames(f reflect.StructField, names []string) []string {
	if f.Anonymous && len(names) == 1 {
		return []string{names[0], ""}
	}
	return names
}

// fieldNames returns the name and the options of a field's JSON tag, and all names
// that it goes by.
func fieldNames(f reflect.StructField) (name, options string, names []string) {
	name, options, _ = strings.Cut(f.Tag.Get("json"), ",")
	if name == "" || name == "-" {
		return name, options, []string{f.Name}
	}
	return name, options, []string{name, f.Name}
}

// jsonMember returns a field as encoding/json shows it, or nothing.
func jsonMember(f reflect.StructField, name, options string, v reflect.Value, js string) string {
	embedded := f.Anonymous && name == "" && strings.HasPrefix(js, "{")
	switch {
	case embedded: // its members are the struct's
		return strings.TrimSuffix(strings.TrimPrefix(js, "{"), "}")
	case !f.IsExported(), f.Tag.Get("json") == "-":
		return ""
	case slices.Contains(strings.Split(options, ","), "omitempty") && jsonEmpty(v),
		slices.Contains(strings.Split(options, ","), "omitzero") && v.IsZero():
		return ""
	case name == "":
		name = f.Name
	}
	return quoted(name) + ":" + js
}

func jsonEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
