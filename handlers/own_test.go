package handlers_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// TestEachGetsItsOwn has handlers add to their records without Clone, which package slog
// notices if somebody else has added to the same one: it adds an attr "!BUG".
func TestEachGetsItsOwn(t *testing.T) {
	adding := func(err error, seen *[]string) slog.Handler {
		return &hook{handle: func(_ context.Context, r slog.Record) error {
			r.AddAttrs(slog.Int("added", 1))
			r.Attrs(func(a slog.Attr) bool {
				*seen = append(*seen, a.Key)
				return true
			})
			return err
		}}
	}
	for name, wrap := range map[string]func(seen *[]string) slog.Handler{
		"Fanout": func(seen *[]string) slog.Handler {
			return handlers.NewFanout(adding(nil, seen), adding(nil, seen))
		},
		"Failover": func(seen *[]string) slog.Handler {
			return handlers.NewFailover(handlers.FailoverOptions{OnError: func(error) {}}, adding(errTest, seen), adding(nil, seen))
		},
		"Retry": func(seen *[]string) slog.Handler {
			return handlers.NewRetry(adding(errTest, seen), handlers.RetryOptions{Attempts: 2, Pause: 1, OnError: func(error) {}})
		},
		"Router": func(seen *[]string) slog.Handler {
			return handlers.NewRouter(handlers.RouterOptions{All: true}, handlers.Route{To: adding(nil, seen)}, handlers.Route{To: adding(nil, seen)})
		},
	} {
		for n := range 30 { // package slog has room for more after some of them
			var seen []string
			r := record(slog.LevelError, "m")
			for i := range n {
				r.AddAttrs(slog.Int("a", i))
			}
			_ = wrap(&seen).Handle(context.Background(), r)
			if slices.Contains(seen, "!BUG") || len(seen) != 2*(n+1) {
				t.Errorf("%s: of a record with %d attrs, handlers have %q", name, n, seen)
			}
		}
	}
}
