package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A fakeT records what a helper says of a test.
type fakeT struct {
	testing.TB
	failed, skipped bool
	said            strings.Builder
}

// stopped is the panic that stands for runtime.Goexit.
type stopped struct{}

func (f *fakeT) Helper()                      {}
func (f *fakeT) Failed() bool                 { return f.failed }
func (f *fakeT) say(text string)              { f.said.WriteString(text + "\n") }
func (f *fakeT) Log(args ...any)              { f.say(fmt.Sprint(args...)) }
func (f *fakeT) Error(args ...any)            { f.failed = true; f.say(fmt.Sprint(args...)) }
func (f *fakeT) Fatal(args ...any)            { f.Error(args...); panic(stopped{}) }
func (f *fakeT) Logf(s string, args ...any)   { f.say(fmt.Sprintf(s, args...)) }
func (f *fakeT) Errorf(s string, args ...any) { f.Error(fmt.Sprintf(s, args...)) }
func (f *fakeT) Fatalf(s string, args ...any) { f.Fatal(fmt.Sprintf(s, args...)) }
func (f *fakeT) Skipf(s string, args ...any) {
	f.skipped = true
	f.say(fmt.Sprintf(s, args...))
	panic(stopped{})
}

// try runs what a test would do, and returns how that test ended.
func try(test func(testing.TB)) *fakeT {
	f := &fakeT{}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(stopped{}) {
				panic(p)
			}
		}()
		test(f)
	}()
	return f
}

// inModule makes an empty module with a page, and works in a directory of it.
func inModule(t *testing.T, page string) (path string) {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/m\n", "docs/from-python.md": page, "a/b/keep": ""} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(root, "a", "b"))
	return filepath.Join(root, "docs", "from-python.md")
}

const emptyPage = "top\n" + tableBegin + tableEnd + "\nend\n"

func TestReport(t *testing.T) {
	path := inModule(t, emptyPage)
	t.Setenv(DirEnv, "")
	t.Setenv(updateEnv, "")
	report := func(tb testing.TB) {
		c := NewTally("some_file")
		c.Replayed()
		c.SetAside("rule")
		c.Report(tb)
	}
	const row = "| some_file | 2 | 1 | rule (1) |"

	if f := try(report); !f.failed || !strings.Contains(f.said.String(), row) {
		t.Errorf("a table without the line passes: %s", f.said.String())
	}
	t.Setenv(updateEnv, "1")
	if f := try(report); f.failed {
		t.Errorf("an update fails: %s", f.said.String())
	}
	t.Setenv(updateEnv, "")
	if f := try(report); f.failed {
		t.Errorf("after the update: %s", f.said.String())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "top\n" + tableBegin + tableHead + row + "\n" + tableEnd + "\nend\n"; string(text) != want {
		t.Errorf("the page became\n%s\nwant\n%s", text, want)
	}
}

// Vectors from elsewhere are counted and logged, but no page tells of them.
func TestReportOfForeignVectors(t *testing.T) {
	inModule(t, "a page without a table")
	t.Setenv(DirEnv, t.TempDir())
	f := try(func(tb testing.TB) {
		c := NewTally("some_file")
		c.Replayed()
		c.Report(tb)
	})
	if f.failed || !strings.Contains(f.said.String(), "| some_file | 1 | 1 | none |") {
		t.Errorf("got %s", f.said.String())
	}
}

// A test that replays nothing proves nothing.
func TestReportOfNothing(t *testing.T) {
	inModule(t, emptyPage)
	t.Setenv(DirEnv, t.TempDir())
	f := try(func(tb testing.TB) {
		c := NewTally("some_file")
		c.SetAside("everything")
		c.Report(tb)
	})
	if !f.failed {
		t.Error("a test that replays nothing passes")
	}
}

func TestLoadFails(t *testing.T) {
	for name, text := range map[string]string{"no end": `{"id":"x"}`, "no JSON": "{\n", "wrong type": "{\"id\":1}\n", "empty": ""} {
		dir := t.TempDir()
		t.Setenv(DirEnv, dir)
		if err := os.WriteFile(filepath.Join(dir, "v.jsonl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if f := try(func(tb testing.TB) { Load[anyVector](tb, "v") }); !f.failed {
			t.Errorf("%s: a bad file passes", name)
		}
	}
	dir := t.TempDir()
	t.Setenv(DirEnv, dir)
	if f := try(func(tb testing.TB) { Load[anyVector](tb, "v") }); !f.failed {
		t.Error("a directory without any vectors passes")
	}
	if err := os.WriteFile(filepath.Join(dir, "other.jsonl.gz"), []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := try(func(tb testing.TB) { Load[anyVector](tb, "v") }); !f.skipped || f.failed {
		t.Errorf("a directory with other files: %s", f.said.String())
	}
	if f := try(func(tb testing.TB) { Load[anyVector](tb, "other") }); !f.failed {
		t.Error("a file that is no gzip passes")
	}
}

func TestRootIsFoundOrTold(t *testing.T) {
	t.Chdir("/")
	if _, err := os.Stat("/go.mod"); err == nil {
		t.Fatal("/go.mod exists")
	}
	if root, err := Root(); err == nil {
		t.Errorf("the root of nothing is %s", root)
	}
	t.Setenv(DirEnv, "")
	if f := try(func(tb testing.TB) { Load[anyVector](tb, "v") }); !f.failed {
		t.Error("vectors without a module")
	}
	if f := try(func(tb testing.TB) { CheckTable(tb, "v", "row") }); !f.failed {
		t.Error("a table without a module")
	}
}

func TestValueInStruct(t *testing.T) {
	t.Setenv(DirEnv, t.TempDir())
	text := `{"v":{"$tuple":[1]},"a":{"b":{"$float":"nan"},"c":[]},"none":null}` + "\n"
	if err := os.WriteFile(filepath.Join(os.Getenv(DirEnv), "v.jsonl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	type vector struct {
		V, None Value
		A       Attributes
	}
	got := Load[vector](t, "v")
	if fmt.Sprintf("%#v %v %v", got[0].V.V, got[0].None.V, got[0].A) != `oracle.Tuple{1} <nil> [{b NaN} {c []}]` {
		t.Errorf("got %#v", got[0])
	}
	d := Dict{{"k", int64(1)}, {2, "x"}}
	if v, ok := d.Get("k"); v != int64(1) || !ok {
		t.Errorf("Get(k) = %v, %v", v, ok)
	}
}
