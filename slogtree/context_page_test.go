package slogtree

import (
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPageContextLevel shows the example in docs/context.md.
func TestPageContextLevel(t *testing.T) {
	oracle.ParseSource(t, "context_example_test.go").CheckExamples(t, filepath.Join("docs", "context.md"))
}
