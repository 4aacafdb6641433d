package config

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/internal/beside"
)

// A state is what configurations have made of one tree, and is not closed yet.
type state struct {
	lock     chan struct{}     // holds one token while somebody has the state
	handlers map[string]*built // by their names in the last configuration
	order    []string          // of handlers, each after those that it feeds
	filters  map[string]*builtFilter
	left     []*built       // of earlier ones, that loggers had after the last Apply
	spent    []*builtFilter // filters of earlier ones that loggers may have
}

// A built is a handler that a configuration has made.
type built struct {
	def     *definition
	inner   slog.Handler // what the kind made
	mid     slog.Handler // with its filters: what others feed
	top     slog.Handler // with its level: what loggers have
	targets []slog.Handler
	filters []*builtFilter
	level   slog.Level

	attached bool // a logger had it, or had it inside, after the last Apply
}

// taken reports whether somebody has taken the handler out since the last Apply, as
// Tree.Close does, which closes it: it must not be used again.
func (b *built) taken(inUse map[slog.Handler]bool) bool {
	return b.attached && isComparable(b.inner) && !inUse[b.inner]
}

type builtFilter struct {
	def    *definition
	filter handlers.Filter
}

// statesMu guards the places of all trees.
var statesMu sync.Mutex

// stateOf returns the state of a tree, which the tree keeps.
func stateOf(tree *slogtree.Tree) *state {
	statesMu.Lock()
	defer statesMu.Unlock()
	place := beside.Of(tree)
	if *place == nil {
		*place = &state{lock: make(chan struct{}, 1), handlers: map[string]*built{}, filters: map[string]*builtFilter{}}
	}
	return (*place).(*state)
}

// take waits until nobody else has the state.
func (s *state) take(ctx context.Context) error {
	select {
	case s.lock <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("config: another Apply is under way: %w", ctx.Err())
	}
}

func (s *state) release() { <-s.lock }

// pieces returns what is to be closed of b: what it has inside, without other handlers of the
// configuration.
func (b *built) pieces() []slog.Handler {
	pieces := []slog.Handler{b.top}
	others := map[slog.Handler]bool{}
	for _, t := range b.targets {
		for h := range handlers.All(t) {
			if isComparable(h) {
				others[h] = true
			}
		}
	}
	for h := range handlers.All(b.inner) {
		if !isComparable(h) || !others[h] {
			pieces = append(pieces, h)
		}
	}
	return pieces
}

// wrap puts filters and level around b's inner handler, and takes from old, which may be nil,
// what is the same.
func (b *built) wrap(old *built) {
	b.mid, b.level = b.inner, b.def.level
	switch {
	case old != nil && slices.Equal(old.filters, b.filters):
		b.mid = old.mid
	case len(b.filters) > 0:
		fs := make([]handlers.Filter, len(b.filters))
		for i, f := range b.filters {
			fs[i] = f.filter
		}
		b.mid = handlers.NewFilter(b.inner, fs...)
	}
	switch {
	case old != nil && same(old.mid, b.mid) && old.level == b.level:
		b.top = old.top
	case b.level == formatters.LevelNotSet:
		b.top = b.mid
	default:
		b.top = handlers.NewLevel(b.mid, b.level)
	}
}

// builtOf returns what a configuration made of h, which loggers may have with an earlier level or earlier
// filters. It returns nil if h is a program's own.
func (s *state) builtOf(h slog.Handler) *built {
	for one := range handlers.All(h) {
		for _, name := range s.order {
			if b := s.handlers[name]; same(b.inner, one) {
				return b
			}
		}
		for _, b := range s.left {
			if same(b.inner, one) {
				return b
			}
		}
	}
	return nil
}
