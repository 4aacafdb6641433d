package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// errNoTree is for a program's mistake.
var errNoTree = errors.New("config: the tree is nil")

func (c *Config) apply(ctx context.Context, tree *slogtree.Tree) (*Report, error) {
	if tree == nil {
		return nil, errNoTree
	}
	st := stateOf(tree)
	if err := st.take(ctx); err != nil {
		return nil, err
	}
	defer st.release()
	if err := c.checkPaths(); err != nil {
		return nil, err
	}
	for range maxTaken {
		report, err := c.applyOnce(ctx, tree, st)
		if !errors.Is(err, errTaken) {
			return report, err
		}
	}
	return nil, errTaken
}

// maxTaken is how often the tree may be closed while a configuration is applied to it, before Apply gives up.
const maxTaken = 10

// errTaken says that somebody has closed a handler that was to stay. Nothing has changed.
var errTaken = errors.New("config: a handler that stays was closed meanwhile: nothing has changed, but for files that were emptied")

// applyOnce is apply, unless its error is errTaken: then it is to be done again.
func (c *Config) applyOnce(ctx context.Context, tree *slogtree.Tree, st *state) (*Report, error) {
	site := &site{c: c}
	t, err := c.newTransition(tree, st, site.open)
	if err != nil {
		return nil, errors.Join(err, site.undo(ctx))
	}
	return t.publish(ctx, site)
}

// maxConflicts is how often somebody else may configure the tree while settings are worked out. Then
// ours are published all the same.
const maxConflicts = 100

// publish gives the tree its settings, and closes what nobody uses.
func (t *transition) publish(ctx context.Context, s *site) (*Report, error) {
	if err := s.finish(t); err != nil {
		return nil, errors.Join(err, s.undo(ctx))
	}
	unused, dropped := t.unused()
	replaced, err := t.replace(ctx, unused)
	if !replaced {
		return nil, errors.Join(err, s.undo(ctx))
	}
	t.st.update(t, dropped)
	return &Report{t.plan}, errors.Join(s.late, err)
}

// replace gives the tree its settings. If loggers were configured meanwhile, it works the settings out again.
func (t *transition) replace(ctx context.Context, unused []slog.Handler) (replaced bool, err error) {
	if len(t.settings) == 0 && len(unused) == 0 {
		return true, nil
	}
	for range maxConflicts {
		if t.isTaken() {
			return false, errTaken
		}
		replaced, err := t.tree.CompareAndReplace(ctx, t.compared(), t.settings, unused...)
		if replaced || !errors.Is(err, slogtree.ErrConflict) {
			return replaced, err
		}
		t.compose()
	}
	if t.isTaken() {
		return false, errTaken
	}
	return t.tree.Replace(ctx, t.settings, unused...)
}

// isTaken reports whether somebody had taken out a handler that stays when the settings were worked out.
func (t *transition) isTaken() bool {
	inUse := map[slog.Handler]bool{}
	for _, s := range t.now {
		addHandlers(inUse, s.Handlers)
	}
	for name, b := range t.next {
		if old := t.st.handlers[name]; old != nil && same(old.inner, b.inner) && old.taken(inUse) {
			return true
		}
	}
	return false
}

// compared returns what must be as it was when the settings were worked out: loggers that change, and those that
// hold handlers, which are closed if they are taken out meanwhile. It is all that is left of now.
func (t *transition) compared() map[string]slogtree.Setting {
	maps.DeleteFunc(t.now, func(name string, s slogtree.Setting) bool {
		_, changes := t.settings[name]
		return !changes && len(s.Handlers) == 0
	})
	return t.now
}

// unused returns what is to be closed if no logger has it: what was made before and isn't in
// the new configuration; what feeds others first.
func (t *transition) unused() (pieces []slog.Handler, dropped []*built) {
	dropped = slices.Clone(t.st.left)
	for _, name := range slices.Backward(t.st.order) {
		old := t.st.handlers[name]
		if now := t.next[name]; now == nil || !same(now.inner, old.inner) {
			dropped = append(dropped, old)
		}
	}
	for _, b := range dropped {
		pieces = append(pieces, b.pieces()...)
	}
	return pieces, dropped
}

// update makes the state that of t.
func (s *state) update(t *transition, dropped []*built) {
	for name, f := range s.filters {
		if t.filters[name] != f {
			s.spent = append(s.spent, f)
		}
	}
	s.handlers, s.order, s.filters = t.next, t.order, t.filters
	if len(t.settings) == 0 && len(dropped) == 0 && len(s.spent) == 0 {
		return
	}
	inUse, filters := attached(t.tree)
	published := t.published()
	for _, b := range s.handlers {
		b.attached = isComparable(b.inner) && (inUse[b.inner] || published[b.inner])
	}
	s.left = slices.DeleteFunc(dropped, func(b *built) bool { return !isComparable(b.inner) || !inUse[b.inner] })
	s.spent = slices.DeleteFunc(s.spent, func(f *builtFilter) bool { return !holdsFilter(filters, f.filter) })
}

// published returns all handlers that loggers got, or have inside. By now somebody may have taken them out again.
func (t *transition) published() map[slog.Handler]bool {
	hs := map[slog.Handler]bool{}
	for _, settings := range []map[string]slogtree.Setting{t.now, t.settings} {
		for name := range settings {
			addHandlers(hs, t.setting(name).Handlers)
		}
	}
	return hs
}

// attached returns all handlers that loggers have, or have inside, and all filters.
func attached(tree *slogtree.Tree) (hs map[slog.Handler]bool, fs []handlers.Filter) {
	hs = map[slog.Handler]bool{}
	for l := range tree.All() {
		s := l.Setting()
		addHandlers(hs, s.Handlers)
		fs = append(fs, s.Filters...)
	}
	return hs, fs
}

// addHandlers adds those of hs, and what they have inside.
func addHandlers(to map[slog.Handler]bool, hs []slog.Handler) {
	for _, h := range hs {
		if isComparable(h) && to[h] {
			continue
		}
		for one := range handlers.All(h) {
			if isComparable(one) {
				to[one] = true
			}
		}
	}
}

// A site is where handlers are made, with what is needed to undo it.
type site struct {
	c      *Config
	made   []*built
	prints []*footprint
	commit []func() error
	late   error // what has failed when it could not be undone
}

// open makes one handler.
func (s *site) open(d *definition, targets map[string]slog.Handler) (h slog.Handler, err error) {
	a := &Args{OnError: s.c.onError(), def: d, targets: targets, root: s.c.options.Root}
	if d.formatter != nil {
		a.Formatter = d.formatter.format
	}
	for _, o := range d.kind.Options {
		if o.Type == TypePath && a.Has(o.Name) {
			s.prints = append(s.prints, newFootprint(a.Path(o.Name)))
		}
	}
	defer recoverTo(&err, "the kind "+strconv.Quote(d.kind.Name))
	if h, err = d.kind.Handler(a); err != nil {
		return nil, err
	}
	if h == nil {
		return nil, fmt.Errorf("the kind %q made no handler", d.kind.Name)
	}
	b := &built{def: d, inner: h, top: h}
	for _, t := range targets {
		b.targets = append(b.targets, t)
	}
	s.made = append(s.made, b)
	s.commit = append(s.commit, a.commit...)
	if d.terminator == nil {
		return h, nil
	}
	ended, ok := h.(interface{ SetTerminator(string) })
	if !ok {
		return nil, fmt.Errorf("%q has no terminator", d.kind.Name)
	}
	ended.SetTerminator(*d.terminator)
	return h, nil
}

// finish does what can't be undone, unless the tree would refuse the settings. If the first of it fails,
// nothing has happened, and the error is returned; what else fails is for s.late.
func (s *site) finish(t *transition) error {
	if len(s.commit) > 0 {
		if err := t.tree.CheckSettings(t.settings); err != nil {
			return err
		}
	}
	for i, f := range s.commit {
		if err := tryCommit(f); err != nil {
			err = &Error{Filename: s.c.options.Filename, Reason: err.Error(), Err: err}
			if i == 0 {
				return err
			}
			s.late = errors.Join(s.late, err)
		}
	}
	return nil
}

func tryCommit(f func() error) (err error) {
	defer recoverTo(&err, "a commit")
	return f()
}

// recoverTo makes a panic of what an error. It is to be deferred.
func recoverTo(err *error, what string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s panics: %v", what, r)
	}
}

// undo closes what was made, the last one first, and removes what was created.
func (s *site) undo(ctx context.Context) error {
	var errs []error
	for _, b := range slices.Backward(s.made) {
		for _, h := range b.pieces() {
			errs = append(errs, closeOne(ctx, h))
		}
	}
	for _, f := range slices.Backward(s.prints) {
		errs = append(errs, f.undo())
	}
	return errors.Join(errs...)
}

// closeOne closes h without what it wraps.
func closeOne(ctx context.Context, h slog.Handler) (err error) {
	defer recoverTo(&err, fmt.Sprintf("Close of a %T", h))
	switch c := h.(type) {
	case interface{ Close(context.Context) error }:
		return c.Close(ctx)
	case interface{ Close() error }:
		return c.Close()
	}
	return nil
}

// onError returns what is told of trouble.
func (c *Config) onError() func(error) {
	if c.options.OnError != nil {
		return c.options.OnError
	}
	return printError
}

// printed counts the lines that printError has written in a second.
var printed struct {
	mu     sync.Mutex
	second time.Time
	n, cut int
}

// printError writes a line to stderr, ten a second at most.
func printError(err error) {
	printed.mu.Lock()
	defer printed.mu.Unlock()
	if now := time.Now().Truncate(time.Second); !now.Equal(printed.second) {
		printed.second, printed.n = now, 0
	}
	if printed.n++; printed.n > 10 {
		printed.cut++
		return
	}
	line := fmt.Sprintf("slogtree/config: %v", err)
	if printed.cut > 0 {
		line += fmt.Sprintf(" (%d more were not shown before)", printed.cut)
		printed.cut = 0
	}
	fmt.Fprintln(os.Stderr, line)
}
