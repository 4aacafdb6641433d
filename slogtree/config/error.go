package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Error is one thing that is wrong with a configuration.
type Error struct {
	Filename   string `json:"file,omitempty"`       // Options.Filename
	Line       int    `json:"line,omitempty"`       // from 1; 0 if it has no place in the text
	Column     int    `json:"column,omitempty"`     // from 1, in characters; 0 if only the line is known
	Path       string `json:"path,omitempty"`       // keys that lead to the value, as in "handlers.file.level"
	Value      string `json:"value,omitempty"`      // what stands there, shortened
	Reason     string `json:"reason"`               // what is wrong with it
	Suggestion string `json:"suggestion,omitempty"` // what may have been meant, if any
	Err        error  `json:"-"`                    // what made or opened a handler said, nil if nothing did
}

// Error returns all of it in a line, as in
//
//	app.json:7:12: handlers.file.level: "LOUD": unknown level; did you mean "DEBUG"?
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.place())
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	if e.Value != "" {
		b.WriteString(e.Value + ": ")
	}
	b.WriteString(e.Reason)
	if e.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean %s?", strconv.Quote(e.Suggestion))
	}
	return b.String()
}

// place returns file, line and column, as far as they are known.
func (e *Error) place() string {
	name := e.Filename
	switch {
	case name == "" && e.Line == 0:
		return "config: "
	case name == "":
		name = "config"
	}
	if e.Line > 0 {
		name += ":" + strconv.Itoa(e.Line)
		if e.Column > 0 {
			name += ":" + strconv.Itoa(e.Column)
		}
	}
	return name + ": "
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// problems collects errors of one document.
type problems struct {
	filename string
	all      []*Error
	left     int // how many were left out
}

// maxProblems bounds what a hostile document can have us say.
const maxProblems = 100

// add notes an error, with the document's name.
func (p *problems) add(e *Error) {
	if len(p.all) >= maxProblems {
		p.left++
		return
	}
	e.Filename = p.filename
	p.all = append(p.all, e)
}

// at notes what is wrong with v.
func (p *problems) at(v *value, path, reason string, args ...any) *Error {
	e := &Error{Path: path, Reason: fmt.Sprintf(reason, args...)}
	if v != nil {
		e.Line, e.Column, e.Value = v.line, v.column, v.short()
	}
	p.add(e)
	return e
}

// err returns all errors joined, nil if there are none.
func (p *problems) err() error {
	if len(p.all) == 0 {
		return nil
	}
	errs := make([]error, 0, len(p.all)+1)
	slices.SortStableFunc(p.all, func(a, b *Error) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	for _, e := range p.all {
		errs = append(errs, e)
	}
	if p.left > 0 {
		errs = append(errs, &Error{Filename: p.filename, Reason: fmt.Sprintf("%d more errors", p.left)})
	}
	return errors.Join(errs...)
}

// maxNearest bounds the time that a hostile document can have us look for what it may mean.
const maxNearest = 500

// maxLetters is how long a name is that others are compared with.
const maxLetters = 64

// nearest is nearest, unless errors are left out already: then nobody would see it.
func (p *problems) nearest(name string, names []string) string {
	if p.left > 0 {
		return ""
	}
	return nearest(name, names)
}

// nearest returns which of names may have been meant by name, "" if none is near or there are too many.
func nearest(name string, names []string) string {
	if len(names) > maxNearest {
		return ""
	}
	best, most, lower := "", (len(name)+1)/3, strings.ToLower(name)
	for _, n := range names {
		if d := distance(lower, strings.ToLower(n), most); d <= most {
			best, most = n, d-1
		}
	}
	return best
}

// distance returns how many letters must be changed, added, removed or swapped with the next to make b
// of a, or more than most.
func distance(a, b string, most int) int {
	if len(a) > maxLetters || len(b) > maxLetters || max(len(a)-len(b), len(b)-len(a)) > most {
		return most + 1
	}
	var rows [3][maxLetters + 1]int
	before, row, next := &rows[0], &rows[1], &rows[2]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
