package ini_test

import (
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/ini"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// print writes a document that has the same options: ConfigParser.write.
func print(f *ini.File) string {
	var b strings.Builder
	section := func(s *ini.Section) {
		b.WriteString("[" + s.Name + "]\n")
		for _, o := range s.Own() {
			b.WriteString(o.Name + " = " + strings.ReplaceAll(o.Raw, "\n", "\n\t") + "\n")
		}
	}
	section(f.Section(ini.Default))
	for _, s := range f.Sections() {
		section(s)
	}
	return b.String()
}

// FuzzPrint: what was read and printed reads as the same, and no text makes
// reading panic or go on for long.
func FuzzPrint(f *testing.F) {
	for _, v := range oracle.Load[iniVector](f, "ini_parse") {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := ini.Parse(text, ini.Options{Limits: ini.Limits{Expanded: 1 << 16}})
		values(file)
		if err != nil {
			return
		}
		printed := print(file)
		again, err := ini.Parse(printed, ini.Options{})
		if err != nil {
			t.Fatalf("%q was printed as %q: %v", text, printed, err)
		}
		if twice := print(again); twice != printed {
			t.Errorf("%q was printed as %q, and that as %q", text, printed, twice)
		}
		if a, b := len(file.Sections()), len(again.Sections()); a != b {
			t.Errorf("%q: %d sections became %d", text, a, b)
		}
	})
}

// values asks for all values, until one is wrong.
func values(file *ini.File) {
	for _, s := range file.Sections() {
		for _, o := range file.Options(s) {
			if _, err := file.Get(s, o); isLimit(err) {
				return
			}
		}
	}
}
