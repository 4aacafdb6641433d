package literal

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits bound what a text costs. A zero field is [DefaultLimits]'.
type Limits struct {
	Bytes  int // of the text
	Depth  int // how deep brackets nest
	Digits int // of a whole number
}

// DefaultLimits are those of CPython, and a size that is large for arguments.
var DefaultLimits = Limits{Bytes: 64 << 10, Depth: 200, Digits: 4300}

// Parse returns the value of an expression. The error is an [*Error].
func Parse(src string, limits Limits) (Value, error) {
	limits = Limits{cmp.Or(limits.Bytes, DefaultLimits.Bytes), cmp.Or(limits.Depth, DefaultLimits.Depth), cmp.Or(limits.Digits, DefaultLimits.Digits)}
	if len(src) > limits.Bytes {
		return Value{}, newError(Limit, 1, 1, "", fmt.Sprintf("the text has %d bytes, and %d are allowed", len(src), limits.Bytes))
	}
	if !utf8.ValidString(src) {
		return Value{}, newError(Invalid, 1, 1, "", "the text is not UTF-8")
	}
	if strings.Contains(src, "\x00") {
		return Value{}, newError(Invalid, 1, 1, "", "source code string cannot contain null bytes")
	}
	if strings.Contains(src, "\r") {
		src = strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
	}
	p := &parser{scanner: scanner{src: src, line: 1, col: 1, digits: limits.Digits}, depth: limits.Depth}
	return p.all()
}

// A parser reads an expression token by token.
type parser struct {
	scanner
	token token
	depth int // how deep brackets may nest
}

// A class says what arithmetic may be done with a value: the little that
// ast.literal_eval does.
type class int

const (
	other    class = iota
	constant       // a number as it is written: a sign may stand before it
	signed         // one with a sign: a complex sum may begin with it
)

// all reads the whole text: one expression, or several with commas between
// them, which are a tuple.
func (p *parser) all() (Value, error) {
	err := p.advance()
	if err == nil && p.token.kind == newline {
		err = p.firstLine()
	}
	if err != nil {
		return Value{}, err
	}
	v, err := p.commas()
	if err == nil {
		err = p.lines()
	}
	if err == nil && p.token.kind != end {
		err = p.unexpected(true)
	}
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

// firstLine goes past empty lines to one that is not indented. White space
// before the first line is none to Python's eval.
func (p *parser) firstLine() error {
	err := p.lines()
	if err == nil && p.token.kind != end && p.token.col > 1 {
		err = newError(Invalid, p.token.line, p.token.col, p.token.text, "unexpected indent")
	}
	return err
}

// lines goes past ends of lines.
func (p *parser) lines() error {
	for p.token.kind == newline {
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) is(op string) bool { return p.token.kind == punct && p.token.text == op }

func (p *parser) commas() (Value, error) {
	line, col := p.token.line, p.token.col
	v, _, err := p.sum()
	if err != nil || !p.is(",") {
		return v, err
	}
	items := Tuple{v}
	for p.is(",") {
		if err := p.advance(); err != nil {
			return v, err
		}
		if p.token.kind == end || p.token.kind == newline {
			break
		}
		if v, _, err = p.sum(); err != nil {
			return v, err
		}
		items = append(items, v)
	}
	return Value{items, line, col}, nil
}

// sum reads a value, which may be a complex number in two parts.
func (p *parser) sum() (Value, class, error) {
	left, kind, err := p.sign()
	if err != nil || !p.is("+") && !p.is("-") {
		return left, kind, err
	}
	op := p.token
	x, ok := realPart(left.V)
	if kind == other || !ok {
		return left, other, p.unexpected(true)
	}
	if err := p.advance(); err != nil {
		return left, other, err
	}
	right, kind, err := p.sign()
	if err != nil {
		return left, other, err
	}
	y, ok := right.V.(complex128)
	if kind != constant || !ok || p.is("+") || p.is("-") {
		return left, other, codeAt(op, "arithmetic is not done; write the number that it gives")
	}
	if op.text == "-" {
		return Value{complex(x, 0) - y, left.Line, left.Col}, other, nil
	}
	return Value{complex(x, 0) + y, left.Line, left.Col}, other, nil
}

// realPart is the value of an int or a float that a complex sum begins with.
func realPart(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, f-f == 0 // an infinity is an OverflowError
	}
	return 0, false
}

// sign reads a value, which may be a number with one sign.
func (p *parser) sign() (Value, class, error) {
	if !p.is("-") && !p.is("+") {
		return p.atom()
	}
	op := p.token
	if err := p.advance(); err != nil {
		return Value{}, other, err
	}
	if p.is("-") || p.is("+") || p.is("~") {
		return Value{}, other, codeAt(op, "arithmetic is not done; write the number that it gives")
	}
	v, kind, err := p.atom()
	if err != nil {
		return v, other, err
	}
	if kind != constant {
		return v, other, codeAt(op, "only a number has a sign")
	}
	v.Line, v.Col = op.line, op.col
	if op.text == "-" {
		v.V = negative(v.V)
	}
	return v, signed, nil
}

func negative(v any) any {
	switch v := v.(type) {
	case int64:
		return -v // what is read is never negative
	case float64:
		return -v
	case complex128:
		return -v
	case *big.Int:
		n := new(big.Int).Neg(v)
		if n.IsInt64() {
			return n.Int64()
		}
		return n
	}
	return v
}

// atom reads a value without signs, and nothing may be done with it: what
// follows is a comma, a colon, a bracket, the end, or code.
func (p *parser) atom() (v Value, kind class, err error) {
	t := p.token
	v.Line, v.Col = t.line, t.col
	switch t.kind {
	case number:
		v.V, kind = t.value, constant
		err = p.advance()
	case text:
		v.V, err = p.strings()
	case name:
		v.V, err = p.name()
	case punct:
		v.V, kind, err = p.bracket()
	default:
		err = p.unexpected(false)
	}
	if err == nil {
		err = p.follows()
	}
	return v, kind, err
}

// follows is an error if what follows a value cannot, or is an operator.
func (p *parser) follows() error {
	t := p.token
	if t.kind == end || t.kind == newline || t.kind == punct && slices.Contains([]string{",", ":", ")", "]", "}", "+", "-"}, t.text) {
		return nil
	}
	return p.unexpected(true)
}

// strings reads strings that stand side by side, which are one.
func (p *parser) strings() (any, error) {
	var parts []token
	for p.token.kind == text {
		parts = append(parts, p.token)
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	v, err := concat(parts)
	if err != nil {
		return nil, newError(Invalid, parts[0].line, parts[0].col, parts[0].text, err.Error())
	}
	return v, nil
}

// name reads a word, or several with dots between them.
func (p *parser) name() (any, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch t.text {
	case "None":
		return nil, nil
	case "True", "False":
		return t.text == "True", nil
	case "set":
		if p.is("(") {
			return p.emptySet(t)
		}
	case "lambda", "not", "await", "yield":
		return nil, codeAt(t, "this is code, which is not run")
	}
	for p.is(".") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.token.kind != name {
			return nil, p.unexpected(false)
		}
		t.text += "." + p.token.text
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if v, ok := named(t.text); ok {
		return v, nil
	}
	e := newError(Code, t.line, t.col, t.text, "the name stands for code, which is not run")
	e.Meant = meant(t.text)
	return nil, e
}

// emptySet reads the parentheses of set(), the one call that is a literal.
func (p *parser) emptySet(t token) (any, error) {
	items, _, err := p.items(")")
	if err == nil && len(items) > 0 {
		err = codeAt(t, "a call is code, which is not run")
	}
	return Set{}, err
}

// bracket reads a tuple, a list, a dict or a set, or a value in parentheses,
// whose class it keeps.
func (p *parser) bracket() (any, class, error) {
	switch p.token.text {
	case "(":
		return p.parentheses()
	case "[":
		items, _, err := p.items("]")
		return List(items), other, err
	case "{":
		v, err := p.braces()
		return v, other, err
	}
	return nil, other, p.unexpected(false)
}

func (p *parser) parentheses() (any, class, error) {
	items, last, err := p.items(")")
	if err != nil {
		return nil, other, err
	}
	if last.single {
		return items[0].V, last.class, nil
	}
	return Tuple(items), other, nil
}

// A lone says of the items in brackets whether it is one without a comma, and
// of which class.
type lone struct {
	single bool
	class  class
}

// items reads what stands in brackets, from the opening one on, and past the
// closing one.
func (p *parser) items(closing string) (items []Value, last lone, err error) {
	open := p.token
	if err := p.open(); err != nil {
		return nil, last, err
	}
	items = []Value{}
	for !p.is(closing) {
		if err := p.mismatch(open, closing); err != nil {
			return nil, last, err
		}
		v, kind, err := p.sum()
		if err != nil {
			return nil, last, err
		}
		items = append(items, v)
		last = lone{len(items) == 1 && !p.is(","), kind}
		if err := p.separator(open, closing); err != nil {
			return nil, last, err
		}
	}
	return items, last, p.close()
}

// open goes past an opening bracket.
func (p *parser) open() error {
	if p.parens++; p.parens > p.depth {
		return newError(Limit, p.token.line, p.token.col, p.token.text, fmt.Sprintf("brackets nest deeper than %d", p.depth))
	}
	return p.advance()
}

// close goes past a closing bracket.
func (p *parser) close() error {
	p.parens--
	return p.advance()
}

// separator goes past a comma. Without one the closing bracket has to follow.
func (p *parser) separator(open token, closing string) error {
	if p.is(",") {
		return p.advance()
	}
	if p.is(closing) {
		return nil
	}
	if err := p.mismatch(open, closing); err != nil {
		return err
	}
	return p.unexpected(true)
}

// mismatch is an error if the text ends in a bracket, or another one closes.
func (p *parser) mismatch(open token, closing string) error {
	switch {
	case p.token.kind == end:
		return newError(Invalid, open.line, open.col, open.text, fmt.Sprintf("'%s' was never closed", open.text))
	case p.is(")") || p.is("]") || p.is("}"):
		if !p.is(closing) {
			return newError(Invalid, p.token.line, p.token.col, p.token.text,
				fmt.Sprintf("closing parenthesis '%s' does not match opening parenthesis '%s'", p.token.text, open.text))
		}
	}
	return nil
}

// braces reads a dict or a set.
func (p *parser) braces() (any, error) {
	open := p.token
	if err := p.open(); err != nil {
		return nil, err
	}
	var pairs []Item
	var members []Value
	for n := 0; !p.is("}"); n++ {
		if err := p.mismatch(open, "}"); err != nil {
			return nil, err
		}
		key, _, err := p.sum()
		if err != nil {
			return nil, err
		}
		pair := p.is(":")
		if n > 0 && pair != (members == nil) {
			return nil, p.unexpected(!pair)
		}
		if !pair {
			members = append(members, key)
		} else if pairs, err = p.pair(pairs, key); err != nil {
			return nil, err
		}
		if err := p.separator(open, "}"); err != nil {
			return nil, err
		}
	}
	if err := p.close(); err != nil {
		return nil, err
	}
	if members != nil {
		return newSet(members)
	}
	return newDict(pairs)
}

// pair reads the colon after a key, and the value.
func (p *parser) pair(pairs []Item, key Value) ([]Item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.is("}") || p.is(",") {
		return nil, newError(Invalid, p.token.line, p.token.col, p.token.text, "expression expected after dictionary key and ':'")
	}
	v, _, err := p.sum()
	return append(pairs, Item{key, v}), err
}

// unexpected is the error of a token that cannot stand where it does: after a
// value, or where a value should begin.
func (p *parser) unexpected(afterValue bool) error {
	t := p.token
	switch {
	case t.kind == end || t.kind == newline:
		return newError(Invalid, t.line, t.col, "", "invalid syntax: a value is missing")
	case t.kind == name && isOperatorWord(t.text):
		return codeAt(t, "this is code, which is not run")
	case t.kind != punct && afterValue:
		return newError(Invalid, t.line, t.col, t.text, "invalid syntax. Perhaps you forgot a comma?")
	case p.is(")") || p.is("]") || p.is("}"):
		return newError(Invalid, t.line, t.col, t.text, fmt.Sprintf("unmatched '%s'", t.text))
	case slices.Contains([]string{",", ":", "=", "!", ";", "->", ":="}, t.text):
		return newError(Invalid, t.line, t.col, t.text, "invalid syntax")
	case afterValue && p.is("("):
		return codeAt(t, "a call is code, which is not run")
	case afterValue && (p.is("[") || p.is(".")):
		return codeAt(t, "this reaches into a value, which is code and is not run")
	}
	return codeAt(t, "this operator is code, which is not run; write the value that it gives")
}

func codeAt(t token, reason string) error { return newError(Code, t.line, t.col, t.text, reason) }
