package formatters

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// No text, and no bytes, are taken beyond the bound, and a mark tells how many are missing.
func TestAppendTextIsBounded(t *testing.T) {
	atLength(t)
	const long = maxGroupText + 1000
	for name, v := range map[string]any{
		"a string":      strings.Repeat("x", long),
		"é":             strings.Repeat("é", long/2),
		"bytes":         make([]byte, long),
		"an error":      fmt.Errorf("%s", strings.Repeat("\xff", long)),
		"a struct":      struct{ S string }{strings.Repeat("x", long-4)},
		"in a list":     []any{strings.Repeat("x", long)},
		"bytes in ones": []any{make([]byte, long)},
	} {
		got := string(AppendText([]byte("before"), "k", slog.AnyValue(v)))
		_, mark, _ := strings.Cut(got, "... (")
		var missing int
		if _, err := fmt.Sscanf(mark, "%d bytes missing)", &missing); err != nil || missing < 1000 || missing > 1002 || len(got) > 4*maxGroupText+100 {
			t.Errorf("%s: %d bytes, %d missing, %v", name, len(got), missing, err)
		}
	}
	for name, v := range map[string]any{"a string": strings.Repeat("x", maxGroupText), "bytes": make([]byte, maxGroupText)} {
		if got := string(AppendText(nil, "k", slog.AnyValue(v))); strings.Contains(got, "missing") {
			t.Errorf("%s: something is missing of what is allowed", name)
		}
	}
}
