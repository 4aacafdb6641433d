package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A program is a vector of config.jsonl.
type program struct {
	ID, Label, Go string
	Steps         []step
}

// A step is one operation of a program, with what CPython showed.
type step struct {
	Op       string
	Name     string // of getLogger
	Text     *string
	Filename string
	Defaults map[string]string
	Disable  *bool `json:"disable_existing_loggers"`
	Config   json.RawMessage
	Logger   string
	Level    json.RawMessage
	Msg      string
	Args     []oracle.Value
	Extra    oracle.Attributes
	Handler  string

	Attribute string
	Value     json.RawMessage

	Obs struct {
		Error          []struct{ Class, Text string }
		Tree           *pyTree
		Stdout, Stderr string
		Files          map[string]*string
	}
}

type pyTree struct {
	Root     pyLogger
	Loggers  map[string]pyLogger
	Handlers map[string]map[string]any
}

type pyLogger struct {
	Level, Effective    pyInt
	Propagate, Disabled bool
	Handlers            []string
	Filters             []map[string]any
}

// Rules that set a program aside.
const (
	ruleBasic   = "basicConfig, which is of package slogtree and its default tree"
	ruleFailed  = "CPython fails and leaves half of a configuration, or its files"
	ruleClasses = "Python classes that have no kind here are an error, and so is what comes after"
	ruleTypes   = "values of a type that Python takes by accident are an error"
	ruleDirs    = "directories that are missing are made"
	ruleWeak    = "CPython forgets a handler that no logger has, and an incremental document can't name it"
	ruleLevel   = "a record's level has no whole number on slog's scale"
	ruleError   = "a failed handler's report goes to OnError"
)

// TestOracleConfig replays programs that ran on CPython: each document gives the same
// tree and the same outputs, or an error where CPython has one, after which the tree is
// as it was before.
func TestOracleConfig(t *testing.T) {
	tally := oracle.NewTally("config")
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
	for _, p := range oracle.Load[program](t, "config") {
		w := newWorld(t)
		rule, err := w.run(p)
		w.end()
		switch {
		case err != nil:
			t.Errorf("%s (%s, go: %s): %v", p.ID, p.Label, p.Go, err)
		case rule != "":
			tally.SetAside(rule)
		default:
			tally.Replayed()
		}
	}
	tally.Report(t)
}

// exact reports whether a number of Python's has a level here.
func exact(level json.RawMessage) bool {
	var n int
	return json.Unmarshal(level, &n) != nil || formatters.PythonLevel(formatters.FromPythonLevel(n)) == n
}

// A world is what a program runs in.
type world struct {
	t        *testing.T
	dir      string
	home     string
	tree     *slogtree.Tree
	out      map[string]*os.File
	read     map[string]int64
	stdout   *os.File
	stderr   *os.File
	failures []error
	files    map[string]string
	kept     []*slogtree.Logger // loggers live as long as somebody has them
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), out: map[string]*os.File{}, read: map[string]int64{}, stdout: os.Stdout, stderr: os.Stderr, files: map[string]string{}}
	streams := t.TempDir()
	for _, name := range []string{"stdout", "stderr"} {
		f, err := os.Create(filepath.Join(streams, name))
		if err != nil {
			t.Fatal(err)
		}
		w.out[name] = f
	}
	os.Stdout, os.Stderr = w.out["stdout"], w.out["stderr"]
	last := handlers.NewStream(w.out["stderr"], nil, slog.LevelWarn)
	w.tree = slogtree.New(slogtree.Options{RootLevel: slog.LevelWarn, LastResort: last, OnError: func(err error) { w.failures = append(w.failures, err) }})
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(w.dir); err != nil { // t.Chdir lasts as long as the test
		t.Fatal(err)
	}
	w.home = home
	return w
}

func (w *world) end() {
	if err := w.tree.Close(context.Background()); err != nil {
		w.t.Error(err)
	}
	os.Stdout, os.Stderr = w.stdout, w.stderr
	for _, f := range w.out {
		f.Close()
	}
	if err := os.Chdir(w.home); err != nil {
		w.t.Error(err)
	}
}

// run runs the program, and returns the rule that sets it aside, or the first difference.
func (w *world) run(p program) (rule string, err error) {
	for i, s := range p.Steps {
		rule, err := w.step(&s)
		if err != nil {
			return "", fmt.Errorf("step %d, %s: %w", i+1, s.Op, err)
		}
		if rule != "" {
			return rule, nil
		}
	}
	return "", nil
}

func (w *world) step(s *step) (rule string, err error) {
	switch s.Op {
	case "fileConfig", "dictConfig":
		return w.configure(s)
	case "basicConfig":
		return ruleBasic, nil
	}
	if s.Op == "log" && !exact(s.Level) {
		return ruleLevel, nil
	}
	w.do(s)
	return w.outputs(s)
}

// do performs a step that configures nothing.
func (w *world) do(s *step) {
	l := w.tree.Get(s.Logger)
	switch s.Op {
	case "getLogger":
		w.kept = append(w.kept, w.tree.Get(s.Name))
	case "setLevel":
		l.SetLevel(w.level(s.Level))
	case "set":
		on := string(s.Value) != "false"
		if s.Attribute == "propagate" {
			l.SetPropagate(on)
		} else {
			l.SetDisabled(on)
		}
	case "disable":
		w.tree.Disable(w.level(s.Level))
	case "log":
		w.log(s, l)
	case "flush", "shutdown":
		for l := range w.tree.All() {
			for _, h := range l.Handlers() {
				if err := handlers.Flush(h); err != nil {
					w.t.Error(err)
				}
			}
		}
	default:
		w.t.Errorf("unknown step %s", s.Op)
	}
	w.kept = append(w.kept, l)
}

func (w *world) level(data json.RawMessage) slog.Level {
	v, err := oracle.Decode(data)
	if err != nil {
		w.t.Fatal(err)
	}
	switch v := v.(type) {
	case int64:
		return formatters.FromPythonLevel(int(v))
	case string:
		return pythonLevels[v]
	}
	w.t.Fatalf("level %s", data)
	return 0
}

// log logs at the time at which CPython did.
func (w *world) log(s *step, l *slogtree.Logger) {
	args := make([]any, len(s.Args))
	for i := range s.Args {
		args[i] = s.Args[i].V
	}
	msg, err := formatters.Merge(s.Msg, args, nil, 1<<20)
	if err != nil {
		msg = err.Error()
	}
	level := w.level(s.Level)
	if len(args) == 0 {
		msg = s.Msg
	}
	if !l.Enabled(context.Background(), level) {
		return
	}
	r := slog.NewRecord(time.Unix(1700000001, 123e6), level, msg, 0)
	for _, a := range s.Extra {
		r.AddAttrs(slog.Any(fmt.Sprint(a.Key), a.Value))
	}
	if err := l.Handler().Handle(context.Background(), r); err != nil {
		w.failures = append(w.failures, err)
	}
}

// outputs compares what was written.
func (w *world) outputs(s *step) (rule string, err error) {
	if strings.Contains(s.Obs.Stderr, "<logging error") {
		return ruleError, nil
	}
	for name, want := range map[string]string{"stdout": s.Obs.Stdout, "stderr": s.Obs.Stderr} {
		text, err := os.ReadFile(w.out[name].Name())
		if err != nil {
			return "", err
		}
		got := string(text[w.read[name]:])
		w.read[name] = int64(len(text))
		if !alike(got, want) {
			return "", fmt.Errorf("%s got %q, want %q", name, got, want)
		}
	}
	for name, want := range s.Obs.Files {
		got, err := os.ReadFile(filepath.Join(w.dir, name))
		if want == nil != errors.Is(err, os.ErrNotExist) || want != nil && !alike(string(got), *want) {
			return "", fmt.Errorf("file %s has %q, %v, want %v", name, got, err, want)
		}
	}
	return "", errors.Join(w.failures...)
}

// alike compares texts, but for line breaks, which are escaped here unless a formatter is raw.
func alike(got, want string) bool {
	return got == want || strings.ReplaceAll(got, `\n`, "\n") == strings.ReplaceAll(want, `\n`, "\n")
}

// configure performs a step that configures.
func (w *world) configure(s *step) (rule string, err error) {
	was := w.tree.String()
	err = w.apply(s)
	failed := len(s.Obs.Error) > 0
	switch {
	case err != nil:
		if now := w.tree.String(); now != was {
			return "", fmt.Errorf("a configuration failed, and the tree is not as before:\n%s\nbut\n%s\n%w", was, now, err)
		}
		if err := typed(err); err != nil {
			return "", err
		}
		return w.failed(s, err)
	case failed && says(s, "FileNotFoundError", ""):
		return ruleDirs, nil
	case failed && says(s, "ValueError", "No handler found with name"):
		return ruleWeak, nil
	case failed:
		return "", fmt.Errorf("no error, but CPython has %v", s.Obs.Error)
	}
	if err := w.compare(s.Obs.Tree); err != nil {
		return "", err
	}
	return w.outputs(s)
}

// says reports whether CPython had such an error.
func says(s *step, class, text string) bool {
	return slices.ContainsFunc(s.Obs.Error, func(e struct{ Class, Text string }) bool {
		return e.Class == class && strings.HasPrefix(e.Text, text)
	})
}

// failed says what becomes of a program in which our Apply failed.
func (w *world) failed(s *step, err error) (rule string, _ error) {
	if len(s.Obs.Error) > 0 {
		if w.compare(s.Obs.Tree) != nil || s.Obs.Files != nil || s.Obs.Stdout+s.Obs.Stderr != "" {
			return ruleFailed, nil
		}
		return w.outputs(s)
	}
	switch text := err.Error(); {
	case strings.Contains(text, "no kind of"), strings.Contains(text, "can't be had in Go"):
		return ruleClasses, nil
	case strings.Contains(text, "it must be"), strings.Contains(text, "must be a tuple"), strings.Contains(text, "only the attribute"):
		return ruleTypes, nil
	}
	return "", fmt.Errorf("CPython has no error, but: %w", err)
}

// typed checks that all errors are of type Error.
func typed(err error) error {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("not joined: %T %w", err, err)
	}
	for _, one := range all.Unwrap() {
		var e *Error
		if inner, ok := one.(interface{ Unwrap() []error }); ok {
			if err := typed(inner.(error)); err != nil {
				return err
			}
		} else if !errors.As(one, &e) || e.Reason == "" {
			return fmt.Errorf("not an Error: %T %w", one, one)
		}
	}
	return nil
}

func (w *world) apply(s *step) error {
	var c *Config
	var err error
	switch {
	case s.Op == "dictConfig":
		c, err = ParseDict(s.Config, Options{Filename: "config.json"})
	case s.Text != nil:
		c, err = ParseINI([]byte(*s.Text), Options{Filename: "logging.conf", Defaults: s.Defaults, DisableExisting: s.Disable})
	default:
		return errors.Join(&Error{Reason: "no such file"})
	}
	if err != nil {
		return err
	}
	_, err = c.Apply(context.Background(), w.tree)
	return err
}
