package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A pageRow is a recipe of Python's logging cookbook, as docs/cookbook.md shows it.
type pageRow struct {
	title    string
	example  string // and its arguments
	packages string // that it is about
	oracle   string // the vectors' name of Python's program, "" if the cookbook has none
	python   []string
	golang   []string // besides main.go
	files    []string // that the program writes and the page shows
	note     string
	stdout   bool // shows that alone: stderr comes in between at any place
}

var pageRows = []pageRow{
	{title: "Using logging in multiple modules", example: "modules", packages: "slogtree", oracle: "01-multiple-modules",
		python: []string{"main.py", "auxiliary_module.py"}, golang: []string{"auxiliary/auxiliary_module.go"}, files: []string{"spam.log"}},
	{title: "Multiple handlers and formatters", example: "multihandlers", packages: "handlers formatters", oracle: "02-multiple-handlers",
		python: []string{"main.py"}, files: []string{"spam.log"}},
	{title: "Logging to multiple destinations", example: "destinations", packages: "slogtree handlers", oracle: "03-multiple-destinations",
		python: []string{"main.py"}, files: []string{"myapp.log"}},
	{title: "Configuration server example", example: "configserver", packages: "slogtree/configserver slogtree/config", oracle: "04-configuration-server",
		python: []string{"server.py", "send_config.py"}, golang: []string{"server.go", "send.go"}, stdout: true,
		note: "Without arguments the program runs both ends, and sends what is in the directory: new1.conf, broken.conf, which changes nothing, and new2.json. What the server says of each document goes to stderr, and is not shown."},
	{title: "Sending and receiving logging events across a network", example: "network", packages: "netsink netsink/receiver", oracle: "05-network-logging",
		python: []string{"client.py", "server.py"}, golang: []string{"client.go", "server.go"},
		note: "Without arguments the program runs both ends as two processes."},
	{title: "Using LoggerAdapters to impart contextual information", example: "adapter", packages: "contextattrs slogtree", oracle: "06-logger-adapter",
		python: []string{"main.py"},
		note:   "What stays the same is an adapter by `With`, what changes is asked for with each record by `contextattrs.Dynamic`, and a `process()` of one's own is a handler around the logger's: `adapter -process` runs that."},
	{title: "Using Filters to impart contextual information", example: "filter", packages: "handlers slogtree", oracle: "07-filter-context",
		python: []string{"main.py"},
		note:   "Servers better have the attrs of a request in its context, see [context.md](context.md)."},
	{title: "Logging to a single file from multiple processes", example: "manyprocesses -python 0", packages: "netsink netsink/receiver rotate",
		python: []string{"writer.py"}, golang: []string{"writer.go"},
		note: "The cookbook tells how and has no program for it. Some of the writers are Python's, if there is a python3; what is shown is printed with `-python 0`. Processes can also share a file without one that owns it, see [rotation.md](rotation.md)."},
	{title: "Using file rotation", example: "rotation", packages: "rotate", oracle: "08-file-rotation",
		python: []string{"main.py"}, files: []string{"logging_rotatingfile_example.out"}},
}

// name returns the example's directory.
func (r *pageRow) name() string { return strings.Fields(r.example)[0] }

// missing reports whether there is no such example yet.
func (r *pageRow) missing() bool { return !slices.Contains(programs(), r.name()) }

// anchor returns the name that the heading has in links.
func (r *pageRow) anchor() string {
	return strings.ReplaceAll(strings.ToLower(r.title), " ", "-")
}

var cookbookPage = filepath.Join("docs", "cookbook.md")

// TestPageCookbook makes docs/cookbook.md of the cookbook's programs, ours, and what ours
// print, and the table of recipes there and, if that asks for it, in README.md. What
// differs from run to run, and nothing else, may stay on the page as it was.
func TestPageCookbook(t *testing.T) {
	for _, r := range pageRows {
		if r.missing() {
			t.Logf("the recipe %q has no example yet: examples/%s is to be one", r.title, r.name())
		}
	}
	checkSteadily(t, cookbookPage, "table", recipeTable("#"), nil)
	if text := readRoot(t, "README.md"); strings.Contains(text, "<!-- recipes:begin -->") {
		checkSteadily(t, "README.md", "recipes", recipeTable("docs/cookbook.md#"), nil)
	}
	var all strings.Builder
	for i, r := range pageRows {
		fmt.Fprintf(&all, "\n## %s\n\n<!-- recipe %d:begin -->\n<!-- recipe %d:end -->\n", r.title, i+1, i+1)
	}
	for line := range strings.Lines(all.String()) {
		if !strings.Contains(readRoot(t, cookbookPage), line) {
			t.Errorf("%s lacks the line %q", cookbookPage, line)
		}
	}
	for i, r := range pageRows {
		t.Run(r.title, func(t *testing.T) {
			checkSteadily(t, cookbookPage, fmt.Sprint("recipe ", i+1), r.section(t), r.normalise(t))
		})
	}
}

// recipeTable is the table recipe, example, packages; links go to the page's headings.
func recipeTable(page string) string {
	var b strings.Builder
	b.WriteString("| recipe | example | packages |\n|---|---|---|\n")
	for _, r := range pageRows {
		example := "`go run ./examples/" + r.name() + "`"
		if r.missing() {
			example = "missing"
		}
		fmt.Fprintf(&b, "| [%s](%s%s) | %s | `%s` |\n", r.title, page, r.anchor(), example, strings.ReplaceAll(r.packages, " ", "`, `"))
	}
	return b.String()
}

// section returns what the page says of the recipe.
func (r *pageRow) section(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if r.note != "" {
		b.WriteString(r.note + "\n\n")
	}
	b.WriteString("<table><tr><th>Python</th><th>Go</th></tr><tr><td valign=\"top\">\n")
	for _, name := range r.python {
		dir := filepath.Join("testdata", "oracle", "cookbook", r.oracle, "document")
		if r.oracle == "" {
			dir = filepath.Join("examples", r.name())
		}
		text := readRoot(t, filepath.Join(dir, name))
		fmt.Fprintf(&b, "\n%s\n\n```python\n%s```\n", name, inShort(text))
	}
	b.WriteString("\n</td><td valign=\"top\">\n")
	if r.missing() {
		b.WriteString("\nmissing\n\n</td></tr></table>\n")
		return b.String()
	}
	for _, name := range append([]string{"main.go"}, r.golang...) {
		path := "examples/" + r.name() + "/" + name
		fmt.Fprintf(&b, "\n[%s](../%s)\n\n```go\n%s```\n", path, path, program(readRoot(t, path)))
	}
	b.WriteString("\n</td></tr></table>\n" + r.output(t))
	return b.String()
}

// output returns what the example prints and writes.
func (r *pageRow) output(t *testing.T) string {
	t.Helper()
	tmp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	args := strings.Fields(r.example)
	cmd := command(t.Context(), dir, filepath.Join(binaries, args[0]), args[1:]...)
	get := cmd.CombinedOutput
	if r.stdout {
		get = cmd.Output
	}
	text, err := get()
	if err != nil {
		t.Fatalf("%s: %v\n%s", r.example, err, text)
	}
	var b strings.Builder
	if len(text) > 0 {
		fmt.Fprintf(&b, "\nIt prints\n\n```text\n%s```\n", strings.ReplaceAll(string(text), tmp, "/tmp"))
	}
	files := read(t, dir)
	for _, name := range r.files {
		fmt.Fprintf(&b, "\n%s is then\n\n```text\n%s```\n", name, files[name])
	}
	return b.String()
}

// docstring is one of Python.
var docstring = regexp.MustCompile(`(?s)\n *""".*?"""`)

// inShort leaves comments and docstrings of Python out.
func inShort(text string) string {
	var b strings.Builder
	blank := true
	for line := range strings.Lines(docstring.ReplaceAllString("\n"+text, "")) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "#") || trimmed == "" && blank {
			continue
		}
		blank = trimmed == ""
		b.WriteString(line)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// normalise returns a function that replaces what differs from run to run.
func (r *pageRow) normalise(t *testing.T) func(string) string {
	var rules recipe
	if r.oracle != "" {
		rules = readRecipe(t, filepath.Join("..", "testdata", "oracle", "cookbook", r.oracle, "document", "case.json"))
	}
	return func(text string) string {
		for _, rule := range rules.Normalise {
			text = regexp.MustCompile(rule.Regex).ReplaceAllLiteralString(text, rule.Replace)
		}
		text = regexp.MustCompile(`process \d+ +`).ReplaceAllLiteralString(text, "process N ")
		text = regexp.MustCompile(`\S+/manyprocesses-\d+/`).ReplaceAllLiteralString(text, "DIRECTORY/")
		text = regexp.MustCompile(`\d+ backups`).ReplaceAllLiteralString(text, "N backups")
		return steady(text)
	}
}

// checkSteadily is oracle.CheckSection, but leaves what is there if it differs only
// in what differs from run to run.
func checkSteadily(t *testing.T, file, name, text string, normal func(string) string) {
	t.Helper()
	if normal != nil {
		_, rest, _ := strings.Cut(readRoot(t, file), "<!-- "+name+":begin -->\n")
		if old, _, ok := strings.Cut(rest, "<!-- "+name+":end -->"); ok && normal(old) == normal(text) {
			return
		}
	}
	oracle.CheckSection(t, file, name, text)
}

// readRoot reads a file, whose name counts from the module's root.
func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Control: what does not differ from run to run is not passed over.
func TestPageCookbookIsChecked(t *testing.T) {
	normal := pageRows[5].normalise(t)
	const line = "2026-11-26 07:40:37,684 d.e.f DEBUG    IP: 127.0.0.1       User: sheila   A message at DEBUG level with 2 parameters\n"
	other := strings.NewReplacer("37,684", "38,000", "sheila   ", "jim      ", "DEBUG   ", "ERROR   ", "DEBUG level", "ERROR level").Replace(line)
	if normal(line) != normal(other) {
		t.Errorf("%q and %q differ", normal(line), normal(other))
	}
	if normal(line) == normal(strings.Replace(line, "2 parameters", "3 parameters", 1)) {
		t.Error("another message passes for the same")
	}
	if got := inShort("a = 1  # one\n# two\ndef f():\n    \"\"\"\n    three\n    \"\"\"\n\n\n    pass\n"); got != "a = 1  # one\ndef f():\n\n    pass\n" {
		t.Errorf("%q", got)
	}
}
