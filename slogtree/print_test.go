package slogtree

import (
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// panicky panics when it is described.
type panicky struct{ denyAll }

func (panicky) String() string { panic("no") }

// asking is a filter whose description uses the tree.
type asking struct {
	denyAll
	tree *Tree
}

func (a asking) String() string { a.tree.Get("asked").SetLevel(slog.LevelInfo); return "asking" }

func TestTreeStringHoldsNoLock(t *testing.T) {
	tree := New(Options{})
	tree.Root().AddFilter(asking{tree: tree})
	if got := tree.String(); !strings.Contains(got, "asking") {
		t.Errorf("got\n%s", got)
	}
}

func TestTreeString(t *testing.T) {
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(os.Stderr, nil, slog.LevelInfo))
	app := tree.Get("app")
	app.SetLevel(slog.LevelDebug)
	app.AddHandler(slog.NewJSONHandler(nil, nil))
	app.AddHandler(handlertest.NewRecorder(nil))
	keep := []*Logger{tree.Get("app.db.pool"), tree.Get("app.\x1b[31mforged\nline")}
	tree.Get("off").SetDisabled(true)
	tree.Get("off").SetPropagate(false)
	tree.Get("off").AddFilter(denyAll{})
	tree.Get("off").AddFilter(panicky{})
	want := `LOGGER                          LEVEL  EFFECTIVE  PROPAGATE  HANDLERS                   FILTERS
root                            INFO   INFO       -          Stream(stderr) level INFO  -
  app                           DEBUG  DEBUG      yes        *slog.JSONHandler          -
                                                             Recorder
    "app.\x1b[31mforged\nline"  -      DEBUG      yes        -                          -
    app.db.pool                 -      DEBUG      yes        -                          -
  off                           -      disabled   no         -                          slogtree.denyAll
                                                                                        slogtree.panicky
`
	if got := tree.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	runtime.KeepAlive(keep)
}
