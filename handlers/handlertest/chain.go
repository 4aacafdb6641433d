package handlertest

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// chain is a handler derived step by step, and the steps. Its methods leave
// it as it is.
type chain struct {
	s     *session
	h     slog.Handler
	steps []step
}

func (s *session) chain() chain { return chain{s: s, h: s.h} }

func (c chain) with(attrs ...slog.Attr) chain {
	steps := append(slices.Clip(c.steps), step{attrs: cloneAttrs(attrs)})
	return chain{c.s, c.h.WithAttrs(attrs), steps}
}

func (c chain) group(name string) chain {
	steps := append(slices.Clip(c.steps), step{group: name})
	return chain{c.s, c.h.WithGroup(name), steps}
}

// log logs at INFO, and expects what it logged.
func (c chain) log(msg string, attrs ...slog.Attr) {
	c.s.expect(msg, nest(c.steps, cloneAttrs(attrs)))
	c.handle(context.Background(), newRecord(msg, attrs...))
}

// handle reports what Handle returns.
func (c chain) handle(ctx context.Context, r slog.Record) {
	if err := c.h.Handle(ctx, r); err != nil {
		c.s.kit.Errorf("Handle of %q: %v", r.Message, err)
	}
}

// newRecord adds attrs one by one, so that the record has spare room.
func newRecord(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Unix(1e9, 0), slog.LevelInfo, msg, 0)
	for _, a := range attrs {
		r.AddAttrs(a)
	}
	return r
}

// cloneAttrs copies attrs and the groups in it. Tests make no deep ones.
func cloneAttrs(attrs []slog.Attr) []slog.Attr {
	cloned := slices.Clone(attrs)
	for i, a := range cloned {
		if a.Value.Kind() == slog.KindGroup {
			cloned[i].Value = slog.GroupValue(cloneAttrs(a.Value.Group())...)
		}
	}
	return cloned
}
