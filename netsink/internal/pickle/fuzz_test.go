package pickle

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// seeds adds what CPython sends, and what is hostile, as far as it is short.
func seeds(f *testing.F) {
	const longest = 4 << 10
	for _, v := range oracle.Load[pickleVector](f, "pickles") {
		if p, err := v.payload(); err == nil && len(p) < longest {
			f.Add(p)
		}
	}
	for _, v := range oracle.Load[hostileVector](f, "hostile_pickles") {
		if p, err := unpack(v.Segments); err == nil && len(p) < longest {
			f.Add(p)
		}
	}
}

// FuzzLoad: whatever comes, there is a value within the limits, which prints in proportion to the
// pickle, or an error that tells where. What stands after the end changes nothing, and no
// beginning of a pickle is one.
func FuzzLoad(f *testing.F) {
	seeds(f)
	limits := Limits{Depth: 20, Nodes: 1000, Digits: 100}
	f.Fuzz(func(t *testing.T, p []byte) {
		v, err := Load(p, limits)
		if err != nil {
			var typed *Error
			if !errors.As(err, &typed) || typed.Offset < 0 || typed.Offset > len(p) || v != nil {
				t.Fatalf("%v, %v", v, err)
			}
			return
		}
		text := string(AppendText(nil, v, true))
		if most := 10*textAllowed(p) + 64*limits.Nodes; len(text) > most {
			t.Errorf("%d bytes print as %d", len(p), len(text))
		}
		if n, depth := measure(v); n > limits.Nodes || depth > limits.Depth {
			t.Errorf("%d values, %d deep", n, depth)
		}
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("%q has no JSON: %v", text, err)
		}
		longer, err := Load(append(append([]byte(nil), p...), "(.}"...), limits)
		if err != nil || string(AppendText(nil, longer, true)) != text {
			t.Errorf("with something after its end it is %v, %v", longer, err)
		}
		for n := len(p) - 1; n >= 0 && n > len(p)-50; n-- {
			if _, err := Load(p[:n], limits); err == nil && n < end(p) {
				t.Errorf("the first %d of %d bytes pass", n, len(p))
			}
		}
	})
}

// end returns how long a pickle is, that Load takes, without what comes after it.
func end(p []byte) int {
	r := reader{p: p, limits: usual, work: textAllowed(p)}
	if _, err := r.run(); err != nil {
		return 0
	}
	return r.at
}

// measure returns how many values there are in v, and how deep it is.
func measure(v any) (nodes, depth int) {
	nodes = 1
	for _, part := range partsOf(v) {
		n, d := measure(part)
		nodes, depth = nodes+n, max(depth, d)
	}
	if _, ok := v.(Cycle); ok || !isContainer(v) {
		return nodes, 0
	}
	return nodes, depth + 1
}

func isContainer(v any) bool {
	switch v.(type) {
	case []any, Tuple, Set, Frozenset, Dict, OrderedDict:
		return true
	}
	return false
}

func partsOf(v any) (parts []any) {
	switch v := v.(type) {
	case []any:
		return v
	case Tuple:
		return v
	case Set:
		return v
	case Frozenset:
		return v
	case Dict:
		return flat(v)
	case OrderedDict:
		return flat(v)
	case Object:
		parts = append(append(append(parts, v.Args...), v.Items...), flat(v.Pairs)...)
		if v.State != nil {
			parts = append(parts, v.State)
		}
	}
	return parts
}

func flat(pairs []Item) (parts []any) {
	for _, it := range pairs {
		parts = append(parts, it.Key, it.Value)
	}
	return parts
}
