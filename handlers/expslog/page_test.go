package expslog_test

import (
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPage shows the examples in docs/handlers.md.
func TestPage(t *testing.T) {
	if n := oracle.ParseSource(t, "expslog_test.go").CheckExamples(t, "docs/handlers.md"); n != 2 {
		t.Errorf("%d examples", n)
	}
}
