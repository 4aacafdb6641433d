package pickle

import "slices"

// global pushes a name. It is not looked for anywhere but in a table.
func (r *reader) global() error {
	module, name, err := r.names()
	if err != nil {
		return err
	}
	g, err := r.lookUp(module, name)
	if err != nil {
		return err
	}
	return r.pushObject(g)
}

func (r *reader) names() (module, name string, err error) {
	if r.op != opStackGlobal {
		if module, err = r.line(); err == nil {
			name, err = r.line()
		}
		return module, name, err
	}
	pair, err := r.popN(2)
	if err != nil {
		return "", "", err
	}
	module, ok1 := pair[0].(string)
	name, ok2 := pair[1].(string)
	if !ok1 || !ok2 {
		return "", "", r.fail("a name of a %s and a %s", typeName(pair[0]), typeName(pair[1]))
	}
	return module, name, nil
}

// pushObject pushes what a pickler numbers at once, if it is of no known class. The class that a
// class is in has no number in CPython 3.13.
func (r *reader) pushObject(v any) error {
	switch v := v.(type) {
	case *global:
		r.owed = v.class == nil && !r.isInGetattr()
	case *node:
		r.owed = v.kind == objectKind
	}
	return r.push(v)
}

// isInGetattr reports whether what is pushed next is getattr's first argument.
func (r *reader) isInGetattr() bool {
	if len(r.stack) == 0 {
		return false
	}
	g, ok := r.stack[len(r.stack)-1].(*global)
	return ok && g.name == "builtins.getattr"
}

// construct pushes what a call would return.
func (r *reader) construct() error {
	callee, args, pairs, err := r.call()
	if err != nil {
		return err
	}
	g, ok := callee.(*global)
	if !ok {
		return r.fail("a %s can't be called", typeName(callee))
	}
	if g.class != nil && g.class.uncallable {
		return r.fail("%s is not called for any data", g.name)
	}
	if g.class == nil || g.class.make == nil {
		n := newObject(g.name)
		n.about.args, n.about.pairs = args, pairs
		return r.pushObject(n)
	}
	if pairs != nil {
		return r.fail("%s with arguments by name", g.name)
	}
	v, err := g.class.make(r, args)
	if err != nil {
		return err
	}
	return r.pushObject(v)
}

// call takes from the stack what is to be called with what.
func (r *reader) call() (callee any, args []any, pairs *node, err error) {
	switch r.op {
	case opInst:
		module, name, err := r.names()
		if err != nil {
			return nil, nil, nil, err
		}
		g, err := r.lookUp(module, name)
		if err != nil {
			return nil, nil, nil, err
		}
		args, err := r.popMark()
		return g, slices.Clone(args), nil, err
	case opObj:
		items, err := r.popMark()
		if err == nil && len(items) == 0 {
			err = r.underflow()
		}
		if err != nil {
			return nil, nil, nil, err
		}
		return items[0], slices.Clone(items[1:]), nil, nil
	case opNewObjEx:
		named, err := r.pop()
		if err != nil {
			return nil, nil, nil, err
		}
		n, ok := named.(*node)
		if !ok || n.kind != dictKind {
			return nil, nil, nil, r.fail("arguments by name that are no dict")
		}
		if len(n.items) > 0 {
			pairs = n
		}
	}
	operands, err := r.popN(2)
	if err != nil {
		return nil, nil, nil, err
	}
	tuple, ok := operands[1].(*node)
	if !ok || tuple.kind != tupleKind {
		return nil, nil, nil, r.fail("arguments that are no tuple")
	}
	return operands[0], tuple.items, pairs, nil
}

// build gives an object its state. No other value has one.
func (r *reader) build() error {
	state, err := r.pop()
	if err != nil {
		return err
	}
	v, err := r.top()
	if err != nil {
		return err
	}
	n, ok := v.(*node)
	if !ok || n.kind != objectKind {
		return r.fail("a state for a %s", typeName(v))
	}
	n.about.state = state
	return nil
}

// badArgs refuses arguments that no pickler writes for the class.
func (r *reader) badArgs(class string) (any, error) {
	return nil, r.fail("such arguments for %s as no pickler writes", class)
}

// makeInstance is copyreg._reconstructor(class, base, state), by which protocols 0 and 1
// make instances.
func makeInstance(r *reader, args []any) (any, error) {
	if len(args) != 3 {
		return r.badArgs("an instance")
	}
	class, ok1 := args[0].(*global)
	base, ok2 := args[1].(*global)
	if !ok1 || !ok2 || base.class == nil {
		return r.badArgs("an instance")
	}
	n := newObject(class.name)
	switch base.name {
	case "builtins.object":
	case "builtins.tuple": // most have names for the items, which do not come along
		tuple, ok := args[2].(*node)
		if !ok || tuple.kind != tupleKind {
			return r.badArgs("an instance")
		}
		n.about.args = tuple.items
	case "builtins." + typeName(args[2]):
		n.about.base = args[2]
	default:
		return r.badArgs("an instance")
	}
	return n, nil
}

// makeMember is getattr(class, name), by which protocols below 4 name a class within a class, and
// zones are made. It is for classes of the sender's own.
func makeMember(r *reader, args []any) (any, error) {
	if len(args) != 2 {
		return r.badArgs("getattr")
	}
	g, ok1 := args[0].(*global)
	name, ok2 := args[1].(string)
	if !ok1 || !ok2 || !isDotted(g.name+"."+name) {
		return r.badArgs("getattr")
	}
	full := g.name + "." + name
	if c, ok := classes[full]; ok {
		return &global{name: full, class: c}, nil
	}
	if g.class != nil {
		return r.badArgs("getattr")
	}
	return &global{name: full}, nil
}
