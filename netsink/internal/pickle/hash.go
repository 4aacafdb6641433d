package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"strconv"
)

// An encodedKey identifies a key that is no plain value of Go.
type encodedKey string

// hash returns what identifies v as a key: equal for what Python has equal, such as 1,
// 1.0 and True. It is an error for what can't be a key.
func (r *reader) hash(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return v, r.spend(len(v))
	case int64:
		return v, nil
	}
	id, err := r.appendKey(nil, v, 0)
	if err != nil || len(id) != 9 || id[0] != 'i' {
		return encodedKey(id), err
	}
	return int64(binary.BigEndian.Uint64(id[1:])), nil
}

// appendKey appends what identifies v, in a form that tells where it ends.
func (r *reader) appendKey(dst []byte, v any, depth int) ([]byte, error) {
	if depth > r.limits.Depth {
		return dst, r.fail("a key is nested deeper than %d levels", r.limits.Depth)
	}
	if err := r.spend(16); err != nil {
		return dst, err
	}
	switch v := v.(type) {
	case nil:
		return append(dst, 'N'), nil
	case bool:
		if v {
			return appendIntKey(dst, 1), nil
		}
		return appendIntKey(dst, 0), nil
	case int64:
		return appendIntKey(dst, v), nil
	case float64:
		return r.appendFloatKey(dst, v), nil
	case *big.Int:
		return r.appendTextKey(dst, 'I', v.Text(16))
	case string:
		return r.appendTextKey(dst, 's', v)
	case surrogates:
		return r.appendTextKey(dst, 'S', string(v))
	case []byte:
		return r.appendTextKey(dst, 'b', string(v))
	case *node:
		return r.appendNodeKey(dst, v, depth)
	case Bytearray:
		return dst, r.fail("a bytearray is no key")
	case *narrow:
		return dst, r.fail("%s", notUTF8)
	}
	return r.appendTextKey(dst, 'o', string(AppendText(nil, final(v), true))) // a Text, or a Complex
}

func appendIntKey(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 'i'), uint64(n))
}

// appendFloatKey has whole numbers as the int that they equal. NaN equals nothing.
func (r *reader) appendFloatKey(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		r.nans++
		return binary.BigEndian.AppendUint64(append(dst, 'n'), uint64(r.nans))
	case f != math.Trunc(f) || math.IsInf(f, 0):
		return binary.BigEndian.AppendUint64(append(dst, 'f'), math.Float64bits(f))
	case math.Abs(f) < 1<<62:
		return appendIntKey(dst, int64(f))
	}
	n, _ := big.NewFloat(f).Int(nil)
	if n.IsInt64() {
		return appendIntKey(dst, n.Int64())
	}
	dst, _ = r.appendTextKey(dst, 'I', n.Text(16))
	return dst
}

func (r *reader) appendTextKey(dst []byte, tag byte, text string) ([]byte, error) {
	dst = strconv.AppendInt(append(dst, tag), int64(len(text)), 10)
	return append(append(dst, ':'), text...), r.spend(len(text))
}

// appendNodeKey is for the containers that can be keys. An object is one by its identity.
func (r *reader) appendNodeKey(dst []byte, n *node, depth int) ([]byte, error) {
	switch n.kind {
	case objectKind:
		return strconv.AppendInt(append(dst, 'x'), int64(r.identify(n)), 10), nil
	case tupleKind, frozensetKind:
	default:
		return dst, r.fail("a %v is no key", n.kind)
	}
	keys := make([]string, len(n.items))
	for i, v := range n.items {
		key, err := r.appendKey(nil, v, depth+1)
		if err != nil {
			return dst, err
		}
		keys[i] = string(key)
	}
	if n.kind == frozensetKind {
		slices.Sort(keys)
	}
	dst = strconv.AppendInt(append(dst, 't', byte(n.kind)), int64(len(keys)), 10)
	dst = append(dst, ':')
	for _, key := range keys {
		dst = append(dst, key...)
	}
	return dst, r.spend(len(dst))
}

// identify returns a number for an object that is a key.
func (r *reader) identify(n *node) int {
	if r.identities == nil {
		r.identities = map[*node]int{}
	}
	id, ok := r.identities[n]
	if !ok {
		id = len(r.identities)
		r.identities[n] = id
	}
	return id
}
