package rotate

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A rotationVector is a program for RotatingFileHandler or
// TimedRotatingFileHandler on app.log, with what it left after each step.
type rotationVector struct {
	ID, Kind, Label, TZ string
	Initial             [][3]any // name, text or null for a directory, time
	Steps               []rotationStep
	Final               map[string]any // text or null for a directory
}

type rotationStep struct {
	Op, Mode, Msg, File, Fmt, Encoding, Errors string
	MaxBytes                                   int64
	BackupCount                                int
	Delay, UTC                                 bool
	When                                       string
	Interval                                   *int
	AtTime                                     []int
	Terminator                                 *string
	Namer                                      map[string]any
	Now                                        *float64
	Obs                                        struct {
		Files         map[string]int64
		RolloverAt    *int64
		Error         *struct{ Class, Text string }
		Logging_error *struct{ Class, Text string }
	}
}

// rotationRules set vectors aside whose CPython does what we do not, or the other
// way round.
var rotationRules = []struct {
	why   string
	holds func(v *rotationVector) bool
}{
	{"files are written in UTF-8", func(v *rotationVector) bool {
		return v.any(func(s *rotationStep) bool { return s.Op == "open" && s.Encoding != "utf-8" })
	}},
	{"there is no mode x", func(v *rotationVector) bool {
		return v.any(func(s *rotationStep) bool { return s.Mode == "x" })
	}},
	{"a negative number is an error", func(v *rotationVector) bool {
		return v.any(func(s *rotationStep) bool { return s.MaxBytes < 0 || s.BackupCount < 0 })
	}},
	{"a field that is missing becomes text in the record, which is not lost", func(v *rotationVector) bool {
		return v.fails("ValueError")
	}},
	{"a record is written, though the rotation before it failed", func(v *rotationVector) bool {
		return v.fails("IsADirectoryError")
	}},
	{"a closed handler stays closed", func(v *rotationVector) bool {
		closed := false
		return v.any(func(s *rotationStep) bool {
			closed = s.Op == "close" || closed && s.Op != "open"
			return closed && s.Op == "emit"
		})
	}},
	{"a file rotates though there is a backup of its time, which gets a number", func(v *rotationVector) bool {
		return v.any((*rotationStep).isTaken)
	}},
	{"what was deleted with the file within the last second is written again", func(v *rotationVector) bool {
		return v.any(func(s *rotationStep) bool { return s.Op == "remove" && s.File == "app.log" })
	}},
}

func (v *rotationVector) any(f func(*rotationStep) bool) bool {
	for i := range v.Steps {
		if f(&v.Steps[i]) {
			return true
		}
	}
	return false
}

// isTaken reports whether CPython does not rotate because there is a backup of that time.
func (s *rotationStep) isTaken() bool {
	at := s.Obs.RolloverAt
	return s.Op == "emit" && at != nil && *s.Now >= float64(*at) || s.Op == "rollover" && at != nil && s.Obs.Files == nil
}

// fails reports whether a record is lost with an error of a class.
func (v *rotationVector) fails(class string) bool {
	return v.any(func(s *rotationStep) bool {
		return s.Obs.Logging_error != nil && s.Obs.Logging_error.Class == class
	})
}

func TestOracleRotation(t *testing.T) {
	tally := oracle.NewTally("rotation")
	for _, v := range oracle.Load[rotationVector](t, "rotation") {
		if why := v.aside(); why != "" {
			tally.SetAside(why)
			continue
		}
		if err := v.replay(t); err != nil {
			t.Errorf("%s (%s): %v", v.ID, v.Label, err)
			continue
		}
		tally.Replayed()
	}
	tally.Report(t)
}

func (v *rotationVector) aside() string {
	for _, r := range rotationRules {
		if r.holds(v) {
			return r.why
		}
	}
	return ""
}

// A rotationReplay runs a vector in a directory of its own, on its clock.
type rotationReplay struct {
	v     *rotationVector
	root  string
	now   time.Time
	loc   *time.Location
	h     *Handler
	files map[string]int64 // before the step
}

func (v *rotationVector) replay(t *testing.T) error {
	r := &rotationReplay{v: v, root: t.TempDir(), loc: time.UTC}
	defer os.RemoveAll(r.root)
	if v.TZ != "" {
		loc, err := time.LoadLocation(v.TZ)
		if err != nil {
			return err
		}
		r.loc = loc
	}
	if err := r.begin(); err != nil {
		return err
	}
	for i := range v.Steps {
		if err := r.step(&v.Steps[i]); err != nil {
			return fmt.Errorf("step %d, %s %q: %w", i, v.Steps[i].Op, v.Steps[i].Msg, err)
		}
	}
	return r.end()
}

func (r *rotationReplay) begin() error {
	for _, f := range r.v.Initial {
		name := filepath.Join(r.root, f[0].(string))
		var err error
		if text, ok := f[1].(string); ok {
			err = os.WriteFile(name, []byte(text), 0o666)
		} else {
			err = os.Mkdir(name, 0o777)
		}
		if err != nil {
			return err
		}
		at := seconds(f[2].(float64))
		if err := os.Chtimes(name, at, at); err != nil {
			return err
		}
	}
	r.files = r.snapshot()
	return nil
}

func seconds(s float64) time.Time { return time.UnixMicro(int64(s*1e6 + 0.5)) }

func (r *rotationReplay) step(s *rotationStep) error {
	if s.Now != nil {
		r.now = seconds(*s.Now)
	}
	base := filepath.Join(r.root, "app.log")
	before, _ := os.Stat(base)
	err := r.do(s)
	if s.Obs.Error != nil {
		if err == nil {
			return fmt.Errorf("no error; CPython: %s: %s", s.Obs.Error.Class, s.Obs.Error.Text)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if r.h != nil {
		r.h.file.mill.settle()
	}
	if after, err := os.Stat(base); err == nil && (before == nil || !os.SameFile(before, after) ||
		!before.ModTime().Equal(after.ModTime()) || before.Size() != after.Size()) {
		os.Chtimes(base, r.now, r.now)
	}
	return r.check(s)
}

func (r *rotationReplay) do(s *rotationStep) (err error) {
	switch s.Op {
	case "open":
		r.h, err = r.open(s)
		return err
	case "emit":
		return r.h.Handle(context.Background(), slog.NewRecord(r.now, slog.LevelInfo, s.Msg, 0))
	case "rollover":
		return r.h.file.Rotate()
	case "close":
		return r.h.Close()
	case "remove":
		return os.Remove(filepath.Join(r.root, s.File))
	}
	return fmt.Errorf("unknown operation %q", s.Op)
}

func (r *rotationReplay) open(s *rotationStep) (*Handler, error) {
	o := Options{
		MaxBytes: s.MaxBytes, BackupCount: s.BackupCount, Delay: s.Delay, Truncate: s.Mode == "w",
		When: s.When, Location: r.loc, now: func() time.Time { return r.now },
	}
	if r.v.Kind == "timed" && s.When == "" {
		o.When = " " // an empty one is none for us, and wrong there
	}
	if s.UTC {
		o.Location = time.UTC
	}
	if s.Interval != nil {
		o.Interval = *s.Interval
	}
	if s.AtTime != nil {
		o.AtTime = fmt.Sprintf("%02d:%02d:%02d", s.AtTime[0], s.AtTime[1], s.AtTime[2])
	}
	switch {
	case s.Namer["append"] != nil:
		o.Namer = func(name string) string { return name + s.Namer["append"].(string) }
	case s.Namer != nil:
		o.Namer = func(name string) string {
			return filepath.Join(r.root, "app"+strings.TrimPrefix(filepath.Base(name), "app.log")+".log")
		}
	}
	format := s.Fmt
	if format == "" {
		format = "%(message)s"
	}
	f := formatters.Must(formatters.Percent(format, &formatters.Options{Raw: true}))
	h, err := NewHandler(filepath.Join(r.root, "app.log"), f.WithLoggerName("logger", "n"), nil, o)
	if err == nil && s.Terminator != nil {
		h.SetTerminator(*s.Terminator)
	}
	return h, err
}

func (r *rotationReplay) check(s *rotationStep) error {
	if s.Obs.Files != nil {
		r.files = s.Obs.Files
	}
	if got := r.snapshot(); !maps.Equal(got, r.files) {
		return fmt.Errorf("files: %s", handlertest.Diff(r.files, got))
	}
	if at := s.Obs.RolloverAt; at != nil && r.h.file.due.Unix() != *at {
		return fmt.Errorf("rolls at %d, CPython at %d", r.h.file.due.Unix(), *at)
	}
	return nil
}

func (r *rotationReplay) snapshot() map[string]int64 {
	files := map[string]int64{}
	entries, _ := os.ReadDir(r.root)
	for _, e := range entries {
		files[e.Name()] = -1
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files[e.Name()] = info.Size()
		}
	}
	return files
}

func (r *rotationReplay) end() error {
	if r.h != nil {
		if err := r.h.Close(); err != nil {
			return err
		}
	}
	for name, text := range r.v.Final {
		got, err := os.ReadFile(filepath.Join(r.root, name))
		if text != nil && (err != nil || string(got) != text) {
			return fmt.Errorf("%s holds %q, CPython's %q: %v", name, got, text, err)
		}
	}
	return nil
}
