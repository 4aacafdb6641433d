// Package literal reads the Python expressions of args=, kwargs= and defaults= in a
// logging.conf, which fileConfig evaluates. Here nothing is evaluated: what
// [ast.literal_eval] takes is understood, and a few names beside it, which are
// those of levels, sys.stdout, sys.stderr and the constants of logging.handlers.
// Everything else is code, and is refused with its place and the reason.
//
// [ast.literal_eval]: https://docs.python.org/3/library/ast.html#ast.literal_eval
package literal

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
)

// A Value is a Python value with the place where its text begins:
//
//	None            nil
//	bool            bool
//	int             int64, or *big.Int beyond 64 bits
//	float, complex  float64, complex128
//	str             string, or Surrogates if it has lone surrogates
//	bytes           Bytes
//	list, tuple     List, Tuple
//	dict, set       Dict, Set, in the order of the text
//	sys.stdout      Name
type Value struct {
	V         any
	Line, Col int // from 1; Col counts characters
}

// The Python types that have no one Go counterpart.
type (
	List  []Value
	Tuple []Value
	Set   []Value
	Bytes []byte
	Dict  []Item

	// Item is one key of a Dict with its value.
	Item struct{ Key, Value Value }

	// Name is the name of a stream, sys.stdout or sys.stderr.
	Name string

	// Surrogates are the code points of a str with lone surrogates, which no
	// Go string holds.
	Surrogates []rune
)

// Get returns the value of a string key, and whether it is there.
func (d Dict) Get(key string) (Value, bool) {
	for _, it := range d {
		if it.Key.V == key {
			return it.Value, true
		}
	}
	return Value{}, false
}

// TypeName is the name of a value's Python type.
func (v Value) TypeName() string {
	switch v.V.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case complex128:
		return "complex"
	case string, Surrogates:
		return "str"
	case Bytes:
		return "bytes"
	case List:
		return "list"
	case Tuple:
		return "tuple"
	case Set:
		return "set"
	case Dict:
		return "dict"
	case Name:
		return "stream"
	}
	return fmt.Sprintf("%T", v.V)
}

// hash returns a text that is the same for values that Python takes for the
// same key, as it does for 1, 1.0 and True. The error is a value that cannot
// be a key.
func (v Value) hash() (string, error) {
	switch x := v.V.(type) {
	case nil:
		return "None", nil
	case bool:
		return hashBool(x), nil
	case int64:
		return "#" + strconv.FormatInt(x, 10), nil
	case *big.Int:
		return "#" + x.Text(10), nil
	case float64:
		return hashFloat(x), nil
	case complex128:
		if imag(x) == 0 {
			return hashFloat(real(x)), nil
		}
		return hashFloat(real(x)) + "+" + hashFloat(imag(x)) + "j", nil
	case string:
		return "'" + x, nil
	case Surrogates:
		return `\` + string(AppendRepr(nil, v)), nil
	case Bytes:
		return "b" + string(x), nil
	case Name:
		return "." + string(x), nil
	case Tuple:
		return hashTuple(x)
	}
	return "", newError(Invalid, v.Line, v.Col, "", "unhashable type: '"+v.TypeName()+"' cannot be a key")
}

func hashBool(b bool) string {
	if b {
		return "#1"
	}
	return "#0"
}

// hashFloat hashes a whole number as the int.
func hashFloat(f float64) string {
	if whole, accuracy := big.NewFloat(f).Int(nil); whole != nil && accuracy == big.Exact {
		return "#" + whole.Text(10)
	}
	return "#" + strconv.FormatFloat(f, 'g', -1, 64)
}

// hashTuple gives each item its length, so that no two tuples run together.
func hashTuple(items Tuple) (string, error) {
	b := []byte("(")
	for _, it := range items {
		h, err := it.hash()
		if err != nil {
			return "", err
		}
		b = strconv.AppendInt(b, int64(len(h)), 10)
		b = append(b, ':')
		b = append(b, h...)
	}
	return string(b), nil
}

// keys finds what is in a dict or a set already.
type keys map[string]int

// add returns the index of the same key, or that of a new one.
func (k keys) add(v Value) (index int, err error) {
	h, err := v.hash()
	if err != nil {
		return 0, err
	}
	index, ok := k[h]
	if !ok {
		index = len(k)
		k[h] = index
	}
	return index, nil
}

func newDict(items []Item) (Dict, error) {
	d, seen := Dict{}, keys{}
	for _, it := range items {
		i, err := seen.add(it.Key)
		if err != nil {
			return nil, err
		}
		if i == len(d) {
			d = append(d, it)
		} else {
			d[i].Value = it.Value
		}
	}
	return d, nil
}

func newSet(items []Value) (Set, error) {
	s, seen := Set{}, keys{}
	for _, it := range items {
		i, err := seen.add(it)
		if err != nil {
			return nil, err
		}
		if i == len(s) {
			s = append(s, it)
		}
	}
	return s, nil
}

// Equal reports whether two values are the same, wherever their texts stand.
// Unlike Python it tells apart 1, 1.0 and True, and 0.0 and -0.0.
func Equal(a, b Value) bool { return string(AppendRepr(nil, a)) == string(AppendRepr(nil, b)) }

// Streams are the names that are streams.
func Streams() []Name { return slices.Clone(streams) }

var streams = []Name{"sys.stdout", "sys.stderr"}
