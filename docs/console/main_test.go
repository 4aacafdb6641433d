package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The picture in the docs is what the program draws now.
func TestPicture(t *testing.T) {
	want, err := os.ReadFile("../console.svg")
	if err != nil {
		t.Fatal(err)
	}
	if got := picture(demo(), dark, light); got != string(want) {
		t.Error("docs/console.svg is out of date: go run ./docs/console >docs/console.svg")
	}
}

// The colours of common terminals, as they come.
var (
	tango = [16]rgb{
		0x000000, 0xCC0000, 0x4E9A06, 0xC4A000, 0x3465A4, 0x75507B, 0x06989A, 0xD3D7CF,
		0x555753, 0xEF2929, 0x8AE234, 0xFCE94F, 0x729FCF, 0xAD7FA8, 0x34E2E2, 0xEEEEEC,
	}
	solarized = [16]rgb{
		0x073642, 0xDC322F, 0x859900, 0xB58900, 0x268BD2, 0xD33682, 0x2AA198, 0xEEE8D5,
		0x002B36, 0xCB4B16, 0x586E75, 0x657B83, 0x839496, 0x6C71C4, 0x93A1A1, 0xFDF6E3,
	}
	terminals = []terminal{
		dark,
		light,
		{"Linux console", 0xAAAAAA, 0x000000, [16]rgb{
			0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA,
			0x555555, 0xFF5555, 0x55FF55, 0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
		}},
		{"Windows Terminal, Campbell", 0xCCCCCC, 0x0C0C0C, [16]rgb{
			0x0C0C0C, 0xC50F1F, 0x13A10E, 0xC19C00, 0x0037DA, 0x881798, 0x3A96DD, 0xCCCCCC,
			0x767676, 0xE74856, 0x16C60C, 0xF9F1A5, 0x3B78FF, 0xB4009E, 0x61D6D6, 0xF2F2F2,
		}},
		{"Tango, dark", 0xFFFFFF, 0x300A24, tango},
		{"Tango, light", 0x555753, 0xFFFFFF, tango},
		{"Solarized, dark", 0x839496, 0x002B36, solarized},
		{"Solarized, light", 0x657B83, 0xFDF6E3, solarized},
		{"VS Code, dark", 0xCCCCCC, 0x1E1E1E, [16]rgb{
			0x000000, 0xCD3131, 0x0DBC79, 0xE5E510, 0x2472C8, 0xBC3FBC, 0x11A8CD, 0xE5E5E5,
			0x666666, 0xF14C4C, 0x23D18B, 0xF5F543, 0x3B8EEA, 0xD670D6, 0x29B8DB, 0xE5E5E5,
		}},
		{"VS Code, light", 0x333333, 0xFFFFFF, [16]rgb{
			0x000000, 0xCD3131, 0x00BC00, 0x949800, 0x0451A5, 0xBC05BC, 0x0598BC, 0x555555,
			0x666666, 0xCD3131, 0x14CE14, 0xB5BA00, 0x0451A5, 0xBC05BC, 0x0598BC, 0xA5A5A5,
		}},
	}
)

// readable is the least contrast of what is to be read. WCAG asks for 3 of large
// text, and all has that but bright blue on two of the light terminals.
const readable = 2.7

// What is coloured can be read on each of them.
func TestReadable(t *testing.T) {
	var looks []look
	for line := range strings.Lines(demo()) {
		for _, r := range runs(line) {
			if !slices.Contains(looks, r.look) {
				looks = append(looks, r.look)
			}
		}
	}
	if len(looks) < 7 {
		t.Fatalf("the picture has %d looks only: %+v", len(looks), looks)
	}
	for _, term := range terminals {
		for _, l := range looks {
			want := readable
			if l.faint {
				want = 1.8 // it is to stand back, most in Solarized, whose own text has 4.1
			}
			got := contrast(term.shades(l))
			t.Logf("%-28s %+v %.1f", term.name, l, got)
			if got < want {
				t.Errorf("%s: text that is %+v has a contrast of %.2f, want %.2f", term.name, l, got, want)
			}
		}
	}
}

// Control: the usual colours, without a background of their own, fail each on
// some terminal.
func TestUnreadable(t *testing.T) {
	for code, want := range map[int]bool{30: false, 32: false, 33: false, 34: false, 35: false, 36: false, 37: false, 90: false, 91: true, 92: false, 93: false, 94: true, 95: true, 96: false, 97: false} {
		l, _ := look{}.apply(code)
		least := 21.0
		for _, term := range terminals {
			least = min(least, contrast(term.shades(l)))
		}
		t.Logf("SGR %d: %.2f", code, least)
		if (least >= readable) != want {
			t.Errorf("SGR %d has a contrast of %.2f at least, readable is %v", code, least, want)
		}
	}
}

// Control: the measure is WCAG's, and SGR is read as terminals do.
func TestMeasures(t *testing.T) {
	if got := contrast(0xFFFFFF, 0x000000); got != 21 {
		t.Errorf("white on black has a contrast of %v", got)
	}
	if got := contrast(0x767676, 0xFFFFFF); got < 4.5 || got > 4.6 {
		t.Errorf("#767676 on white has a contrast of %v, 4.54 is known", got)
	}
	got := runs("a\x1b[1;91mb\x1b[0;30;43mc\x1b[0md")
	want := []run{{look{}, "a"}, {look{bold: true, fore: 10}, "b"}, {look{fore: 1, back: 4}, "c"}, {look{}, "d"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
