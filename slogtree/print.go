package slogtree

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// String returns a table of the loggers that exist, for people to read: their
// own and effective levels, whether they propagate, and what is attached.
func (t *Tree) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGGER\tLEVEL\tEFFECTIVE\tPROPAGATE\tHANDLERS\tFILTERS")
	nodes := t.nodes()
	t.mu.RLock()
	for _, n := range nodes {
		fmt.Fprintln(w, strings.Join(t.row(n), "\t"))
	}
	t.mu.RUnlock()
	w.Flush()
	return trimLines(b.String())
}

// row returns the node's cells. The caller holds t.mu.
func (t *Tree) row(n *node) []string {
	level := "-"
	if d, ok := n.own(); ok {
		level = t.options.Levels.Name(d.level)
	}
	effective := t.options.Levels.Name(n.published.Load().level)
	if n.disabled {
		effective = "disabled"
	}
	propagate := "yes"
	switch {
	case n.parent == nil:
		propagate = "-"
	case n.noParent:
		propagate = "no"
	}
	attached := make([]any, len(n.targets))
	for i, own := range n.targets {
		attached[i] = own.id
	}
	filters := make([]any, len(n.filters))
	for i, f := range n.filters {
		filters[i] = f
	}
	return []string{indent(n) + printable(n.name()), level, effective, propagate, list(attached), list(filters)}
}

// indent returns two blanks for each logger between n and the root, and n.
func indent(n *node) string {
	depth := 0
	for p := n.parent; p != nil; p = p.parent {
		depth++
	}
	return strings.Repeat("  ", depth)
}

// list describes handlers or filters by their String methods, or else types.
func list(values []any) string {
	if len(values) == 0 {
		return "-"
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = describe(v)
	}
	return strings.Join(texts, ", ")
}

func describe(v any) (text string) {
	var err error
	defer func() {
		if err != nil {
			text = fmt.Sprintf("%T", v)
		}
	}()
	defer catch(&err)
	if s, ok := v.(fmt.Stringer); ok {
		return printable(s.String())
	}
	return fmt.Sprintf("%T", v)
}

// printable returns s, quoted if it holds what a table can't show.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(s) {
		return strconv.Quote(s)
	}
	return s
}

// trimLines removes the blanks that a table leaves at the ends of lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}
