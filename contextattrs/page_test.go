package contextattrs_test

import (
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPageExamples shows the examples, which go test runs, in docs/context.md.
func TestPageExamples(t *testing.T) {
	shown := 0
	for _, file := range []string{"handler_test.go", "dynamic_test.go", "collector_test.go", "state_test.go"} {
		shown += oracle.ParseSource(t, file).CheckExamples(t, filepath.Join("docs", "context.md"))
	}
	if shown < 6 {
		t.Errorf("only %d examples", shown)
	}
}
