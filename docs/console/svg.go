package main

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A run is text of one look.
type run struct {
	look
	text string
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// runs cuts a line where its look changes. It panics at a sequence that it
// can't draw.
func runs(line string) []run {
	var out []run
	var l look
	for line != "" {
		at := sgr.FindStringSubmatchIndex(line)
		if at == nil {
			return append(out, run{l, line})
		}
		if at[0] > 0 {
			out = append(out, run{l, line[:at[0]]})
		}
		for code := range strings.SplitSeq(line[at[2]:at[3]], ";") {
			n, err := strconv.Atoi(code)
			var ok bool
			if l, ok = l.apply(n); err != nil || !ok {
				panic(fmt.Sprintf("console: can't draw the sequence %q", line[at[0]:at[1]]))
			}
		}
		line = line[at[1]:]
	}
	return out
}

// The measures of the picture, in pixels.
const (
	charWidth  = 7.8
	lineHeight = 18
	margin     = 14
)

// picture draws text on each of the terminals, one below the other.
func picture(text string, terminals ...terminal) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(sgr.ReplaceAllString(line, "")))
	}
	width, height := float64(columns)*charWidth+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%[1]g" height="%[2]d" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13">`+"\n",
		width, height*len(terminals))
	fmt.Fprintln(&b, "<title>What formatters.Console writes, on a dark and on a light terminal</title>")
	for i, t := range terminals {
		top := i * height
		fmt.Fprintf(&b, `<rect y="%d" width="100%%" height="%d" fill="%s"/>`+"\n", top, height, t.back)
		for j, line := range lines {
			t.draw(&b, line, top+margin+j*lineHeight)
		}
	}
	fmt.Fprintln(&b, "</svg>")
	return b.String()
}

// draw draws one line, each run at its place, whatever the font's width is.
func (t *terminal) draw(b *strings.Builder, line string, top int) {
	column := 0
	for _, r := range runs(line) {
		n := utf8.RuneCountInString(r.text)
		fore, back := t.shades(r.look)
		if back != t.back {
			fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x(column), top, float64(n)*charWidth, lineHeight, back)
		}
		if word := strings.TrimLeft(r.text, " "); word != "" {
			word, at := strings.TrimRight(word, " "), column+n-utf8.RuneCountInString(word)
			weight := ""
			if r.bold {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s xml:space="preserve">%s</text>`+"\n",
				x(at), top+lineHeight*3/4, float64(utf8.RuneCountInString(word))*charWidth, fore, weight, html.EscapeString(word))
		}
		column += n
	}
}

func x(column int) float64 { return margin + float64(column)*charWidth }
