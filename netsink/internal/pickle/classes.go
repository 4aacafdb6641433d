package pickle

import (
	"strings"
	"unicode"
)

// A class is a name that pickles may have, and what its value is for which arguments.
type class struct {
	name string // with its module, as in Python 3

	// make returns the value for arguments, or what they are wrong in. nil makes an Object.
	make func(r *reader, args []any) (any, error)

	// bare is the value of the name alone. "" refuses that: nobody logs _codecs.encode.
	bare string

	// uncallable refuses to call it.
	uncallable bool
}

// A global is a name that a pickle has.
type global struct {
	name  string
	class *class // nil is one of the sender's own
}

// value returns the value of the name alone.
func (g *global) value() any {
	if g.class == nil {
		return Object{Class: g.name}
	}
	return Text{Class: "type", Str: g.class.bare, Repr: g.class.bare}
}

// classes are those of the standard library that are known to be data, by name.
var classes = map[string]*class{}

func init() {
	for name, make := range map[string]func(*reader, []any) (any, error){
		"builtins.bytes": makeBytes, "builtins.bytearray": makeBytearray, "builtins.complex": makeComplex, "builtins.set": makeSet, "builtins.frozenset": makeFrozenset,
		"builtins.range": makeRange, "builtins.type": makeType, "collections.OrderedDict": makeOrdered,
		"datetime.date": makeDate, "datetime.datetime": makeDatetime, "datetime.time": makeTime, "datetime.timedelta": makeTimedelta, "datetime.timezone": makeTimezone,
		"decimal.Decimal": makeDecimal, "fractions.Fraction": makeFraction,
	} {
		addClass(&class{name: name, make: make})
	}
	for _, name := range strings.Fields(`PurePosixPath PosixPath PureWindowsPath WindowsPath`) {
		addClass(&class{name: "pathlib." + name, make: pathOf(name)})
		addClass(&class{name: "pathlib._local." + name, make: pathOf(name)})
	}
	for _, name := range strings.Fields(`uuid.UUID zoneinfo.ZoneInfo collections.Counter collections.ChainMap collections.defaultdict collections.deque
		http.HTTPStatus http.HTTPMethod ipaddress.IPv4Address ipaddress.IPv6Address ipaddress.IPv4Network ipaddress.IPv6Network
		ipaddress.IPv4Interface ipaddress.IPv6Interface types.SimpleNamespace uuid.SafeUUID signal.Signals builtins.slice re._compile array.array
		builtins.KeyboardInterrupt builtins.SystemExit builtins.StopIteration builtins.StopAsyncIteration builtins.GeneratorExit builtins.ExceptionGroup
		builtins.BaseExceptionGroup`) {
		addClass(&class{name: name})
	}
	for _, name := range strings.Fields(`object str int float bool list tuple dict`) {
		addClass(&class{name: "builtins." + name, uncallable: true})
	}
	for _, name := range strings.Fields(`abs all any ascii bin callable chr divmod format hash hex id isinstance issubclass iter len max min next
		oct ord pow print repr round sorted sum`) {
		classes["builtins."+name] = &class{name: "builtins." + name, bare: "<built-in function " + name + ">", uncallable: true}
	}
	for _, name := range strings.Fields(`Ellipsis NotImplemented`) {
		classes["builtins."+name] = &class{name: "builtins." + name, bare: name, uncallable: true}
	}
	for name, make := range map[string]func(*reader, []any) (any, error){
		"_codecs.encode": makeEncoded, "copyreg._reconstructor": makeInstance, "builtins.getattr": makeMember, "zoneinfo.ZoneInfo._unpickle": makeZone,
	} {
		classes[name] = &class{name: name, make: make}
	}
}

func addClass(c *class) {
	c.bare = "<class '" + strings.TrimPrefix(c.name, "builtins.") + "'>"
	classes[c.name] = c
}

const uuidClass = "uuid.UUID"

// python3 returns the name that Python 3 has for one of Python 2's, which is what
// protocols below 3 have.
func python3(module, name string) string {
	switch module {
	case "__builtin__":
		module = "builtins"
		switch name {
		case "xrange":
			name = "range"
		case "unicode":
			name = "str"
		case "long":
			name = "int"
		}
	case "exceptions":
		module = "builtins"
		if name == "StandardError" {
			name = "Exception"
		}
	case "copy_reg":
		module = "copyreg"
	}
	return module + "." + name
}

// lookUp returns the global of a name, or refuses it. It looks into a table, nothing else.
func (r *reader) lookUp(module, name string) (*global, error) {
	full := python3(module, name)
	if !isDotted(full) {
		return nil, r.fail("%.100q is no name", full)
	}
	if c, ok := classes[full]; ok {
		return &global{name: full, class: c}, nil
	}
	if top, _, _ := strings.Cut(full, "."); stdlib[top] && !isException(full) {
		return nil, r.fail("%.100s is in Python's standard library, and no data", full)
	}
	return &global{name: full}, nil
}

// isException reports whether a name is that of an exception, by which all in the standard
// library are called.
func isException(full string) bool {
	for _, end := range [...]string{"Error", "Exception", "Warning"} {
		if strings.HasSuffix(full, end) {
			return true
		}
	}
	return false
}

// maxName is how long a name may be, in bytes.
const maxName = 256

// isDotted reports whether s is a name of Python's, with dots.
func isDotted(s string) bool {
	if len(s) > maxName {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		for i, c := range part {
			if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
				return false
			}
		}
	}
	return true
}
