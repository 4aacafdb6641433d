package examples

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pyNames prints all public names of logging's modules, and the methods of their classes.
const pyNames = `
import inspect, logging, logging.config, logging.handlers

def names(module, public):
    for name in public:
        print(f"{module}.{name}")
        value = getattr(logging if module == "logging" else getattr(logging, module[8:]), name)
        if inspect.isclass(value) and value.__module__ == module and module != "logging.config" and name not in ("SysLogHandler", "NTEventLogHandler"):
            for member in vars(value):
                if not member.startswith("_"):
                    print(f"{module}.{name}.{member}")

names("logging", logging.__all__)
for module in (logging.handlers, logging.config):
    names(module.__name__, [n for n, v in vars(module).items() if not n.startswith("_") and not inspect.ismodule(v)])
`

// TestEveryName checks that docs/from-python.md names all that Python has, and on our side
// only what there is.
func TestEveryName(t *testing.T) {
	page, err := os.ReadFile("../docs/from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	python, here := map[string]bool{}, regexp.MustCompile("`([a-z]+)\\.([A-Z]\\w*)(?:\\.([A-Z]\\w*))?`")
	ours := exported(t)
	checked := 0
	for line := range strings.Lines(between(t, string(page), "## Every name\n", "\n## ")) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			continue
		}
		for name := range strings.SplitSeq(cells[1], ",") {
			python[strings.Trim(name, " `")] = true
		}
		for _, m := range here.FindAllStringSubmatch(cells[2], -1) {
			if m[1] == "slog" {
				continue
			}
			checked++
			if name := strings.TrimSuffix(strings.Join(m[1:], "."), "."); !ours[name] {
				t.Errorf("docs/from-python.md names %s, which is not there", name)
			}
		}
	}
	if checked < 80 {
		t.Errorf("only %d of our names found", checked)
	}
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal(err)
		}
		t.Skip("no python3 says what its names are: ", err)
	}
	out, err := exec.Command("python3", "-c", pyNames).Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if !python[name] {
			t.Errorf("docs/from-python.md does not name %s", name)
		}
	}
}

// exported returns the exported names of the module's packages, as in slogtree.Tree.Close.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "examples" || d.Name() == "internal" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			declared(file.Name.Name, decl, names)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// declared adds the names that a declaration gives to a package.
func declared(pkg string, decl ast.Decl, names map[string]bool) {
	if f, ok := decl.(*ast.FuncDecl); ok {
		if f.Recv != nil {
			of := f.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if id, ok := of.(*ast.Ident); ok {
				pkg += "." + id.Name
			}
		}
		names[pkg+"."+f.Name.Name] = true
		return
	}
	for _, spec := range decl.(*ast.GenDecl).Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			for _, id := range s.Names {
				names[pkg+"."+id.Name] = true
			}
		case *ast.TypeSpec:
			names[pkg+"."+s.Name.Name] = true
			members(pkg+"."+s.Name.Name, s.Type, names)
		}
	}
}

// members adds the fields of a struct and the methods of an interface.
func members(of string, typ ast.Expr, names map[string]bool) {
	var list *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return
	}
	for _, field := range list.List {
		for _, id := range field.Names {
			names[of+"."+id.Name] = true
		}
	}
}
