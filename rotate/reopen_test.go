package rotate_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/rotate"
)

// TestHandlerReopen has what was bound before reach the new file too.
func TestHandlerReopen(t *testing.T) {
	h, text := openHandler(t, nil, nil, rotate.Options{})
	log := slog.New(h).With("bound", 1)
	log.Info("a")
	if err := os.Rename(h.Name(), h.Name()+".old"); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			t.Skip("files that are open can't be renamed here")
		}
		t.Fatal(err)
	}
	log.Info("b") // still the same file
	if err := h.Reopen(); err != nil {
		t.Fatal(err)
	}
	log.Info("c")
	if got, old := text(), fileText(t, h.Name()+".old"); got != "c bound=1\n" || old != "a bound=1\nb bound=1\n" {
		t.Errorf("%q, and %q in the old one", got, old)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Reopen(); !errors.Is(err, handlers.ErrClosed) && !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
