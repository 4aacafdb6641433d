package oracle

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A Source is a file of Go, for pages that are made from the code.
type Source struct {
	Text  string
	File  *ast.File
	files *token.FileSet
}

// ParseSource reads a file, by its name from the test's directory.
func ParseSource(t testing.TB, name string) *Source {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{Text: string(text), files: token.NewFileSet()}
	s.File, err = parser.ParseFile(s.files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cut returns the text from one position to another.
func (s *Source) cut(from, to token.Pos) string {
	return s.Text[s.files.Position(from).Offset:s.files.Position(to).Offset]
}

// FieldTable returns a table of the exported fields of a struct and of their comments. Fields
// that share a comment share a row.
func (s *Source) FieldTable(t testing.TB, of string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| field | type | |\n|---|---|---|\n")
	rows := 0
	for _, f := range s.fields(of) {
		names := exportedNames(f)
		if names == "" {
			continue
		}
		doc := f.Doc
		if doc == nil {
			doc = f.Comment
		}
		if doc == nil {
			t.Fatalf("%s: %s has no comment", of, names)
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", names, s.cut(f.Type.Pos(), f.Type.End()), cell(doc, f.Names[0].Name))
		rows++
	}
	if rows < 2 {
		t.Errorf("%s: only %d fields were found", of, rows)
	}
	return b.String()
}

func (s *Source) fields(of string) (fields []*ast.Field) {
	ast.Inspect(s.File, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == of {
			if st, ok := spec.Type.(*ast.StructType); ok {
				fields = st.Fields.List
			}
		}
		return fields == nil
	})
	return fields
}

// exportedNames returns a field's names as code.
func exportedNames(f *ast.Field) string {
	var names []string
	for _, id := range f.Names {
		if id.IsExported() {
			names = append(names, "`"+id.Name+"`")
		}
	}
	return strings.Join(names, ", ")
}

// links are links of comments, as [Gzip] or [formatters.Formatter], but not "[REDACTED]".
var links = regexp.MustCompile(`(^|[^"])\[([\w.]+)\]`)

// cell returns a comment as the text of a cell.
func cell(doc *ast.CommentGroup, name string) string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	text = strings.TrimPrefix(text, name+" ")
	text = links.ReplaceAllString(text, "$1`$2`")
	return strings.ReplaceAll(text, "|", `\|`)
}

// CheckExamples shows the examples of the source, with their output, each in the part of the
// page that has its name, and returns how many there are. Lines of an example that have
// one of the words are left out.
func (s *Source) CheckExamples(t testing.TB, page string, without ...string) (shown int) {
	t.Helper()
	for _, d := range s.File.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && strings.HasPrefix(f.Name.Name, "Example") {
			CheckSection(t, page, f.Name.Name, example(t, s.cut(f.Body.Lbrace+1, f.Body.Rbrace), without))
			shown++
		}
	}
	return shown
}

// example returns the code and the output of an example's body.
func example(t testing.TB, body string, without []string) string {
	t.Helper()
	code, output, ok := strings.Cut(body, "\t// Output:\n")
	if !ok {
		t.Fatalf("no output:\n%s", body)
	}
	var b strings.Builder
	b.WriteString("```go\n")
	for line := range strings.Lines(strings.Trim(leaveOut(code, without), "\n")) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	b.WriteString("\n```\n\n```text\n")
	for line := range strings.Lines(strings.TrimSpace(output)) {
		b.WriteString(strings.TrimPrefix(strings.TrimLeft(line, "\t"), "// "))
	}
	b.WriteString("\n```\n")
	return b.String()
}

func leaveOut(code string, words []string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		out := false
		for _, word := range words {
			out = out || strings.Contains(line, word)
		}
		if !out {
			b.WriteString(line)
		}
	}
	return b.String()
}

// NamesOfTests returns the names of the tests and fuzz targets in a directory and below it.
func NamesOfTests(t testing.TB, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, decl := range ParseSource(t, path).File.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
