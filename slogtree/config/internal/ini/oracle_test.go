package ini_test

import (
	"errors"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/ini"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A pyError is an exception.
type pyError struct{ Class, Text string }

// A pyFile is what ConfigParser has after reading: for each section and option
// the raw value, and the interpolated one or the exception.
type pyFile struct {
	Sections map[string]map[string]pyValue
	Order    []string
	Default  map[string]string
	Error    *pyError
}

type pyValue struct {
	Raw   string
	Value *string
	Error *pyError
}

type iniVector struct {
	ID, Text string
	Defaults map[string]string
	Expect   pyFile
}

// Every document gives the same sections, options and values, raw and
// interpolated, or the same exception with the same text.
func TestOracleINI(t *testing.T) {
	tally := oracle.NewTally("ini_parse")
	for _, v := range oracle.Load[iniVector](t, "ini_parse") {
		compare(t, v)
		tally.Replayed()
	}
	tally.Report(t)
}

func compare(t *testing.T, v iniVector) {
	t.Helper()
	file, err := ini.Parse(v.Text, ini.Options{Source: "logging.conf", Defaults: v.Defaults})
	if got := pythonError(err); !sameError(got, v.Expect.Error) {
		t.Errorf("%s: %q:\ngot  %v\nwant %v", v.ID, v.Text, got, v.Expect.Error)
	}
	if err != nil || v.Expect.Error != nil {
		return
	}
	sections := file.Sections()
	if len(sections) != len(v.Expect.Order) {
		t.Fatalf("%s: %d sections, want %q", v.ID, len(sections), v.Expect.Order)
	}
	for i, s := range sections {
		if s.Name != v.Expect.Order[i] {
			t.Errorf("%s: section %d is %q, want %q", v.ID, i, s.Name, v.Expect.Order[i])
		}
		compareSection(t, v.ID, file, s, v.Expect.Sections[s.Name])
	}
	defaults := file.Section(ini.Default).Own()
	for _, o := range defaults {
		if want, ok := v.Expect.Default[o.Name]; !ok || o.Raw != want {
			t.Errorf("%s: default %q is %q, want %q", v.ID, o.Name, o.Raw, want)
		}
	}
	if len(defaults) != len(v.Expect.Default) {
		t.Errorf("%s: %d defaults, want %v", v.ID, len(defaults), v.Expect.Default)
	}
}

func compareSection(t *testing.T, id string, file *ini.File, s *ini.Section, want map[string]pyValue) {
	t.Helper()
	options := file.Options(s)
	if len(options) != len(want) {
		t.Errorf("%s: section %q has %d options, want %d", id, s.Name, len(options), len(want))
	}
	for _, o := range options {
		w := want[o.Name]
		if o.Raw != w.Raw || file.Lookup(s, o.Name) != o {
			t.Errorf("%s: [%s] %s is %q, want %q", id, s.Name, o.Name, o.Raw, w.Raw)
		}
		value, err := file.Get(s, o)
		if !sameError(pythonError(err), w.Error) || err == nil && (w.Value == nil || value != *w.Value) {
			t.Errorf("%s: [%s] %s = %q: %q, %v; want %v", id, s.Name, o.Name, o.Raw, value, pythonError(err), w)
		}
	}
}

// pythonError is the exception that an error stands for.
func pythonError(err error) *pyError {
	var e interface{ Python() (string, string) }
	if err == nil || !errors.As(err, &e) {
		return nil
	}
	class, text := e.Python()
	return &pyError{class, text}
}

func sameError(got, want *pyError) bool {
	return got == want || got != nil && want != nil && *got == *want
}

// parseError is the exception that a text gives.
func parseError(text string) *pyError {
	_, err := ini.Parse(text, ini.Options{Source: "logging.conf"})
	return pythonError(err)
}
