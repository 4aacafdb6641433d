package pytext

import "testing"

func TestRepr(t *testing.T) {
	for s, want := range map[string]string{
		"":                             `''`,
		"it's":                         `"it's"`,
		`"`:                            `'"'`,
		`'"`:                           `'\'"'`,
		"a\n\t\r\\\x00\x7f":            `'a\n\t\r\\\x00\x7f'`,
		"é中😀":                          `'é中😀'`,
		"\u00a0\u00ad\u2028\U000e0001": `'\xa0\xad\u2028\U000e0001'`,
		"\xff\uFFFD":                   `'\udcff` + "\uFFFD'",
	} {
		if got := Repr(s); got != want {
			t.Errorf("Repr(%q) = %s, want %s", s, got, want)
		}
	}
}

// Expected values are those of CPython's str.lower.
func TestLower(t *testing.T) {
	for s, want := range map[string]string{
		"ABC Ü": "abc ü", "İ": "i\u0307", "ΟΔΟΣ": "οδος", "Σ": "σ", "ΣΑ": "σα", "ΑΣ.": "ας.", "ΑΣ.Α": "ασ.α", "ΑΣ\u0301": "ας\u0301",
		"A\u0301Σ B": "a\u0301ς b", "1Σ": "1σ", "ẞ": "ß",
	} {
		if got := Lower(s); got != want {
			t.Errorf("Lower(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestTrimSpace(t *testing.T) {
	const space = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2028\u2029\u202f\u205f\u3000"
	if got := TrimSpace(space + "a\u200bb" + space); got != "a\u200bb" {
		t.Errorf("got %q", got)
	}
}
