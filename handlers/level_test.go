package handlers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestLevel(t *testing.T) {
	var level slog.LevelVar
	rec := handlertest.NewRecorder(slog.LevelWarn)
	log := slog.New(handlers.NewLevel(rec, &level)).With("a", 1).WithGroup("g")
	emit := func() {
		log.Info("info")
		log.Warn("warn")
		log.Error("error")
	}
	emit() // can't lower the wrapped handler's level
	level.Set(slog.LevelError)
	emit()
	diff(t, []string{"warn", "error", "error"}, rec.Messages())
}

// TestLevelIsNotAskedAgain gives Handle a record below the level, as a tree does not
// do, but a Memory does.
func TestLevelIsNotAskedAgain(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	handle(t, handlers.NewLevel(rec, slog.LevelError), record(slog.LevelDebug, "debug"))
	diff(t, []string{"debug"}, rec.Messages())
}

func TestLevelArguments(t *testing.T) {
	h := handlers.NewLevel(handlertest.NewRecorder(nil), nil)
	if !h.Enabled(context.Background(), -1000) {
		t.Error("a nil level is not all levels")
	}
	if s := fmt.Sprint(h); s != "Level(NOTSET, Recorder)" {
		t.Errorf("String() = %q", s)
	}
	s := fmt.Sprint(handlers.NewLevel(handlers.NewStream(io.Discard, nil, slog.LevelInfo), slog.LevelWarn))
	if s != "Level(WARNING, Stream(io.discard) level INFO)" {
		t.Errorf("String() = %q", s)
	}
	wantPanic(t, "NewLevel: the handler is nil", func() { handlers.NewLevel(nil, slog.LevelInfo) })
}
