package configserver

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// Documents make so many loggers and no more, however many there are of them, and those that
// name what exists are taken all the same.
func TestMaxLoggers(t *testing.T) {
	tree := slogtree.New(slogtree.Options{})
	a, err := newApplier(tree, config.Options{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	named := func(setting map[string]any, names ...string) []byte {
		loggers := map[string]any{}
		for _, name := range names {
			loggers[name] = setting
		}
		text, err := json.Marshal(map[string]any{"version": 1, "disable_existing_loggers": false, "loggers": loggers})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	numbered := func(n int) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprint("n", i))
		}
		return names
	}
	debug, nothing := map[string]any{"level": "DEBUG"}, map[string]any{}
	own := tree.Get("of.the.program")
	for _, c := range []struct {
		what     string
		document []byte
		made     int    // in all
		wrong    string // "" is applied
	}{
		{"eleven", named(debug, numbered(11)...), 0, "it names more than 10 loggers that do not exist, counting the parts of their names: documents may make 10, and have made 0"},
		{"a name of eleven parts", named(debug, "1.2.3.4.5.6.7.8.9.10.11"), 0, "it names more than 10"},
		{"no effect", named(nothing, numbered(10)...), 0, ""},
		{"five", named(debug, numbered(5)...), 5, ""},
		{"the same again", named(debug, numbered(5)...), 5, ""},
		{"the program's own", named(debug, "of.the.program", "root"), 5, ""},
		{"parts", named(debug, "a.b.c", "a.b.d"), 9, ""},
		{"two more", named(debug, "x", "y"), 9, "it names more than 1 loggers that do not exist, counting the parts of their names: documents may make 10, and have made 9"},
		{"one that fails", []byte(`{"version":1,"incremental":true,"handlers":{"no":{"level":"INFO"}},"loggers":{"x":{"level":"DEBUG"}}}`), 9, "no configuration has made a handler"},
		{"one more", named(debug, "x"), 10, ""},
		{"another", named(debug, "z"), 10, "more than 0"},
		{"all that exist", named(debug, append(numbered(5), "a.b.c", "a.b.d", "x")...), 10, ""},
		{"an INI file", []byte("[loggers]\nkeys=root,z\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=INFO\nhandlers=\n[logger_z]\nqualname=z\nlevel=DEBUG\nhandlers=\n"), 10, "more than 0"},
	} {
		before := tree.String()
		r := a.apply(t.Context(), c.document)
		if c.wrong == "" && !r.Applied {
			t.Errorf("%s: %s", c.what, r.reason())
		}
		if c.wrong != "" {
			isReason(t, r, c.wrong)
			if got := tree.String(); got != before {
				t.Errorf("%s: the tree is\n%s", c.what, got)
			}
		}
		if a.names.made != c.made {
			t.Errorf("%s: %d were made, want %d", c.what, a.names.made, c.made)
		}
	}
	own.Info("it is held")
}
