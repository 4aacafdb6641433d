package slogtree

import (
	"runtime"
	"strings"
	"weak"
)

// rootName is the root logger's name, as in CPython.
const rootName = "root"

// An entry is a dotted name: that of a logger, or of none yet, which CPython
// calls a placeholder. Entries hold their loggers weakly, so that names nobody
// uses or configures go away.
type entry struct {
	name     string // "" is the root
	parent   *entry
	children map[*entry]struct{}
	node     weak.Pointer[node]
	pinned   *node // the same node, while it is configured
}

// parentName returns the name that is left without the last dot and what follows it.
func parentName(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}

// node returns the node of that name, and makes it if need be.
func (t *Tree) node(name string) *node {
	if n := t.lookup(name); n != nil {
		return n
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.nodeLocked(name)
}

// nodeLocked is node. The caller holds t.mu.
func (t *Tree) nodeLocked(name string) *node {
	e := t.entry(name)
	if n := e.node.Value(); n != nil {
		return n
	}
	n := t.newNode(e, e.ancestor())
	n.publish()
	e.adopt(n)
	runtime.AddCleanup(n, forget, forgotten{weak.Make(t), name})
	return n
}

// lookup returns the node of that name, or nil.
func (t *Tree) lookup(name string) *node {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.lookupLocked(name)
}

// lookupLocked is lookup. The caller holds t.mu.
func (t *Tree) lookupLocked(name string) *node {
	if e := t.names[name]; e != nil {
		return e.node.Value()
	}
	return nil
}

// nearest returns the node of that name, or else its nearest ancestor.
func (t *Tree) nearest(name string) *node {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.nearestLocked(name)
}

func (t *Tree) nearestLocked(name string) *node {
	for at := name; at != ""; at = parentName(at) {
		if e := t.names[at]; e != nil {
			if n := e.node.Value(); n != nil {
				return n
			}
		}
	}
	return t.root
}

// entry returns the entry of that name, and makes it and its ancestors if
// need be. The caller holds t.mu.
func (t *Tree) entry(name string) *entry {
	if name == "" {
		return t.top
	}
	if e := t.names[name]; e != nil {
		return e
	}
	parent := t.entry(parentName(name))
	e := &entry{name: name, parent: parent}
	if parent.children == nil {
		parent.children = map[*entry]struct{}{}
	}
	parent.children[e] = struct{}{}
	t.names[name] = e
	return e
}

// below reports whether e is top or below it. Everything is below nil.
func (e *entry) below(top *entry) bool {
	for top != nil && e != nil && e != top {
		e = e.parent
	}
	return e != nil
}

// ancestor returns the nearest node above e.
func (e *entry) ancestor() *node {
	for e = e.parent; ; e = e.parent {
		if n := e.node.Value(); n != nil {
			return n
		}
	}
}

// descendants calls f for the nearest nodes below e.
func (e *entry) descendants(f func(*node)) {
	for child := range e.children {
		if n := child.node.Value(); n != nil {
			f(n)
		} else {
			child.descendants(f)
		}
	}
}

// adopt makes n, the new node of e, the parent of the nodes below it.
func (e *entry) adopt(n *node) {
	e.descendants(func(child *node) {
		child.parent = n
		child.push()
	})
}

// forgotten tells which entry a freed node had. It refers to neither the
// node nor its tree, or they would never be freed.
type forgotten struct {
	tree weak.Pointer[Tree]
	name string
}

// forget removes the entry of a node that is gone, and the placeholders above
// it that lead nowhere now.
func forget(f forgotten) {
	t := f.tree.Value()
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.names[f.name]; e != nil && e != t.top; e = e.parent {
		if e.node.Value() != nil || len(e.children) > 0 {
			return
		}
		delete(t.names, e.name)
		delete(e.parent.children, e)
	}
}
