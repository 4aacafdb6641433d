package examples

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPageService shows examples/service and the file that it leaves in docs/handlers.md.
func TestPageService(t *testing.T) {
	source := sources(t)["../examples/service/main.go"]
	code := between(t, source, "// setUp gives the tree its handlers.\n", "// ask logs in as three users")
	o := execute(t, nil, filepath.Join(binaries, "service"))
	if o.stdout != "" || o.stderr != "" {
		t.Errorf("it printed %q and %q", o.stdout, o.stderr)
	}
	file := duration.ReplaceAllString(o.files["app.log"], "duration=1ms")
	if strings.Contains(file, "hunter2") {
		t.Errorf("a password in the file:\n%s", file)
	}
	oracle.CheckSection(t, filepath.Join("docs", "handlers.md"), "service",
		"```go\n"+strings.TrimSpace(code)+"\n```\n\nIts file, after three requests:\n\n```text\n"+file+"```\n")
}
