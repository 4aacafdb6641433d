package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A block is a fenced block of the README, with the comment above it.
type block struct {
	note string // "file: examples/hello/main.go", "output: ways two", "file of ways two: app.log", or nothing
	kind string // "go", "text"
	text string
}

var fenced = regexp.MustCompile("(?m)(?:^<!-- (.*) -->\n)?^```(\\w+)\n((?s:.*?))^```$")

func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		found = append(found, block{m[1], m[2], m[3]})
	}
	if n := strings.Count(string(text), "\n```"); n != 2*len(found) {
		t.Fatalf("%d fences in README.md, but %d blocks found", n, len(found))
	}
	return found
}

// varying is what differs from run to run, and what stands for it here.
var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`tcp 127\.0\.0\.1:\d+`), "tcp ADDRESS"},
	{regexp.MustCompile(`[^\s(]+/quickstart-\d+/`), "DIRECTORY/"},
	{regexp.MustCompile(`\b\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)?`), "TIME"},
	{regexp.MustCompile(` {2,}`), "  "}, // how wide a column is hangs on the directory's name
}

// steady returns the text of an output with what varies replaced.
func steady(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return text
}

// TestReadme checks that the code of README.md stands in a file that is
// compiled and tested, and that the output shown is what programs print.
func TestReadme(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	sources := sources(t)
	for _, b := range blocks(t) {
		what, name, _ := strings.Cut(b.note, ": ")
		switch {
		case what == "file":
			if want := program(sources["../"+name]); b.text != want {
				t.Errorf("README.md shows as %s:\n%s\nand the file is:\n%s", name, b.text, want)
			}
		case what == "output":
			if want := terminal(t, name); steady(b.text) != steady(want) {
				t.Errorf("README.md shows as output of %s:\n%s\nand it is:\n%s", name, b.text, want)
			}
		case strings.HasPrefix(what, "file of "):
			args := strings.Fields(what)[2:]
			want := execute(t, nil, filepath.Join(binaries, args[0]), args[1:]...).files[name]
			if steady(b.text) != steady(want) {
				t.Errorf("README.md shows as %s:\n%s\nand it is:\n%s", b.note, b.text, want)
			}
		case b.kind == "go":
			if err := standsIn(sources, b.text); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("nothing says what this block of README.md is:\n%s", b.text)
		}
	}
}

// sources returns the Go files of the examples.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"*.go", "*/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files["../examples/"+filepath.ToSlash(name)] = string(text)
		}
	}
	return files
}

// program returns a source from its package clause on.
func program(source string) string {
	i := strings.Index(source, "package ")
	return source[max(i, 0):]
}

// standsIn reports as an error that no source has the lines of code, one
// after the other, however deep they are indented.
func standsIn(sources map[string]string, code string) error {
	code = unindented(code)
	for _, source := range sources {
		if strings.Contains("\n"+unindented(source), "\n"+code) {
			return nil
		}
	}
	return fmt.Errorf("no example has these lines of README.md:\n%s", code)
}

func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, "\t"))
	}
	return b.String()
}

// Control: code that no example has is found out.
func TestReadmeIsChecked(t *testing.T) {
	if standsIn(sources(t), "tree.Root().AddHandler(jsonHandler)\n") == nil {
		t.Error("made-up code passed")
	}
	if got, want := steady("2026-11-22 15:18:42,576 INFO m port=8080\n"), "TIME INFO m port=8080\n"; got != want {
		t.Errorf("of a line, %q is compared, want %q", got, want)
	}
}
