package pickle

// None, bool, int, float, str, bytes and list are nil, bool, int64 or *big.Int, float64,
// string, []byte and []any. What else Python has is one of the types here. They print
// themselves as Python does, and are JSON as encoding/json has their like. None may be changed:
// what was shared in the pickle is shared in the value.
type (
	Tuple     []any
	Set       []any // in the order of the pickle, which is the sender's
	Frozenset []any
	Bytearray []byte
	Complex   complex128

	// Dict is a dict in its order.
	Dict []Item

	// OrderedDict is a collections.OrderedDict.
	OrderedDict []Item

	// Item is a key of a Dict with its value.
	Item struct{ Key, Value any }

	// Text is a value of a class whose str and repr are known, such as datetime.datetime.
	Text struct{ Class, Str, Repr string }

	// Object is an instance of any other class, or a class or function, with nil Args. It is what the pickle says of it and
	// no more: nothing was looked up, imported or called.
	Object struct {
		Class string // with its module, under Python 3's name
		Args  Tuple  // what the class would be called with
		Items []any  // what would be appended to it
		Pairs Dict   // what would be set in it
		State any    // of BUILD: its attributes, mostly
	}

	// Cycle stands for a container that encloses it, at that depth, 0 the outermost.
	Cycle struct {
		Depth int
		text  string
	}
)

// Get returns the value of a key that is a str, and whether it is there.
func (d Dict) Get(key string) (any, bool) {
	for i := range d {
		if k, ok := d[i].Key.(string); ok && k == key {
			return d[i].Value, true
		}
	}
	return nil, false
}

// PythonType returns the name of the type, as messages of CPython have it.
func (Tuple) PythonType() string       { return "tuple" }
func (Set) PythonType() string         { return "set" }
func (Frozenset) PythonType() string   { return "frozenset" }
func (Bytearray) PythonType() string   { return "bytearray" }
func (Complex) PythonType() string     { return "complex" }
func (Dict) PythonType() string        { return "dict" }
func (OrderedDict) PythonType() string { return "collections.OrderedDict" }
func (t Text) PythonType() string      { return t.Class }
func (o Object) PythonType() string    { return o.Class }
func (Cycle) PythonType() string       { return "object" }
