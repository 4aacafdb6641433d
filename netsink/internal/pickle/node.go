package pickle

// A kind is what a node becomes.
type kind uint8

const (
	listKind kind = iota
	tupleKind
	dictKind
	setKind
	frozensetKind
	orderedKind
	objectKind
)

func (k kind) String() string {
	return [...]string{"list", "tuple", "dict", "set", "frozenset", "OrderedDict", "object"}[k]
}

// loop is what Python prints where such a container holds itself.
func (k kind) loop() string {
	return [...]string{"[...]", "(...)", "{...}", "set(...)", "frozenset({...})", "...", "<...>"}[k]
}

// A node is a container while the pickle is read: it may be in several places, and in itself.
// It is kept small, since a byte of a pickle can make one.
type node struct {
	kind  kind
	begun bool // see finisher
	depth int32
	items []any   // of a dict, keys and values in turn
	keys  *keySet // of a dict or set
	about *about  // of an object
	value any     // once it is made
	size  size    // of value
}

// An about is what there is to an object besides its items.
type about struct {
	class string
	args  []any
	pairs *node // a dict, or nil
	state any
	base  any // what it is if it has nothing else: the str of a subclass of str
}

func newObject(class string) *node {
	return &node{kind: objectKind, about: &about{class: class}}
}

// A keySet has the identities of keys, as hash has them.
type keySet struct {
	few  []any
	many map[any]int // of all, once they are no few
}

const few = 8

// find returns which key has the identity, or -1.
func (s *keySet) find(id any) int {
	if s.many != nil {
		if i, ok := s.many[id]; ok {
			return i
		}
		return -1
	}
	for i, k := range s.few {
		if k == id {
			return i
		}
	}
	return -1
}

func (s *keySet) add(id any) {
	if s.many == nil && len(s.few) < few {
		s.few = append(s.few, id)
		return
	}
	if s.many == nil {
		s.many = make(map[any]int, 2*few)
		for i, k := range s.few {
			s.many[k] = i
		}
	}
	s.many[id] = len(s.many)
}

// set sets a key of a dict. As in Python, the key that came first stays.
func (n *node) set(id, key, value any) {
	if n.keys == nil {
		n.keys = &keySet{}
	}
	if i := n.keys.find(id); i >= 0 {
		n.items[2*i+1] = value
		return
	}
	n.keys.add(id)
	n.items = append(n.items, key, value)
}

// add adds an item to a set.
func (n *node) add(id, item any) {
	if n.keys == nil {
		n.keys = &keySet{}
	}
	if n.keys.find(id) < 0 {
		n.keys.add(id)
		n.items = append(n.items, item)
	}
}

// get returns the value of a key of a dict that is a str.
func (n *node) get(key string) (any, bool) {
	for i := 0; i < len(n.items); i += 2 {
		if n.items[i] == any(key) {
			return n.items[i+1], true
		}
	}
	return nil, false
}
