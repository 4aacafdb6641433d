package literal

import (
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// runeByName returns the character of that name in Unicode, as \N{BULLET} has
// it. Case does not matter. Aliases, which Python knows too, are not known.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if digits, ok := strings.CutPrefix(name, "CJK UNIFIED IDEOGRAPH-"); ok {
		r, err := strconv.ParseUint(digits, 16, 21)
		return rune(r), err == nil && len(digits) >= 4 && digits[0] != '0' && unicode.Is(unicode.Unified_Ideograph, rune(r))
	}
	r, ok := runeNames()[name]
	return r, ok
}

// runeNames is made when the first \N{...} is read: runenames only knows the
// way from a character to its name.
var runeNames = sync.OnceValue(func() map[string]rune {
	const about = 46_000
	names := make(map[string]rune, about)
	for r := range rune(unicode.MaxRune + 1) {
		if name := runenames.Name(r); name != "" && name[0] != '<' {
			names[name] = r
		}
	}
	addHangul(names)
	return names
})

// The parts of the names of Hangul's syllables, which are composed: chapter
// 3.12 of the Unicode standard.
var (
	hangulFirst  = strings.Split("G GG N D DD R M B BB S SS  J JJ C K T P H", " ")
	hangulMiddle = strings.Split("A AE YA YAE EO E YEO YE O WA WAE OE YO U WEO WE WI YU EU YI I", " ")
	hangulLast   = strings.Split(" G GG GS N NJ NH D L LG LM LB LS LT LP LH M B BS S SS NG J C K T P H", " ")
)

func addHangul(names map[string]rune) {
	r := '가'
	for _, first := range hangulFirst {
		for _, middle := range hangulMiddle {
			for _, last := range hangulLast {
				names["HANGUL SYLLABLE "+first+middle+last] = r
				r++
			}
		}
	}
}
