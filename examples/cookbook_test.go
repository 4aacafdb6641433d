package examples

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// recipes are the programs of the cookbook that we have, and their Go names.
var recipes = map[string]string{
	"01-multiple-modules":      "modules",
	"02-multiple-handlers":     "multihandlers",
	"03-multiple-destinations": "destinations",
	"04-configuration-server":  "configserver",
	"05-network-logging":       "network",
	"06-logger-adapter":        "adapter",
	"07-filter-context":        "filter",
	"08-file-rotation":         "rotation",
}

// A recipe is a program in a variant, as case.json describes it.
type recipe struct {
	Program    string
	Run        string         // "python3 main.py"; "network": server.py, and client.py with the port it prints; "config-server": send_config.py each time that server.py waits
	Parameters map[string]any // texts and whole numbers
	Normalise  []struct{ Regex, Replace string }
	Expected   []string // the files in expected/

	dir string
}

// TestOracleCookbook runs the cookbook's programs under CPython and ours
// beside them, and compares what both wrote, and what is kept of an earlier
// run. Without a python3 there is only the latter to compare with, unless
// REQUIRE_PYTHON is set, which makes that an error.
func TestOracleCookbook(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal("REQUIRE_PYTHON is set and there is no python3: ", err)
		}
		t.Log("no python3 here: compared with the kept output alone")
	}
	cases := findRecipes(t)
	for _, c := range cases {
		t.Run(c.Program+"/"+filepath.Base(c.dir), func(t *testing.T) {
			want := c.expected(t)
			switch c.Run {
			case "network":
				c.comparePairs(t, python, want)
				return
			case "config-server":
				c.compareConfigured(t, python, want)
				return
			}
			equal(t, "ours", c.runGo(t), want)
			if python != "" {
				equal(t, "CPython's", c.runPython(t, python), want)
			}
		})
	}
	live := len(cases)
	if python == "" {
		live = 0
	}
	t.Logf("%d programs compared with kept output, %d with CPython's", len(cases), live)
}

// findRecipes returns the variants of each program that we have.
func findRecipes(t *testing.T) []recipe {
	t.Helper()
	root, err := oracle.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "cookbook")); errors.Is(err, fs.ErrNotExist) && os.Getenv(oracle.DirEnv) != "" {
		t.Skipf("no cookbook in %s", root)
	}
	var found []recipe
	for _, program := range slices.Sorted(maps.Keys(recipes)) {
		files, err := filepath.Glob(filepath.Join(root, "cookbook", program, "*", "case.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("no variant of %s in %s", program, root)
		}
		for _, file := range files {
			found = append(found, readRecipe(t, file))
		}
	}
	return found
}

func readRecipe(t *testing.T, file string) recipe {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := recipe{dir: filepath.Dir(file)}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

// expected returns the files of expected/, which are normalised.
func (r *recipe) expected(t *testing.T) map[string]string {
	t.Helper()
	files := read(t, filepath.Join(r.dir, "expected"))
	if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, slices.Sorted(slices.Values(r.Expected))) {
		t.Fatalf("%s: expected/ holds %q, case.json says %q", r.dir, names, r.Expected)
	}
	return r.inGo(files)
}

// runPython runs the variant's program under CPython.
func (r *recipe) runPython(t *testing.T, python string) map[string]string {
	t.Helper()
	given := read(t, r.dir)
	delete(given, "case.json")
	args := strings.Fields(r.Run)[1:]
	return r.inGo(r.normalise(t, execute(t, given, python, args...)))
}

// runGo runs our program with the variant's names and messages.
func (r *recipe) runGo(t *testing.T) map[string]string {
	t.Helper()
	program := filepath.Join(binaries, recipes[r.Program])
	return r.normalise(t, execute(t, nil, program, r.flags()...))
}

// flags returns the variant's parameters, as our programs have them.
func (r *recipe) flags() []string {
	var args []string
	for name, value := range r.Parameters {
		args = append(args, fmt.Sprintf("-%s=%v", name, value))
	}
	return args
}

// normalise replaces times and the like in all that a program wrote.
func (r *recipe) normalise(t *testing.T, o outcome) map[string]string {
	t.Helper()
	texts := o.files
	texts["stdout.txt"], texts["stderr.txt"] = o.stdout, o.stderr
	for name, text := range texts {
		for _, rule := range r.Normalise {
			text = regexp.MustCompile(rule.Regex).ReplaceAllLiteralString(text, rule.Replace)
		}
		texts[name] = text
	}
	return texts
}

// goNames are the names of the functions that log, in Python and in Go.
var goNames = strings.NewReplacer(
	":<module>:", ":main:",
	":__init__:", ":New:",
	":do_something:", ":DoSomething:",
	":some_function:", ":SomeFunction:",
)

// inGo gives Python's functions the names that ours have, if the variant's
// format prints them. That is all in which the two may differ.
func (r *recipe) inGo(texts map[string]string) map[string]string {
	if format, _ := r.Parameters["fmt"].(string); strings.Contains(format, ":%(funcName)s:") {
		for name, text := range texts {
			texts[name] = goNames.Replace(text)
		}
	}
	return texts
}

// equal fails the test unless both programs left the same texts.
func equal(t *testing.T, whose string, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s: no %s", whose, name)
		} else if g != text {
			t.Errorf("%s %s:\n%s\nwant\n%s", whose, name, g, text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: wrote %s, which nobody expects", whose, name)
		}
	}
}
