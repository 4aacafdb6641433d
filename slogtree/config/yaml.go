package config

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// depthLimit refuses documents before the library has read what is too deep.
type depthLimit struct{}

func (depthLimit) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return fmt.Errorf("the document is nested deeper than %d", maxDepth)
	}
	return nil
}

// CheckAlias allows all: the library expands none for us.
func (depthLimit) CheckAlias(int, int) error { return nil }

// A yamlReader makes values of YAML's nodes. Aliases are replaced by what they
// stand for, which maxValues bounds.
type yamlReader struct {
	p      *problems
	values int
	open   map[*yaml.Node]bool // that an alias must not lead back into
}

// readYAML returns the document's value, nil if it can't be read.
func readYAML(data []byte, p *problems) *value {
	root, err := parseYAML(data)
	if err != nil {
		p.add(yamlError(err))
		return nil
	}
	r := &yamlReader{p: p, open: map[*yaml.Node]bool{}}
	v, err := r.value(root, "", 0)
	if err != nil {
		return nil
	}
	return v
}

// parseYAML returns the document's node. A panic of the library is an error.
func parseYAML(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the parser panics: %v", r)
		}
	}()
	var document yaml.Node
	if err := yaml.Load(data, &document, yaml.WithPlugin(depthLimit{})); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, errors.New("the document is empty")
	}
	return document.Content[0], nil
}

// yamlError returns the library's error as ours.
func yamlError(err error) *Error {
	e := &Error{Reason: "this is no YAML: " + err.Error()}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		e.Line, e.Column, e.Reason = at.Mark.Line, at.Mark.Column, "this is no YAML: "+at.Message
	}
	return e
}

func (r *yamlReader) fail(n *yaml.Node, path, reason string, args ...any) error {
	r.p.add(&Error{Line: n.Line, Column: n.Column, Path: path, Reason: fmt.Sprintf(reason, args...)})
	return errStop
}

// value returns n as a value.
func (r *yamlReader) value(n *yaml.Node, path string, depth int) (*value, error) {
	if r.values++; r.values > maxValues {
		return nil, r.fail(n, "", "with its aliases replaced, the document has more than %d values", maxValues)
	}
	if depth > maxDepth {
		return nil, r.fail(n, "", "the document is nested deeper than %d", maxDepth)
	}
	if tag := n.ShortTag(); n.Kind == yaml.SequenceNode && tag != "!!seq" || n.Kind == yaml.MappingNode && tag != "!!map" {
		return nil, r.fail(n, path, "the tag %s is not understood", tag)
	}
	v := &value{line: n.Line, column: n.Column}
	switch n.Kind {
	case yaml.AliasNode:
		if r.open[n.Alias] {
			return nil, r.fail(n, path, "the alias stands in what it stands for")
		}
		return r.value(n.Alias, path, depth+1)
	case yaml.SequenceNode:
		r.open[n] = true
		defer delete(r.open, n)
		return v, r.list(v, n, path, depth)
	case yaml.MappingNode:
		r.open[n] = true
		defer delete(r.open, n)
		return v, r.table(v, n, path, depth)
	}
	return v, r.scalar(v, n, path)
}

func (r *yamlReader) list(v *value, n *yaml.Node, path string, depth int) error {
	v.kind = list
	for i, child := range n.Content {
		item, err := r.value(child, path+"["+strconv.Itoa(i)+"]", depth+1)
		if err != nil {
			return err
		}
		v.list = append(v.list, item)
	}
	return nil
}

func (r *yamlReader) table(v *value, n *yaml.Node, path string, depth int) error {
	v.kind = table
	var merged []member
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, child := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return r.fail(key, path, "a key must be text")
		}
		item, err := r.value(child, join(path, key.Value), depth+1)
		if err != nil {
			return err
		}
		if key.ShortTag() == "!!merge" {
			if merged, err = r.merge(merged, item, child, path); err != nil {
				return err
			}
			continue
		}
		k := &value{kind: text, text: key.Value, line: key.Line, column: key.Column}
		if seen[k.text] {
			r.p.at(k, join(path, k.text), "the key is there twice")
		}
		seen[k.text] = true
		v.members = append(v.members, member{k, item})
	}
	for _, m := range merged {
		if !seen[m.key.text] {
			seen[m.key.text] = true
			v.members = append(v.members, m)
		}
	}
	return nil
}

// merge adds what "<<" stands for to merged; what comes first wins.
func (r *yamlReader) merge(merged []member, item *value, n *yaml.Node, path string) ([]member, error) {
	from := []*value{item}
	if item.kind == list {
		from = item.list
	}
	for _, one := range from {
		if one.kind != table {
			return nil, r.fail(n, path, "<< needs a table, or a list of some")
		}
		if r.values += len(one.members); r.values > maxValues {
			return nil, r.fail(n, "", "with its merges done, the document has more than %d values", maxValues)
		}
		merged = append(merged, one.members...)
	}
	return merged, nil
}

// oldBools are the words besides true and false that PyYAML, which reads YAML
// 1.1, takes for booleans.
var oldBools = map[string]bool{"yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true, "no": false, "No": false, "NO": false, "off": false, "Off": false, "OFF": false}

// scalar sets v to a text, number, boolean or null.
func (r *yamlReader) scalar(v *value, n *yaml.Node, path string) error {
	v.kind, v.text = text, n.Value
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch tag := n.ShortTag(); tag {
	case "!!null":
		v.kind, v.text = null, ""
	case "!!bool":
		v.kind, v.boolean, v.text = boolean, n.Value[0] == 't' || n.Value[0] == 'T', ""
	case "!!int":
		v.text = ""
		v.number(n.Value)
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			v.kind, v.float = float, f
		}
	case "!!str", "!!timestamp":
		if on, ok := oldBools[n.Value]; ok && plain && n.Tag == "!!str" {
			v.kind, v.boolean, v.text = boolean, on, ""
		}
	default:
		return r.fail(n, path, "the tag %s is not understood", tag)
	}
	return nil
}
