package slogtree

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// String returns a table of the loggers that exist, for people to read: their
// own and effective levels, whether they propagate, and what is attached, one
// handler and one filter a line.
func (t *Tree) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGGER\tLEVEL\tEFFECTIVE\tPROPAGATE\tHANDLERS\tFILTERS")
	for _, r := range t.rows() {
		r.print(w)
	}
	w.Flush()
	return trimLines(b.String())
}

// A row is what the table says of a logger.
type row struct {
	name, level, effective, propagate string
	attached, filters                 []any
}

// rows returns a row for each logger. Handlers and filters are described
// later, without the lock: their String methods may use the tree.
func (t *Tree) rows() []row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var rows []row
	for _, n := range t.nodesLocked() {
		rows = append(rows, t.row(n))
	}
	return rows
}

func (t *Tree) row(n *node) row {
	r := row{
		name:      indent(n) + printable(n.name()),
		level:     "-",
		effective: t.options.Load().Levels.Name(n.published.Load().level),
		propagate: "yes",
	}
	if d, ok := n.own(); ok {
		r.level = t.options.Load().Levels.Name(d.level)
	}
	if n.disabled {
		r.effective = "disabled"
	}
	switch {
	case n.isRoot():
		r.propagate = "-"
	case n.noParent:
		r.propagate = "no"
	}
	for _, own := range n.targets {
		r.attached = append(r.attached, own.id)
	}
	for _, f := range n.filters {
		r.filters = append(r.filters, f)
	}
	return r
}

// indent returns two blanks for each logger between n and the root, and n.
func indent(n *node) string {
	depth := 0
	for p := n.parent; p != nil; p = p.parent {
		depth++
	}
	return strings.Repeat("  ", depth)
}

// print prints the row, and below it what has no room in one line.
func (r row) print(w io.Writer) {
	first := strings.Join([]string{r.name, r.level, r.effective, r.propagate}, "\t")
	for i := range max(1, len(r.attached), len(r.filters)) {
		fmt.Fprintln(w, strings.Join([]string{first, cell(r.attached, i), cell(r.filters, i)}, "\t"))
		first = "\t\t\t"
	}
}

// cell describes the handler or filter of a line by its String method, or else its type.
func cell(values []any, line int) string {
	switch {
	case line < len(values):
		return describe(values[line])
	case line == 0:
		return "-"
	}
	return ""
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
