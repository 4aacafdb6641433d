package config

import (
	"errors"
	"math/big"
	"strconv"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/ini"
	"github.com/slogsuite/slogsuite/slogtree/config/internal/literal"
)

// literal reads the Python expression that is an option's value, and nil if
// there is none or it is refused, which is noted.
func (r *iniReader) literal(s *ini.Section, option string, v *value) *value {
	if v == nil {
		return nil
	}
	c := &literalConverter{iniReader: r, option: r.file.Lookup(s, option), text: v.text, path: optionPath(s.Name, option)}
	parsed, err := literal.Parse(v.text, literal.Limits{})
	var e *literal.Error
	if errors.As(err, &e) {
		c.refuse(e)
		return nil
	}
	return c.convert(parsed, c.path)
}

// A literalConverter makes values of a document of those of an expression.
type literalConverter struct {
	*iniReader
	option *ini.Option
	text   string // the expression; not option.Raw if %(name)s were replaced
	path   string
}

// place returns where a place of the expression stands in the document.
func (c *literalConverter) place(line, col int) (int, int) {
	if c.text != c.option.Raw {
		return c.option.Line, 0
	}
	return c.option.Position(line, col)
}

func (c *literalConverter) refuse(e *literal.Error) {
	err := &Error{Path: c.path, Reason: e.Reason, Suggestion: e.Meant}
	if e.Text != "" {
		err.Value = strconv.Quote(e.Text)
	}
	err.Line, err.Column = c.place(e.Line, e.Col)
	c.add(err)
}

// convert returns the value, or nil after noting why there is none.
func (c *literalConverter) convert(v literal.Value, path string) *value {
	out := &value{}
	out.line, out.column = c.place(v.Line, v.Col)
	switch x := v.V.(type) {
	case nil:
		out.kind = null
	case bool:
		out.kind, out.boolean = boolean, x
	case int64:
		out.kind, out.integer = integer, x
	case *big.Int:
		out.kind, out.text = float, x.String()
		out.float, _ = new(big.Float).SetInt(x).Float64()
	case float64:
		out.kind, out.float = float, x
	case string:
		out.kind, out.text = text, x
	case literal.Name:
		out.kind, out.text = external, string(x)
	case literal.List:
		return c.items(out, x, path)
	case literal.Tuple:
		return c.items(out, x, path)
	case literal.Dict:
		return c.dict(out, x, path)
	default:
		return c.unusable(v, path, "no option takes a value of Python's type "+v.TypeName())
	}
	return out
}

func (c *literalConverter) unusable(v literal.Value, path, reason string) *value {
	e := &Error{Path: path, Value: shorten(v.String()), Reason: reason}
	e.Line, e.Column = c.place(v.Line, v.Col)
	c.add(e)
	return nil
}

func (c *literalConverter) items(out *value, items []literal.Value, path string) *value {
	out.kind, out.list = list, make([]*value, 0, len(items))
	for i, it := range items {
		v := c.convert(it, path+"["+strconv.Itoa(i)+"]")
		if v == nil {
			return nil
		}
		out.list = append(out.list, v)
	}
	return out
}

func (c *literalConverter) dict(out *value, d literal.Dict, path string) *value {
	out.kind = table
	for _, it := range d {
		key, ok := it.Key.V.(string)
		if !ok {
			return c.unusable(it.Key, path, "a key must be a string")
		}
		v := c.convert(it.Value, join(path, key))
		if v == nil {
			return nil
		}
		k := textValue(key)
		k.line, k.column = c.place(it.Key.Line, it.Key.Col)
		out.members = append(out.members, member{k, v})
	}
	return out
}
