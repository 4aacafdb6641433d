package oracle

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A Value is a Python value, decoded from tagged JSON:
//
//	None               nil
//	bool, str          bool, string
//	int                int64, or *big.Int beyond 64 bits
//	float              float64
//	complex            complex128
//	list, tuple        List, Tuple
//	dict               Dict, in insertion order
//	bytes, bytearray   Bytes, Bytearray
//	set, frozenset     Set, Frozenset
//	anything else      Object
//
// A str with lone surrogates, which no Go string holds, is a Surrogates, and
// a reference to a container that encloses the value is a Cycle.
type Value struct{ V any }

// The Python types that have no one Go counterpart.
type (
	List      []any
	Tuple     []any
	Set       []any
	Frozenset []any
	Bytes     []byte
	Bytearray []byte

	// Dict is a dict in insertion order.
	Dict []Item

	// Item is one key of a Dict with its value.
	Item struct{ Key, Value any }

	// Surrogates are the code points of a str with lone surrogates.
	Surrogates []rune

	// Cycle refers to the enclosing container at that depth, 0 the outermost.
	Cycle int

	// Object is a value of a class that has no JSON form.
	Object struct{ Class, Str, Repr string }
)

// Get returns the value of the string key, and whether it is there.
func (d Dict) Get(key string) (any, bool) {
	for _, it := range d {
		if it.Key == key {
			return it.Value, true
		}
	}
	return nil, false
}

// UnmarshalJSON decodes tagged JSON.
func (v *Value) UnmarshalJSON(data []byte) error {
	x, err := Decode(data)
	v.V = x
	return err
}

// Attributes are the attributes of a record, in order: a JSON object whose
// values are tagged.
type Attributes Dict

// Get returns the value of the attribute, and whether it is there.
func (a Attributes) Get(key string) (any, bool) { return Dict(a).Get(key) }

// UnmarshalJSON decodes the object, and keeps the order of its keys. A null
// is no attributes.
func (a *Attributes) UnmarshalJSON(data []byte) error {
	if *a = nil; string(data) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return fmt.Errorf("oracle: %.40s is no object", data)
	}
	*a = Attributes{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var v Value
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
		*a = append(*a, Item{key, v.V})
	}
	return nil
}

// Decode decodes one tagged value.
func Decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return nil, fmt.Errorf("oracle: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("oracle: text after the value in %.40s", data)
	}
	return untag(x)
}

func untag(x any) (any, error) {
	switch x := x.(type) {
	case json.Number:
		return number(x.String())
	case []any:
		items, err := untagAll(x)
		return List(items), err
	case map[string]any:
		return tagged(x)
	}
	return x, nil // nil, bool, string
}

func number(s string) (any, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("oracle: the number %s has no tag and is no int", s)
	}
	return n, nil
}

func untagAll(items []any) ([]any, error) {
	out := make([]any, len(items))
	for i, it := range items {
		v, err := untag(it)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func tagged(m map[string]any) (any, error) {
	if class, ok := m["$obj"].(string); ok {
		str, _ := m["str"].(string)
		repr, _ := m["repr"].(string)
		return Object{class, str, repr}, nil
	}
	if len(m) == 1 {
		for tag, v := range m {
			if s, ok := v.(string); ok {
				return taggedText(tag, s)
			}
			if items, ok := v.([]any); ok {
				return taggedItems(tag, items)
			}
			if n, ok := v.(json.Number); ok && tag == "$cycle" {
				depth, err := strconv.Atoi(n.String())
				return Cycle(depth), err
			}
		}
	}
	return nil, fmt.Errorf("oracle: %v is no tagged value", m)
}

func taggedText(tag, s string) (any, error) {
	switch tag {
	case "$float":
		return float(s)
	case "$bytes":
		b, err := base64.StdEncoding.DecodeString(s)
		return Bytes(b), err
	case "$bytearray":
		b, err := base64.StdEncoding.DecodeString(s)
		return Bytearray(b), err
	}
	return nil, fmt.Errorf("oracle: unknown tag %q", tag)
}

func float(s string) (any, error) {
	f, err := strconv.ParseFloat(s, 64)
	if s == "nan" {
		return math.NaN(), nil
	}
	return f, err
}

func taggedItems(tag string, items []any) (any, error) {
	vs, err := untagAll(items)
	if err != nil {
		return nil, err
	}
	switch tag {
	case "$tuple":
		return Tuple(vs), nil
	case "$set":
		return Set(vs), nil
	case "$frozenset":
		return Frozenset(vs), nil
	case "$dict":
		return dict(vs)
	case "$complex":
		return complexOf(vs)
	case "$str":
		return surrogates(vs)
	case "$repeat":
		return repeat(vs)
	}
	return nil, fmt.Errorf("oracle: unknown tag %q", tag)
}

func dict(pairs []any) (any, error) {
	d := make(Dict, len(pairs))
	for i, p := range pairs {
		kv, ok := p.(List)
		if !ok || len(kv) != 2 {
			return nil, fmt.Errorf("oracle: %v in a $dict is no pair", p)
		}
		d[i] = Item{kv[0], kv[1]}
	}
	return d, nil
}

func complexOf(parts []any) (any, error) {
	var f [2]float64
	for i, p := range parts {
		s, ok := p.(string)
		if !ok || len(parts) != 2 {
			return nil, fmt.Errorf("oracle: bad $complex %v", parts)
		}
		v, err := float(s)
		if err != nil {
			return nil, err
		}
		f[i] = v.(float64)
	}
	return complex(f[0], f[1]), nil
}

func surrogates(points []any) (any, error) {
	out := make(Surrogates, len(points))
	for i, p := range points {
		n, ok := p.(int64)
		if !ok {
			return nil, fmt.Errorf("oracle: bad $str %v", points)
		}
		out[i] = rune(n)
	}
	return out, nil
}

func repeat(v []any) (any, error) {
	if len(v) == 3 {
		unit, ok1 := v[0].(string)
		n, ok2 := v[1].(int64)
		tail, ok3 := v[2].(string)
		if ok1 && ok2 && ok3 && n >= 0 {
			return strings.Repeat(unit, int(n)) + tail, nil
		}
	}
	return nil, fmt.Errorf("oracle: bad $repeat %v", v)
}
