package smtp_test

import (
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPage shows the example, the options and the statistics in docs/handlers.md.
func TestPage(t *testing.T) {
	if n := oracle.ParseSource(t, "smtp_test.go").CheckExamples(t, "docs/handlers.md"); n != 1 {
		t.Errorf("%d examples", n)
	}
	oracle.CheckSection(t, "docs/handlers.md", "smtp.Options", oracle.ParseSource(t, "options.go").FieldTable(t, "Options"))
	oracle.CheckSection(t, "docs/handlers.md", "smtp.Stats", oracle.ParseSource(t, "box.go").FieldTable(t, "Stats"))
}
