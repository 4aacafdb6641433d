package grpcattrs_test

import (
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPageContext makes the part of docs/context.md about calls from the example and from
// the comments of the options.
func TestPageContext(t *testing.T) {
	page := filepath.Join("..", "..", "docs", "context.md")
	if n := oracle.ParseSource(t, "example_test.go").CheckExamples(t, page); n != 1 {
		t.Errorf("%d examples", n)
	}
	oracle.CheckSection(t, page, "grpcoptions", oracle.ParseSource(t, "options.go").FieldTable(t, "Options"))
}
