package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

// WatchOptions say how a file is watched, and who is told. The zero value is
// good. They are copied.
type WatchOptions struct {
	// Options say how the file is read: see [Options.Load].
	Options

	// OnReload is told of each attempt to apply the file anew: what Apply
	// returned, or no Report and why the file could not be read. While the file
	// is missing it is told so once. It is called by one goroutine, and must not
	// call the function that Watch returned. nil writes errors to OnError, or if that
	// is nil too as a line to os.Stderr.
	OnReload func(*Report, error)

	// Delay is how long the file must have been left alone before it is read,
	// so that one that is just written is whole. If it is never left alone, it is read after ten
	// times that. 0 is 100 milliseconds.
	Delay time.Duration

	// Interval is how often the file is read even if the system tells of no change, as it does
	// not on a network's file system. 0 is 5 seconds.
	Interval time.Duration
}

// applyTime is how long an Apply of Watch waits for handlers that were
// replaced.
const applyTime = 10 * time.Second

// Watch applies a file to tree, and again whenever it has changed, until ctx ends or stop is
// called, which waits until nothing is applied any more. If the file can't be applied at
// first there is an error, and nothing is watched. If it was applied and something went wrong beside that, OnReload
// is told so before Watch returns.
//
// What counts as a change is another text behind path, however it got there: an editor that
// writes the file or replaces it, a symbolic link on the way that leads elsewhere, as those
// that Kubernetes keeps for a ConfigMap. A text that can't be applied changes nothing, and neither
// does a file that is gone. A text that could not be applied is tried again when the file is
// written again.
//
// The last configuration stays when the watch ends.
func Watch(ctx context.Context, path string, tree *slogtree.Tree, o WatchOptions) (stop func(), err error) {
	w := newWatch(path, tree, o)
	n := newNotifier(path) // before the file is read, so that no change is missed
	if err := w.first(ctx); err != nil {
		n.close()
		return nil, err
	}
	return w.start(ctx, n), nil
}

// A watch is the state of one Watch, for its goroutine.
type watch struct {
	path string
	tree *slogtree.Tree
	WatchOptions

	look    func() (seen, error)
	apply   func(ctx context.Context, data []byte) (*Report, error)
	last    seen
	failed  bool // the text of last could not be applied
	missing bool // OnReload was told so
}

// seen is a file as it was read.
type seen struct {
	data     []byte
	modified time.Time
}

// look reads a file, which must be a regular one: reading another may wait.
func look(path string) (seen, error) {
	info, err := os.Stat(path)
	if err != nil {
		return seen{}, fmt.Errorf("config: %w", err)
	}
	if !info.Mode().IsRegular() {
		return seen{}, &Error{Filename: path, Reason: "it is no regular file, and can't be watched"}
	}
	data, err := readFile(path)
	return seen{data, info.ModTime()}, err
}

func newWatch(path string, tree *slogtree.Tree, o WatchOptions) *watch {
	if o.Delay <= 0 {
		o.Delay = 100 * time.Millisecond
	}
	if o.Interval <= 0 {
		o.Interval = 5 * time.Second
	}
	w := &watch{path: path, tree: tree, WatchOptions: o}
	w.look = func() (seen, error) { return look(path) }
	w.apply = w.applyText
	return w
}

// first applies the file as it is.
func (w *watch) first(ctx context.Context) (err error) {
	if w.last, err = w.look(); err != nil {
		return err
	}
	report, err := w.apply(ctx, w.last.data)
	if err != nil && report != nil {
		w.tell(report, err) // it was applied, so it is watched
		return nil
	}
	return err
}

// start watches in a goroutine, which ends when ctx does or stop is called.
func (w *watch) start(ctx context.Context, n notifier) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		defer n.close()
		w.run(ctx, n)
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// run looks at the file when it was told to and has waited until no more is told,
// and from time to time.
func (w *watch) run(ctx context.Context, n notifier) {
	regular := time.NewTicker(w.Interval)
	defer regular.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.changed():
			if !w.settle(ctx, n) {
				return
			}
		case <-regular.C:
		}
		n.follow() // before the file is read, so that no change of what is new is missed
		w.check(ctx)
	}
}

// settle waits until the file was left alone, and reports whether ctx goes on.
func (w *watch) settle(ctx context.Context, n notifier) bool {
	quiet, most := time.NewTimer(w.Delay), time.NewTimer(10*w.Delay)
	defer quiet.Stop()
	defer most.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-n.changed():
			quiet.Reset(w.Delay)
		case <-quiet.C:
			return true
		case <-most.C:
			return true
		}
	}
}

// check applies the file if it has changed.
func (w *watch) check(ctx context.Context) {
	now, err := w.look()
	if err != nil {
		if !w.missing {
			w.tell(nil, err)
		}
		w.missing = true
		return
	}
	was := w.last
	same := bytes.Equal(was.data, now.data)
	w.last, w.missing = now, false
	if same && (!w.failed || was.modified.Equal(now.modified)) {
		return
	}
	report, err := w.apply(ctx, now.data)
	if ctx.Err() != nil && report == nil {
		return
	}
	w.failed = err != nil && report == nil
	w.tell(report, err)
}

func (w *watch) applyText(ctx context.Context, data []byte) (*Report, error) {
	c, err := w.parse(w.path, data)
	if err != nil {
		return nil, err
	}
	return w.limited(ctx, func(ctx context.Context) (*Report, error) { return c.Apply(ctx, w.tree) })
}

// limited applies within applyTime, so that a handler that never ends doesn't
// keep all later changes from being applied.
func (w *watch) limited(ctx context.Context, apply func(context.Context) (*Report, error)) (*Report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, applyTime, errors.New("config: a handler that was replaced is still busy"))
	defer cancel()
	return apply(ctx)
}

// tell tells of an attempt.
func (w *watch) tell(report *Report, err error) {
	switch {
	case w.OnReload != nil:
		w.OnReload(report, err)
	case err == nil:
	case w.OnError != nil:
		w.OnError(err)
	default:
		fmt.Fprintf(os.Stderr, "config: %s was not applied: %v\n", w.path, err)
	}
}
