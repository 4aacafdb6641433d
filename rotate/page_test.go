package rotate_test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The tests of this file make parts of docs/rotation.md from the code, its comments
// and its examples.

func pageSection(t *testing.T, name, text string) {
	t.Helper()
	oracle.CheckSection(t, filepath.Join("docs", "rotation.md"), name, text)
}

// TestPageOptions makes the tables of options and of statistics from the comments
// of their fields.
func TestPageOptions(t *testing.T) {
	pageSection(t, "options", oracle.ParseSource(t, "options.go").FieldTable(t, "Options"))
	pageSection(t, "stats", oracle.ParseSource(t, "stats.go").FieldTable(t, "Stats"))
}

// TestPageExamples shows the examples, which go test runs, with their output.
func TestPageExamples(t *testing.T) {
	shown := 0
	for _, name := range []string{"example_test.go", "example_unix_test.go"} {
		shown += oracle.ParseSource(t, name).CheckExamples(t, filepath.Join("docs", "rotation.md"), "inTempDir()")
	}
	if shown < 8 {
		t.Errorf("only %d examples", shown)
	}
}

// TestPageNames checks that the names that the page's text puts between backticks, such
// as Options.Watch, File.Rotate and LockShared, are there.
func TestPageNames(t *testing.T) {
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	page := fileText(t, filepath.Join(root, "docs", "rotation.md"))
	exported := exportedNames(t)
	used := 0
	for _, m := range regexp.MustCompile("`(?:rotate\\.)?((?:Options|File|Stats|Handler)\\.([A-Z]\\w*))[^`]*`").FindAllStringSubmatch(page, -1) {
		used++
		if !slices.Contains(exported, m[1]) {
			t.Errorf("docs/rotation.md names %s, which is not there", m[1])
		}
	}
	if used < 10 || slices.Contains(exported, "Options.NoSuch") {
		t.Errorf("%d names checked", used)
	}
}

// exportedNames returns the fields and methods of the package's types, as Type.Name.
func exportedNames(t *testing.T) (names []string) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		ast.Inspect(oracle.ParseSource(t, source).File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						for _, id := range f.Names {
							names = append(names, n.Name.Name+"."+id.Name)
						}
					}
				}
			case *ast.FuncDecl:
				if n.Recv == nil {
					return false
				}
				if star, ok := n.Recv.List[0].Type.(*ast.StarExpr); ok {
					names = append(names, fmt.Sprint(star.X)+"."+n.Name.Name)
				}
			}
			return true
		})
	}
	return names
}

// pageTroubles are the lines of the page's table of what can go wrong. Each is proven.
var pageTroubles = []struct {
	trouble, happens string
	check            func(t *testing.T)
}{
	{
		"the disk is full, or the quota is used up",
		"Write returns the error, and nothing of the record stays in the file; in Shared mode a piece of it may, as a line of its own. What is lost is counted. Once there is room, a record that says how many were lost stands before the next one, and `Options.OnError` is told: once at the beginning, once at the end.",
		TestHandlerTellsOfLostRecords,
	},
	{
		"a backup can't be renamed or removed",
		"Records go on into the same file, which outgrows MaxBytes. The rotation is tried again after 0.1 s, and then less often, every 10 s at last.",
		func(t *testing.T) {
			h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 5, BackupCount: 1})
			inTheWay := filepath.Join(h.Name()+".1", "x")
			if err := os.MkdirAll(inTheWay, 0o777); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, 0, "one", "two", "three")
			wantText(t, "the file", text(), "one\ntwo\nthree\n")
			if s := h.File().Stats(); s.Rotations != 0 || s.Errors != 1 || s.Lost != 0 {
				t.Errorf("%+v", s) // one try: the others were too early
			}
			if err := os.RemoveAll(h.Name() + ".1"); err != nil {
				t.Fatal(err)
			}
			if err := h.File().Rotate(); err != nil {
				t.Error(err)
			}
			handleAll(t, h, 0, "four")
			wantText(t, "after it works again", text(), "four\n")
		},
	},
	{
		"the directory was removed",
		"It is made again, within a second, or at the next record with `Options.Watch`.",
		func(t *testing.T) {
			for _, watch := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) {
					dir := filepath.Join(t.TempDir(), "logs")
					h, err := rotate.NewHandler(filepath.Join(dir, "app.log"), nil, nil, rotate.Options{Watch: watch})
					if err != nil {
						t.Fatal(err)
					}
					defer h.Close()
					handleAll(t, h, 0, "one")
					if err := os.RemoveAll(dir); err != nil {
						t.Skip(err) // not where a file is open
					}
					handleAll(t, h, 0, "two")
					time.Sleep(time.Second)
					synctest.Wait()
					handleAll(t, h, 0, "three")
					if got := fileText(t, h.Name()); !strings.HasSuffix(got, "two\nthree\n") {
						t.Errorf("Watch %t: the file holds %q", watch, got)
					}
				})
			}
		},
	},
	{
		"the file was deleted, or moved away",
		"As above. Records that went into a deleted file since it was last seen are written again to the new one.",
		func(t *testing.T) {
			for _, d := range differences {
				if strings.Contains(d.Here, "moved or deleted") {
					d.Check(t)
					return
				}
			}
			t.Error("no test")
		},
	},
	{
		"the file was emptied by somebody else",
		"Records go on at its beginning; the file is always open for appending.",
		func(t *testing.T) {
			h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 20, Upward: true})
			handleAll(t, h, 0, "123456", "123456")
			if err := os.Truncate(h.Name(), 0); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, 0, "one")
			handleAll(t, h, 0, "two")
			wantText(t, "the file", text(), "one\ntwo\n")
		},
	},
	{
		"another program has taken the name of a backup",
		"It keeps it: nothing is ever renamed onto a file that is there. Numbers go on behind it, and where there is no other name the rotation fails as above.",
		func(t *testing.T) {
			h, _ := openHandler(t, nil, nil, rotate.Options{Upward: true})
			if err := os.WriteFile(h.Name()+".1", []byte("theirs\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			handleAll(t, h, 0, "ours")
			if err := h.File().Rotate(); err != nil {
				t.Error(err)
			}
			wantText(t, "theirs", fileText(t, h.Name()+".1"), "theirs\n")
			wantText(t, "ours", fileText(t, h.Name()+".2"), "ours\n")
		},
	},
	{
		"there are no more descriptors, or the new file can't be opened for another reason",
		"The rotation is taken back: the file has its name again, and records go on into it.",
		func(t *testing.T) { troubleDescriptors(t) },
	},
	{
		"two rotations at once, or within a millisecond",
		"Each has a backup of its own.",
		func(t *testing.T) {
			h, text := openHandler(t, nil, nil, rotate.Options{Upward: true})
			for range 20 {
				handleAll(t, h, 0, "m")
				if err := h.File().Rotate(); err != nil {
					t.Error(err)
				}
			}
			wantText(t, "the file", text(), "")
			wantText(t, "all files", string(allTexts(t, h.Name())), strings.Repeat("m\n", 20))
		},
	},
	{
		"`OnError` or a `Marker` panics",
		"Logging goes on.",
		func(t *testing.T) {
			TestMarkers(t)
			d := newFullDisk(t)
			h, err := rotate.NewHandler(d.name, nil, nil, rotate.Options{Watch: true, OnError: func(error) { panic("oops") }})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			for range 2 {
				if h.Handle(t.Context(), recordOf(0, "m")) == nil {
					t.Error("written to a full disk")
				}
			}
			d.free(t)
			handleAll(t, h, 0, "m")
		},
	},
}

// troubleDescriptors is another where descriptors can be limited.
var troubleDescriptors = func(t *testing.T) { t.Skip("descriptors can't be limited here") }

func TestPageTroubles(t *testing.T) {
	var b strings.Builder
	b.WriteString("| trouble | what happens |\n|---|---|\n")
	for _, row := range pageTroubles {
		fmt.Fprintf(&b, "| %s | %s |\n", row.trouble, row.happens)
		t.Run(row.trouble, row.check)
	}
	pageSection(t, "troubles", b.String())
}

// TestPageDurability writes what each [rotate.Durability] promises. The words are held to by
// tests that kill writers and that cut the power of a disk.
func TestPageDurability(t *testing.T) {
	promises := []struct {
		d           rotate.Durability
		kill, power string
	}{
		{rotate.Direct, "no record is lost whose Write returned nil", "what the system had not yet put on the disk is lost: about the last half minute, on Linux"},
		{rotate.Buffered, "what is in the buffer is lost: at most `BufferBytes`, and nothing older than `FlushInterval`, nor before a record of `FlushLevel`", "as Direct, and the buffer"},
		{rotate.Durable, "no record is lost whose Write returned nil", "no record is lost whose Write returned nil"},
	}
	var b strings.Builder
	b.WriteString("| `Options.Durability` | after kill -9 | after a power cut |\n|---|---|---|\n")
	for i, p := range promises {
		if p.d != rotate.Durability(i) {
			t.Errorf("%v is not in its place", p.d)
		}
		fmt.Fprintf(&b, "| `%v` | %s | %s |\n", p.d, p.kill, p.power)
	}
	if unknown := rotate.Durability(len(promises)); !strings.Contains(unknown.String(), "(") {
		t.Errorf("%v has no promise", unknown)
	}
	pageSection(t, "durability", b.String())
}
