package handlers

import (
	"bytes"
	"encoding/json"
	"strings"
)

// document draws a JSON document that a value has made of itself. It reports
// false for one that nests too deep or is too large to look into.
func (d *drawing) document(path string, raw []byte) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out strings.Builder
	ok := d.json(dec, &out, path, 0)
	return out.String(), ok
}

// hidesIn reports whether there is something to hide in raw, if that begins as JSON:
// one document or several, whole or not.
func (d *drawing) hidesIn(path string, raw []byte) bool {
	if begin := bytes.TrimLeft(raw, " \t\r\n"); len(begin) == 0 || begin[0] != '{' && begin[0] != '[' {
		return false
	}
	hidden, found := d.hidden, d.found
	d.found = false
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	for out := (strings.Builder{}); d.json(dec, &out, path, 0); out.Reset() {
	}
	hides := d.hidden > hidden || d.found
	d.found = d.found || found
	return hides
}

// json draws the next value of dec.
func (d *drawing) json(dec *json.Decoder, out *strings.Builder, path string, depth int) bool {
	token, err := dec.Token()
	if err != nil {
		return false
	}
	if d.s.nodes--; depth > maxRedactDepth || d.s.nodes < 0 {
		d.beyond()
		return false
	}
	switch t := token.(type) {
	case json.Delim:
		return d.container(dec, out, path, depth, t)
	case string:
		text, _ := d.scrub(t)
		out.WriteString(quoted(text))
	case json.Number:
		text, found := d.scrub(t.String())
		if found {
			text = quoted(text)
		}
		out.WriteString(text)
	case bool:
		out.WriteString(map[bool]string{true: "true", false: "false"}[t])
	default:
		out.WriteString("null")
	}
	return true
}

// container draws what stands between open and its counterpart.
func (d *drawing) container(dec *json.Decoder, out *strings.Builder, path string, depth int, open json.Delim) bool {
	out.WriteRune(rune(open))
	for i := 0; dec.More(); i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		ok := false
		if open == '{' {
			ok = d.keyed(dec, out, path, depth)
		} else {
			ok = d.json(dec, out, path, depth+1)
		}
		if !ok {
			return false
		}
	}
	end, err := dec.Token()
	if err != nil {
		return false
	}
	out.WriteRune(rune(end.(json.Delim)))
	return true
}

// keyed draws a member of an object. What it hides is read as well, and thrown away.
func (d *drawing) keyed(dec *json.Decoder, out *strings.Builder, path string, depth int) bool {
	token, err := dec.Token()
	key, isText := token.(string)
	if err != nil || !isText {
		return false
	}
	shown, _ := d.scrub(key)
	out.WriteString(quoted(shown) + ":")
	if d.s.rules.hides(dotted(path), key) {
		var skipped json.RawMessage
		err := dec.Decode(&skipped)
		if d.already == "" || string(skipped) != quoted(d.already) {
			skipped = []byte(d.secret().json)
		}
		_, _ = out.Write(skipped)
		return err == nil
	}
	return d.json(dec, out, d.s.rules.below(path, []string{key}), depth+1)
}
