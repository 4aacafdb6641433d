package slogtree

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// check compares all that can be seen of the tree with the model. n varies
// what is logged.
func (p *pair) check(n int) error {
	for i, k := range p.kept {
		if err := p.checkLogging(i, k, slog.Level(4*((n+i)%4-1))); err != nil {
			return err
		}
		if k.logger != nil {
			if err := p.checkLogger(k.logger, k.name); err != nil {
				return err
			}
		}
	}
	for _, name := range modelNames {
		if got, want := p.tree.Explain(name), p.model.explain(name); !strings.HasPrefix(got, want) {
			return fmt.Errorf("Explain(%q) = %q, want %q", name, got, want)
		}
	}
	if p.failures != nil {
		return fmt.Errorf("OnError got %v", p.failures)
	}
	return p.checkTree()
}

// checkLogging logs a record, every other time without asking Enabled, as
// somebody may who asked before the last change.
func (p *pair) checkLogging(i int, k kept, level slog.Level) error {
	r := modelRecord{name: k.name, level: level, message: "m", prefix: k.chain.prefix, bound: k.chain.bound}
	r.own = fmt.Sprintf(" %sown=%d", r.prefix, i)
	var want []string
	if k.logger == nil || p.model.enabled(k.name, level) {
		want = p.model.deliver(r)
	}
	p.lines = nil
	if i%2 == 0 {
		slog.New(k.real).Log(context.Background(), level, "m", "own", i)
	} else {
		record := slog.NewRecord(time.Time{}, level, "m", 0)
		record.Add("own", i)
		if err := k.real.Handle(context.Background(), record); err != nil {
			return err
		}
	}
	if !slices.Equal(p.lines, want) {
		return fmt.Errorf("kept[%d], of %q, at level %d: handlers got\n%s\nwant\n%s", i, k.name, level, indented(p.lines), indented(want))
	}
	return nil
}

// checkLogger compares a logger's configuration.
func (p *pair) checkLogger(l *Logger, name string) error {
	m := p.model.loggers[name]
	got := view{l.Name(), "", l.Level(), l.EffectiveLevel(), l.Propagate(), l.Disabled(), p.indices(l.Handlers()), len(l.Filters()), names(l.Children())}
	want := view{cmp.Or(name, rootName), "", LevelNotSet, p.model.decide(name).level, !m.alone, m.disabled_, m.handlers, len(m.filters), p.model.children(name)}
	if parent := l.Parent(); parent != nil {
		got.parent = parent.Name()
	}
	if name != "" {
		want.parent = cmp.Or(p.model.parent(name), rootName)
	}
	if d, ok := p.model.own(name); ok {
		want.level = d.level
	}
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		return fmt.Errorf("logger\n%s, want\n%s", g, w)
	}
	return nil
}

// A view is what can be seen of a logger.
type view struct {
	name, parent     string
	level, effective slog.Level
	propagate, off   bool
	handlers         []int
	filters          int
	children         []string
}

func (p *pair) indices(hs []slog.Handler) (ids []int) {
	for _, h := range hs {
		ids = append(ids, slices.Index(p.handlers, h))
	}
	return ids
}

// checkTree compares which loggers there are.
func (p *pair) checkTree() error {
	var got []string
	rows := 1 // with the head
	for l := range p.tree.All() {
		got = append(got, l.Name())
		rows += max(1, len(l.Handlers()), len(l.Filters()))
	}
	want := slices.Sorted(maps.Keys(p.model.loggers))
	want[0] = rootName // it is ""
	if !slices.Equal(got, want) {
		return fmt.Errorf("All gives %q, want %q", got, want)
	}
	if lines := strings.Count(p.tree.String(), "\n"); lines != rows {
		return fmt.Errorf("String has %d lines, want %d, one for each handler and filter:\n%s", lines, rows, p.tree)
	}
	return nil
}

func indented(lines []string) string { return "  " + strings.Join(lines, "\n  ") }

// run performs a script, four bytes a step, and returns the first difference.
func (p *pair) run(script []byte) (err error) {
	for n := 0; len(script) >= 4; n++ {
		if err := p.step(script[0], script[1], script[2], script[3]); err != nil {
			return err
		}
		if err := p.check(n); err != nil {
			return err
		}
		script = script[4:]
	}
	return nil
}

// randomScript returns a script of that many steps.
func randomScript(seed uint64, steps int) []byte {
	rng := rand.New(rand.NewPCG(seed, 0))
	script := make([]byte, 4*steps)
	for i := range script {
		script[i] = byte(rng.Uint32())
	}
	return script
}

// shrink leaves out steps as long as there still is a difference.
func shrink(script []byte) []byte {
	for i := len(script) - 4; i >= 0; i -= 4 {
		shorter := slices.Concat(script[:i], script[min(i+4, len(script)):])
		if newPair("").run(shorter) != nil {
			script = shorter
		}
	}
	return script
}

// reportScript fails the test with the shortest script that shows the difference,
// which FuzzTree takes as well.
func reportScript(t *testing.T, what string, script []byte) {
	t.Helper()
	script = shrink(script)
	p := newPair("")
	err := p.run(script)
	t.Errorf("%s: []byte(%q)\n%s\n%v\n%s", what, script, indented(p.said), err, p.tree)
}

// TestModel performs random operations on a tree and on the model, and logs
// after each through every logger that there is, those included that With
// made long before.
func TestModel(t *testing.T) {
	for seed := range uint64(400) {
		script := randomScript(seed, 40)
		if err := newPair("").run(script); err != nil {
			reportScript(t, fmt.Sprintf("seed %d", seed), script)
			return
		}
	}
}

// TestModelCanFail makes the model wrong in one way at a time.
func TestModelCanFail(t *testing.T) {
	for _, wrong := range []string{
		"globs beat names", "the first glob decides", "rules beat SetLevel", "rules need loggers", "Disable is below", "handlers of ancestors first",
		"propagate is ignored", "levels of ancestors are asked", "disabled ancestors stop records",
	} {
		found := false
		for seed := uint64(0); seed < 400 && !found; seed++ {
			found = newPair(wrong).run(randomScript(seed, 40)) != nil
		}
		if !found {
			t.Errorf("nobody notices that %s", wrong)
		}
	}
}

// FuzzTree does what TestModel does, with scripts that the fuzzer finds.
func FuzzTree(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(randomScript(seed, 12))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 4*64)]
		if newPair("").run(script) != nil {
			reportScript(t, "script", script)
		}
	})
}
