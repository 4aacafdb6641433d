package slogtree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
)

// ErrConflict is in the error of a CompareAndReplace that found a logger
// configured by somebody else, or made anew after it was freed.
var ErrConflict = errors.New("a logger was configured meanwhile: nothing has changed")

// Replace gives each of the named loggers its setting, in one step: a record
// meets the old setting of its logger and of those above it, or the new one of
// all. Loggers that do not exist are made, others stay as they are. "" and
// "root" mean the root logger. If CheckSettings finds something wrong, that is the error, and nothing has
// changed: replaced tells this from an error of what follows.
//
// Then Replace waits until no record is in the handlers that it took out, and
// flushes and closes unused, each once, in that order. These are handlers that
// nobody uses afterwards; what is still attached somewhere, or inside of what is, is not closed. What
// they wrap is closed only if it is in unused too: it may be another's target. If ctx ends first, the error
// is that of ctx; what still holds a record is closed when the record leaves
// it, by a goroutine that ends with that. Code that runs inside a handler,
// filter or LogValuer must pass a ctx that is already cancelled.
func (t *Tree) Replace(ctx context.Context, settings map[string]Setting, unused ...slog.Handler) (replaced bool, err error) {
	return t.compareAndReplace(ctx, nil, settings, unused)
}

// CompareAndReplace is Replace, if none of the loggers in settings or old was configured since old was
// made, which has what [Logger.Setting] returned, by the same names. A logger of settings
// that old has not must not have been configured at all. Otherwise nothing has changed, and the error has an [ErrConflict].
// So a handler that stays, and that another logger holds, is known not to be closed by [Tree.Close] if old has that logger.
func (t *Tree) CompareAndReplace(ctx context.Context, old, settings map[string]Setting, unused ...slog.Handler) (replaced bool, err error) {
	if old == nil {
		old = map[string]Setting{}
	}
	return t.compareAndReplace(ctx, old, settings, unused)
}

// CheckSettings returns all for which Replace would refuse settings, and changes nothing: nil filters, and
// handlers that are nil or that [Logger.AddHandler] would refuse.
func (t *Tree) CheckSettings(settings map[string]Setting) error {
	if err := t.checkSettings(settings); err != nil {
		return fmt.Errorf("slogtree: nothing has changed: %w", err)
	}
	return nil
}

// compareAndReplace compares with nothing if old is nil.
func (t *Tree) compareAndReplace(ctx context.Context, old, settings map[string]Setting, unused []slog.Handler) (replaced bool, err error) {
	if err := t.CheckSettings(settings); err != nil {
		return false, err
	}
	targets := make(map[string]targets, len(settings))
	adopted := map[slog.Handler]target{}
	for name, s := range settings {
		targets[name] = newTargets(s.Handlers, adopted)
	}
	taken, err := t.replace(old, settings, targets)
	if err != nil {
		return false, fmt.Errorf("slogtree: %w", err)
	}
	dead := detachment{targets: t.unattached(unused), version: taken.version, alone: true}
	taken.targets = append(taken.targets, dead.targets...)
	if err := t.flight.wait(ctx, taken.busy); err != nil {
		return true, errors.Join(err, t.closeIdle(ctx, dead))
	}
	return true, dead.close(ctx)
}

// newTargets returns each of hs once, as AddHandler would attach it. What was made before is in adopted.
func newTargets(hs []slog.Handler, adopted map[slog.Handler]target) (made targets) {
	for _, h := range hs {
		if made.holds(h) {
			continue
		}
		comparable := reflect.ValueOf(h).Comparable()
		if comparable && adopted[h].id != nil {
			made = append(made, adopted[h])
			continue
		}
		t := newTarget(h)
		if comparable {
			adopted[h] = t
		}
		made = append(made, t)
	}
	return made
}

// checkSettings returns all that is wrong with settings.
func (t *Tree) checkSettings(settings map[string]Setting) error {
	var errs []error
	good := map[slog.Handler]bool{}
	for name, s := range settings {
		for i, h := range s.Handlers {
			if h != nil && isIn(h, good) {
				continue
			}
			err := errors.New("it is nil")
			if h != nil {
				err = t.refuse(h)
			}
			if err == nil && reflect.ValueOf(h).Comparable() {
				good[h] = true
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("logger %q: Handlers[%d]: %w", name, i, err))
			}
		}
		for i, f := range s.Filters {
			if f == nil {
				errs = append(errs, fmt.Errorf("logger %q: Filters[%d] is nil", name, i))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// replace publishes the settings, if the loggers are still as old says. It returns what they
// took out.
func (t *Tree) replace(old, settings map[string]Setting, made map[string]targets) (taken detachment, err error) {
	t.configure(func() {
		if err = t.compareLocked(old, settings); err != nil {
			return
		}
		taken.version = t.version
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			n := t.root
			if name != "" && name != rootName {
				n = t.nodeLocked(name)
			}
			for _, old := range n.targets {
				if !made[name].holds(old.id) {
					taken.targets = append(taken.targets, old)
				}
			}
			n.set(settings[name], made[name])
		}
	})
	return taken, err
}

// compareLocked returns an ErrConflict if a logger in settings or old is not as old says, unless that
// is nil. The caller holds t.mu.
func (t *Tree) compareLocked(old, settings map[string]Setting) error {
	if old == nil {
		return nil
	}
	for name := range settings {
		if err := t.compareOne(name, old[name]); err != nil {
			return err
		}
	}
	for name, s := range old {
		if err := t.compareOne(name, s); err != nil {
			return err
		}
	}
	return nil
}

// compareOne is compareLocked for one logger.
func (t *Tree) compareOne(name string, old Setting) error {
	n := t.root
	if name != "" && name != rootName {
		n = t.lookupLocked(name)
	}
	if n != nil && n.changed != old.changed || n == nil && old.changed != 0 {
		return fmt.Errorf("logger %q: %w", name, ErrConflict)
	}
	return nil
}

// unattached returns those of hs that no logger has, nor has inside. No lock is held while handlers are asked what
// they wrap: they may use the tree.
func (t *Tree) unattached(hs []slog.Handler) (dead targets) {
	if len(hs) == 0 {
		return nil
	}
	used := map[slog.Handler]bool{}
	for _, own := range t.attachedNow() {
		if !isIn(own.id, used) {
			own.addTo(used)
		}
	}
	for _, own := range newTargets(hs, map[slog.Handler]target{}) {
		if !isIn(own.id, used) && !isIn(own.h, used) {
			dead = append(dead, own)
		}
	}
	return dead
}

// attachedNow returns the handlers of all loggers.
func (t *Tree) attachedNow() (all targets) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, n := range t.nodesLocked() {
		all = append(all, n.targets...)
	}
	return all
}

// addTo adds what t is and wraps to used, unless == can't compare it.
func (t target) addTo(used map[slog.Handler]bool) {
	for _, h := range t.all() {
		if reflect.ValueOf(h).Comparable() {
			used[h] = true
		}
	}
}

// isIn reports whether used has h.
func isIn(h slog.Handler, used map[slog.Handler]bool) bool {
	return reflect.ValueOf(h).Comparable() && used[h]
}

// An alone is a handler that is flushed and closed without what it wraps. No
// record comes to it.
type alone struct{ slog.Handler }

func (a alone) Flush() error {
	if f, ok := a.Handler.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

func (a alone) Close(ctx context.Context) error {
	switch c := a.Handler.(type) {
	case interface{ Close(context.Context) error }:
		return c.Close(ctx)
	case interface{ Close() error }:
		return c.Close()
	}
	return nil
}
