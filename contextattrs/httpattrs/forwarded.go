package httpattrs

import (
	"strings"

	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// parseForwarded returns the nodes after for= of a line of the header Forwarded,
// as RFC 7239, section 4, has it: elements between commas, pairs between
// semicolons. An element without one is an empty node. A line that does not keep to that
// is not read at all: where a quote is open, nobody knows what belongs to whom.
func parseForwarded(line string) (nodes []string, ok bool) {
	p := pairs{rest: line}
	for {
		node, end, ok := p.element()
		if !ok {
			return nil, false
		}
		nodes = append(nodes, node)
		if end {
			return nodes, true
		}
	}
}

// pairs is what is left of a line.
type pairs struct{ rest string }

// element reads up to a comma or the end.
func (p *pairs) element() (node string, end, ok bool) {
	seen := false
	for {
		p.space()
		name := p.token()
		if name != "" {
			value, ok := p.value()
			if !ok {
				return "", false, false
			}
			if strings.EqualFold(name, "for") {
				if seen || strings.Contains(value, ",") {
					return "", false, false
				}
				node, seen = value, true
			}
		}
		p.space()
		switch {
		case p.rest == "":
			return node, true, true
		case p.skip(','):
			return node, false, true
		case name == "" || !p.skip(';'):
			return "", false, false
		}
	}
}

// value reads = and a token or a quoted string.
func (p *pairs) value() (string, bool) {
	if !p.skip('=') {
		return "", false
	}
	if p.skip('"') {
		return p.quoted()
	}
	value := p.token()
	return value, value != ""
}

// quoted reads the rest of a quoted string.
func (p *pairs) quoted() (string, bool) {
	var b strings.Builder
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteByte(p.rest[i])
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// token reads a token of RFC 7230, and as a value colons and brackets too, which
// many proxies do not quote.
func (p *pairs) token() string {
	i := 0
	for i < len(p.rest) && isTokenByte(p.rest[i]) {
		i++
	}
	token := p.rest[:i]
	p.rest = p.rest[i:]
	return token
}

func isTokenByte(c byte) bool {
	return incoming.IsIDByte(c) && c != '/' && c != '=' && c != '@' || strings.IndexByte("!#$%&'*^`|[]", c) >= 0
}

func (p *pairs) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

// skip reads c, if it is next.
func (p *pairs) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}
