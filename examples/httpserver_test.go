package examples

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

var duration = regexp.MustCompile(`duration=\S+`)

// TestPageContext shows examples/httpserver and its output at the top of docs/context.md,
// but for the lines that only make it a program that ends by itself.
func TestPageContext(t *testing.T) {
	source := sources(t)["../examples/httpserver/main.go"]
	handlers := between(t, source, "\torders := slogtree.Get(\"shop.orders\")\n", "\tserver := &http.Server{")
	requests := between(t, source, "\task := client(l.Addr().String())\n", "\tif err := server.Shutdown")
	var code strings.Builder
	for line := range strings.Lines("\torders := slogtree.Get(\"shop.orders\")\n" + handlers + "\n" + requests) {
		code.WriteString(strings.TrimPrefix(line, "\t"))
	}
	output := duration.ReplaceAllString(terminal(t, "httpserver"), "duration=1ms")
	oracle.CheckSection(t, filepath.Join("docs", "context.md"), "httpserver",
		"```go\n"+strings.TrimSpace(code.String())+"\n```\n\n```text\n"+output+"```\n")
}
