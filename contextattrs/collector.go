package contextattrs

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
)

// defaultLate is how many late attrs a collector takes unless told otherwise.
const defaultLate = 64

// CollectorOptions configure a [Collector]. The zero value is ready to use.
type CollectorOptions struct {
	// Max is how many attrs the collector holds. 0 is 64; negative is none.
	Max int

	// Shown has records show the late attrs too: those logged afterwards with
	// the collector's context or one made from it. They come after the
	// context's other attrs.
	Shown bool
}

// A Collector holds late attrs: what is found out about a request while it
// runs, such as its user. Whoever begins the request makes one by
// [WithCollector], code anywhere below calls [Add], and the collector's maker
// logs them at the end. All methods may be called from several goroutines at
// once. A Collector must not be copied; its zero value holds nothing.
type Collector struct {
	max     int
	shown   bool
	list    atomic.Pointer[[]slog.Attr] // never changed, replaced
	dropped atomic.Uint64

	mu    sync.Mutex // taken to replace list
	ended bool
}

// WithCollector returns a context with a new collector, to which [Add] adds
// from there on, in place of one that ctx may have. A nil ctx is
// [context.Background].
func WithCollector(ctx context.Context, o CollectorOptions) (context.Context, *Collector) {
	c := derive(ctx)
	if c.late != nil {
		c.attrs, c.hidden = Attrs(ctx), false // what the outer one shows by now
	}
	if o.Max == 0 {
		o.Max = defaultLate
	}
	c.late = &Collector{max: o.Max, shown: o.Shown}
	return c, c.late
}

// Add gives args, converted as [With] does, to the collector of ctx, and
// reports whether it took all of them. An attr replaces an earlier one of its
// key, in its place. It takes none if ctx has no collector or the request is
// over, and no other keys once it is full; see [Collector.Dropped].
func Add(ctx context.Context, args ...any) bool {
	s := stateOf(ctx)
	if s == nil || s.late == nil {
		return false
	}
	return s.late.add(argsToAttrs(args))
}

func (c *Collector) add(attrs []slog.Attr) (all bool) {
	if len(attrs) == 0 {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		c.dropped.Add(uint64(len(attrs)))
		return false
	}
	list, all := slices.Clone(c.Attrs()), true
	for _, a := range attrs {
		same := slices.IndexFunc(list, func(old slog.Attr) bool { return old.Key == a.Key })
		switch {
		case same >= 0:
			list[same] = a
		case len(list) < c.max:
			list = append(list, a)
		default:
			c.dropped.Add(1)
			all = false
		}
	}
	list = slices.Clip(list)
	c.list.Store(&list)
	return all
}

// Attrs returns what was added until now, in the order of their first adding.
// The caller must not change it.
func (c *Collector) Attrs() []slog.Attr {
	if list := c.list.Load(); list != nil {
		return *list
	}
	return nil
}

// Dropped returns how many attrs were not taken, as the collector was full or
// had ended.
func (c *Collector) Dropped() uint64 { return c.dropped.Load() }

// End returns what was added, and takes nothing more: who calls [Add] later is
// told. It is for the moment at which the request's record is made. Further calls
// return the same.
func (c *Collector) End() []slog.Attr {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	return c.Attrs()
}
