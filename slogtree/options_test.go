package slogtree

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// TestSetOptions gives options to a tree that has logged already.
func TestSetOptions(t *testing.T) {
	first, last := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	var out lockedBuffer
	tree := New(Options{LastResort: first})
	tree.setOperatorLevels("a=debug")
	l := tree.Get("a").With("k", 1)
	l.Info("one")
	var levels formatters.LevelNames
	levels.Add(-8, "TRACE")
	var told error
	tree.SetOptions(Options{LastResort: last, Levels: &levels, RootLevel: slog.LevelWarn, OnError: func(err error) { told = err }, NameKey: "name"})
	l.Info("two")
	wantMessages(t, first, "one")
	wantMessages(t, last, "two")
	if got := tree.Get("b").EffectiveLevel(); got != slog.LevelWarn {
		t.Errorf("the root's level is %v", got)
	}
	if err := tree.SetLevels("b=trace"); err != nil || tree.Get("b").EffectiveLevel() != -8 {
		t.Error(err, tree.Get("b"))
	}
	tree.Root().AddHandler(slog.NewJSONHandler(&out, nil))
	l.Info("three")
	if got := string(out.Bytes()); !strings.Contains(got, `"name":"a"`) {
		t.Errorf("wrote %s", got)
	}
	tree.Root().SetLevel(slog.LevelError)
	tree.SetOptions(Options{OnError: func(err error) { told = err }, LastResort: tree.Root().Handler()})
	if tree.Root().Level() != slog.LevelError {
		t.Error("SetOptions undid SetLevel")
	}
	if told == nil || !strings.Contains(told.Error(), "Options.LastResort") {
		t.Errorf("OnError was told %v", told)
	}
}

// TestOperatorRulesLearnNames reads SLOG_LEVELS anew when names are added.
func TestOperatorRulesLearnNames(t *testing.T) {
	tree := New(Options{})
	tree.levels = "a=trace"
	var levels formatters.LevelNames
	levels.Add(-8, "trace")
	tree.SetOptions(Options{Levels: &levels})
	if got := tree.Get("a").EffectiveLevel(); got != -8 {
		t.Error(got)
	}
}

func TestLoggerString(t *testing.T) {
	tree := New(Options{})
	tree.Get("a\nb").SetLevel(slog.LevelDebug)
	if got, want := fmt.Sprint(tree.Root(), tree.Get("a\nb")), `<RootLogger root (INFO)> <Logger "a\nb" (DEBUG)>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNamesSortByParts(t *testing.T) {
	tree := New(Options{})
	var keep []*Logger
	for _, name := range []string{"app-admin", "app.db", "app", "app b", "app-admin.x", "app.db.pool"} {
		keep = append(keep, tree.Get(name))
	}
	var got []string
	for l := range tree.All() {
		got = append(got, l.Name())
	}
	if want := []string{"root", "app", "app.db", "app.db.pool", "app b", "app-admin", "app-admin.x"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	runtime.KeepAlive(keep)
}

func TestContextForms(t *testing.T) {
	tree, rec := newTree(t)
	l := tree.Get("a")
	l.CriticalContext(t.Context(), "critical")
	l.ExceptionContext(t.Context(), errors.New("e"), "exception")
	got := rec.Records()
	if got[0].Level != LevelCritical || got[1].Level != slog.LevelError || got[1].Attrs["exc_info"] == nil {
		t.Errorf("recorded %+v", got)
	}
	for _, e := range got {
		frame, _ := runtime.CallersFrames([]uintptr{e.PC}).Next()
		if !strings.HasSuffix(frame.File, "options_test.go") {
			t.Errorf("%s: source %s", e.Message, frame.File)
		}
	}
}
