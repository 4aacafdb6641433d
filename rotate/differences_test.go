package rotate_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestDifferences proves each difference from CPython that docs/from-python.md
// lists for rotating files.
func TestDifferences(t *testing.T) { oracle.CheckDifferences(t, "rotation", differences) }

var differences = []oracle.Difference{
	{
		Here:    "A record is written though the rotation before it failed. That is tried again after a while, and told to `Options.OnError`.",
		CPython: "the record is lost, and each one after it",
		Why:     "No record is lost.",
		Way:     "-",
		Check: func(t *testing.T) {
			told := 0
			h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 5, BackupCount: 1, OnError: func(error) { told++ }})
			if err := os.MkdirAll(filepath.Join(h.Name()+".1", "x"), 0o777); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, slog.LevelInfo, "one", "two")
			wantText(t, "the file", text(), "one\ntwo\n")
			if told != 1 {
				t.Errorf("%d errors told", told)
			}
		},
	},
	{
		Here:    "A handler that is closed stays closed: each record returns an error.",
		CPython: "the next record opens the file again",
		Why:     "A handler that was closed holds no descriptor.",
		Way:     "-",
		Check: func(t *testing.T) {
			h, _ := openHandler(t, nil, nil, rotate.Options{})
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if err := h.Handle(t.Context(), recordOf(slog.LevelInfo, "m")); !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		},
	},
	{
		Here:    "A file that was moved or deleted from outside is opened anew within a second, with `Options.Watch` before each record; what was deleted with it since it was last seen is written again.",
		CPython: "only WatchedFileHandler looks, and then what went into the deleted file is lost",
		Why:     "Who cleans up a directory does not want to end the log.",
		Way:     "-",
		Check: func(t *testing.T) {
			h, text := openHandler(t, nil, nil, rotate.Options{Watch: true})
			handleAll(t, h, slog.LevelInfo, "one")
			if err := os.Rename(h.Name(), h.Name()+".old"); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, slog.LevelInfo, "two")
			wantText(t, "after it was moved", text(), "two\n")
			if err := os.Remove(h.Name()); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, slog.LevelInfo, "three")
			wantText(t, "after it was deleted", text(), "two\nthree\n")
		},
	},
	{
		Here:    "A file may rotate by size and by the clock at once.",
		CPython: "two handlers, one for each",
		Why:     "A day may be long.",
		Way:     "-",
		Check: func(t *testing.T) {
			openHandler(t, nil, nil, rotate.Options{MaxBytes: 1 << 20, When: "midnight"})
		},
	},
	{
		Here:    "A new file has the permissions of the one before it, and its owner where that is allowed.",
		CPython: "those of any new file",
		Why:     "Who may read the log should still be able to after midnight.",
		Way:     "-",
		Check: func(t *testing.T) {
			h, _ := openHandler(t, nil, nil, rotate.Options{Upward: true})
			if err := os.Chmod(h.Name(), 0o640); err != nil {
				t.Fatal(err)
			}
			if err := h.File().Rotate(); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(h.Name()); err != nil || info.Mode().Perm() != 0o640 && os.PathSeparator == '/' {
				t.Error(info.Mode(), err)
			}
		},
	},
	{
		Here:    "A second backup of one time gets a number, as in `app.log.2026-03-04.1`.",
		CPython: "the file does not rotate while the first is there",
		Why:     "An hour that the clock shows twice, or a file that somebody left there, would end the rotation for good.",
		Way:     "-",
		Check: func(t *testing.T) {
			h, _ := openHandler(t, nil, nil, rotate.Options{When: "D"})
			for range 3 {
				handleAll(t, h, slog.LevelInfo, "m")
				if err := h.File().Rotate(); err != nil {
					t.Error(err)
				}
			}
			for _, end := range []string{".????-??-??", ".????-??-??.1", ".????-??-??.2"} {
				if found, err := filepath.Glob(h.Name() + end); err != nil || len(found) != 1 {
					t.Errorf("%s: %v, %v", end, found, err)
				}
			}
		},
	},
	{
		Here:    "A backup is never overwritten: a rotation whose backup has a name that is taken by something else fails.",
		CPython: "what is there is removed",
		Why:     "Two programs may have one name for two things.",
		Way:     "-",
		Check: func(t *testing.T) {
			var told error
			h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 5, BackupCount: 2, OnError: func(err error) { told = err }})
			if err := os.Symlink("somewhere", h.Name()+".1"); err != nil {
				t.Skip(err)
			}
			if err := os.Symlink("else", h.Name()+".2"); err != nil {
				t.Skip(err)
			}
			handleAll(t, h, slog.LevelInfo, "one", "two")
			wantText(t, "the file", text(), "one\ntwo\n")
			if link, err := os.Readlink(h.Name() + ".2"); told == nil || link != "else" {
				t.Error(told, link, err)
			}
		},
	},
	{
		Here:    "Several processes may share a file: `Options.Shared`.",
		CPython: "records are lost",
		Why:     "Programs have workers.",
		Way:     "-",
		Check: func(t *testing.T) {
			if _, ok := handlerKinds(t)["Shared"]; !ok {
				t.Skip("no flock here")
			}
			one, text := openHandler(t, nil, nil, rotate.Options{Shared: true, MaxBytes: 9, BackupCount: 9})
			two, err := rotate.NewHandler(one.Name(), nil, nil, rotate.Options{Shared: true, MaxBytes: 9, BackupCount: 9})
			if err != nil {
				t.Fatal(err)
			}
			defer two.Close()
			handleAll(t, one, slog.LevelInfo, "one")
			handleAll(t, two, slog.LevelInfo, "two")
			handleAll(t, one, slog.LevelInfo, "three")
			handleAll(t, two, slog.LevelInfo, "4")
			wantText(t, "all files", fileText(t, one.Name()+".1")+text(), "one\ntwo\nthree\n4\n")
		},
	},
	{
		Here:    "Negative numbers are errors when the file is opened, and so are values out of range, and options for backups where there can be none.",
		CPython: "a negative maxBytes or backupCount is 0",
		Why:     "The mistake shows at once.",
		Way:     "-",
		Check: func(t *testing.T) {
			_, err := rotate.Open(filepath.Join(t.TempDir(), "app.log"), rotate.Options{MaxBytes: -1})
			if err == nil || !strings.Contains(err.Error(), "MaxBytes is negative: -1") {
				t.Error(err)
			}
		},
	},
}
