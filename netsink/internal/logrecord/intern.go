package logrecord

// Bounds on the texts that a Decoder remembers: no more than 32 KiB of them.
const (
	maxTexts   = 256
	maxTextLen = 128
)

// An interner keeps texts that come again and again, such as the names of files and threads, so that
// they are not allocated anew. The zero value is ready to use.
type interner struct {
	last  [numKeys]string // of each field, which mostly is what comes next
	texts map[string]string
}

// field returns the text of a field.
func (t *interner) field(k key, p []byte) string {
	if s := t.last[k]; s == string(p) {
		return s
	}
	s := t.text(p)
	if len(s) <= maxTextLen {
		t.last[k] = s
	}
	return s
}

// text returns p as a string.
func (t *interner) text(p []byte) string {
	if s, ok := t.texts[string(p)]; ok {
		return s
	}
	s := string(p)
	if len(s) > maxTextLen {
		return s
	}
	if t.texts == nil || len(t.texts) >= maxTexts {
		t.texts = make(map[string]string, 16)
	}
	t.texts[s] = s
	return s
}
