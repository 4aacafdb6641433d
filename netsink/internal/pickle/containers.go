package pickle

import "slices"

// marked makes a container of what came since the last MARK.
func (r *reader) marked() error {
	items, err := r.popMark()
	if err != nil {
		return err
	}
	n := &node{}
	switch r.op {
	case opDict:
		n.kind = dictKind
		err = r.setAll(n, items)
	case opFrozenSet:
		n.kind = frozensetKind
		err = r.addAll(n, items)
	case opTuple:
		n.kind = tupleKind
		n.items = slices.Clone(items)
	default:
		n.items = slices.Clone(items)
	}
	if err != nil {
		return err
	}
	return r.push(n)
}

func (r *reader) tuple(n int) error {
	items, err := r.popN(n)
	if err != nil {
		return err
	}
	return r.push(&node{kind: tupleKind, items: slices.Clone(items)})
}

// operands returns what SETITEM, APPEND and their kin put into a container, and that, which stays
// on the stack.
func (r *reader) operands(one int) ([]any, *node, error) {
	items, err := r.popMarkOr(one)
	if err != nil {
		return nil, nil, err
	}
	v, err := r.top()
	if err != nil {
		return nil, nil, err
	}
	n, ok := v.(*node)
	if !ok {
		return nil, nil, r.fail("not for a %s", typeName(v))
	}
	return items, n, nil
}

// popMarkOr takes one's number of values if the opcode is for one item, else those since the MARK.
func (r *reader) popMarkOr(one int) ([]any, error) {
	if r.op == opSetItem || r.op == opAppend {
		return r.popN(one)
	}
	return r.popMark()
}

func (r *reader) setItems() error {
	items, n, err := r.operands(2)
	if err != nil {
		return err
	}
	switch n.kind {
	case dictKind, orderedKind:
		return r.setAll(n, items)
	case objectKind:
		if n.about.pairs == nil {
			n.about.pairs = &node{kind: dictKind}
		}
		return r.setAll(n.about.pairs, items)
	}
	return r.fail("not for a %v", n.kind)
}

func (r *reader) setAll(n *node, items []any) error {
	if len(items)%2 != 0 {
		return r.fail("a key without a value")
	}
	for i := 0; i < len(items); i += 2 {
		id, err := r.hash(items[i])
		if err != nil {
			return err
		}
		n.set(id, items[i], items[i+1])
	}
	return nil
}

func (r *reader) appendItems() error {
	items, n, err := r.operands(1)
	if err != nil {
		return err
	}
	switch n.kind {
	case listKind, objectKind:
		n.items = append(n.items, items...)
		return nil
	}
	return r.fail("not for a %v", n.kind)
}

func (r *reader) addItems() error {
	items, n, err := r.operands(1)
	if err != nil {
		return err
	}
	if n.kind != setKind {
		return r.fail("not for a %v", n.kind)
	}
	return r.addAll(n, items)
}

func (r *reader) addAll(n *node, items []any) error {
	for _, v := range items {
		id, err := r.hash(v)
		if err != nil {
			return err
		}
		n.add(id, v)
	}
	return nil
}
