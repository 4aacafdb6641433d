package rotate_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/rotate"
)

// A fullDisk is a log file whose disk is full until it is freed.
type fullDisk struct{ name, real string }

func newFullDisk(t *testing.T) *fullDisk {
	t.Helper()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("there is no /dev/full: %v", err)
	}
	dir := t.TempDir()
	d := &fullDisk{filepath.Join(dir, "app.log"), filepath.Join(dir, "real")}
	if err := os.Symlink("/dev/full", d.name); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *fullDisk) free(t *testing.T) {
	t.Helper()
	if err := errors.Join(os.Remove(d.name), os.Symlink(d.real, d.name)); err != nil {
		t.Fatal(err)
	}
}

// TestHandlerTellsOfLostRecords loses three records, and looks at the one that says so.
func TestHandlerTellsOfLostRecords(t *testing.T) {
	for _, c := range []struct {
		what       string
		f          formatters.Formatter
		terminator string
		want       string
	}{
		{"a format", percentFormat("%(levelname)s %(name)s %(message)s; %(attrs)s"), "\n",
			`WARNING root 3 records lost; records=3 bytes=BYTES first=TIME last=TIME err="write NAME: no space left on device"` + "\nINFO root m; \n"},
		{"no format", nil, "|", `3 records lost records=3 bytes=BYTES first=TIME last=TIME err="write NAME: no space left on device"|m|`},
		{"JSON", formatters.JSON(&formatters.Options{Keys: map[string]string{"time": ""}}), "\n",
			`{"level":"WARN","msg":"3 records lost","records":3,"bytes":BYTES,"first":"TIME","last":"TIME","err":"write NAME: no space left on device"}
{"level":"INFO","msg":"m"}
`},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := newFullDisk(t)
			var told []string
			o := rotate.Options{Watch: true, OnError: func(err error) { told = append(told, err.Error()) }}
			h, err := rotate.NewHandler(d.name, c.f, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			h.SetTerminator(c.terminator)
			full := `rotate: file "` + d.name + `": write ` + d.name + ": no space left on device"
			for range 3 {
				if err := h.Handle(t.Context(), recordOf(slog.LevelInfo, "m")); err == nil || err.Error() != full {
					t.Errorf("Handle: %v; want %s", err, full)
				}
			}
			d.free(t)
			handleAll(t, h, slog.LevelInfo, "m")
			if s := h.File().Stats(); s.Lost != 3 || s.Records != 1 {
				t.Errorf("%+v", s)
			}
			r := recordOf(slog.LevelInfo, "m")
			bytes := strconv.Itoa(3 * len(string(formatters.AppendRecord(h.Formatter(), nil, nil, &r))+c.terminator))
			if len(told) != 2 || told[0] != full || !strings.Contains(told[1], "writing again: 3 records ("+bytes+" bytes) lost") {
				t.Errorf("OnError was told %q", told)
			}
			got := timeOfDay.ReplaceAllString(fileText(t, d.real), "TIME")
			want := strings.NewReplacer("BYTES", bytes, "NAME", d.name).Replace(c.want)
			wantText(t, "the file", got, want)
		})
	}
}

var timeOfDay = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)`)

// TestMarkers has markers that are text, nothing, and none because of a panic.
func TestMarkers(t *testing.T) {
	for what, c := range map[string]struct {
		marker func() []byte
		want   string
	}{
		"text":    {func() []byte { return []byte("LOST\n") }, "LOST\nm\nm\n"},
		"nothing": {func() []byte { return nil }, "m\nm\n"},
		"a panic": {func() []byte { panic("oops") }, "rotate: 1 record (2 bytes) lost from TIME to TIME: write NAME: no space left on device\nm\nm\n"},
	} {
		d, calls, again := newFullDisk(t), 0, 0
		o := rotate.Options{Watch: true, Marker: func(l rotate.Lost) []byte {
			if calls++; l.Records != 1 || l.Bytes != 2 || !errors.Is(l.Err, syscall.ENOSPC) {
				t.Errorf("%s: %+v", what, l)
			}
			return c.marker()
		}, OnError: func(error) { again++ }}
		h, err := rotate.NewHandler(d.name, nil, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Handle(t.Context(), recordOf(slog.LevelInfo, "m")); err == nil {
			t.Error("written to a full disk")
		}
		d.free(t)
		handleAll(t, h, slog.LevelInfo, "m", "m")
		if err := h.Close(); err != nil {
			t.Error(what, err)
		}
		got := timeOfDay.ReplaceAllString(fileText(t, d.real), "TIME")
		wantText(t, what, got, strings.ReplaceAll(c.want, "NAME", d.name))
		if calls != 1 || again != 1 {
			t.Errorf("%s: the marker was asked for %d times, and %d errors told", what, calls, again)
		}
	}
}

// Several records in one buffer do not make the file longer than MaxBytes.
func TestBufferedMaxBytes(t *testing.T) {
	for kind, o := range handlerKinds(t) {
		o.MaxBytes, o.Upward = 1000, true
		if o.Durability == rotate.Buffered {
			o.BufferBytes = 0
		}
		h, _ := openHandler(t, nil, nil, o)
		for range 200 {
			handleAll(t, h, slog.LevelInfo, "0123456789")
		}
		if err := h.Close(); err != nil {
			t.Error(kind, err)
		}
		wantText(t, kind, string(allTexts(t, h.Name())), strings.Repeat("0123456789\n", 200))
		files, err := filepath.Glob(h.Name() + "*")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if n := len(fileText(t, name)); n > 1000 {
				t.Errorf("%s: %s has %d bytes", kind, filepath.Base(name), n)
			}
		}
	}
}
