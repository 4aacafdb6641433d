package literal

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

type literalVector struct {
	ID, Expr string
	Expect   struct {
		Value nameable
		Form  string
		Error *struct{ Class, Text string }
	}
}

// A nameable is a Python value in which streams are {"$name": "sys.stdout"}.
type nameable struct{ v any }

func (n *nameable) UnmarshalJSON(data []byte) (err error) {
	if n.v, err = oracle.Decode(renameStreams(data)); err != nil {
		return fmt.Errorf("%s: %w", data, err)
	}
	n.v, err = fromOracle(n.v)
	return err
}

// An expression that is a literal, or a literal with names, has the value that
// it has in Python. Code is refused as code, even where its value is a literal,
// and what Python finds to be no expression or no value is an error.
func TestOracleLiteral(t *testing.T) {
	tally := oracle.NewTally("literal_args")
	for _, v := range oracle.Load[literalVector](t, "literal_args") {
		got, err := Parse(v.Expr, Limits{})
		understood := (v.Expect.Form == "literal" || v.Expect.Form == "names") && v.Expect.Error == nil
		var e *Error
		switch {
		case understood && (err != nil || !Equal(sortSets(got), Value{V: v.Expect.Value.v})):
			t.Errorf("%s: %q = %v, %v; want %v", v.ID, v.Expr, got, err, Value{V: v.Expect.Value.v})
		case !understood && !errors.As(err, &e):
			t.Errorf("%s: %q = %v, %v; want an error", v.ID, v.Expr, got, err)
		case v.Expect.Form == "code" && e.Kind != Code:
			t.Errorf("%s: %q: %v, which is not refused as code", v.ID, v.Expr, err)
		}
		tally.Replayed()
	}
	tally.Report(t)
}

// fromOracle turns a value of package oracle into one of this package.
func fromOracle(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, *big.Int, float64, complex128, string:
		return v, nil
	case oracle.Surrogates:
		return Surrogates(v), nil
	case oracle.Bytes:
		return Bytes(v), nil
	case oracle.Object:
		return Name(v.Class), nil
	case oracle.List:
		items, err := allFromOracle(v)
		return List(items), err
	case oracle.Tuple:
		items, err := allFromOracle(v)
		return Tuple(items), err
	case oracle.Set:
		items, err := allFromOracle(v)
		return sorted(Set(items)), err
	case oracle.Dict:
		return dictFromOracle(v)
	}
	return nil, fmt.Errorf("no literal: %#v", v)
}

func allFromOracle(items []any) ([]Value, error) {
	out := []Value{}
	for _, it := range items {
		v, err := fromOracle(it)
		if err != nil {
			return nil, err
		}
		out = append(out, Value{V: v})
	}
	return out, nil
}

func dictFromOracle(d oracle.Dict) (any, error) {
	out := Dict{}
	for _, it := range d {
		pair, err := allFromOracle([]any{it.Key, it.Value})
		if err != nil {
			return nil, err
		}
		out = append(out, Item{pair[0], pair[1]})
	}
	return out, nil
}

// sorted sorts sets by repr, as the vectors have them.
func sorted(s Set) Set {
	slices.SortFunc(s, func(a, b Value) int { return slices.Compare(AppendRepr(nil, a), AppendRepr(nil, b)) })
	return s
}

// sortSets sorts all sets in a value.
func sortSets(v Value) Value {
	switch x := v.V.(type) {
	case List:
		for i := range x {
			x[i] = sortSets(x[i])
		}
	case Tuple:
		for i := range x {
			x[i] = sortSets(x[i])
		}
	case Set:
		for i := range x {
			x[i] = sortSets(x[i])
		}
		sorted(x)
	case Dict:
		for i := range x {
			x[i] = Item{sortSets(x[i].Key), sortSets(x[i].Value)}
		}
	}
	return v
}

// renameStreams makes {"$name": "sys.stdout"} the $obj that package oracle knows.
func renameStreams(data []byte) []byte {
	for _, s := range []string{"sys.stdout", "sys.stderr", "sys.stdin"} {
		data = bytes.ReplaceAll(data, []byte(`{"$name":"`+s+`"}`), []byte(`{"$obj":"`+s+`"}`))
	}
	return data
}
