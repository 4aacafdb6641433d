package formatters

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// here returns a record of its caller's line, and that line.
func here() (slog.Record, int) {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	_, _, line, _ := runtime.Caller(1)
	return slog.NewRecord(testTime, slog.LevelInfo, "m", pcs[0]), line
}

type receiver[T any] []T

func (receiver[T]) byValue() (slog.Record, int)    { return here() }
func (*receiver[T]) byPointer() (slog.Record, int) { return here() }

func generic[T any](T) (slog.Record, int) { return here() }

func TestSiteFields(t *testing.T) {
	f := Must(Percent("%(filename)s:%(lineno)d %(module)s %(funcName)s|%(pathname)s", nil))
	for want, get := range map[string]func() (slog.Record, int){
		"here":      func() (slog.Record, int) { return here() },
		"byValue":   receiver[map[string]int]{}.byValue,
		"byPointer": (&receiver[struct{ A, B int }]{}).byPointer,
		"generic":   func() (slog.Record, int) { return generic("x") },
	} {
		r, line := get()
		if want == "here" {
			want = "TestSiteFields.func1"
		}
		got, path, _ := strings.Cut(render(f, r), "|")
		if full := fmt.Sprintf("site_test.go:%d site_test %s", line, want); got != full {
			t.Errorf("got %q, want %q", got, full)
		}
		if !filepath.IsAbs(path) || filepath.Base(path) != "site_test.go" {
			t.Errorf("the path is %q", path)
		}
	}
	if got := render(f, record0("")); got != ":0  None|" {
		t.Errorf("without a PC: %q", got)
	}
}

func TestBareName(t *testing.T) {
	for function, want := range map[string]string{
		"":                                     "",
		"main.main":                            "main",
		"main.(*Server).Handle":                "Handle",
		"main.Server.Handle":                   "Handle",
		"example.org/a.b/c.Run":                "Run",
		"example.org/a.b/c.Run.func1":          "Run.func1",
		"main.run.func1.2":                     "run.func1.2",
		"main.(*T).Method.func2.1":             "Method.func2.1",
		"main.F[...]":                          "F",
		"main.(*T[go.shape.int]).M":            "M",
		"main.T[example.org/x.Y].M-fm":         "M-fm",
		"main.run.gowrap1":                     "run.gowrap1",
		"main.init.0":                          "init.0",
		"main.init.0.func1":                    "init.0.func1",
		"main.glob..func1":                     "glob..func1",
		"main.(*T).Close.deferwrap1":           "Close.deferwrap1",
		"github.com/x/y/v2.(*Client[...]).Get": "Get",
	} {
		if got := bareName(function); got != want {
			t.Errorf("bareName(%q) = %q, want %q", function, got, want)
		}
	}
}

func TestStem(t *testing.T) {
	for file, want := range map[string]string{"main.go": "main", "a.b.go": "a.b", ".hidden": ".hidden", "..x.go": "..x", "noext": "noext", "": "", "...": "..."} {
		if got := stem(file); got != want {
			t.Errorf("stem(%q) = %q, want %q", file, got, want)
		}
	}
}

// Goroutines that meet a site at the same time agree, and it is kept once.
func TestSitesConcurrently(t *testing.T) {
	var table siteTable
	r, line := here()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if s := table.get(r.PC); s.line != line {
					t.Errorf("line %d, want %d", s.line, line)
				}
			}
		})
	}
	wg.Wait()
	if got := countSites(&table); got != 1 {
		t.Errorf("%d entries for one site", got)
	}
	// Numbers that are no program counters are not kept.
	for pc := range uintptr(10_000) {
		table.get(pc)
	}
	if got := countSites(&table); got != 1 {
		t.Errorf("%d entries after numbers that are no PCs", got)
	}
}

func countSites(t *siteTable) (n int) {
	for i := range t {
		for e := t[i].Load(); e != nil; e = e.next {
			n++
		}
	}
	return n
}
