package slogtree

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestDifferences proves each difference from CPython that docs/from-python.md
// lists for loggers and handlers.
func TestDifferences(t *testing.T) { oracle.CheckDifferences(t, "tree", differences) }

var differences = []oracle.Difference{
	{
		Here:    "The root logger starts at INFO.",
		CPython: "at WARNING",
		Why:     "slog starts there, and a first `Get(\"app\").Info(\"hi\")` is seen.",
		Way:     "`slogtree.Options{RootLevel: slog.LevelWarn}`, or `Root().SetLevel(slog.LevelWarn)`",
		Check: func(t *testing.T) {
			if got := New(Options{}).Root().Level(); got != slog.LevelInfo {
				t.Error(got)
			}
			if got := New(Options{RootLevel: slog.LevelWarn}).Root().Level(); got != slog.LevelWarn {
				t.Error(got)
			}
		},
	},
	{
		Here:    "Without any handler, stderr gets the message and the attrs of every record that its logger lets through.",
		CPython: "the message, from WARNING on",
		Why:     "Nothing that a level lets through is lost.",
		Way:     "`slogtree.Options{LastResort: handlers.NewStream(os.Stderr, nil, slog.LevelWarn)}`",
		Check: func(t *testing.T) {
			s, ok := New(Options{}).lastResort.id.(*handlers.Stream)
			if !ok || s.String() != "Stream(stderr)" || !s.Enabled(t.Context(), LevelNotSet) {
				t.Error(s)
			}
			if handlers.NewStream(os.Stderr, nil, slog.LevelWarn).Enabled(t.Context(), slog.LevelInfo) {
				t.Error("enabled at INFO")
			}
		},
	},
	{
		Here:    "Nothing is disabled at first, whatever its level.",
		CPython: "levels at or below 0 are never enabled",
		Why:     "Many use -8 as TRACE in slog.",
		Way:     "`tree.Disable(formatters.FromPythonLevel(-1))`",
		Check: func(t *testing.T) {
			tree := New(Options{RootLevel: LevelNotSet})
			if !tree.Root().Enabled(t.Context(), -100) {
				t.Error("-100 is disabled")
			}
			tree.Disable(formatters.FromPythonLevel(-1))
			if tree.Root().Enabled(t.Context(), formatters.FromPythonLevel(-1)) || !tree.Root().Enabled(t.Context(), formatters.FromPythonLevel(1)) {
				t.Error("Disable does something else")
			}
		},
	},
	{
		Here:    "RemoveHandler waits until no record that came through that logger is in the handler.",
		CPython: "returns at once",
		Why:     "The handler can be closed then.",
		Way:     "pass a context that is cancelled already",
		Check: func(t *testing.T) {
			tree := New(Options{LastResort: slog.DiscardHandler})
			tree.Root().AddHandler(slog.DiscardHandler)
			if removed, err := tree.Root().RemoveHandler(t.Context(), slog.DiscardHandler); !removed || err != nil {
				t.Error(removed, err) // that it waits is TestRemoveHandlerWaits
			}
		},
	},
	{
		Here:    "An error or a panic of a handler goes to `Options.OnError`, at most five a second; by default each is a line on stderr.",
		CPython: "`Handler.handleError` prints a traceback for each",
		Why:     "A full disk must not flood stderr.",
		Way:     "`Options.OnError`",
		Check: func(t *testing.T) {
			var got int
			tree := New(Options{OnError: func(error) { got++ }})
			tree.Root().AddHandler(&hooked{do: func(context.Context) error { panic("oops") }})
			for range 10 {
				tree.Get("a").Info("m")
			}
			if got != 5 {
				t.Errorf("%d reports", got)
			}
		},
	},
	{
		Here:    "A filter that panics, at a logger or in `handlers.NewFilter`, lets the record pass as it was; `Options.OnError` is told.",
		CPython: "the exception reaches the caller",
		Why:     "Logging must not end a program, nor lose a record.",
		Way:     "-",
		Check: func(t *testing.T) {
			bad := handlers.FilterFunc(func(context.Context, string, slog.Record) (slog.Record, bool) { panic("oops") })
			for _, atHandler := range []bool{false, true} {
				reported := false
				tree := New(Options{OnError: func(error) { reported = true }})
				rec := handlertest.NewRecorder(nil)
				if atHandler {
					tree.Root().AddHandler(handlers.NewFilter(rec, bad))
				} else {
					tree.Root().AddHandler(rec)
					tree.Root().AddFilter(bad)
				}
				tree.Root().Info("m")
				if len(rec.Messages()) != 1 || !reported {
					t.Error(atHandler, rec.Messages(), reported)
				}
			}
		},
	},
	{
		Here:    "Basic gives a handler without a formatter a copy that writes the format; the handler itself stays as it is.",
		CPython: "basicConfig sets the formatter of the handler itself",
		Why:     "Handlers don't change once they are made.",
		Way:     "give the formatter to the handler's constructor",
		Check: func(t *testing.T) {
			var b bytes.Buffer
			tree, h := New(Options{}), handlers.NewStream(&b, nil, nil)
			if _, err := tree.basic(BasicOptions{Handlers: []slog.Handler{h}}); err != nil {
				t.Fatal(err)
			}
			tree.Get("a").Info("m")
			slog.New(h).Info("m")
			if got, want := b.String(), "INFO:a:m\nm\n"; got != want {
				t.Errorf("wrote %q, want %q", got, want)
			}
			if removed, err := tree.Root().RemoveHandler(t.Context(), h); !removed || err != nil {
				t.Error(removed, err) // it goes by the name of the original
			}
		},
	},
	{
		Here:    "Loggers that nobody holds or configured are freed.",
		CPython: "a name lives as long as the program",
		Why:     "A program may name a logger after each request.",
		Way:     "keep the `*Logger`",
		Check: func(t *testing.T) {
			tree := New(Options{})
			tree.Get("a.b")
			if !collected(func() bool { return tree.entries() == 0 }) {
				t.Error(tree.entries())
			}
		},
	},
	{
		Here:    "`Tree.Close` detaches the handlers that it closes.",
		CPython: "`logging.shutdown` leaves them attached",
		Why:     "A later record goes to the last resort, and not into a closed file.",
		Way:     "`handlers.Flush` and `handlers.Close` for each of `Logger.Handlers`",
		Check: func(t *testing.T) {
			tree := New(Options{})
			tree.Root().AddHandler(slog.DiscardHandler)
			if err := tree.Close(t.Context()); err != nil || len(tree.Root().Handlers()) != 0 {
				t.Error(err, tree.Root().Handlers())
			}
		},
	},
	{
		Here:    "A File that is closed returns an error for each record.",
		CPython: "mode 'a' opens the file again, mode 'w' drops records",
		Why:     "A handler that was closed holds no descriptor.",
		Way:     "-",
		Check: func(t *testing.T) {
			f, err := handlers.NewFile(filepath.Join(t.TempDir(), "app.log"), nil, nil, handlers.FileOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			if err := f.Handle(t.Context(), slog.Record{}); !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		},
	},
	{
		Here:    "A File creates the directories above its file.",
		CPython: "FileNotFoundError",
		Why:     "A log directory that is missing on a new machine should not cost the log.",
		Way:     "-",
		Check: func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "a", "b", "app.log")
			f, err := handlers.NewFile(name, nil, nil, handlers.FileOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := os.Stat(name); err != nil {
				t.Error(err)
			}
		},
	},
	{
		Here:    "slog's default handler, when it is attached, is replaced by one that writes the same lines.",
		CPython: "nothing like it",
		Why:     "With `slog.SetDefault` it would wait for itself for ever.",
		Way:     "-",
		Check: func(t *testing.T) {
			if h := newTarget(slog.Default().Handler()); h.h == h.id {
				t.Error("it is attached as it is")
			}
		},
	},
	{
		Here:    "`ParseLevel` and level rules take names in any case, with an offset too: `info+2`.",
		CPython: "names as they were registered",
		Why:     "They are typed by people, into environment variables.",
		Way:     "-",
		Check: func(t *testing.T) {
			if l, err := formatters.ParseLevel("info+2"); l != 2 || err != nil {
				t.Error(l, err)
			}
		},
	},
	{
		Here:    "`%(levelname)s` of a level between two names is INFO+2.",
		CPython: "Level 25",
		Why:     "It is slog's form.",
		Way:     "`Levels` of `formatters.Options`, with a name for each",
		Check: func(t *testing.T) {
			if got := formatters.LevelName(2); got != "INFO+2" {
				t.Error(got)
			}
			var names formatters.LevelNames
			names.Add(2, "Level 25")
			if got := names.Name(2); got != "Level 25" {
				t.Error(got)
			}
		},
	},
	{
		Here:    "The attrs of two loggers made by `With` add up, and so do those of the call.",
		CPython: "a LoggerAdapter's `extra` replaces that of the call, and an inner adapter's that of an outer one",
		Why:     "It is slog's way, and no attr is lost.",
		Way:     "-",
		Check: func(t *testing.T) {
			tree, rec := newTree(t)
			tree.Get("a").With("a", 1).With("b", 2).Info("m", "c", 3)
			want := map[string]any{"a": int64(1), "b": int64(2), "c": int64(3)}
			if diff := handlertest.Diff(want, rec.Records()[0].Attrs); diff != "" {
				t.Error(diff)
			}
		},
	},
	{
		Here:    "`Root().Child(\"\")` is the root.",
		CPython: "another logger, whose name is empty",
		Why:     "Two loggers of one name serve nobody.",
		Way:     "-",
		Check: func(t *testing.T) {
			if tree := New(Options{}); tree.Root().Child("") != tree.Root() {
				t.Error("it is not")
			}
		},
	},
	{
		Here:    "Of a name with two dots in a row, each part is an ancestor: `a..b` is below `a.`, and that below `a`.",
		CPython: "`a..b` passes over `a`, unless there is a logger `a.`",
		Why:     "It is an accident of how CPython cuts names.",
		Way:     "-",
		Check: func(t *testing.T) {
			tree := New(Options{})
			a := tree.Get("a")
			if tree.Get("a..b").Parent() != a {
				t.Error("another parent")
			}
		},
	},
}
