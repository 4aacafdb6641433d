package ini_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/ini"
)

// All that is wrong is told at once, each with its line, where Python stops at
// the first.
func TestAllFaults(t *testing.T) {
	_, err := ini.Parse("lost\nlost too\n[a]\ngarbage\nx=1\nX=2\n[a]\n=1\n", ini.Options{Source: "f"})
	var faults *ini.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range faults.List {
		fmt.Fprintf(&got, "%d %s\n", f.Line, f.Class)
	}
	want := "1 MissingSectionHeaderError\n4 ParsingError\n6 DuplicateOptionError\n7 DuplicateSectionError\n8 ParsingError\n"
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
	if text := err.Error(); !strings.Contains(text, "ini: line 6: section \"a\" has option \"x\" already\n") {
		t.Errorf("it says %s", text)
	}
	if one := new(ini.Fault); !errors.As(err, &one) || one != faults.List[0] {
		t.Errorf("the faults aren't wrapped: %v", one)
	}
}

// A document of faults alone doesn't make an error without end.
func TestManyFaults(t *testing.T) {
	_, err := ini.Parse("[a]\n"+strings.Repeat("garbage\n", 1000), ini.Options{})
	var faults *ini.Faults
	if !errors.As(err, &faults) || len(faults.List) != 100 || faults.More != 900 {
		t.Fatalf("%d and %d more", len(faults.List), faults.More)
	}
	if !strings.HasSuffix(err.Error(), "\nini: and 900 more") {
		t.Error(err)
	}
}

// A place in a value is found again in the document, with comments and blank
// lines in between, and in characters where bytes are more.
func TestPosition(t *testing.T) {
	text := "[a]\r\n\n  ключ : (é,\n# comment\n    'x',\n\n\t\t\t1)\ny=2\nz=\n  3"
	lines := strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
	file, err := ini.Parse(text, ini.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range file.Section("a").Own() {
		for i, part := range strings.Split(o.Raw, "\n") {
			for j, r := range []rune(part) {
				line, col := o.Position(i+1, j+1)
				if got := []rune(lines[line-1])[col-1]; got != r {
					t.Errorf("%s: %q of line %d, column %d is at %d:%d, where %q stands", o.Name, r, i+1, j+1, line, col, got)
				}
			}
		}
		if line, _ := o.Position(99, 1); line == 0 {
			t.Errorf("%s: a place past the value is nowhere", o.Name)
		}
	}
	file, _ = ini.Parse("", ini.Options{Defaults: map[string]string{"x": "1"}})
	if line, col := file.Section(ini.Default).Own()[0].Position(1, 1); line != 0 || col != 0 {
		t.Errorf("an option of no document is at %d:%d", line, col)
	}
}

// Defaults that are the same in lower case are a duplicate, as in Python.
func TestDefaults(t *testing.T) {
	_, err := ini.Parse("[a]\n", ini.Options{Defaults: map[string]string{"D": "1", "d": "2"}})
	if got := pythonError(err); got == nil || got.Text != "While reading from '<dict>': option 'd' in section 'DEFAULT' already exists" {
		t.Errorf("got %v, %v", got, err)
	}
	file, err := ini.Parse("[DEFAULT]\nd=file\n", ini.Options{Defaults: map[string]string{"D": "given"}})
	if err != nil || file.Section(ini.Default).Own()[0].Raw != "file" {
		t.Errorf("the file's own value does not win: %v", err)
	}
}

func TestNotText(t *testing.T) {
	_, err := ini.Parse("[a]\nx=\xff\n", ini.Options{})
	var faults *ini.Faults
	if !errors.As(err, &faults) || faults.List[0].Class != ini.Decode || faults.List[0].Line != 2 {
		t.Error(err)
	}
	if _, err = ini.Parse("[a]\nx=\uFFFD\n", ini.Options{}); err != nil {
		t.Error(err)
	}
	_, err = ini.Parse("\ufeff[a]\n", ini.Options{})
	if err == nil || !strings.Contains(err.Error(), "byte order mark") {
		t.Error(err)
	}
}

// bomb expands a thousandfold a line; with empty leaves, to nothing at all.
func bomb(leaf string) string {
	b := "[DEFAULT]\na0=" + leaf + "%%\n"
	for i := range 8 {
		b += fmt.Sprintf("a%d=%s\n", i+1, strings.Repeat(fmt.Sprintf("%%(a%d)s", i), 1000))
	}
	return b + "[a]\nx=%(a8)s\n"
}

// What %(name)s expands to is bounded, in bytes and in steps, and over a whole
// document.
func TestBomb(t *testing.T) {
	for _, text := range []string{bomb("xxxxxxxxxx"), bomb("")} {
		file, err := ini.Parse(text, ini.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a := file.Section("a")
		if _, err := file.Get(a, file.Lookup(a, "x")); !isLimit(err) {
			t.Errorf("got %v", err)
		}
	}
	file, err := ini.Parse("[a]\nx="+strings.Repeat("%%", 400)+"\n", ini.Options{Limits: ini.Limits{Expanded: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	a := file.Section("a")
	for i := range 3 {
		if v, err := file.Get(a, file.Lookup(a, "x")); i < 1 && len(v) != 400 || i > 1 && !isLimit(err) {
			t.Errorf("%d: %d bytes, %v", i, len(v), err)
		}
	}
}

func isLimit(err error) bool {
	var f *ini.Fault
	return errors.As(err, &f) && f.Class == ini.Limit
}

func TestTooLarge(t *testing.T) {
	_, err := ini.Parse("[a]\nx=1\n", ini.Options{Limits: ini.Limits{Bytes: 7}})
	if !isLimit(err) {
		t.Error(err)
	}
	if _, err := ini.Parse("[a]\nx=1", ini.Options{Limits: ini.Limits{Bytes: 7}}); err != nil {
		t.Error(err)
	}
}

// The largest documents, made of the smallest pieces, take memory that is a
// multiple of their size.
func TestMemory(t *testing.T) {
	const size, most = 1 << 20, 400 // bytes for one of the document
	for name, text := range map[string]string{
		"sections": numbered(size, "[%d]\n"),
		"options":  "[a]\n" + numbered(size-4, "%d=\n"),
		"lines":    "[a]\nx=1\n" + strings.Repeat("\n", size-20) + " 2\n",
		"garbage":  "[a]\n" + strings.Repeat("g\n", size/2-2),
		"one line": "[a]\nx=" + strings.Repeat("é", size/2-4),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ini.Parse(text, ini.Options{})
		runtime.ReadMemStats(&after)
		if took := (after.TotalAlloc - before.TotalAlloc) / size; took > most {
			t.Errorf("%s: %d bytes for each byte", name, took)
		}
	}
}

func numbered(size int, format string) string {
	var b strings.Builder
	for i := 0; b.Len() < size-10; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
