package logrecord

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// A jsonReader reads a JSON object into the values that pickles have: objects are dicts, arrays
// lists, numbers exact.
type jsonReader struct {
	*json.Decoder
	limits Limits
	nodes  int
}

// readJSON returns the object that p is.
func readJSON(p []byte, limits Limits) (pickle.Dict, error) {
	r := jsonReader{Decoder: json.NewDecoder(bytes.NewReader(p)), limits: limits, nodes: limits.Nodes}
	r.UseNumber()
	v, err := r.value(0)
	if err == nil {
		if _, after := r.Token(); after != io.EOF {
			err = errors.New("something stands after the object")
		}
	}
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("logrecord: JSON at byte %d: %w", r.InputOffset(), err)
	}
	d, ok := v.(pickle.Dict)
	if !ok {
		return nil, errNoRecord
	}
	return d, nil
}

// value reads a value within depth others.
func (r *jsonReader) value(depth int) (any, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	if r.nodes--; r.nodes < 0 {
		return nil, fmt.Errorf("more than %d values", r.limits.Nodes)
	}
	switch token := token.(type) {
	case json.Number:
		return r.number(token.String())
	case json.Delim:
		if depth >= r.limits.Depth {
			return nil, fmt.Errorf("values nested deeper than %d levels", r.limits.Depth)
		}
		if token == '{' {
			return r.object(depth + 1)
		}
		return r.array(depth + 1)
	}
	return token, nil
}

func (r *jsonReader) array(depth int) (any, error) {
	items := []any{}
	for r.More() {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := r.Token()
	return items, err
}

// object reads a dict. As in Python's json, a key's last value counts.
func (r *jsonReader) object(depth int) (any, error) {
	d := pickle.Dict{}
	places := map[string]int{}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return nil, err
		}
		if r.nodes--; r.nodes < 0 {
			return nil, fmt.Errorf("more than %d values", r.limits.Nodes)
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("%v is no key", token)
		}
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		if i, ok := places[key]; ok {
			d[i].Value = v
			continue
		}
		places[key] = len(d)
		d = append(d, pickle.Item{Key: key, Value: v})
	}
	_, err := r.Token()
	return d, err
}

// number returns an int, of any size, or a float, which is infinite if it has no room for
// the number, as in Python.
func (r *jsonReader) number(s string) (any, error) {
	if len(s) > r.limits.Digits+1 {
		return nil, fmt.Errorf("a number of more than %d digits", r.limits.Digits)
	}
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && !math.IsInf(f, 0) && f != 0 {
			return nil, err
		}
		return f, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("%.40q is no number", s)
	}
	return n, nil
}
