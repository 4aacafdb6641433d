package slogtree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
)

// Watch gives h a copy of each record that any logger lets through and that has passed
// the logger's filters, once for each record, after the handlers: also those of loggers that do not propagate, and
// of [Tree.Handler]. It is for looking on, as a page that shows records
// does: h is no part of the configuration. Handlers does not return it, Replace and
// Close leave it where it is, and loggers without any handler go on writing to the last
// resort. What AddHandler would refuse is refused, with an error. A handler that is attached
// to a logger too gets records twice.
//
// Stop ends it, and waits until no record is in h, as RemoveHandler does: if ctx ends
// first, h is out all the same, and the error is that of ctx. Further calls only wait.
// Nobody flushes or closes h but its owner. Watch and stop publish the configuration
// of all loggers anew; while nobody watches, records take no longer than without Watch.
func (t *Tree) Watch(h slog.Handler) (stop func(ctx context.Context) error, err error) {
	if h == nil {
		return nil, errors.New("slogtree: Watch: the handler is nil")
	}
	if err := t.refuse(h); err != nil {
		return nil, fmt.Errorf("slogtree: Watch: %w", err)
	}
	added := newTarget(h)
	t.configure(func() {
		t.attached++
		added.order = t.attached
		t.watchers = append(slices.Clip(t.watchers), added)
	})
	taken := detachment{targets: targets{added}}
	remove := sync.OnceFunc(func() {
		t.configure(func() {
			taken.version = t.version
			t.watchers = slices.DeleteFunc(slices.Clone(t.watchers), func(w target) bool { return w.order == added.order })
		})
	})
	return func(ctx context.Context) error {
		remove()
		return t.flight.wait(ctx, taken.busy)
	}, nil
}
