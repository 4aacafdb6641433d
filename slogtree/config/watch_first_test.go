package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// A failing is a handler that does not close well.
type failing struct{ nullHandler }

func (*failing) Close() error { return errors.New("still dirty") }

// A file that was applied is watched, though an earlier handler did not close well.
func TestWatchFirstCloses(t *testing.T) {
	tree := newTree(t)
	r := DefaultRegistry()
	r.Add(Kind{Name: "failing", Handler: func(*Args) (slog.Handler, error) { return &failing{}, nil }})
	if _, err := parse(t, m{"version": 1, "handlers": m{"f": m{"class": "failing"}}, "root": m{"handlers": []string{"f"}}}, Options{Registry: r}).Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte(`{"version": 1, "root": {"level": "ERROR"}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	var told []error
	stop, err := Watch(t.Context(), path, tree, WatchOptions{OnReload: func(r *Report, err error) {
		if r == nil {
			t.Error("there is no report")
		}
		told = append(told, err)
	}})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if len(told) != 1 || told[0] == nil || tree.Root().Level() != slog.LevelError {
		t.Errorf("told %v\n%s", told, tree)
	}
}
