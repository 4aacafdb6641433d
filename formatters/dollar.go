package formatters

import "strings"

// Dollar returns a Formatter for a format in Python's $ style, such as
//
//	$asctime $name $levelname ${message}
//
// It mirrors logging.Formatter(fmt, datefmt, style='$'). An empty format means
// "${message}". A format is text with fields of the form $key or ${key}, where
// the key is of ASCII letters, digits and underscores. ${req.ip} prints the
// attr ip in the group req; $req.ip is the attr req, and text. The keys, what
// becomes of attrs that no field prints, the texts after the line and the
// errors are as in [Percent]. A dollar sign is $$.
func Dollar(format string, opts *Options) (Formatter, error) {
	if format == "" {
		format = "${message}"
	}
	return newTemplate('$', format, opts, parseDollar)
}

// parseDollar compiles format as CPython's string.Template reads it. If
// validate is set it refuses what CPython refuses when a Formatter is made.
func parseDollar(format string, validate bool) (*program, error) {
	p := &dollarParser{compiler: compiler{format: format, lenient: !validate}}
	p.parse("$", p.parseField)
	return p.result(p.fields, "${message}")
}

// A dollarParser compiles a $-format.
type dollarParser struct {
	compiler
	fields bool // there is a field
}

// parseField reads a field, of which the $ is read.
func (p *dollarParser) parseField(byte) {
	p.fields = true
	if p.accept('{') {
		p.parseBraced()
		return
	}
	key := dollarKey(p.format[p.pos:], "")
	p.pos += len(key)
	if key == "" {
		p.bad("$", "a bare $: write $$ for a dollar sign")
		return
	}
	p.addField(key, spec{prec: -1, conv: 's'})
}

// parseBraced reads a field, of which ${ is read.
func (p *dollarParser) parseBraced() {
	key := dollarKey(p.format[p.pos:], ".")
	if key == "" || !strings.HasPrefix(p.format[p.pos+len(key):], "}") || strings.Contains(key+".", "..") {
		p.recover()
		p.bad(strings.Trim(p.format[p.start:p.pos], "${}"), "no key of ASCII letters, digits and underscores and a } after ${; write $$ for a dollar sign")
		return
	}
	p.pos += len(key) + len("}")
	p.addField(key, spec{prec: -1, conv: 's'})
}

// dollarKey returns the key that text begins with, or "". It may have the
// bytes of more too, but not in front.
func dollarKey(text, more string) string {
	i := 0
	for ; i < len(text); i++ {
		b := text[i]
		switch {
		case 'a' <= b|0x20 && b|0x20 <= 'z' || b == '_':
		case i > 0 && ('0' <= b && b <= '9' || strings.IndexByte(more, b) >= 0):
		default:
			return text[:i]
		}
	}
	return text
}
