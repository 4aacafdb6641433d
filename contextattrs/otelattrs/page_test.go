package otelattrs_test

import (
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPageContext shows the example in docs/context.md.
func TestPageContext(t *testing.T) {
	if n := oracle.ParseSource(t, "otelattrs_test.go").CheckExamples(t, filepath.Join("..", "..", "docs", "context.md")); n != 1 {
		t.Errorf("%d examples", n)
	}
}
