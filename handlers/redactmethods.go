package handlers

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// byMethods draws what v says of itself: what fmt and encoding/json would ask
// for. What it says nothing of is "".
func (d *drawing) byMethods(path string, v reflect.Value, depth int) (own picture) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return picture{}
	}
	var x any
	if v.NumMethod() > 0 { // else a copy could be made while somebody changes the value
		x = v.Interface()
	}
	defer func() {
		if recover() != nil {
			d.s.rules.tell("a " + v.Type().String())
			own = d.secret()
		}
	}()
	own.text = d.ownText(x)
	if err, ok := x.(error); ok {
		d.chain(path, err, depth)
	}
	own.marshaled = d.marshaledText(x)
	if v.CanAddr() {
		x = v.Addr().Interface()
	}
	own.json = d.ownJSON(path, x)
	if v.Kind() == reflect.Slice && own.json != "" && own.text == "" && d.found {
		own.text = d.s.rules.replacement // its bytes would tell what the JSON hides
	}
	return own
}

// ownText returns what fmt would print for x by a method of its own.
func (d *drawing) ownText(x any) (text string) {
	switch m := x.(type) {
	case fmt.Formatter:
		d.saysElse(m)
		return d.formatted(m)
	case error:
		text, _ = d.scrub(m.Error())
	case fmt.Stringer:
		text, _ = d.scrub(m.String())
	}
	return text
}

// saysElse looks for patterns in what m says where nobody formats it: the standard
// library's JSON handler asks errors for their Error.
func (d *drawing) saysElse(m fmt.Formatter) {
	switch m := m.(type) {
	case error:
		d.scrub(m.Error())
	case fmt.Stringer:
		d.scrub(m.String())
	}
}

// ownJSON returns what encoding/json would print for x by a method of its own.
func (d *drawing) ownJSON(path string, x any) string {
	switch m := x.(type) {
	case json.Marshaler:
		return d.marshaled(path, m)
	case encoding.TextMarshaler:
		return quoted(d.textOf(m))
	}
	return ""
}

// marshaledText returns what handlers print that ask for MarshalText first. Without
// patterns there is nothing to look for in it.
func (d *drawing) marshaledText(x any) string {
	m, ok := x.(encoding.TextMarshaler)
	if !ok || len(d.s.rules.patterns) == 0 {
		return ""
	}
	return d.textOf(m)
}

// textOf returns what m's MarshalText returns. Its error might tell what it is about.
func (d *drawing) textOf(m encoding.TextMarshaler) string {
	text, err := m.MarshalText()
	if err != nil {
		d.s.rules.tell(fmt.Sprintf("a %T", m))
		return d.secret().text
	}
	scrubbed, _ := d.scrub(string(text))
	return scrubbed
}

// chain looks into the errors that err wraps, whose texts are mostly part of its own.
// Each is looked into once.
func (d *drawing) chain(path string, err error, depth int) {
	wrapped := unwrapped(err)
	if len(wrapped) == 0 {
		return
	}
	once := reflect.TypeOf(err).Kind() == reflect.Pointer // else it may not be comparable
	if hidden, known := false, false; once {
		if hidden, known = d.chains[err]; known {
			if hidden {
				d.secret()
			}
			return
		}
		if d.chains == nil {
			d.chains = map[error]bool{}
		}
		d.chains[err] = false
	}
	before := d.hidden
	for _, w := range wrapped {
		d.value(path, reflect.ValueOf(w), depth+1)
	}
	if once {
		d.chains[err] = d.hidden > before
	}
}

// unwrapped returns the errors that err wraps, as errors.Is finds them, or its Cause.
func unwrapped(err error) []error {
	switch w := err.(type) {
	case interface{ Unwrap() error }:
		if one := w.Unwrap(); one != nil {
			return []error{one}
		}
	case interface{ Unwrap() []error }:
		return w.Unwrap()
	case interface{ Cause() error }: // older than Unwrap
		if one := w.Cause(); one != nil && !(reflect.ValueOf(one).Comparable() && one == err) {
			return []error{one}
		}
	}
	return nil
}

// formatted returns what fmt makes of m. It catches panics, and tells what
// they were about.
func (d *drawing) formatted(m fmt.Formatter) string {
	text := fmt.Sprintf("%+v", m)
	if strings.Contains(text, "(PANIC=") {
		d.s.rules.tell(fmt.Sprintf("a %T", m))
		return d.secret().text
	}
	text, _ = d.scrub(text)
	return text
}

// marshaled returns what m makes of itself, its members looked into.
func (d *drawing) marshaled(path string, m json.Marshaler) string {
	raw, err := json.Marshal(m)
	if err != nil {
		d.s.rules.tell(fmt.Sprintf("a %T", m))
		return d.secret().json
	}
	js, ok := d.document(path, raw)
	if !ok {
		return d.secret().json
	}
	return js
}
