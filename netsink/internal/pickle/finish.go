package pickle

import (
	"math"
	"math/big"
)

// A size is what a value is when each part is counted as often as it is printed.
type size struct {
	nodes  int32 // values
	text   int32 // bytes of texts and digits
	height int32 // levels of containers
}

func (s *size) add(t size) {
	s.nodes += t.nodes
	s.text += t.text
	s.height = max(s.height, t.height)
}

// A finisher makes values of nodes. A node is made once and then shared, unless it leads back to
// itself or to one around it, since that prints differently elsewhere.
type finisher struct {
	r     *reader
	nodes int // still allowed
	text  int // still allowed
}

// finish returns the value of what is on the stack.
func (r *reader) finish(v any) (any, error) {
	f := finisher{r: r, nodes: r.limits.Nodes, text: textAllowed(r.p)}
	value, _, _, err := f.value(v, 0)
	if err != nil {
		return nil, err
	}
	return value, nil
}

// value returns the value of v within depth containers, its size, and whether it leads back to
// any container.
func (f *finisher) value(v any, depth int) (value any, s size, cyclic bool, err error) {
	if n, ok := v.(*node); ok {
		return f.node(n, depth)
	}
	if g, ok := v.(*global); ok && g.class != nil && g.class.bare == "" {
		return nil, s, false, f.r.fail("%s is left uncalled", g.name)
	}
	value = final(v)
	s = size{nodes: 1, text: int32(min(textOf(value), math.MaxInt32))}
	return value, s, false, f.charge(s)
}

// charge counts what is part of the value.
func (f *finisher) charge(s size) error {
	f.nodes -= int(s.nodes)
	f.text -= int(s.text)
	switch {
	case f.nodes < 0:
		return f.r.fail("more than %d values, each counted as often as it would be printed", f.r.limits.Nodes)
	case f.text < 0:
		return f.r.fail("the pickle would print much longer than it is")
	}
	return nil
}

// final returns the value of what is no node.
func final(v any) any {
	switch v := v.(type) {
	case surrogates:
		return v.visible()
	case *global:
		return v.value()
	case texter:
		return v.text()
	}
	return v
}

// textOf returns about how long v prints, numbers of ordinary size and words aside.
func textOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case Bytearray:
		return len(v)
	case *big.Int:
		return v.BitLen() / 3
	case Text:
		return len(v.Repr)
	case Object:
		return len(v.Class)
	}
	return 0
}

func (f *finisher) node(n *node, depth int) (any, size, bool, error) {
	switch {
	case n.begun:
		one := size{nodes: 1}
		return Cycle{Depth: int(n.depth), text: n.kind.loop()}, one, true, f.charge(one)
	case n.value != nil:
		if depth+int(n.size.height) > f.r.limits.Depth {
			return nil, size{}, false, f.tooDeep()
		}
		return n.value, n.size, false, f.charge(n.size)
	case depth >= f.r.limits.Depth:
		return nil, size{}, false, f.tooDeep()
	}
	n.begun, n.depth = true, int32(depth)
	b := builder{f: f, depth: depth + 1}
	own := size{nodes: 1}
	if n.about != nil {
		own.text = int32(len(n.about.class))
	}
	value := b.build(n)
	n.begun = false
	if b.err == nil {
		b.err = f.charge(own)
	}
	b.size.add(own)
	b.size.height++
	if !b.cyclic {
		n.value, n.size = value, b.size
	}
	return value, b.size, b.cyclic, b.err
}

func (f *finisher) tooDeep() error {
	return f.r.fail("values nested deeper than %d levels", f.r.limits.Depth)
}

// A builder makes the value of one node.
type builder struct {
	f      *finisher
	depth  int
	size   size
	cyclic bool
	err    error
}

func (b *builder) one(v any) any {
	if b.err != nil {
		return nil
	}
	value, s, cyclic, err := b.f.value(v, b.depth)
	b.size.add(s)
	b.cyclic = b.cyclic || cyclic
	b.err = err
	return value
}

func (b *builder) all(items []any) []any {
	out := make([]any, 0, len(items))
	for _, v := range items {
		if b.err != nil {
			break
		}
		out = append(out, b.one(v))
	}
	return out
}

func (b *builder) pairs(items []any) []Item {
	out := make([]Item, 0, len(items)/2)
	for i := 0; i < len(items) && b.err == nil; i += 2 {
		out = append(out, Item{Key: b.one(items[i]), Value: b.one(items[i+1])})
	}
	return out
}

func (b *builder) build(n *node) any {
	switch n.kind {
	case listKind:
		return b.all(n.items)
	case tupleKind:
		return Tuple(b.all(n.items))
	case dictKind:
		return Dict(b.pairs(n.items))
	case setKind:
		return Set(b.all(n.items))
	case frozensetKind:
		return Frozenset(b.all(n.items))
	case orderedKind:
		return OrderedDict(b.pairs(n.items))
	}
	return b.object(n.about, n.items)
}

// object returns the value of an instance: what it is a subclass of if it has nothing more, an UUID
// if it is one, else what the pickle says of it.
func (b *builder) object(a *about, items []any) any {
	plain := len(items) == 0 && a.pairs == nil
	switch {
	case plain && a.base != nil && a.state == nil:
		return b.one(a.base)
	case a.class == uuidClass && plain && len(a.args) == 0:
		text, ok := uuidOf(a.state)
		if !ok {
			b.err = b.f.r.fail("an UUID without its number")
		}
		return text
	}
	o := Object{Class: a.class, Items: b.all(items)}
	if a.args != nil {
		o.Args = b.all(a.args)
	}
	if a.base != nil {
		o.Args = Tuple{b.one(a.base)}
	}
	if a.pairs != nil {
		o.Pairs = b.pairs(a.pairs.items)
	}
	if a.state != nil {
		o.State = b.one(a.state)
	}
	return o
}

// typeName returns what Python calls the type of v.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case string, surrogates, *narrow:
		return "str"
	case []byte:
		return "bytes"
	case Bytearray:
		return "bytearray"
	case *node:
		return v.kind.String()
	case Tuple:
		return "tuple"
	case []any:
		return "list"
	case Text:
		return v.Class
	}
	return "object"
}
