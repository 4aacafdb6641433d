package handlertest

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"testing/slogtest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

func checkSlogtest(k *kit) {
	h, results := k.open()
	if err := slogtest.TestHandler(h, results); err != nil {
		k.Errorf("%v", err)
	}
}

// checkSiblings derives before it logs: a sibling that shares an array has
// overwritten the other's attrs by then.
func checkSiblings(k *kit) {
	s := k.start()
	base := s.chain()
	for depth := 1; depth <= 8; depth++ {
		base = base.with(slog.Int(fmt.Sprintf("b%d", depth), depth))
		if depth%3 == 0 {
			base = base.group(fmt.Sprintf("g%d", depth))
		}
		var family []chain
		for _, name := range []string{"one", "two", "three"} {
			child := base.with(slog.String("child", name), slog.Int("of", depth))
			family = append(family, child,
				child.with(slog.String("grand", name)), child.group(name), child.group(name).with(slog.Bool("in", true)))
		}
		for i, c := range family {
			c.log(fmt.Sprintf("d%d-%d", depth, i), slog.String("own", "x"))
		}
		for i := len(family) - 1; i >= 0; i-- {
			family[i].log(fmt.Sprintf("again%d-%d", depth, i))
		}
		base.log(fmt.Sprintf("base%d", depth), slog.Int("n", depth))
	}
	s.verify()
}

// checkOwnership gives away slices with room behind them.
func checkOwnership(k *kit) {
	s := k.start()
	whole := []slog.Attr{
		slog.String("a", "1"), slog.Group("g", slog.String("b", "2"), slog.String("c", "3")),
		slog.String("spare", "x"), slog.String("spare", "y"), slog.String("spare", "z"),
	}
	before := cloneAttrs(whole)
	c := s.chain().with(whole[:2]...)
	for _, name := range []string{"one", "two"} {
		d := c.with(slog.String("child", name))
		d.log(name, slog.String("own", name))
		d.group("h").with(slog.Int("n", 1)).log("group-" + name)
	}
	c.log("base", slog.String("own", "base"))
	s.verify()
	if d := Diff(before, whole); d != "" {
		k.Errorf("the slice given to WithAttrs was changed (-before +after):\n%s", d)
	}
}

// checkRecords hands out copies of one record, which share their room.
func checkRecords(k *kit) {
	s := k.start()
	members := []slog.Attr{slog.String("x", "1"), slog.String("y", "2")}
	attrs := []slog.Attr{{Key: "g", Value: slog.GroupValue(members...)}}
	for i := range 7 { // with the group eight: then there is spare room
		attrs = append(attrs, slog.Int(fmt.Sprintf("k%d", i), i))
	}
	r := newRecord("reused", attrs...)
	before := cloneAttrs(attrs) // members of groups are shared with r
	plain := s.chain()
	for _, c := range []chain{plain, plain.with(slog.String("w", "v")), plain.group("h"), plain} {
		c.s.expect("reused", nest(c.steps, attrs))
		c.handle(context.Background(), r)
	}
	if d := Diff(before, recordAttrs(r)); d != "" {
		k.Errorf("Handle changed the record's attrs (-before +after):\n%s", d)
	}
	r.AddAttrs(slog.String("after", "z"))
	if d := Diff(append(attrs[:len(attrs):len(attrs)], slog.String("after", "z")), recordAttrs(r)); d != "" {
		k.Errorf("Handle added to the record without Clone (-want +got):\n%s", d)
	}
	s.expect("reused", recordAttrs(r))
	plain.handle(context.Background(), r)
	s.verify()
}

// checkRetention changes what it gave to Handle, after it returned.
func checkRetention(k *kit) {
	s := k.start()
	members := []slog.Attr{slog.String("x", "before")}
	inner := []slog.Attr{slog.String("y", "before")}
	group := slog.Attr{Key: "g", Value: slog.GroupValue(members...)}
	r := newRecord("kept", slog.String("a", "1"), group, slog.Attr{Key: "outer", Value: slog.GroupValue(
		slog.Attr{Key: "inner", Value: slog.GroupValue(inner...)})})
	for _, c := range []chain{s.chain(), s.chain().group("h"), s.chain().with(slog.String("w", "v"))} {
		s.expect("kept", nest(c.steps, recordAttrs(r)))
		c.handle(context.Background(), r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.expect("ended", nil)
	s.chain().handle(ctx, newRecord("ended"))
	cancel()
	members[0] = slog.String("x", "after")
	inner[0] = slog.String("y", "after")
	r.AddAttrs(slog.String("late", "z"))
	s.verify()
}

func checkGroups(k *kit) {
	s := k.start()
	inline := slog.Group("", slog.String("i", "1"), slog.Group("", slog.String("j", "2")), slog.Group("sub", slog.String("k", "3")))
	for _, c := range []chain{
		s.chain(),
		s.chain().group("g"),
		s.chain().group("g").group("h"),
		s.chain().group("g").with(inline).group("h"),
		s.chain().with(slog.Group("w", slog.String("v", "1"))).group("g"),
	} {
		c.log("none")
		c.log("empty", slog.Group("e"))
		c.log("inline", inline, slog.String("z", "9"))
		c.log("mixed", slog.Group("full", slog.String("f", "4"), inline), slog.Group("other", slog.String("f", "5")))
	}
	s.verify()
}

// checkEmpties has groups whose emptiness shows only on looking into them. The
// standard JSON handler, of Go 1.26, writes invalid JSON here.
func checkEmpties(k *kit) {
	s := k.start()
	empty := slog.Group("empty", slog.Group("deeper", slog.Attr{}), slog.Attr{})
	for _, c := range []chain{
		s.chain(),
		s.chain().group("g"),
		s.chain().with(slog.String("w", "v")).group("g").with(empty).group("h"),
		s.chain().group("g").with(slog.Attr{}, slog.Group("e", slog.Attr{})),
	} {
		c.log("empty", empty)
		c.log("before", empty, slog.String("a", "b"))
		c.log("between", slog.String("a", "b"), empty, slog.String("c", "d"))
		c.log("inside", slog.Group("full", empty, slog.String("f", "4"), empty))
		c.log("attr", slog.Attr{}, slog.String("a", "b"))
	}
	s.verify()
}

func checkEquivalence(k *kit) {
	s := k.start()
	for _, c := range []chain{s.chain(), s.chain().with(slog.Int("a", 1)), s.chain().group("g")} {
		for _, h := range []slog.Handler{
			c.h, c.h.WithGroup(""), c.h.WithAttrs(nil), c.h.WithAttrs([]slog.Attr{}), c.h.WithGroup("").WithAttrs(nil),
		} {
			same := chain{s, h, c.steps}
			same.log("equivalent", slog.String("k", "v"))
			same.with(slog.Int("b", 2)).log("equivalent")
		}
	}
	s.verify()
}

func checkTypes(k *kit) {
	h, _ := k.open()
	for _, d := range []struct {
		how string
		h   slog.Handler
	}{
		{"WithAttrs", h.WithAttrs([]slog.Attr{slog.Int("a", 1)})},
		{"WithGroup", h.WithGroup("g")},
	} {
		if reflect.TypeOf(d.h) != reflect.TypeOf(h) {
			k.Errorf("%s of a %T returned a %T: is a method missing?", d.how, h, d.h)
		}
	}
}

func checkZero(k *kit) {
	s := k.start()
	s.expect("zero", nil)
	s.chain().handle(context.Background(), slog.Record{Message: "zero", Level: slog.LevelInfo})
	s.chain().log("epoch")
	r := newRecord("old")
	r.Time = time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	s.expect("old", nil)
	s.chain().handle(context.Background(), r)
	s.chain().log("")
	s.verify()
}

func checkContext(k *kit) {
	s := k.start()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []chain{s.chain(), s.chain().with(slog.Int("a", 1))} {
		if !c.h.Enabled(ctx, slog.LevelInfo) {
			k.Errorf("Enabled is false for INFO once the context has ended")
		}
		s.expect("ended", nest(c.steps, nil))
		c.handle(ctx, newRecord("ended"))
	}
	s.verify()
}

func checkContextAttrs(k *kit) {
	s := k.start()
	if _, ok := s.h.(interface{ AddsContextAttrs() }); !ok {
		return
	}
	ctx := contextattrs.With(context.Background(), "ctx", "1", slog.Group("cg", slog.String("c", "2")))
	c := s.chain().with(slog.String("w", "v"))
	for _, c := range []chain{s.chain(), c, c.group("g"), c.group("g").with(slog.Int("n", 1)).group("h")} {
		own := []slog.Attr{slog.String("own", "x")}
		s.expect("context", append(nest(c.steps, own), contextattrs.Attrs(ctx)...))
		c.handle(ctx, newRecord("context", own...))
		c.log("none", own...)
	}
	s.verify()
}

func checkName(k *kit) {
	s := k.start()
	n, ok := s.h.(interface {
		WithLoggerName(key, name string) slog.Handler
	})
	if !ok {
		return
	}
	bound := n.WithLoggerName("logger", "a.b")
	if reflect.TypeOf(bound) != reflect.TypeOf(s.h) {
		k.Errorf("WithLoggerName of a %T returned a %T", s.h, bound)
	}
	c := chain{s: s, h: bound}
	c.log("named", slog.String("own", "x"))
	c = s.chain().with(slog.Int("a", 1)).group("g").with(slog.Int("b", 2))
	c.h = c.h.(interface {
		WithLoggerName(key, name string) slog.Handler
	}).WithLoggerName("logger", "a.b")
	c.log("late", slog.String("own", "x"))
	s.verify()
}

func checkLevel(k *kit) {
	if k.openLeveled == nil {
		return
	}
	var level slog.LevelVar
	level.Set(slog.LevelError)
	h, results := k.openLeveled(&level)
	s := &session{kit: k, h: h, results: results}
	c := s.chain()
	for _, c := range []chain{c, c.with(slog.Int("a", 1)), c.group("g"), c.with(slog.Int("a", 1)).group("g")} {
		for _, set := range []slog.Level{slog.LevelError, slog.LevelInfo, slog.LevelWarn, slog.LevelDebug} {
			level.Set(set)
			for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				if got := c.h.Enabled(context.Background(), l); got != (l >= set) {
					k.Errorf("after the level became %v, Enabled(%v) is %t", set, l, got)
				}
			}
		}
		level.Set(slog.LevelInfo)
		c.log("enabled", slog.String("own", "x"))
	}
	s.verify()
}

func checkClose(k *kit) {
	s := k.start()
	c := s.chain().with(slog.Int("a", 1))
	c.log("before")
	for _, h := range []slog.Handler{s.h, c.h} {
		for range 2 {
			if f, ok := h.(interface{ Flush() error }); ok {
				k.noError("Flush", f.Flush())
			}
		}
	}
	s.verify()
	for _, h := range []slog.Handler{s.h, c.h} {
		for range 2 {
			switch cl := h.(type) {
			case interface{ Close(context.Context) error }:
				k.noError("Close", cl.Close(context.Background()))
			case interface{ Close() error }:
				k.noError("Close", cl.Close())
			}
		}
	}
}

func (k *kit) noError(what string, err error) {
	if err != nil {
		k.Errorf("%s: %v", what, err)
	}
}
