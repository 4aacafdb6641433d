package expslog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	exp "golang.org/x/exp/slog"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/expslog"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// TestGroupsStay has a group that is still to be opened when a handler goes back over the
// bridge: it is not lost with the bridge.
func TestGroupsStay(t *testing.T) {
	var buf bytes.Buffer
	bound := expslog.FromExp(exp.NewTextHandler(&buf, nil)).WithGroup("g")
	exp.New(expslog.ToExp(bound)).Info("m", "a", 1)
	if !strings.HasSuffix(buf.String(), "msg=m g.a=1\n") {
		t.Errorf("%s", &buf)
	}
}

// TestGroupSiblings opens groups side by side, many of them deep: none is another's.
func TestGroupSiblings(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := there(rec)
	for _, name := range []string{"a", "b", "c"} {
		h = h.WithGroup(name)
	}
	one, two := h.WithGroup("one"), h.WithGroup("two")
	slog.New(one).Info("m", "k", 1)
	slog.New(two).Info("m", "k", 2)
	got := fmt.Sprint(rec.Records()[0].Attrs, rec.Records()[1].Attrs)
	if want := "map[a:map[b:map[c:map[one:map[k:1]]]]] map[a:map[b:map[c:map[two:map[k:2]]]]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestMeasures has more groups side by side than may be within each other, and a group of
// more members than there may be in all.
func TestMeasures(t *testing.T) {
	var beside []any
	for i := range 200 {
		beside = append(beside, slog.Group(fmt.Sprint("g", i), "n", i))
	}
	many := make([]slog.Attr, 1<<11)
	for i := range many {
		many[i] = slog.Int("n", i)
	}
	wide := make([]slog.Attr, 1<<10) // of 2048 each: twice what there may be
	for i := range wide {
		wide[i] = slog.Attr{Key: fmt.Sprint("w", i), Value: slog.GroupValue(many...)}
	}
	for _, way := range []struct {
		name string
		log  func(*handlertest.Recorder, slog.Attr)
	}{
		{"there and back", func(rec *handlertest.Recorder, a slog.Attr) { slog.New(there(rec)).Info("m", a) }},
		{"from x/exp", func(rec *handlertest.Recorder, a slog.Attr) {
			exp.New(expslog.ToExp(rec)).Info("m", a.Key, groupOfExp(a.Value))
		}},
	} {
		rec := handlertest.NewRecorder(nil)
		way.log(rec, slog.Group("all", beside...))
		all, _ := rec.Records()[0].Attrs["all"].(map[string]any)
		for i := range 200 {
			if got := fmt.Sprint(all[fmt.Sprint("g", i)]); got != fmt.Sprintf("map[n:%d]", i) {
				t.Fatalf("%s: group %d is %s", way.name, i, got)
			}
		}
	}
	rec := &keeps{}
	_ = there(rec).Handle(context.Background(), recordOf(slog.Attr{Key: "wide", Value: slog.GroupValue(wide...)}))
	whole, cut := 0, 0
	for _, a := range rec.attrs[0].Value.Group() {
		if a.Value.Kind() == slog.KindGroup {
			whole++
		} else if strings.Contains(a.Value.String(), "without end") {
			cut++
		}
	}
	if whole+cut != 1<<10 || whole > 1<<9 || whole < 1<<8 {
		t.Errorf("%d groups are whole, %d cut", whole, cut)
	}
}

// groupOfExp returns a group as a value of x/exp.
func groupOfExp(v slog.Value) exp.Value {
	var members []exp.Attr
	for _, a := range v.Group() {
		if a.Value.Kind() == slog.KindGroup {
			members = append(members, exp.Attr{Key: a.Key, Value: groupOfExp(a.Value)})
		} else {
			members = append(members, exp.Any(a.Key, a.Value.Any()))
		}
	}
	return exp.GroupValue(members...)
}

func recordOf(attrs ...slog.Attr) slog.Record {
	var r slog.Record
	r.AddAttrs(attrs...)
	return r
}

// keeps keeps attrs as they are.
type keeps struct {
	quiet
	attrs []slog.Attr
}

func (h *keeps) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool { h.attrs = append(h.attrs, a); return true })
	return nil
}

// TestValuersFallAway sends LogValuers and nil Sources there and back: they come as they went.
func TestValuersFallAway(t *testing.T) {
	rec := &keeps{}
	var none *slog.Source
	sent := []slog.Attr{slog.Any("std", stdName("n")), slog.Any("source", none)}
	_ = there(rec).Handle(context.Background(), recordOf(sent...))
	for i, a := range rec.attrs {
		if a.Value.Any() != sent[i].Value.Any() {
			t.Errorf("%s: %#v, want %#v", a.Key, a.Value.Any(), sent[i].Value.Any())
		}
	}
	var noneOfExp *exp.Source
	old := &keeps{}
	var r exp.Record
	r.AddAttrs(exp.Any("exp", expName("n")), exp.Any("source", noneOfExp))
	under := expslog.ToExp(expslog.FromExp(through{expslog.ToExp(old)}))
	if err := under.Handle(context.Background(), r); err != nil {
		t.Error(err)
	}
	if got := old.attrs[0].Value.Resolve().String(); got != "[exp=n]" || old.attrs[1].Value.Any() != any(noneOfExp) {
		t.Errorf("%s, %#v", got, old.attrs[1].Value.Any())
	}
	// A LogValuer of x/exp that goes by log/slog is the same one again.
	var seen exp.Value
	back := expslog.FromExp(expHandler(func(r exp.Record) error {
		r.Attrs(func(a exp.Attr) bool { seen = a.Value; return true })
		return nil
	}))
	var again exp.Record
	again.AddAttrs(exp.Any("exp", expName("n")))
	_ = expslog.ToExp(handlers.NewLevel(back, nil)).Handle(context.Background(), again)
	if seen.Any() != any(expName("n")) {
		t.Errorf("%#v", seen.Any())
	}
}

// expHandler is a handler of x/exp.
type expHandler func(exp.Record) error

func (h expHandler) Enabled(context.Context, exp.Level) bool      { return true }
func (h expHandler) Handle(_ context.Context, r exp.Record) error { return h(r) }
func (h expHandler) WithAttrs([]exp.Attr) exp.Handler             { return h }
func (h expHandler) WithGroup(string) exp.Handler                 { return h }

var errBridge = errors.New("the other side fails")

// fails is a handler of x/exp whose methods fail.
type fails struct {
	exp.Handler
	err error
}

func (f fails) Flush() error                { return f.err }
func (f fails) Close(context.Context) error { return f.err }

type failsPlainly struct{ fails }

func (f failsPlainly) Close() error { return f.err }

// TestErrors has what the other side returns be what Handle, Flush and Close return.
func TestErrors(t *testing.T) {
	quietly := expHandler(func(exp.Record) error { return errBridge })
	for _, old := range []exp.Handler{fails{quietly, errBridge}, failsPlainly{fails{quietly, errBridge}}} {
		h := expslog.FromExp(old)
		if err := h.Handle(context.Background(), slog.Record{}); err != errBridge {
			t.Errorf("Handle: %v", err)
		}
		if err := handlers.Flush(h); !errors.Is(err, errBridge) {
			t.Errorf("Flush: %v", err)
		}
		if err := handlers.Close(context.Background(), h); !errors.Is(err, errBridge) {
			t.Errorf("Close: %v", err)
		}
		if s := fmt.Sprint(h); s != fmt.Sprintf("FromExp(%T)", old) {
			t.Errorf("%q", s)
		}
	}
	std := handlertest.NewRecorder(nil)
	u, ok := expslog.ToExp(std).(interface{ Unwrap() slog.Handler })
	if !ok || u.Unwrap() != slog.Handler(std) {
		t.Error("the handler of log/slog is not to be seen")
	}
	if err := expslog.ToExp(slog.Handler(returns{})).Handle(context.Background(), exp.Record{}); err != errBridge {
		t.Errorf("Handle of ToExp: %v", err)
	}
}

type returns struct{ quiet }

func (returns) Handle(context.Context, slog.Record) error { return errBridge }
