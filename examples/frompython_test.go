package examples

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/slogtree"
)

// TestTranslations checks that all Go code in the table of translations of
// docs/from-python.md stands in this file, where the tests below run it.
func TestTranslations(t *testing.T) {
	page, err := os.ReadFile("../docs/from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("frompython_test.go")
	if err != nil {
		t.Fatal(err)
	}
	rows, code := 0, regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(between(t, string(page), "## Translations\n", "\n## ")) {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		if len(cells) != 4 || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| Python ") {
			continue
		}
		rows++
		for _, m := range code.FindAllStringSubmatch(strings.ReplaceAll(cells[2], "\x00", "|"), -1) {
			if _, body, _ := strings.Cut(string(source), "// The translations."); !strings.Contains(body, m[1]) {
				t.Errorf("docs/from-python.md translates into %s, which no test runs", m[1])
			}
		}
	}
	if rows < 30 {
		t.Errorf("only %d rows found", rows)
	}
}

// between returns the part of text between two marks.
func between(t *testing.T, text, begin, end string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, begin)
	part, _, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("no part between %q and %q", begin, end)
	}
	return part
}

// fresh gives the default tree no handlers and no options before a test and
// after it, and slog its own logger back.
func fresh(t *testing.T) {
	old := slog.Default()
	reset := func() {
		slog.SetDefault(old)
		if err := slogtree.Default().Close(context.Background()); err != nil {
			t.Error(err)
		}
		slogtree.Default().Disable(slogtree.LevelNotSet)
		slogtree.Default().SetOptions(slogtree.Options{})
		slogtree.Root().SetLevel(slog.LevelInfo)
	}
	reset()
	t.Cleanup(reset)
}

// wrote fails the test unless w has these lines, and empties it.
func wrote(t *testing.T, w *bytes.Buffer, lines ...string) {
	t.Helper()
	want := ""
	if len(lines) > 0 {
		want = strings.Join(lines, "\n") + "\n"
	}
	if w.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", w, want)
	}
	w.Reset()
}

// plain is what most of the tests log through.
func plain() formatters.Formatter {
	return formatters.Must(formatters.Percent("%(levelname)s %(name)s %(message)s", nil))
}

// The translations.

func TestTranslatedCalls(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	ctx, err, y, user := t.Context(), errors.New("oops"), 7, "ann"
	slogtree.Root().AddHandler(handlers.NewStream(&w, plain(), nil))

	log := slogtree.Get("app.db")
	log.Info("x", "y", y)
	log.Info("x", "user", user)
	log.Warn("x")
	log.Critical("x")
	log.CriticalContext(ctx, "x")
	log.Log(ctx, slogtree.LevelCritical, "x")
	wrote(t, &w, "INFO app.db x y=7", "INFO app.db x user=ann", "WARNING app.db x",
		"CRITICAL app.db x", "CRITICAL app.db x", "CRITICAL app.db x")

	log.Exception(err, "x")
	log.ExceptionContext(ctx, err, "x")
	log.Warn("x", formatters.Exc(err))
	exc := "    error: oops"
	wrote(t, &w, "ERROR app.db x", exc, "ERROR app.db x", exc, "WARNING app.db x", exc)

	log.With("user", user).Info("x")
	ctx = contextattrs.With(ctx, "user", user)
	log.InfoContext(ctx, "x")
	log.Child("pool").Info("x")
	wrote(t, &w, "INFO app.db x user=ann", "INFO app.db x user=ann", "INFO app.db.pool x")

	slog.SetDefault(slogtree.Root().Logger)
	slog.Info("x")
	slogtree.Root().Info("x")
	wrote(t, &w, "INFO root x", "INFO root x")
}

func TestTranslatedSource(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	ctx, log := t.Context(), slogtree.Get("app.db")
	log.AddHandler(handlers.NewStream(&w, formatters.Must(formatters.Percent("%(funcName)s", nil)), nil))
	func() {
		log.LogDepth(ctx, 0, slog.LevelInfo, "x")
		log.LogDepth(ctx, 1, slog.LevelInfo, "x")
	}()
	if got := w.String(); !regexp.MustCompile(`^\S*func1\n\S*TestTranslatedSource\n$`).MatchString(got) {
		t.Errorf("sources are %q", got)
	}
}

func TestTranslatedLevels(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	ctx, log := t.Context(), slogtree.Get("app.db")
	log.SetLevel(slog.LevelDebug)
	if !log.Enabled(ctx, slog.LevelDebug) || log.EffectiveLevel() != slog.LevelDebug {
		t.Error("DEBUG is not enabled")
	}
	log.SetLevel(slogtree.LevelNotSet)
	slogtree.Default().Disable(slog.LevelInfo)
	if log.Enabled(ctx, slog.LevelInfo) || !log.Enabled(ctx, slog.LevelWarn) {
		t.Error("Disable does something else")
	}
	slogtree.Default().Disable(slogtree.LevelNotSet)

	level := new(slog.LevelVar)
	log.AddHandler(handlers.NewStream(&w, plain(), level))
	log.SetLevel(slog.LevelDebug)
	log.Debug("unseen")
	level.Set(slog.LevelDebug)
	log.Debug("seen")
	wrote(t, &w, "DEBUG app.db seen")

	log.SetDisabled(true)
	log.Error("unseen")
	log.SetDisabled(false)
	slogtree.Root().AddHandler(handlers.NewStream(&w, plain(), nil))
	log.SetPropagate(false)
	log.Info("once")
	log.SetPropagate(true)
	log.SetLevel(slogtree.LevelNotSet)
	wrote(t, &w, "INFO app.db once")
}

func TestTranslatedLevelNames(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	trace := formatters.FromPythonLevel(5)
	names := new(formatters.LevelNames)
	names.Add(trace, "TRACE")
	slogtree.Default().SetOptions(slogtree.Options{Levels: names})
	f, err := formatters.Percent("%(levelname)s %(message)s", &formatters.Options{Levels: names})
	if err != nil {
		t.Fatal(err)
	}
	slogtree.Root().AddHandler(handlers.NewStream(&w, f, nil))
	log := slogtree.Get("app.db")
	log.SetLevel(trace)
	log.Log(t.Context(), trace, "x")
	wrote(t, &w, "TRACE x")
	if got, want := log.String(), "<Logger app.db (TRACE)>"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	log.SetLevel(slogtree.LevelNotSet)
}

func TestTranslatedBasic(t *testing.T) {
	fresh(t)
	t.Chdir(t.TempDir())
	ctx, format, datefmt := t.Context(), "%(asctime)s %(name)s %(message)s", "%%"
	_, err := slogtree.Basic(slogtree.BasicOptions{Filename: "app.log", Level: slog.LevelInfo, Format: format, DateFmt: datefmt})
	if err != nil {
		t.Fatal(err)
	}
	slogtree.Get("app.db").Info("x")
	func() {
		defer slogtree.Default().Close(ctx)
	}()
	if got, err := os.ReadFile("app.log"); err != nil || string(got) != "% app.db x\n" {
		t.Errorf("app.log holds %q, %v", got, err)
	}
}

func TestTranslatedHandlers(t *testing.T) {
	fresh(t)
	t.Chdir(t.TempDir())
	format, datefmt := "%(asctime)s %(message)s", "%%"
	ctx, log := t.Context(), slogtree.Get("app.db")
	var w bytes.Buffer
	f, err := formatters.Percent(format, &formatters.Options{DateFmt: datefmt})
	if err != nil {
		t.Fatal(err)
	}
	h, err := handlers.NewFile("app.log", f, slog.LevelInfo, handlers.FileOptions{Truncate: true})
	if err != nil {
		t.Fatal(err)
	}
	log.AddHandler(h)
	log.AddHandler(handlers.NewStream(os.Stderr, f, slog.LevelError))
	log.Info("x")
	removed, err := log.RemoveHandler(ctx, h)
	if !removed || err != nil || h.Close() != nil {
		t.Error(removed, err)
	}

	json := formatters.JSON(&formatters.Options{Fields: []string{"asctime", "message"}})
	file, err := handlers.NewFile("app.json", json, nil, handlers.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	log.AddHandler(file)
	target := handlers.NewStream(&w, f, nil)
	memory := handlers.NewMemory(target, handlers.MemoryOptions{Capacity: 100, FlushLevel: slog.LevelError})
	log.AddHandler(memory)
	log.Warn("y")
	if memory.Buffered() != 1 {
		t.Errorf("%d records are held back", memory.Buffered())
	}
	if err := slogtree.Default().Close(ctx); err != nil {
		t.Error(err)
	}
	wrote(t, &w, "% y")
	for name, want := range map[string]string{
		"app.log":  `^% x\n$`,
		"app.json": `^\{"asctime":"[^"]+","message":"y"\}\n$`,
	} {
		if got, err := os.ReadFile(name); err != nil || !regexp.MustCompile(want).Match(got) {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
}

func TestTranslatedRotation(t *testing.T) {
	t.Chdir(t.TempDir())
	f := formatters.Must(formatters.Percent("%(message)s", nil))
	name := func(name string) string { return name + ".old" }
	for _, made := range []func() (*rotate.Handler, error){
		func() (*rotate.Handler, error) {
			return rotate.NewHandler("app.log", f, slog.LevelInfo, rotate.Options{MaxBytes: 10_000_000, BackupCount: 5})
		},
		func() (*rotate.Handler, error) {
			return rotate.NewHandler("app.log", f, nil, rotate.Options{When: "midnight", BackupCount: 14, Location: time.UTC})
		},
		func() (*rotate.Handler, error) {
			return rotate.NewHandler("app.log", f, nil, rotate.Options{Watch: true})
		},
		func() (*rotate.Handler, error) {
			return rotate.NewHandler("app.log", f, nil,
				rotate.Options{Shared: true, Lock: rotate.LockConcurrentLogHandler, MaxBytes: 10_000_000, BackupCount: 20})
		},
	} {
		h, err := made()
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info("x")
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile("app.log"); err != nil || string(got) != "x\nx\nx\nx\n" {
		t.Errorf("app.log holds %q, %v", got, err)
	}
	o := rotate.Options{Namer: name}
	o.Upward = true
	h, err := rotate.NewHandler("app.log", f, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.File().Rotate(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("app.log.1.old"); err != nil {
		t.Error(err)
	}
}

func TestTranslatedStyles(t *testing.T) {
	record := slog.NewRecord(time.Unix(0, 0), slog.LevelInfo, "x", 0)
	options := &formatters.Options{Location: time.UTC, Defaults: map[string]any{"user": "-"}, NoValidate: true}
	for want, made := range map[string]func() (formatters.Formatter, error){
		"x":  func() (formatters.Formatter, error) { return formatters.Brace("{message}", nil) },
		"x ": func() (formatters.Formatter, error) { return formatters.Dollar("$message ", nil) },
		"1970-01-01 00:00:00,000 - ": func() (formatters.Formatter, error) {
			return formatters.Percent("%(asctime)s %(user)s ", options)
		},
	} {
		f, err := made()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(f.Append(nil, nil, record)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := formatters.Dollar("$message", nil); err != nil {
		t.Error(err)
	}
}

func TestTranslatedFilters(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	log := slogtree.Get("app.db")
	noNoise := func(ctx context.Context, logger string, r slog.Record) (slog.Record, bool) {
		return r, r.Message != "noise"
	}
	filter := handlers.FilterFunc(noNoise)
	log.AddFilter(filter)
	h := handlers.NewStream(&w, plain(), nil)
	slogtree.Root().AddHandler(handlers.NewFilter(h, handlers.NameFilter("app")))
	log.Info("x")
	log.Info("noise")
	slogtree.Get("other").Info("x")
	wrote(t, &w, "INFO app.db x")
	if !log.RemoveFilter(filter) {
		t.Error("the filter was not attached")
	}
}

func TestTranslatedLastResort(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	log := slogtree.Get("app.db")
	h := handlers.NewStream(&w, nil, slog.LevelWarn)
	slogtree.Default().SetOptions(slogtree.Options{LastResort: h})
	log.Info("unseen")
	log.Warn("seen")
	log.AddHandler(slog.DiscardHandler)
	log.Warn("unseen")
	wrote(t, &w, "seen")
}

// What the text beside the table says: no %-args.
func TestNoPercentArgs(t *testing.T) {
	fresh(t)
	var w bytes.Buffer
	slogtree.Root().AddHandler(handlers.NewStream(&w, plain(), nil))
	log, y := slogtree.Get("app"), 7
	log.Info("x %s", "y", y)
	log.Info(fmt.Sprintf("x %d", y))
	wrote(t, &w, "INFO app x %s y=7", "INFO app x 7")
}
