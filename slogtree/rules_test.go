package slogtree

import (
	"errors"
	"log/slog"
	"path"
	"strings"
	"testing"
)

func TestSetLevels(t *testing.T) {
	tree := New(Options{})
	before := tree.Get("app.users.http")
	if err := tree.SetLevels(" root=warn, app.db = debug,app.*.http=error,,app.db.http=info-2 "); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]slog.Level{
		"root":                  slog.LevelWarn,
		"other":                 slog.LevelWarn,
		"app":                   slog.LevelWarn,
		"app.db":                slog.LevelDebug,
		"app.db.pool":           slog.LevelDebug,
		"app.users.http":        slog.LevelError,
		"app.a.b.http":          slog.LevelError,
		"app.users.http.client": slog.LevelError, // inherits, though nobody made app.users.http
		"app.new.http.client":   slog.LevelError,
		"app.db.http":           slog.LevelInfo - 2, // the rule without * decides
	} {
		l := tree.Get(name)
		if got := l.EffectiveLevel(); got != want {
			t.Errorf("%s has level %v, want %v: %s", name, got, want, tree.Explain(name))
		}
		if !strings.HasPrefix(tree.Explain(name), name+": "+tree.options.Load().Levels.Name(want)) {
			t.Errorf("Explain(%q) = %q", name, tree.Explain(name))
		}
	}
	if err := tree.SetLevels(""); err != nil {
		t.Fatal(err)
	}
	if got := before.EffectiveLevel(); got != slog.LevelInfo {
		t.Errorf("without rules the level is %v, want INFO", got)
	}
}

func TestLevelPrecedence(t *testing.T) {
	tree := New(Options{})
	l := tree.Get("a.b")
	expect := func(want slog.Level, explained string) {
		t.Helper()
		if got := l.EffectiveLevel(); got != want {
			t.Errorf("level %v, want %v", got, want)
		}
		if got := tree.Explain("a.b"); !strings.HasSuffix(got, explained) {
			t.Errorf("Explain: %q, want ... %q", got, explained)
		}
	}
	set := func(rules string) {
		t.Helper()
		if err := tree.SetLevels(rules); err != nil {
			t.Fatal(err)
		}
	}
	expect(slog.LevelInfo, "inherited from root, by Options.RootLevel")
	l.SetLevel(slog.LevelWarn)
	expect(slog.LevelWarn, "a.b: WARNING, by SetLevel")
	set("a.*=error")
	expect(slog.LevelError, `by rule "a.*=error" in SetLevels`)
	l.SetLevel(slog.LevelDebug)
	expect(slog.LevelDebug, "by SetLevel")
	set("a.*=error,*=debug")
	expect(slog.LevelDebug, `by rule "*=debug" in SetLevels`)
	tree.setOperatorLevels("a.b=warn")
	expect(slog.LevelWarn, `by rule "a.b=warn" in SLOG_LEVELS`)
	l.SetLevel(slog.LevelError)
	expect(slog.LevelWarn, `by rule "a.b=warn" in SLOG_LEVELS`)
	if l.Level() != slog.LevelWarn {
		t.Errorf("Level is %v, want that in force", l.Level())
	}
	tree.setOperatorLevels("")
	expect(slog.LevelError, "by SetLevel")
	set("a.b=notset,root=warn")
	expect(slog.LevelWarn, `inherited from root, by rule "root=warn" in SetLevels`)
	tree.Disable(slog.LevelInfo)
	l.SetDisabled(true)
	expect(slog.LevelWarn, "; the logger is disabled; Disable turns off INFO and below")
}

// TestInheritingIsAChoice makes a logger inherit although a rule has a level
// for it. Nobody holds the logger; its choice must stay all the same, until
// the rules change.
func TestInheritingIsAChoice(t *testing.T) {
	tree := New(Options{})
	set := func(rules string) {
		t.Helper()
		if err := tree.SetLevels(rules); err != nil {
			t.Fatal(err)
		}
	}
	set("a.b=debug")
	tree.Get("a.b").SetLevel(LevelNotSet)
	tree.Get("other")
	if !collected(func() bool { return tree.entries() == 2 }) {
		t.Fatalf("%d names are left, want a and a.b", tree.entries())
	}
	if got := tree.Get("a.b").EffectiveLevel(); got != slog.LevelInfo {
		t.Errorf("level %v, want INFO: %s", got, tree.Explain("a.b"))
	}
	set("a.b=warn")
	if got := tree.Get("a.b").EffectiveLevel(); got != slog.LevelWarn {
		t.Errorf("level %v after a later rule, want WARNING", got)
	}
	if !collected(func() bool { return tree.entries() == 0 }) {
		t.Fatalf("%d names are left", tree.entries())
	}
}

func TestRuleErrors(t *testing.T) {
	tree := New(Options{})
	if err := tree.SetLevels("kept=debug"); err != nil {
		t.Fatal(err)
	}
	err := tree.SetLevels("göod=debug, app , =info,db=loud,x=")
	if err == nil {
		t.Fatal("no error")
	}
	var got []RuleError
	for _, e := range errors.Unwrap(err).(interface{ Unwrap() []error }).Unwrap() {
		var r *RuleError
		if !errors.As(e, &r) {
			t.Fatalf("%v is no RuleError", e)
		}
		got = append(got, *r)
	}
	for i, want := range []struct {
		column int
		rule   string
		reason string
	}{{13, "app", `no "="`}, {19, "=info", "no name"}, {28, "db=loud", `"loud"`}, {35, "x=", "unknown level"}} {
		if got[i].Column != want.column || got[i].Rule != want.rule || !strings.Contains(got[i].Reason, want.reason) {
			t.Errorf("error %d is %+v, want %+v", i, got[i], want)
		}
	}
	if tree.Get("göod").EffectiveLevel() != slog.LevelInfo || tree.Get("kept").EffectiveLevel() != slog.LevelDebug {
		t.Error("rules with an error changed something")
	}
}

// FuzzMatches relates matches to path.Match, which knows * and ? too.
func FuzzMatches(f *testing.F) {
	for _, s := range [][2]string{{"a.*.c", "a.b.c"}, {"*", ""}, {"a*b*c", "aXbXbc"}, {"?", "é"}, {"caf?", "café"}, {"**a", "a"}, {"", ""}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern)*len(name) > 10_000 || strings.ContainsAny(pattern+name, `[]\/`) {
			return // path.Match gives these a meaning, or takes long
		}
		if strings.Contains(pattern, "*") && !ascii(pattern+name) {
			return // path.Match lets * end within a character
		}
		want, err := path.Match(pattern, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := matches(pattern, name); got != want {
			t.Errorf("matches(%q, %q) = %v, path.Match says %v", pattern, name, got, want)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 })
}

// FuzzSetLevels feeds any rules: either all hold or nothing changes, and each
// error points into the text.
func FuzzSetLevels(f *testing.F) {
	for _, s := range []string{"", "root=info,app.db=debug,app.*.http=warn", "a=b", "=", "*=notset", "a=info+99999999999999999999", "\x00=debug"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		tree := New(Options{})
		l := tree.Get("app.db")
		err := tree.SetLevels(rules)
		if err == nil {
			if d := l.node.decide(); d.level != l.EffectiveLevel() {
				t.Errorf("Explain says %v, the level is %v", d.level, l.EffectiveLevel())
			}
			return
		}
		if l.EffectiveLevel() != slog.LevelInfo {
			t.Errorf("rules with an error changed a level")
		}
		for _, e := range errors.Unwrap(err).(interface{ Unwrap() []error }).Unwrap() {
			var r *RuleError
			if !errors.As(e, &r) || r.Column < 1 || r.Column > len(rules)+1 {
				t.Errorf("%v does not point into the %d bytes", e, len(rules))
			}
		}
	})
}
