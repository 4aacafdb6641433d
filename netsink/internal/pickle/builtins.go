package pickle

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// A texter is a value that other values are made of, and becomes a Text.
type texter interface{ text() Text }

// makeEncoded is _codecs.encode(str, "latin1"), which is bytes below protocol 3.
func makeEncoded(r *reader, args []any) (any, error) {
	if len(args) != 2 || args[1] != "latin1" && args[1] != "latin-1" {
		return r.badArgs("_codecs.encode")
	}
	s, ok1 := args[0].(string)
	p, ok2 := toLatin1(s)
	if !ok1 || !ok2 {
		return r.badArgs("_codecs.encode")
	}
	return p, r.spend(len(s))
}

// makeBytes is bytes(), which is b"" below protocol 3.
func makeBytes(r *reader, args []any) (any, error) {
	if len(args) != 0 {
		return r.badArgs("bytes")
	}
	return []byte{}, nil
}

func makeBytearray(r *reader, args []any) (any, error) {
	switch len(args) {
	case 0:
		return Bytearray{}, nil
	case 1:
		if p, ok := args[0].([]byte); ok {
			return Bytearray(bytes.Clone(p)), r.spend(len(p))
		}
	case 2: // as older ones have it
		if p, err := makeEncoded(r, args); err == nil {
			return Bytearray(p.([]byte)), nil
		}
	}
	return r.badArgs("bytearray")
}

func makeComplex(r *reader, args []any) (any, error) {
	if len(args) == 2 {
		re, ok1 := args[0].(float64)
		im, ok2 := args[1].(float64)
		if ok1 && ok2 {
			return Complex(complex(re, im)), nil
		}
	}
	return r.badArgs("complex")
}

func makeSet(r *reader, args []any) (any, error)       { return r.setOf(setKind, args) }
func makeFrozenset(r *reader, args []any) (any, error) { return r.setOf(frozensetKind, args) }

// setOf makes a set of the list that it is below protocol 4.
func (r *reader) setOf(k kind, args []any) (any, error) {
	if len(args) != 1 {
		return r.badArgs(k.String())
	}
	list, ok := args[0].(*node)
	if !ok || list.kind != listKind {
		return r.badArgs(k.String())
	}
	if err := r.spend(16 * len(list.items)); err != nil {
		return nil, err
	}
	n := &node{kind: k}
	return n, r.addAll(n, list.items)
}

// makeOrdered is OrderedDict(), or of Python 2 OrderedDict([[key, value], ...]).
func makeOrdered(r *reader, args []any) (any, error) {
	n := &node{kind: orderedKind}
	if len(args) == 0 {
		return n, nil
	}
	list, ok := args[0].(*node)
	if !ok || list.kind != listKind || len(args) > 1 {
		return r.badArgs("OrderedDict")
	}
	for _, v := range list.items {
		pair, ok := v.(*node)
		if !ok || pair.kind != listKind || len(pair.items) != 2 {
			return r.badArgs("OrderedDict")
		}
		if err := r.spend(32); err != nil {
			return nil, err
		}
		if err := r.setAll(n, pair.items); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// makeRange is range(start, stop, step).
func makeRange(r *reader, args []any) (any, error) {
	if len(args) != 3 || slices.ContainsFunc(args, func(v any) bool { return typeName(v) != "int" }) {
		return r.badArgs("range")
	}
	text := fmt.Sprintf("range(%s, %s)", str(args[0]), str(args[1]))
	if step := str(args[2]); step != "1" {
		text = text[:len(text)-1] + ", " + step + ")"
	}
	return Text{"builtins.range", text, text}, r.spend(len(text))
}

// makeType is type(None) and the like, which have no name that they could be found by.
func makeType(r *reader, args []any) (any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case nil:
			return Text{"type", "<class 'NoneType'>", "<class 'NoneType'>"}, nil
		case *global:
			if v.class != nil && v.name == "builtins.Ellipsis" {
				return Text{"type", "<class 'ellipsis'>", "<class 'ellipsis'>"}, nil
			}
			if v.class != nil && v.name == "builtins.NotImplemented" {
				return Text{"type", "<class 'NotImplementedType'>", "<class 'NotImplementedType'>"}, nil
			}
		}
	}
	return r.badArgs("type")
}

// uuidOf returns the UUID that a state of {"int": N} makes.
func uuidOf(state any) (Text, bool) {
	n, ok := state.(*node)
	if !ok || n.kind != dictKind {
		return Text{}, false
	}
	number, ok := n.get("int")
	if !ok {
		return Text{}, false
	}
	v := bigOf(number)
	if v == nil || v.Sign() < 0 || v.BitLen() > 128 {
		return Text{}, false
	}
	s := fmt.Sprintf("%032x", v)
	s = strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
	return Text{uuidClass, s, "UUID('" + s + "')"}, true
}

// bigOf returns an int, or nil for what is none.
func bigOf(v any) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return v
	}
	return nil
}

// pathOf makes a path of its parts.
func pathOf(class string) func(*reader, []any) (any, error) {
	separator := "/"
	if strings.Contains(class, "Windows") {
		separator = `\`
	}
	return func(r *reader, args []any) (any, error) {
		var path strings.Builder
		for i, v := range args {
			part, ok := v.(string)
			if !ok {
				return r.badArgs(class)
			}
			if err := r.spend(len(part) + 1); err != nil {
				return nil, err
			}
			if i > 0 && !strings.HasSuffix(args[i-1].(string), separator) {
				path.WriteString(separator)
			}
			path.WriteString(part)
		}
		if path.Len() == 0 {
			path.WriteByte('.')
		}
		return newPath(class, path.String()), nil
	}
}

func newPath(class, path string) Text {
	shown := path
	if strings.Contains(class, "Windows") {
		shown = strings.ReplaceAll(path, `\`, "/")
	}
	return Text{"pathlib." + class, path, class + "(" + string(appendQuoted(nil, shown)) + ")"}
}
