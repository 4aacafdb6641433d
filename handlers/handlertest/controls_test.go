package handlertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// faulty is a handler that is right but for the one fault it is made with.
type faulty struct {
	fault  string
	out    *output
	level  slog.Leveler
	steps  []step
	attrs  []slog.Attr // of the fault "shared array"
	closed *bool
}

type output struct {
	mu    sync.Mutex
	maps  []map[string]any
	late  []func() map[string]any // of the fault "keeps"
	racy  string                  // of the fault "race"
	level slog.LevelVar           // of the fault "level frozen"
}

func newFaulty(fault string, level slog.Leveler) (slog.Handler, func() []map[string]any) {
	h := &faulty{fault: fault, out: &output{}, level: level, closed: new(bool)}
	if fault == "embeds" {
		return &embedder{h}, h.results
	}
	return h, h.results
}

// embedder forgets to write WithAttrs and WithGroup.
type embedder struct{ slog.Handler }

func (h *faulty) results() []map[string]any {
	for _, late := range h.out.late {
		h.out.maps = append(h.out.maps, late())
	}
	return h.out.maps
}

func (h *faulty) AddsContextAttrs() {}

func (h *faulty) WithLoggerName(_, name string) slog.Handler {
	c := *h
	if h.fault == "name drops attrs" {
		c.steps = nil
	}
	if h.fault == "name in group" {
		c.steps = append(slices.Clip(c.steps), step{attrs: []slog.Attr{slog.String("logger", name)}})
	}
	return &c
}

func (h *faulty) Enabled(ctx context.Context, l slog.Level) bool {
	if h.fault == "heeds context" && ctx.Err() != nil {
		return false
	}
	if h.fault == "level frozen" && len(h.steps) > 0 {
		return l >= h.out.level.Level()
	}
	return l >= h.level.Level()
}

func (h *faulty) Flush() error { return nil }

func (h *faulty) Close() error {
	if h.fault == "closes once" && *h.closed {
		return errors.New("already closed")
	}
	*h.closed = true
	return nil
}

func (h *faulty) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	switch h.fault {
	case "shared array":
		c.attrs = append(h.attrs, attrs...)
		return &c
	case "appends to what it is given":
		_ = append(attrs, slog.String("mine", "x"))
	case "writes to what it is given":
		for i := range attrs {
			defer func() { attrs[i] = slog.String("mine", "x") }()
		}
	case "drops attrs":
		return h
	case "level frozen":
		h.out.level.Set(h.level.Level())
	}
	if len(attrs) > 0 || h.fault == "nil is a step" {
		c.steps = append(slices.Clip(h.steps), step{attrs: contextattrs.Resolve(attrs, nil)})
	}
	return &c
}

func (h *faulty) WithGroup(name string) slog.Handler {
	c := *h
	switch {
	case name == "" && h.fault == "empty group opens":
		name = "unnamed"
	case name == "":
		return h
	case h.fault == "groups inlined":
		return h
	}
	c.steps = append(slices.Clip(h.steps), step{group: name})
	return &c
}

func (h *faulty) Handle(ctx context.Context, r slog.Record) error {
	if h.fault == "heeds context" && ctx.Err() != nil {
		return nil
	}
	if h.fault == "adds to record" {
		r.AddAttrs(slog.String("mine", "x"))
	}
	if h.fault == "error" {
		return errors.New("always")
	}
	build := func() map[string]any { return h.toMap(ctx, r) }
	if h.fault == "keeps" {
		h.out.mu.Lock()
		defer h.out.mu.Unlock()
		h.out.late = append(h.out.late, build)
		return nil
	}
	m := build()
	if h.fault == "race" {
		h.out.racy = r.Message
		runtime.Gosched()
		m[slog.MessageKey] = h.out.racy
	}
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	if h.fault != "loses" || len(h.out.maps)%5 != 4 {
		h.out.maps = append(h.out.maps, m)
	} else {
		h.out.maps[0] = m
	}
	return nil
}

func (h *faulty) toMap(ctx context.Context, r slog.Record) map[string]any {
	own := append(slices.Clip(h.attrs), recordAttrs(r)...)
	top := contextattrs.Attrs(ctx)
	if h.fault == "context in group" {
		own, top = append(own, top...), nil
	}
	m := toMap(append(slices.Clip(top), nest(h.steps, own)...))
	if h.fault == "empty groups shown" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Value.Kind() == slog.KindGroup && len(toMap([]slog.Attr{a})) == 0 {
				m[a.Key] = map[string]any{}
			}
			return true
		})
	}
	if !r.Time.IsZero() || h.fault == "zero time shown" {
		m[slog.TimeKey] = r.Time.Format(time.RFC3339)
	}
	if h.fault == "old time fails" && r.Time.Year() < 1000 && !r.Time.IsZero() {
		r.Message = "bad time"
	}
	m[slog.LevelKey], m[slog.MessageKey] = r.Level.String(), r.Message
	return m
}

// findings collects what checks report.
type findings struct {
	mu    sync.Mutex
	texts []string
}

func (f *findings) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.texts = append(f.texts, fmt.Sprintf(format, args...))
}

// runChecks returns the names of the checks that a handler with the fault fails.
func runChecks(fault string) (failed []string) {
	for _, c := range checks {
		if fault == "shared array" && c.name == "concurrency" {
			continue // a race, which would fail this test
		}
		var f findings
		k := &kit{reporter: &f,
			open: func() (slog.Handler, func() []map[string]any) { return newFaulty(fault, slog.LevelInfo) },
			openLeveled: func(l slog.Leveler) (slog.Handler, func() []map[string]any) {
				return newFaulty(fault, l)
			},
		}
		if c.run(k); len(f.texts) > 0 {
			failed = append(failed, c.name)
		}
	}
	return failed
}

// TestControls sees each check fail: which checks a fault must turn red is
// listed, others may.
func TestControls(t *testing.T) {
	red := map[string]bool{}
	for fault, want := range map[string][]string{
		"shared array":                {"siblings"},
		"appends to what it is given": {"ownership"},
		"writes to what it is given":  {"ownership"},
		"drops attrs":                 {"slogtest", "siblings"},
		"level frozen":                {"level"},
		"nil is a step":               nil,
		"empty group opens":           {"equivalence"},
		"groups inlined":              {"slogtest", "groups"},
		"heeds context":               {"context"},
		"adds to record":              {"records"},
		"error":                       {"siblings", "records"},
		"keeps":                       {"retention"},
		"loses":                       {"concurrency", "siblings"},
		"context in group":            {"contextattrs"},
		"empty groups shown":          {"empties"},
		"zero time shown":             {"slogtest"},
		"old time fails":              {"zero"},
		"closes once":                 {"close"},
		"name drops attrs":            {"name"},
		"name in group":               {"name"},
		"embeds":                      {"types"},
		"none":                        nil,
	} {
		t.Run(fault, func(t *testing.T) {
			failed := runChecks(fault)
			for _, name := range want {
				red[name] = true
				if !slices.Contains(failed, name) {
					t.Errorf("the check %s passes", name)
				}
			}
			if want == nil && failed != nil {
				t.Errorf("failed: %v", failed)
			}
			t.Logf("failed: %v", failed)
		})
	}
	for _, c := range checks {
		if !red[c.name] {
			t.Errorf("no control turns the check %s red", c.name)
		}
	}
}

// TestSlogsHandlersNeedExcept has slog's own handlers fail what Run's documentation
// says. If a Go release has mended them, the documentation has to follow.
func TestSlogsHandlersNeedExcept(t *testing.T) {
	for name, open := range map[string]func() (slog.Handler, func() []map[string]any){
		"JSON": func() (slog.Handler, func() []map[string]any) {
			var buf bytes.Buffer
			return slog.NewJSONHandler(&buf, nil), func() []map[string]any { m, _ := ParseJSON(buf.Bytes()); return m }
		},
		"Text": func() (slog.Handler, func() []map[string]any) {
			var buf bytes.Buffer
			return slog.NewTextHandler(&buf, nil), func() []map[string]any { m, _ := ParseText(buf.Bytes()); return m }
		},
	} {
		var failed []string
		for _, c := range checks {
			var f findings
			if c.run(&kit{reporter: &f, open: open}); len(f.texts) > 0 {
				failed = append(failed, c.name)
			}
		}
		if d := Diff([]string{"empties", "equivalence"}, failed); d != "" {
			t.Errorf("%s: checks that fail (-want +got):\n%s", name, d)
		}
	}
}

const racyEnv = "HANDLERTEST_RUN_RACY"

// TestRacyControl runs Run itself, in a child, since a race found in this
// process would fail this test. The fault shows without -race, too.
func TestRacyControl(t *testing.T) {
	if os.Getenv(racyEnv) != "" {
		Run(t, func(*testing.T) (slog.Handler, func() []map[string]any) {
			return newFaulty("race", slog.LevelInfo)
		})
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestRacyControl$", "-test.v")
	child.Env = append(os.Environ(), racyEnv+"=1")
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the child did not fail: %v\n%s", err, out)
	}
	for _, want := range []string{"--- FAIL: TestRacyControl/concurrency", "--- PASS: TestRacyControl/siblings"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the child's output has no %q:\n%s", want, out)
		}
	}
}
