package handlertest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// marred is a Recorder with a fault that is not in what it records.
type marred struct {
	*Recorder
	fault string
}

func (h *marred) of(next slog.Handler) slog.Handler { return &marred{next.(*Recorder), h.fault} }

func (h *marred) WithAttrs(attrs []slog.Attr) slog.Handler { return h.of(h.Recorder.WithAttrs(attrs)) }
func (h *marred) WithGroup(name string) slog.Handler       { return h.of(h.Recorder.WithGroup(name)) }

func (h *marred) WithLoggerName(key, name string) slog.Handler {
	named := h.Recorder.WithLoggerName(key, name)
	if h.fault == "another type" {
		return named
	}
	return h.of(named)
}

func (h *marred) Enabled(ctx context.Context, l slog.Level) bool {
	return h.Recorder.Enabled(ctx, l) && (h.fault != "not enabled" || ctx.Err() == nil)
}

func (h *marred) Handle(ctx context.Context, r slog.Record) error {
	err := h.Recorder.Handle(ctx, r)
	switch h.fault {
	case "changes a group":
		r.Attrs(func(a slog.Attr) bool {
			if a.Value.Kind() == slog.KindGroup {
				a.Value.Group()[0].Key = "mine"
			}
			return true
		})
	case "adds in place":
		r.AddAttrs(slog.String("mine", "x"))
	}
	return err
}

func (h *marred) Flush() error {
	if h.fault == "flush fails" {
		return errors.New("no flush")
	}
	return nil
}

func (h *marred) Close(context.Context) error {
	if h.fault == "close fails" {
		return errors.New("no close")
	}
	return nil
}

// TestFindings has each fault be told for what it is.
func TestFindings(t *testing.T) {
	for fault, c := range map[string]struct {
		check func(*kit)
		want  string
	}{
		"not enabled":     {checkContext, "Enabled is false for INFO"},
		"another type":    {checkName, "WithLoggerName of a *handlertest.marred returned a *handlertest.Recorder"},
		"changes a group": {checkRecords, "Handle changed the record's attrs"},
		"adds in place":   {checkRecords, "Handle added to the record without Clone"},
		"flush fails":     {checkClose, "Flush: no flush"},
		"close fails":     {checkClose, "Close: no close"},
	} {
		run := func(fault string) string {
			var f findings
			c.check(&kit{reporter: &f, open: func() (slog.Handler, func() []map[string]any) {
				rec := NewRecorder(nil)
				return &marred{rec, fault}, rec.Results
			}})
			return strings.Join(f.texts, "\n")
		}
		if got := run(fault); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", fault, got)
		}
		if got := run("none"); got != "" {
			t.Errorf("without %s: %s", fault, got)
		}
	}
}

// TestIgnoreAdds gives keys by several options, from a slice that is used again.
func TestIgnoreAdds(t *testing.T) {
	keys := []string{"a", "b"}
	var o options
	Ignore(keys...)(&o)
	option := Ignore(keys...)
	keys[0] = "z"
	option(&o)
	if got := strings.Join(o.ignore, " "); got != "a b a b" {
		t.Errorf("%q", got)
	}
}

// TestRecorderGivesCopies changes what Records has returned.
func TestRecorderGivesCopies(t *testing.T) {
	rec := NewRecorder(nil)
	slog.New(rec.WithGroup("").WithGroup("g").WithGroup("")).Info("m", "a", 1)
	rec.Records()[0].Message = "mine"
	if e := rec.Records()[0]; e.Message != "m" || len(e.Groups) != 1 {
		t.Errorf("%+v", e)
	}
	if rec.WithGroup("") != slog.Handler(rec) || rec.WithAttrs(nil) != slog.Handler(rec) {
		t.Error("nothing is bound, and a new Recorder is made")
	}
}
