package main

import (
	"fmt"
	"math"
)

// A rgb is a colour.
type rgb uint32

func (c rgb) String() string { return fmt.Sprintf("#%06x", uint32(c)) }

// mix returns c over d, c's share being part.
func (c rgb) mix(d rgb, part float64) rgb {
	var mixed rgb
	for shift := 0; shift < 24; shift += 8 {
		x, y := float64(c>>shift&0xFF), float64(d>>shift&0xFF)
		mixed |= rgb(math.Round(part*x+(1-part)*y)) << shift
	}
	return mixed
}

// luminance is that of WCAG 2: 0 for black, 1 for white.
func (c rgb) luminance() float64 {
	part := func(shift int) float64 {
		v := float64(c>>shift&0xFF) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// contrast is WCAG 2's contrast ratio, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// A terminal has a background, a colour for text that has none, and the
// sixteen colours.
type terminal struct {
	name       string
	text, back rgb
	colors     [16]rgb
}

// The two terminals of the picture have xterm's colours, which are hard to read
// on light.
var (
	xterm = [16]rgb{
		0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
		0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
	}
	dark  = terminal{"xterm, dark", 0xE5E5E5, 0x000000, xterm}
	light = terminal{"xterm, light", 0x000000, 0xFFFFFF, xterm}
)

// A look is what the SGR sequences so far make of text.
type look struct {
	bold, faint, reverse bool
	fore, back           int // of the sixteen colours, from 1; 0 is none
}

// apply returns l after an SGR code, and false if it knows none such.
func (l look) apply(code int) (look, bool) {
	switch {
	case code == 0:
		return look{}, true
	case code == 1:
		l.bold = true
	case code == 2:
		l.faint = true
	case code == 7:
		l.reverse = true
	case 30 <= code && code <= 37:
		l.fore = code - 30 + 1
	case 90 <= code && code <= 97:
		l.fore = code - 90 + 8 + 1
	case 40 <= code && code <= 47:
		l.back = code - 40 + 1
	case 100 <= code && code <= 107:
		l.back = code - 100 + 8 + 1
	default:
		return l, false
	}
	return l, true
}

// faintPart is how much of the text's colour is left of faint text; terminals
// differ, from a half to three quarters.
const faintPart = 0.5

// shades returns the colours that text of look l has on t.
func (t *terminal) shades(l look) (text, back rgb) {
	text, back = t.text, t.back
	if l.fore > 0 {
		text = t.colors[l.fore-1]
	}
	if l.back > 0 {
		back = t.colors[l.back-1]
	}
	if l.reverse {
		text, back = back, text
	}
	if l.faint {
		text = text.mix(back, faintPart)
	}
	return text, back
}
