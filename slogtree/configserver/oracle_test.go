package configserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A listening is a vector of listen.jsonl.
type listening struct {
	ID, Label, Verify string
	Before            []step
	Requests          []request
}

type step struct {
	Op, Name, Text string
	Config         json.RawMessage
}

type request struct {
	Chunks [][]byte
	End    string
	Obs    struct {
		Finished    bool
		StderrError string `json:"stderr_error"`
		Tree        observed
	}
}

type observed struct {
	Root    observedLogger
	Loggers map[string]observedLogger
}

type observedLogger struct {
	Level               int
	Propagate, Disabled bool
	Handlers            []string
}

// String returns what is compared of a tree: each logger that was asked for or named, and how many handlers it has.
func (o observed) String() string {
	lines := []string{fmt.Sprintf("root %+v", o.Root.counted())}
	for _, name := range slices.Sorted(maps.Keys(o.Loggers)) {
		lines = append(lines, fmt.Sprintf("%s %+v", name, o.Loggers[name].counted()))
	}
	return strings.Join(lines, "\n")
}

func (o observedLogger) counted() string {
	return fmt.Sprintf("level=%d propagate=%t disabled=%t handlers=%d", o.Level, o.Propagate, o.Disabled, len(o.Handlers))
}

// observe returns the same of ours.
func observe(tree *slogtree.Tree) string {
	o := observed{Loggers: map[string]observedLogger{}}
	for l := range tree.All() {
		s := l.Setting()
		of := observedLogger{Propagate: s.Propagate, Disabled: s.Disabled, Handlers: make([]string, len(s.Handlers))}
		if s.Level != slogtree.LevelNotSet {
			of.Level = formatters.PythonLevel(s.Level)
		}
		if l.Name() == "root" {
			o.Root = of
		} else {
			o.Loggers[l.Name()] = of
		}
	}
	return o.String()
}

// The functions that the vectors name for verify.
func verifyOf(name string) func([]byte) []byte {
	switch name {
	case "identity":
		return func(d []byte) []byte { return d }
	case "reject":
		return func([]byte) []byte { return nil }
	case "raise":
		return func([]byte) []byte { panic("of verify") }
	case "xor42":
		return func(d []byte) []byte {
			d = bytes.Clone(d)
			for i := range d {
				d[i] ^= 42
			}
			return d
		}
	}
	return nil
}

// prepare makes the tree as it is before the first request.
func (v *listening) prepare(t *testing.T, root string) *slogtree.Tree {
	t.Helper()
	tree := slogtree.New(slogtree.Options{RootLevel: slog.LevelWarn})
	for _, s := range v.Before {
		var c *config.Config
		var err error
		switch s.Op {
		case "getLogger":
			tree.Get(s.Name)
			continue
		case "fileConfig":
			c, err = config.ParseINI([]byte(s.Text), config.Options{Root: root})
		case "dictConfig":
			c, err = config.ParseDict(s.Config, config.Options{Root: root})
		default:
			err = fmt.Errorf("unknown step %q", s.Op)
		}
		if err == nil {
			_, err = c.Apply(t.Context(), tree)
		}
		for _, m := range named.FindAllStringSubmatch(s.Text, -1) { // the program has them: CPython makes them all
			tree.Get(m[1])
		}
		if err != nil {
			t.Fatalf("%s: before: %v", v.ID, err)
		}
	}
	return tree
}

// named are the loggers in an INI file.
var named = regexp.MustCompile(`(?m)^qualname\s*[=:]\s*(\S+)`)

// Where ours differs from CPython's listener: the rule, and whether it holds for a request, of which ours made r.
var listenRules = []struct {
	rule  string
	holds func(r request, got Reply, sent []byte) bool
	want  string // "applied", "refused", or a reason
}{
	{"a document that is cut short is an error, where CPython's thread spins for ever", func(r request, _ Reply, _ []byte) bool { return !r.Obs.Finished }, "refused"},
	{"a length that comes in pieces is read whole, where CPython gives up", func(r request, _ Reply, sent []byte) bool {
		return len(r.Chunks[0]) > 0 && len(r.Chunks[0]) < headerLen && len(sent) > headerLen
	}, "applied"},
	{"a key that is there twice is an error, where Python's json takes the last", func(r request, got Reply, _ []byte) bool {
		return r.Obs.StderrError == "" && strings.Contains(got.reason(), "the key is there twice")
	}, "refused"},
	{"NaN and Infinity are no JSON, which Python's json takes", func(r request, got Reply, sent []byte) bool {
		return r.Obs.StderrError == "" && strings.Contains(got.reason(), "this is no JSON") && (bytes.Contains(sent, []byte("NaN")) || bytes.Contains(sent, []byte("Infinity")))
	}, "refused"},
}

// TestOracleListen replays what clients send to CPython's listener. Ours takes and refuses the same, and
// makes the same tree. What is refused changes nothing here.
func TestOracleListen(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a tree forgets loggers that nobody has and that are as if they were not there
	tally := oracle.NewTally("listen")
	for _, v := range oracle.Load[listening](t, "listen") {
		t.Run(v.ID, func(t *testing.T) { v.replay(t, tally) })
	}
	tally.Report(t)
}

func (v *listening) replay(t *testing.T, tally *oracle.Tally) {
	root := t.TempDir()
	tree := v.prepare(t, root)
	defer tree.Close(context.Background())
	o := Options{Verify: verifyOf(v.Verify), Config: config.Options{Root: root, Kinds: append(DefaultKinds(), "memory")}}
	l, lg := listenTCP(t), log{}
	o.Audit = slog.NewTextHandler(&lg, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, tree, o) }()
	rule := ""
	for i, r := range v.Requests {
		if i > 0 && rule != "" {
			break // CPython's tree is another from here on
		}
		rule = v.compare(t, i, r, tree, l)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if rule == "" {
		tally.Replayed()
	} else {
		tally.SetAside(rule)
	}
}

// compare sends a request, and returns the rule by which ours differs, "" if it does not.
func (v *listening) compare(t *testing.T, i int, r request, tree *slogtree.Tree, l net.Listener) (rule string) {
	t.Helper()
	before, want := observe(tree), r.Obs.Tree.String()
	got, replied := v.send(t, l, r)
	sent := bytes.Join(r.Chunks, nil)
	unseen := observe(tree)
	for name := range r.Obs.Tree.Loggers { // the program has them, as above: one that is not as if it were not there is found
		if tree.Lookup(name) == nil && got.Applied {
			tree.Get(name)
		}
	}
	after := observe(tree)
	if !got.Applied && unseen != before {
		t.Errorf("request %d was refused (%v), and the tree changed from\n%s\nto\n%s", i, got.Err(), before, unseen)
	}
	for _, rule := range listenRules {
		if rule.holds(r, got, sent) {
			if (rule.want == "applied") != got.Applied {
				t.Errorf("request %d: %s, but it was applied: %t, %v", i, rule.rule, got.Applied, got.Err())
			}
			return rule.rule
		}
	}
	silent := len(sent) < headerLen
	if silent && (got.Applied || replied != (len(sent) > 0)) {
		t.Errorf("request %d: %d bytes, and the reply is %v", i, len(sent), got)
	}
	failed := r.Obs.StderrError != "" || silent || v.Verify == "reject"
	switch {
	case got.Applied == failed:
		t.Errorf("request %d: applied: %t (%v), in CPython: %s", i, got.Applied, got.Err(), r.Obs.StderrError)
	case failed && want != after:
		return "a document that fails changes nothing, where CPython leaves it half applied"
	case after != want:
		t.Errorf("request %d: the tree is\n%s\nwant\n%s", i, after, want)
	}
	return ""
}

// send sends a request in its pieces, and returns the reply, if there is one.
func (v *listening) send(t *testing.T, l net.Listener, r request) (got Reply, replied bool) {
	t.Helper()
	nc := dial(t, l).(*net.TCPConn)
	defer nc.Close()
	for _, chunk := range r.Chunks {
		if _, err := nc.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.CloseWrite(); err != nil { // "close" too: else nobody would know when it is done
		t.Fatal(err)
	}
	got, err := answer(nc)
	if err != nil && err != ErrNoReply {
		t.Fatal(err)
	}
	return got, err == nil
}
