package slogtree_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/slogsuite/slogsuite/"

// depsRules says who may import whom, as docs/design.md has it. An import that
// breaks a rule is a mistake in the code until somebody decides that the design
// has changed.
//
// A line has a package, a colon, and what it may import besides the standard
// library: packages of ours, modules of others, or * for anything. A name
// that ends in /... stands for all packages below it too. A package that has
// no line may import nothing at all: give it one. Where two lines fit, the
// longer name decides.
//
// Of the standard library, net is left out unless a line has the word net: a
// program that logs to stderr must not link it, so that holds for whatever
// the imports import in turn.
const depsRules = `
	# The base: records in, bytes out, and what a context carries.
	contextattrs:            -
	contextattrs/httpattrs:  contextattrs contextattrs/internal/incoming net
	contextattrs/internal/...: -
	formatters:              github.com/itchyny/timefmt-go

	# What stands on it. Nothing here knows of loggers' trees.
	handlers:                contextattrs formatters golang.org/x/term
	handlers/handlertest:    contextattrs formatters handlers github.com/google/go-cmp/...
	handlers/expslog:        golang.org/x/exp/slog/...
	rotate:                  formatters handlers github.com/robfig/cron/v3 golang.org/x/sys/unix
	rotate/rotatetest:       -
	rotate/zstd:             github.com/klauspost/compress/zstd rotate
	netsink:                 contextattrs formatters net netsink/internal/... golang.org/x/sys/unix
	netsink/internal/...:    formatters net netsink/internal/...
	netsink/receiver:        formatters net netsink/internal/... golang.org/x/sync/... golang.org/x/sys/unix
	netsink/smtp:            contextattrs formatters net netsink netsink/internal/worker
	netsink/webhook:         contextattrs formatters net netsink netsink/internal/worker

	# The tree, and the only package that knows all others.
	slogtree:                contextattrs formatters handlers slogtree/internal/beside
	slogtree/internal/beside: -
	slogtree/config:         contextattrs/... formatters handlers netsink/... rotate slogtree slogtree/internal/beside slogtree/config/internal/... go.yaml.in/yaml/v4 net github.com/fsnotify/fsnotify
	slogtree/config/internal/...: slogtree/config/internal/... golang.org/x/text/unicode/runenames
	slogtree/configserver:   slogtree slogtree/config net
	slogtree/admin:          contextattrs slogtree formatters handlers net

	# Programs and what tests alone use.
	netsink/cmd/...:         *
	rotate/cmd/verify:       rotate/rotatetest
	rotate/cmd/torture:      rotate rotate/rotatetest golang.org/x/sys/unix
	examples:                -
	examples/...:            *
	docs/console:            formatters
	testdata/oracle:         -
`

// testsMayImport is what any package's tests may import besides what the
// package may: everything below the tree. Tests may use net.
const testsMayImport = `contextattrs/... formatters handlers/... netsink/... rotate/rotatetest testdata/oracle github.com/google/go-cmp/... github.com/emersion/... net`

// A listed package is what go list says of one.
type listed struct {
	ImportPath                string
	Imports, Deps             []string
	TestImports, XTestImports []string
}

// A rule is a line of depsRules.
type rule struct {
	name string
	may  []string
}

func parseRules(text string) ([]rule, error) {
	var rules []rule
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, may, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("no colon in rule %q", line)
		}
		rules = append(rules, rule{name, strings.Fields(may)})
	}
	return rules, nil
}

// covers reports whether a name of the rules stands for a package.
func covers(name, pkg string) bool {
	below, ok := strings.CutSuffix(name, "/...")
	return name == pkg || ok && (pkg == below || strings.HasPrefix(pkg, below+"/"))
}

// ruleFor returns the rule that decides for a package.
func ruleFor(rules []rule, pkg string) (found rule, ok bool) {
	for _, r := range rules {
		if covers(r.name, pkg) && len(r.name) > len(found.name) {
			found, ok = r, true
		}
	}
	return found, ok
}

// violations returns what a package does against the rules.
func violations(rules []rule, p listed) []string {
	name := strings.TrimPrefix(p.ImportPath, module)
	r, ok := ruleFor(rules, name)
	if !ok {
		return []string{name + " has no rule"}
	}
	var found []string
	for _, imported := range p.Imports {
		if !allowed(r.may, imported) {
			found = append(found, name+" imports "+imported)
		}
	}
	for _, dep := range p.Deps {
		if isNet(dep) && !allowed(r.may, dep) {
			found = append(found, name+" links "+dep)
		}
	}
	tests := append(strings.Fields(testsMayImport), r.may...)
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if imported != p.ImportPath && !allowed(tests, imported) {
			found = append(found, "a test of "+name+" imports "+imported)
		}
	}
	return found
}

// allowed reports whether a list of a rule has an imported package.
func allowed(may []string, imported string) bool {
	imported, ours := strings.CutPrefix(imported, module)
	first, _, _ := strings.Cut(imported, "/")
	if !ours && !strings.Contains(first, ".") { // the standard library
		return !isNet(imported) || slices.Contains(may, "net") || slices.Contains(may, "*")
	}
	return slices.ContainsFunc(may, func(name string) bool { return name == "*" || covers(name, imported) })
}

// isNet reports whether a package of the standard library is, or brings, the
// network. net/netip and net/url are but syntax.
func isNet(pkg string) bool {
	return pkg == "net" || pkg == "net/http" || strings.HasPrefix(pkg, "net/http/")
}

// list returns what go list says of the packages.
func list(t *testing.T, patterns ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps,TestImports,XTestImports"}, patterns...)...)
	cmd.Dir = ".." // the module's root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &stderr)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestDependencies(t *testing.T) {
	rules, err := parseRules(depsRules)
	if err != nil {
		t.Fatal(err)
	}
	packages := list(t, "./...", "./testdata/oracle")
	if len(packages) < 5 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	for _, p := range packages {
		for _, v := range violations(rules, p) {
			t.Error(v)
		}
	}
}

// Heavy libraries are for nested modules, which ./... leaves out: each is one that
// the Makefile's BENCHMARKS or NESTED name, so that it is vetted and tested, stands on
// this module as it is here, and is required by nobody.
func TestNestedModules(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var named, found []string
	for _, m := range regexp.MustCompile(`(?m)^(?:BENCHMARKS|NESTED) *= ([^#\n]*)`).FindAllSubmatch(makefile, -1) {
		named = append(named, strings.Fields(string(m[1]))...)
	}
	root := os.DirFS("..")
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "go.mod" || d.Name() != "go.mod" {
			return err
		}
		dir := path.Dir(name)
		found = append(found, dir)
		text, err := fs.ReadFile(root, name)
		up := strings.Repeat("../", strings.Count(dir, "/")) + ".."
		if want := "\nreplace " + strings.TrimSuffix(module, "/") + " => " + up + "\n"; !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q", name, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(named)
	if !slices.Equal(named, found) {
		t.Errorf("there are the modules %q, and the Makefile names %q", found, named)
	}
	mod, err := fs.ReadFile(root, "go.mod")
	if err != nil || strings.Contains(string(mod), module) {
		t.Errorf("the module requires a part of itself: %v", err)
	}
}

// A program that logs to stderr or to a file links no network.
func TestNoNet(t *testing.T) {
	for _, p := range list(t, "./examples/hello", "./examples/rotation") {
		for _, dep := range p.Deps {
			if isNet(dep) {
				t.Errorf("%s links %s", p.ImportPath, dep)
			}
		}
	}
	if p := list(t, "net/http/httptest")[0]; !slices.ContainsFunc(p.Deps, isNet) {
		t.Errorf("go list does not show that %s links net: this test could not fail", p.ImportPath)
	}
}

// A program that does not import rotate/zstd links no zstd.
func TestNoZstd(t *testing.T) {
	isZstd := func(dep string) bool { return strings.HasPrefix(dep, "github.com/klauspost/") }
	for _, p := range list(t, "./rotate", "./slogtree/...", "./examples/hello") {
		if slices.ContainsFunc(p.Deps, isZstd) {
			t.Errorf("%s links zstd", p.ImportPath)
		}
	}
	if p := list(t, "./rotate/zstd")[0]; !slices.ContainsFunc(p.Deps, isZstd) {
		t.Errorf("go list does not show that %s links zstd: this test could not fail", p.ImportPath)
	}
}

// Control: each kind of violation is found, and what is allowed is not.
func TestDependenciesAreChecked(t *testing.T) {
	rules, err := parseRules(depsRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pkg  listed
		want string // "" is no violation
	}{
		{listed{ImportPath: module + "formatters", Imports: []string{"strings", "net/netip"}}, ""},
		{listed{ImportPath: module + "formatters", Imports: []string{module + "handlers"}}, "formatters imports handlers"},
		{listed{ImportPath: module + "handlers", Imports: []string{module + "slogtree"}}, "handlers imports slogtree"},
		{listed{ImportPath: module + "handlers", Imports: []string{"github.com/google/go-cmp/cmp"}}, "handlers imports github.com/google/go-cmp/cmp"},
		{listed{ImportPath: module + "handlers/handlertest", Imports: []string{"github.com/google/go-cmp/cmp/cmpopts"}}, ""},
		{listed{ImportPath: module + "handlers", Imports: []string{module + "handlers/handlertest"}}, "handlers imports handlers/handlertest"},
		{listed{ImportPath: module + "handlers", XTestImports: []string{module + "handlers", module + "handlers/handlertest"}}, ""},
		{listed{ImportPath: module + "handlers", TestImports: []string{module + "slogtree"}}, "a test of handlers imports slogtree"},
		{listed{ImportPath: module + "netsink/receiver", Imports: []string{"net", module + "slogtree"}}, "netsink/receiver imports slogtree"},
		{listed{ImportPath: module + "netsink/cmd/slogd", Imports: []string{"net", module + "slogtree"}}, ""},
		{listed{ImportPath: module + "slogtree", Imports: []string{"net"}}, "slogtree imports net"},
		{listed{ImportPath: module + "slogtree", Deps: []string{"net/http"}}, "slogtree links net/http"},
		{listed{ImportPath: module + "slogtree", Imports: []string{module + "testdata/oracle"}}, "slogtree imports testdata/oracle"},
		{listed{ImportPath: module + "examples/modules/auxiliary", Imports: []string{module + "slogtree"}}, ""},
		{listed{ImportPath: module + "utils"}, "utils has no rule"},
	} {
		got := strings.ReplaceAll(strings.Join(violations(rules, c.pkg), "; "), module, "")
		if got != c.want {
			t.Errorf("%+v: found %q, want %q", c.pkg, got, c.want)
		}
	}
	if _, err := parseRules("contextattrs formatters"); err == nil {
		t.Error("a rule without a colon was taken")
	}
}
