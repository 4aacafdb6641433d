package examples

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestWrapper runs the wrapper that docs/formats.md shows.
func TestWrapper(t *testing.T) {
	code, err := os.ReadFile("wrapper/main.go")
	if err != nil {
		t.Fatal(err)
	}
	const want = "INFO shop: signed in user=ada password=***\n"
	if got := terminal(t, "wrapper"); got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
	oracle.CheckSection(t, filepath.Join("docs", "formats.md"), "wrapper", "```go\n"+string(code)+"```\n\n```text\n"+want+"```\n")
}
