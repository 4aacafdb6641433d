package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// Bounds of a document. Ten thousand loggers are some fifty thousand values.
const (
	maxBytes  = 4 << 20
	maxDepth  = 100
	maxValues = 200_000
)

// A jsonReader makes values of JSON, with their places.
type jsonReader struct {
	data []byte
	d    *json.Decoder
	p    *problems

	values    int
	offset    int // where line and column are
	line, col int
}

// errStop ends reading: what is wrong has been noted.
var errStop = errors.New("config: stop")

// readJSON returns the document's value, nil if it can't be read.
func readJSON(data []byte, p *problems) *value {
	r := &jsonReader{data: data, d: json.NewDecoder(bytes.NewReader(data)), p: p, line: 1, col: 1}
	r.d.UseNumber()
	v, err := r.value("", 0)
	if err == nil {
		r.place()
		if _, err = r.d.Token(); errors.Is(err, io.EOF) {
			return v
		}
		err = r.fail("there is more text after the document's end")
	}
	if !errors.Is(err, errStop) {
		r.syntax(err)
	}
	return nil
}

// place moves line and column to the next token.
func (r *jsonReader) place() {
	next := int(r.d.InputOffset())
	for next < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[next]) >= 0 {
		next++
	}
	r.move(next)
}

func (r *jsonReader) move(to int) {
	for r.offset < to {
		c, size := utf8.DecodeRune(r.data[r.offset:])
		r.offset += size
		if r.col++; c == '\n' {
			r.line, r.col = r.line+1, 1
		}
	}
}

// fail notes an error at the present place.
func (r *jsonReader) fail(reason string) error {
	r.p.add(&Error{Line: r.line, Column: r.col, Reason: reason})
	return errStop
}

// syntax notes what package json says.
func (r *jsonReader) syntax(err error) {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		if to := int(syntax.Offset) - 1; to > r.offset {
			r.move(min(to, len(r.data)))
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.move(len(r.data))
		err = errors.New("the document ends too early")
	}
	_ = r.fail("this is no JSON: " + err.Error())
}

// value reads the next value.
func (r *jsonReader) value(path string, depth int) (*value, error) {
	r.place()
	v := &value{line: r.line, column: r.col}
	if r.values++; r.values > maxValues {
		return nil, r.fail("the document has more than " + strconv.Itoa(maxValues) + " values")
	}
	if depth > maxDepth {
		return nil, r.fail("the document is nested deeper than " + strconv.Itoa(maxDepth))
	}
	token, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	switch x := token.(type) {
	case bool:
		v.kind, v.boolean = boolean, x
	case string:
		v.kind, v.text = text, x
	case json.Number:
		v.number(x.String())
	case json.Delim:
		if x == '[' {
			return v, r.list(v, path, depth)
		}
		return v, r.table(v, path, depth)
	}
	return v, nil
}

// number sets v to the number that s is.
func (v *value) number(s string) {
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		v.kind, v.integer = integer, n
		return
	}
	f, _ := strconv.ParseFloat(s, 64) // an infinity if it is out of range
	v.kind, v.float, v.text = float, f, s
}

func (r *jsonReader) list(v *value, path string, depth int) error {
	v.kind = list
	for r.d.More() {
		item, err := r.value(path+"["+strconv.Itoa(len(v.list))+"]", depth+1)
		if err != nil {
			return err
		}
		v.list = append(v.list, item)
	}
	_, err := r.d.Token()
	return err
}

func (r *jsonReader) table(v *value, path string, depth int) error {
	v.kind = table
	seen := map[string]bool{}
	for r.d.More() {
		key, err := r.value(path, depth+1)
		if err != nil {
			return err
		}
		if seen[key.text] {
			r.p.at(key, join(path, key.text), "the key is there twice")
		}
		seen[key.text] = true
		item, err := r.value(join(path, key.text), depth+1)
		if err != nil {
			return err
		}
		v.members = append(v.members, member{key, item})
	}
	_, err := r.d.Token()
	return err
}
