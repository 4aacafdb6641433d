package pickle

import (
	"encoding/json"
	"math"
	"math/big"
)

// appendJSON appends v as JSON. Numbers that JSON has no word for are strings, and so is
// all that prints as text.
func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil, bool, int64, string, []byte, *big.Int:
		return appendMarshalled(dst, v)
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return appendMarshalled(dst, v)
		}
	case Bytearray:
		return appendMarshalled(dst, []byte(v))
	case []any:
		return appendArray(dst, v)
	case Tuple:
		return appendArray(dst, v)
	case Set:
		return appendArray(dst, v)
	case Frozenset:
		return appendArray(dst, v)
	case Dict:
		return appendObject(dst, v)
	case OrderedDict:
		return appendObject(dst, v)
	}
	return appendMarshalled(dst, str(v))
}

// appendMarshalled appends v, of a type that encoding/json never fails for.
func appendMarshalled(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, text...)
}

func appendArray(dst []byte, items []any) []byte {
	dst = append(dst, '[')
	for i, v := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, v)
	}
	return append(dst, ']')
}

// appendObject appends an object whose keys are the texts of the dict's.
func appendObject(dst []byte, pairs []Item) []byte {
	dst = append(dst, '{')
	for i := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendMarshalled(dst, str(pairs[i].Key)), ':')
		dst = appendJSON(dst, pairs[i].Value)
	}
	return append(dst, '}')
}

func (t Tuple) MarshalJSON() ([]byte, error)       { return appendJSON(nil, t), nil }
func (s Set) MarshalJSON() ([]byte, error)         { return appendJSON(nil, s), nil }
func (s Frozenset) MarshalJSON() ([]byte, error)   { return appendJSON(nil, s), nil }
func (b Bytearray) MarshalJSON() ([]byte, error)   { return appendJSON(nil, b), nil }
func (d Dict) MarshalJSON() ([]byte, error)        { return appendJSON(nil, d), nil }
func (d OrderedDict) MarshalJSON() ([]byte, error) { return appendJSON(nil, d), nil }
func (c Complex) MarshalJSON() ([]byte, error)     { return appendJSON(nil, c), nil }
func (t Text) MarshalJSON() ([]byte, error)        { return appendJSON(nil, t), nil }
func (c Cycle) MarshalJSON() ([]byte, error)       { return appendJSON(nil, c), nil }
func (o Object) MarshalJSON() ([]byte, error)      { return appendJSON(nil, o), nil }
