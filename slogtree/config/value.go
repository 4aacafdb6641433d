package config

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A valueKind is what a value is.
type valueKind uint8

const (
	null valueKind = iota
	boolean
	integer
	float
	text
	external // what Python finds by a name, as sys.stdout: ext://sys.stdout
	list
	table
)

// String returns the name that errors use.
func (k valueKind) String() string {
	return [...]string{"null", "true or false", "a whole number", "a number", "text", "a name of Python", "a list", "a table"}[k]
}

// A value is one value of a document, with its place. It is never changed once the
// document is read.
type value struct {
	kind         valueKind
	boolean      bool
	integer      int64
	float        float64
	text         string   // of text and external; of an integer that does not fit, with kind float
	list         []*value // of a list
	members      []member // of a table, in the order of the document
	line, column int      // from 1; 0 is unknown
}

// A member is one key of a table.
type member struct {
	key   *value // text
	value *value
}

func textValue(s string) *value { return &value{kind: text, text: s} }

// get returns the value of a key, nil if there is none.
func (v *value) get(key string) *value {
	for i := range v.members {
		if v.members[i].key.text == key {
			return v.members[i].value
		}
	}
	return nil
}

// isNull reports whether v is null or missing.
func (v *value) isNull() bool { return v == nil || v.kind == null }

// truth reports what Python's bool(v) is.
func (v *value) truth() bool {
	if v == nil {
		return false
	}
	switch v.kind {
	case boolean:
		return v.boolean
	case integer:
		return v.integer != 0
	case float:
		return v.float != 0
	case text:
		return v.text != ""
	case list:
		return len(v.list) > 0
	case table:
		return len(v.members) > 0
	}
	return v.kind == external
}

// maxShort is how many bytes of a value an error shows.
const maxShort = 80

// short returns v as an error shows it.
func (v *value) short() string {
	switch v.kind {
	case null:
		return "null"
	case boolean:
		return strconv.FormatBool(v.boolean)
	case integer:
		return strconv.FormatInt(v.integer, 10)
	case float:
		if v.text != "" {
			return shorten(v.text)
		}
		return strconv.FormatFloat(v.float, 'g', -1, 64)
	case text:
		return strconv.Quote(shorten(v.text))
	case external:
		return strconv.Quote("ext://" + shorten(v.text))
	case list:
		return "a list of " + strconv.Itoa(len(v.list))
	}
	return "a table of " + strconv.Itoa(len(v.members))
}

// shorten cuts s to what an error shows.
func shorten(s string) string {
	if len(s) <= maxShort {
		return s
	}
	cut := maxShort
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// keys returns the keys of a table.
func (v *value) keys() []string {
	keys := make([]string, len(v.members))
	for i := range v.members {
		keys[i] = v.members[i].key.text
	}
	return keys
}

// join returns the path of a key.
func join(path, key string) string {
	if strings.ContainsAny(key, ".[] \"\n") || key == "" {
		return path + "[" + strconv.Quote(shorten(key)) + "]"
	}
	if path == "" {
		return shorten(key)
	}
	return path + "." + shorten(key)
}
