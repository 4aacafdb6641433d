package slogtree_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
)

// TestWriter has lines arrive as records of the logger, under its level and attrs,
// and a handler's error go to OnError alone.
func TestWriter(t *testing.T) {
	var told []error
	tree := slogtree.New(slogtree.Options{OnError: func(err error) { told = append(told, err) }})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	tool := tree.Get("tool").With("pid", 7)
	w, std := tool.Writer(slog.LevelInfo), tool.NewStdLog(slog.LevelWarn)
	fmt.Fprint(w, "one\ntwo")
	std.Print("three")
	tree.Get("tool").SetLevel(slog.LevelWarn)
	fmt.Fprint(w, "\nnot seen\n")
	std.Print("four")
	if got := rec.Messages(); !slices.Equal(got, []string{"one", "three", "four"}) {
		t.Errorf("%q", got)
	}
	for _, e := range rec.Records() {
		if e.Logger != "tool" || fmt.Sprint(e.Attrs) != "map[pid:7]" {
			t.Errorf("%+v", e)
		}
	}
	if f, _ := runtime.CallersFrames([]uintptr{rec.Records()[1].PC}).Next(); path.Base(f.File) != "writer_test.go" {
		t.Errorf("the source is %s:%d", f.File, f.Line)
	}
	tree.Root().AddHandler(broken{})
	if n, err := fmt.Fprintln(tree.Get("x").Writer(nil), "five"); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if len(told) != 1 || !errors.Is(told[0], errBroken) {
		t.Errorf("OnError got %v", told)
	}
	_ = w.Close()
	if _, err := w.Write(nil); !errors.Is(err, handlers.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Enabled(context.Context, slog.Level) bool  { return true }
func (broken) Handle(context.Context, slog.Record) error { return errBroken }
func (b broken) WithAttrs([]slog.Attr) slog.Handler      { return b }
func (b broken) WithGroup(string) slog.Handler           { return b }

// TestWriterCircles has handlers that write to the tree they are in: they are refused.
func TestWriterCircles(t *testing.T) {
	var told []error
	tree := slogtree.New(slogtree.Options{OnError: func(err error) { told = append(told, err) }})
	other := slogtree.New(slogtree.Options{})
	root := tree.Root()
	toTree := handlers.NewStream(tree.Get("a").Writer(nil), nil, nil)
	for i, h := range []slog.Handler{
		toTree,
		handlers.NewLevel(toTree, slog.LevelError),
		handlers.NewStream(tree.Get("a").NewStdLog(nil).Writer(), nil, nil),
		handlers.NewStream(handlers.NewWriter(handlers.NewFanout(toTree), nil), nil, nil),
	} {
		root.AddHandler(h)
		if len(told) != i+1 || len(root.Handlers()) != 0 {
			t.Fatalf("handler %d was not refused: %v", i, told)
		}
	}
	rec := handlertest.NewRecorder(nil)
	other.Root().AddHandler(rec)
	root.AddHandler(handlers.NewStream(other.Get("b").Writer(nil), nil, nil))
	root.Info("to the other tree")
	if got := rec.Messages(); len(told) != 4 || !slices.Equal(got, []string{"to the other tree"}) {
		t.Errorf("%q, %v", got, told)
	}
}

// TestWriterAsStandardLog has log.Print and slog's default handler meet in one tree: no
// record goes round, nothing waits for itself.
func TestWriterAsStandardLog(t *testing.T) {
	old, flags, def := log.Writer(), log.Flags(), slog.Default()
	defer func() { slog.SetDefault(def); log.SetOutput(old); log.SetFlags(flags) }()
	tree := slogtree.New(slogtree.Options{})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	log.SetFlags(0)
	log.SetOutput(tree.Get("std").NewStdLog(slog.LevelInfo).Writer())
	log.Print("by log")
	slog.SetDefault(tree.Root().Logger)
	slog.Info("by slog")
	log.Print("by log, through slog")
	log.SetOutput(tree.Get("std").Writer(nil))
	log.Print("by log, as a line")
	if got := rec.Messages(); !slices.Equal(got, []string{"by log", "by slog", "by log, through slog", "by log, as a line"}) {
		t.Errorf("%q", got)
	}
}

func ExampleLogger_Writer() {
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(name)s %(levelname)s %(message)s", nil)), nil))
	w := tree.Get("tool.stderr").Writer(slog.LevelWarn)
	defer w.Close()
	bytes.NewBufferString("cannot open x\nretrying\n").WriteTo(w) // cmd.Stderr = w
	tree.Get("http").NewStdLog(slog.LevelError).Print("TLS handshake error")
	// Output:
	// tool.stderr WARNING cannot open x
	// tool.stderr WARNING retrying
	// http ERROR TLS handshake error
}

func BenchmarkNewStdLog(b *testing.B) {
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(slog.DiscardHandler)
	l := tree.Get("a").NewStdLog(nil)
	text := strings.Repeat("x", 40)
	b.ReportAllocs()
	for b.Loop() {
		l.Print(text)
	}
}
