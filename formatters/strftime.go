package formatters

import (
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

// A timeLayout is a strftime format, as glibc reads it in the C locale. It is
// immutable.
//
// The directives themselves are timefmt's. What it does otherwise than glibc
// is put right here: directives that C does not know (%f, %v, %+, %:z) are
// copied, the modifiers E and O are taken, years below 1000 are not padded,
// and a width holds for directives made of others (%T, %c) too.
type timeLayout struct{ pieces []timePiece }

// A timePiece is text for timefmt, padded on the left.
type timePiece struct {
	format string
	width  int
	pad    byte // 0 if there is no width
}

const (
	strftimeFlags = "_-0^#"
	knownByC      = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%"
	refusesE      = "aAbBhdDeFHIkljmMSUVgGWw%"
	refusesO      = "aAcxXDFY%"
)

// madeOfOthers holds the directives that stand for several. %-Y is a year
// without padding, which for glibc is the rule.
var madeOfOthers = map[byte]string{
	'c': "%a %b %e %H:%M:%S %-Y",
	'D': "%m/%d/%y",
	'F': "%-Y-%m-%d",
	'r': "%I:%M:%S %p",
	'R': "%H:%M",
	'T': "%H:%M:%S",
	'x': "%m/%d/%y",
	'X': "%H:%M:%S",
}

// goLayout returns what is wrong with a format that is a layout of package time:
// it has no directive, but what Go calls a year, a day or a clock.
func goLayout(format string) string {
	if strings.Contains(format, "%") || !goReference(format) {
		return ""
	}
	return "DateFmt is a layout of Go's package time; it takes directives such as %Y-%m-%d %H:%M:%S"
}

// goReference reports whether text has a part of Go's reference time.
func goReference(text string) bool {
	for _, part := range []string{"2006", "15:04", "3:04", "01-02", "01/02", "02/01", "02.01", "Jan 2", "Jan _2"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func newTimeLayout(format string) *timeLayout {
	l := &timeLayout{}
	for {
		text, rest, found := strings.Cut(format, "%")
		l.add(timePiece{format: text})
		if !found {
			return l
		}
		n := l.directive(rest)
		format = rest[n:]
	}
}

// add adds a piece, to the last one if it can.
func (l *timeLayout) add(p timePiece) {
	n := len(l.pieces)
	switch {
	case p.format == "":
	case n > 0 && p.pad == 0 && l.pieces[n-1].pad == 0:
		l.pieces[n-1].format += p.format
	default:
		l.pieces = append(l.pieces, p)
	}
}

// directive adds the directive that text begins with, after its %, and
// returns how long it is.
func (l *timeLayout) directive(text string) int {
	rest := strings.TrimLeft(text, strftimeFlags)
	flags := text[:len(text)-len(rest)]
	afterWidth := strings.TrimLeft(rest, "0123456789")
	width := rest[:len(rest)-len(afterWidth)]
	rest = afterWidth
	modifier := byte(0)
	if rest != "" && (rest[0] == 'E' || rest[0] == 'O') {
		modifier, rest = rest[0], rest[1:]
	}
	if rest == "" {
		l.copied(text, flags, width)
		return len(text)
	}
	n := len(text) - len(rest) + 1
	switch conv := rest[0]; {
	case conv == '%':
		l.padded("%%", flags, width)
	case !takes(modifier, conv):
		l.copied(text[:n], flags, width)
	default:
		l.known(conv, flags, width)
	}
	return n
}

// takes reports whether C knows the directive with the modifier, 0 for none.
func takes(modifier, conv byte) bool {
	if strings.IndexByte(knownByC, conv) < 0 {
		return false
	}
	switch modifier {
	case 'E':
		return strings.IndexByte(refusesE, conv) < 0
	case 'O':
		return strings.IndexByte(refusesO, conv) < 0
	}
	return true
}

// copied adds a directive that C copies.
func (l *timeLayout) copied(text, flags, width string) {
	if strings.Contains(flags, "^") {
		b := []byte(text) // ASCII alone: a directive may end within a character
		upper(b)
		text = string(b)
	}
	l.padded("%%"+strings.ReplaceAll(text, "%", "%%"), flags, width)
}

// known adds a directive that C knows.
func (l *timeLayout) known(conv byte, flags, width string) {
	format := madeOfOthers[conv]
	switch {
	case format != "":
		if strings.Contains(flags, "^") {
			format = strings.NewReplacer("%a", "%^a", "%b", "%^b").Replace(format)
		}
		l.padded(format, flags, width)
		return
	case conv == 'P': // is always in lower case
		flags = strings.NewReplacer("^", "", "#", "").Replace(flags)
	case (conv == 'Y' || conv == 'G') && width == "" && !strings.Contains(flags, "0"):
		flags = "-"
	}
	if width == "1" { // says nothing, but timefmt would pad for it
		width = ""
	}
	l.add(timePiece{format: "%" + flags + width + string(conv)})
}

// padded adds text that timefmt can't pad.
func (l *timeLayout) padded(format, flags, width string) {
	p := timePiece{format: format}
	n, err := strconv.Atoi(width)
	last := strings.LastIndexAny(flags, "_-0")
	if n > 0 || err != nil && width != "" {
		p.width, p.pad = min(max(n, 0), maxTimeWidth), ' '
		if last >= 0 && flags[last] == '0' {
			p.pad = '0'
		}
	}
	l.add(p)
}

// maxTimeWidth is timefmt's own bound on widths.
const maxTimeWidth = 1024

func (l *timeLayout) append(dst []byte, t time.Time) []byte {
	for i := range l.pieces {
		p := &l.pieces[i]
		start := len(dst)
		dst = timefmt.AppendFormat(dst, t, p.format)
		if missing := p.width - (len(dst) - start); missing > 0 {
			dst = insertRepeated(dst, start, p.pad, missing)
		}
	}
	return dst
}
