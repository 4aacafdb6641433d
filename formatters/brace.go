package formatters

// Brace returns a Formatter for a format in Python's { style, such as
//
//	{asctime} {name:12} {levelname:8} {message}
//
// It mirrors logging.Formatter(fmt, datefmt, style='{'). An empty format means
// "{message}". A format is text with fields of the form {key}, {key!conversion},
// {key:spec} or {key!conversion:spec}. The keys, what becomes of attrs that no
// field prints, the texts after the line and the errors are as in [Percent]:
//
//	{levelname} {req.ip:>15} {message}
//	INFO       127.0.0.1 served status=200 req.path=/x
//
// A conversion is s for the value as text, r for text in quotes and a for r in
// ASCII. The spec is Python's, [[fill]align][sign][#][0][width][,_][.precision][type]:
// < > ^ align, and = puts the padding after the sign; + and space are signs; # adds
// 0x and the like; 0 pads with zeros; a comma or an underscore separates
// thousands. The type is s for text, d b o x X c n for integers, f F e E g G n %
// for all numbers. {took:.3f} prints a duration in seconds. Its width and its
// precision may be fields themselves: {message:{width}.{precision}}.
//
// {items[0]} prints an element of a slice or an array, {info[key]} that of a map
// or a group, {name[0]} a character. The attr stays at the line's end, as only
// a part of it is printed. {a.b} is the attr b in the group a, and of a number a
// that is no group the parts real, imag, numerator and denominator.
//
// CPython lets no spec of another form pass. With [Options.NoValidate], one with a
// percent sign formats a time.Time as strftime does, {at:%H:%M}; and z, which
// takes the sign off a zero, is understood.
//
// A brace is {{ or }}.
func Brace(format string, opts *Options) (Formatter, error) {
	if format == "" {
		format = "{message}"
	}
	return newTemplate('{', format, opts, parseBrace)
}
