package config

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A hostile is a document that CPython would run code of, or choke on.
type hostile struct {
	ID, Label, Kind, Payload string
	Segments                 [][2]any `json:"payload_segments"`
}

// TestOracleHostileConfigs gives us documents that must be refused: nothing is run, the tree stays, memory
// and time are bounded.
func TestOracleHostileConfigs(t *testing.T) {
	tally := oracle.NewTally("hostile_configs")
	for _, h := range oracle.Load[hostile](t, "hostile_configs") {
		text := h.Payload
		for _, s := range h.Segments {
			text += strings.Repeat(s[0].(string), int(s[1].(float64)))
		}
		refuse(t, h.ID+" "+h.Label, text, h.Kind == "fileConfig")
		tally.Replayed()
	}
	tally.Report(t)
}

// refuse checks that a document is refused cheaply.
func refuse(t *testing.T, name, text string, ini bool) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tree := slogtree.New(slogtree.Options{})
	was := tree.String()
	var c *Config
	var err error
	if ini {
		c, err = ParseINI([]byte(text), Options{})
	} else {
		c, err = ParseDict([]byte(text), Options{})
	}
	if err == nil {
		_, err = c.Apply(t.Context(), tree)
	}
	runtime.ReadMemStats(&after)
	var typed *Error
	if !errors.As(err, &typed) {
		t.Errorf("%s: %v; want an Error", name, err)
	}
	if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(len(text)*200+64<<20); used > limit {
		t.Errorf("%s: %d bytes took %d bytes of memory", name, len(text), used)
	}
	if now := tree.String(); now != was {
		t.Errorf("%s: the tree has changed:\n%s", name, now)
	}
	if err != nil && len(err.Error()) > 64<<10 {
		t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
	}
}

// Documents in YAML that grow without bound elsewhere.
func TestHostileYAML(t *testing.T) {
	bomb := "version: 1\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ",") + "]\n"
	}
	for name, text := range map[string]string{
		"aliases that make a billion": bomb,
		"aliases of merged keys":      "version: 1\na: &a {a: 1, b: 2}\nb: &b {<<: [" + strings.TrimSuffix(strings.Repeat("*a,", 150_000), ",") + "]}\n",
		"an alias in itself":          "version: 1\na: &a [*a]\n",
		"a merge of itself":           "version: 1\na: &a {<<: *a}\n",
		"deep lists":                  "version: 1\na: " + strings.Repeat("[", 100_000),
		"deep blocks":                 strings.Repeat("- ", 20_000),
		"many keys":                   "version: 1\n" + strings.Repeat("a: b\n", 100_000),
		"too many values":             "version: 1\na: [" + strings.Repeat("1,", 210_000) + "]\n",
		"too many bytes":              "version: 1\na: " + strings.Repeat("x", maxBytes),
		"a tag of Python's":           "version: 1\na: !!python/object/apply:os.system [\"touch x\"]\n",
		"a key of a list":             "version: 1\n? [a]\n: b\n",
		"two documents":               "version: 1\n---\nversion: 1\nhandlers: 5\n",
		"no document":                 "# only this\n",
		"nothing":                     "",
		"no UTF-8":                    "version: 1\na: \xff\n",
	} {
		refuse(t, name, text, false)
	}
}

// A control: what is good is taken, by the same test.
func TestGoodYAML(t *testing.T) {
	tree := slogtree.New(slogtree.Options{})
	c, err := ParseDict([]byte(`
version: 1
x-defaults: &defaults {class: logging.StreamHandler, level: INFO}
handlers:
  out: {<<: *defaults, stream: "ext://sys.stdout"}
  err:
    <<: *defaults
    level: ERROR
loggers:
  a: {handlers: [out, err], propagate: no}
`), Options{Filename: "good.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	s := tree.Get("a").Setting()
	if len(s.Handlers) != 2 || s.Propagate {
		t.Errorf("%+v", s)
	}
}
