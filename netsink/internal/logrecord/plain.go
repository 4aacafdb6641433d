package logrecord

import (
	"cmp"
	"encoding"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// Bounds on containers, well within what receivers take by default.
const (
	maxDepth = 60
	maxNodes = 20_000 // of all containers in a record
	maxBits  = 14_000 // of an int: CPython reads no more than 4,300 digits
)

// plain returns v as a pair has it. It is a copy of what others may change.
func (c *collector) plain(key string, v slog.Value) slog.Value {
	if v.Kind() != slog.KindAny {
		return v
	}
	c.key = key
	x, ok := c.tree(v.Any())
	if !ok {
		return slog.StringValue(string(formatters.AppendText(nil, key, v)))
	}
	return slog.AnyValue(x)
}

// tree returns x as a tree of values that both protocols have, and false if it is none, is nested too
// deep, or too large.
func (c *collector) tree(x any) (tree any, ok bool) {
	defer func() {
		if recover() != nil {
			tree, ok = nil, false
		}
	}()
	nodes := c.nodes
	if tree, ok = c.value(x, 0); !ok && c.nodes < maxNodes {
		c.nodes = nodes
	}
	return tree, ok
}

// value is tree for a value within depth containers.
func (c *collector) value(x any, depth int) (any, bool) {
	if c.nodes++; depth > maxDepth || c.nodes > maxNodes {
		return nil, false
	}
	switch x := x.(type) {
	case nil, bool, string, float64, int64:
		return x, true
	case *big.Int:
		return bigInt(x)
	case []any:
		return c.items(x, depth)
	case pickle.Tuple:
		items, ok := c.items(x, depth)
		return pickle.Tuple(items), ok
	case pickle.Dict:
		return c.dict(x, depth)
	case slog.Value:
		return c.slogValue(x, depth)
	case []slog.Attr:
		return c.group(x, depth)
	case time.Time:
		return timeText(x), true
	case slog.LogValuer:
		return c.slogValue(slog.AnyValue(x), depth)
	case formatters.PythonText:
		return c.bareText(x, depth)
	case error, encoding.TextMarshaler, fmt.Stringer, fmt.Formatter:
		return leafText(c.key, x)
	}
	return c.byKind(reflect.ValueOf(x), depth)
}

// leafText returns the text of what is no container.
func leafText(key string, x any) (any, bool) {
	text := string(formatters.AppendText(nil, key, slog.AnyValue(x)))
	if text == "None" && isNilPointer(x) {
		return nil, true
	}
	return text, true
}

// bareText is leafText for what Python prints without quotes. In a container it can't become a text, which has
// them, so the whole is one then.
func (c *collector) bareText(x any, depth int) (any, bool) {
	if depth > 0 {
		return nil, false
	}
	return leafText(c.key, x)
}

func timeText(t time.Time) string { return t.Format(time.RFC3339Nano) }

func bigInt(x *big.Int) (any, bool) {
	switch {
	case x == nil:
		return nil, true
	case x.IsInt64():
		return x.Int64(), true
	case x.BitLen() > maxBits:
		return x.String(), true
	}
	return new(big.Int).Set(x), true
}

// byKind is value for types of whatever name.
func (c *collector) byKind(v reflect.Value, depth int) (any, bool) {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), true
	case reflect.String:
		return v.String(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return wholeOfUint(v.Uint()), true
	case reflect.Float32, reflect.Float64:
		return v.Float(), true
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, true
		}
		return c.value(v.Elem().Interface(), depth+1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if depth == 0 && v.Len() > c.max { // each byte is one of the text at least
				c.missing = v.Len() - c.max
				v = v.Slice(0, c.max)
			}
			return c.bareText(v.Interface(), depth)
		}
		return c.elements(v, depth)
	case reflect.Array:
		items, ok := c.elements(v, depth)
		return pickle.Tuple(items), ok
	case reflect.Map:
		return c.mapped(v, depth)
	}
	return leafText(c.key, v.Interface())
}

func wholeOfUint(n uint64) any {
	if n>>63 == 0 {
		return int64(n)
	}
	return new(big.Int).SetUint64(n)
}

func (c *collector) items(items []any, depth int) ([]any, bool) {
	return c.elements(reflect.ValueOf(items), depth)
}

func (c *collector) elements(v reflect.Value, depth int) ([]any, bool) {
	if v.Len() > maxNodes-c.nodes {
		return nil, false
	}
	out := make([]any, v.Len())
	for i := range out {
		item, ok := c.value(v.Index(i).Interface(), depth+1)
		if !ok {
			return nil, false
		}
		out[i] = item
	}
	return out, true
}

func (c *collector) slogValue(v slog.Value, depth int) (any, bool) {
	v, bad := c.resolve(v)
	if bad != "" {
		return mark(c.key, bad), true
	}
	switch v.Kind() {
	case slog.KindGroup:
		return c.group(v.Group(), depth)
	case slog.KindTime:
		return timeText(v.Time()), true
	case slog.KindDuration:
		return v.Duration().String(), true
	case slog.KindUint64:
		return wholeOfUint(v.Uint64()), true
	}
	return c.value(v.Any(), depth+1)
}

// dict copies a dict, whose keys have to be str or int: as others are not in both protocols.
func (c *collector) dict(d pickle.Dict, depth int) (any, bool) {
	if len(d) > maxNodes-c.nodes {
		return nil, false
	}
	out := make(pickle.Dict, len(d))
	for i := range d {
		v, ok := c.value(d[i].Value, depth+1)
		if !ok || !isKey(d[i].Key) {
			return nil, false
		}
		c.nodes++
		out[i] = pickle.Item{Key: dictKey(d[i].Key), Value: v}
	}
	uniqueKeys(out)
	return out, true
}

func (c *collector) group(attrs []slog.Attr, depth int) (any, bool) {
	d := make(pickle.Dict, len(attrs))
	for i, a := range attrs {
		d[i] = pickle.Item{Key: a.Key, Value: a.Value}
	}
	return c.dict(d, depth)
}

// mapped returns a map as a dict, ints in order, then texts.
func (c *collector) mapped(v reflect.Value, depth int) (any, bool) {
	if v.IsNil() {
		return nil, true
	}
	if v.Len() > maxNodes-c.nodes {
		return nil, false
	}
	d := make(pickle.Dict, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		d = append(d, pickle.Item{Key: dictKey(it.Key().Interface()), Value: it.Value().Interface()})
	}
	slices.SortStableFunc(d, func(a, b pickle.Item) int { return compareKeys(a.Key, b.Key) })
	return c.dict(d, depth)
}

func isKey(x any) bool {
	switch x.(type) {
	case string, int64, *big.Int:
		return true
	}
	return false
}

// dictKey returns a key of a map: an int64, a *big.Int or a string.
func dictKey(x any) any {
	switch x := x.(type) {
	case string:
		return validText(x)
	case int64:
		return x
	case *big.Int:
		if x != nil && x.BitLen() <= maxBits {
			return new(big.Int).Set(x)
		}
	case formatters.PythonText, error, encoding.TextMarshaler, fmt.Stringer, fmt.Formatter:
	default:
		switch v := reflect.ValueOf(x); {
		case v.Kind() == reflect.String:
			return validText(v.String())
		case v.CanInt():
			return v.Int()
		case v.CanUint():
			return wholeOfUint(v.Uint())
		}
	}
	return validText(string(formatters.AppendText(nil, "key", slog.AnyValue(x))))
}

func compareKeys(a, b any) int {
	x, aText := a.(string)
	y, bText := b.(string)
	switch {
	case aText && bText:
		return cmp.Compare(x, y)
	case aText:
		return 1
	case bText:
		return -1
	}
	return intOf(a).Cmp(intOf(b))
}

func intOf(x any) *big.Int {
	if n, ok := x.(int64); ok {
		return big.NewInt(n)
	}
	n, _ := x.(*big.Int)
	return n
}

// keyText returns a key of a dict as text, which it is in JSON.
func keyText(key any) string {
	switch key := key.(type) {
	case string:
		return key
	case int64:
		return strconv.FormatInt(key, 10)
	}
	return intOf(key).String()
}

// uniqueKeys gives keys of the same text #2 and so on after it, so that neither protocol loses one.
func uniqueKeys(d pickle.Dict) {
	owner, next := make(map[string]int, len(d)), map[string]int{}
	again := false
	for i := range d {
		key := keyText(d[i].Key)
		_, taken := owner[key]
		owner[key], again = i, again || taken
	}
	for i := range d {
		if key := keyText(d[i].Key); again && owner[key] != i {
			free := freeKey(owner, next, key)
			d[i].Key, owner[free] = free, i
		}
	}
}
