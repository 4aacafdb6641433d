package main

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// A panel is one chart: a bar for each peer of a group.
type panel struct {
	title string
	pkg   string
	group string
}

var panels = []panel{
	{"One line with time, name, level and message", "named", "Enabled/depth4"},
	{"One line with time, level and message", "format", "Slog/msg"},
	{"The same with five attrs", "format", "Slog/5attrs"},
	{"A call that is turned off, 16 names deep", "named", "Disabled/depth16"},
	{"120 bytes to a file that rotates at 1 MiB", "files", "Write/direct/1MiB"},
	{"The same through a buffer", "files", "Write/buffered/1MiB"},
	{"120 bytes to a file that four processes share", "files", "Shared/1MiB"},
}

// A bar is a peer's CPU time in nanoseconds.
type bar struct {
	name  string
	ns    float64
	loses bool // lines
}

const (
	plotWidth  = 760
	barHeight  = 20
	barLeft    = 190 // where bars begin
	barRoom    = plotWidth - barLeft - 90
	titleRoom  = 40
	longestBar = 8 // times the shortest: longer bars are cut, and say so
)

// plot returns the panels as an SVG image that follows the reader's colours.
func plot(r *results) string {
	var body strings.Builder
	y := 10
	for _, p := range panels {
		y = drawPanel(&body, p.title, r.bars(p), y)
	}
	fmt.Fprintf(&body, `<text class="note" x="10" y="%d">CPU ns for each call, less is better. “limit” and “raw” are lower bounds, no loggers. † loses lines.</text>`+"\n", y+20)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="CPU time of a log call, ours and other loggers">`+"\n",
		plotWidth, y+34) + style + body.String() + "</svg>\n"
}

const style = `<style>
svg { font: 13px system-ui, sans-serif; background: #ffffff }
text { fill: #1f2328 }
.title { font-weight: 600 }
.note { fill: #59636e; font-size: 12px }
.ours { fill: #1a7f37 }
.limit { fill: #8c959f }
.peer { fill: #54aeff }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 }
text { fill: #f0f6fc }
.note { fill: #9198a1 }
.ours { fill: #3fb950 }
.limit { fill: #656c76 }
.peer { fill: #1f6feb }
}
</style>
`

// bars returns a panel's bars, the shortest first.
func (r *results) bars(p panel) []bar {
	var bars []bar
	for _, name := range r.peers(p.pkg, p.group) {
		i := id{p.pkg, p.group, name, 1}
		if ns := r.median(i, cpuTime); !math.IsNaN(ns) {
			bars = append(bars, bar{name, ns, r.worst(i, "lost-%") > 0})
		}
	}
	slices.SortStableFunc(bars, func(a, b bar) int {
		return int(math.Copysign(1, a.ns-b.ns))
	})
	return bars
}

// drawPanel draws bars from y downward, and returns where it ended.
func drawPanel(b *strings.Builder, title string, bars []bar, y int) int {
	if len(bars) == 0 {
		return y
	}
	fmt.Fprintf(b, `<text class="title" x="10" y="%d">%s</text>`+"\n", y+22, html.EscapeString(title))
	y += titleRoom - 6
	cut := min(bars[len(bars)-1].ns, longestBar*bars[0].ns)
	for _, x := range bars {
		drawBar(b, x, cut, y)
		y += barHeight
	}
	return y + 8
}

func drawBar(b *strings.Builder, x bar, cut float64, y int) {
	width, mark := float64(barRoom), " »"
	if x.ns <= cut {
		width, mark = barRoom*x.ns/cut, ""
	}
	if x.loses {
		mark += " †"
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, barLeft-8, y+14, html.EscapeString(x.name))
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`, colour(x.name), barLeft, y+3, max(width, 1), barHeight-6)
	fmt.Fprintf(b, `<text x="%.1f" y="%d">%s%s</text>`+"\n", barLeft+width+6, y+14, figure(x.ns), mark)
}

// colour returns a bar's class.
func colour(peer string) string {
	switch {
	case isOurs(peer):
		return "ours"
	case strings.HasPrefix(peer, "limit"), strings.HasPrefix(peer, "raw-"):
		return "limit"
	}
	return "peer"
}
