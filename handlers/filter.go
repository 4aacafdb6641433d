package handlers

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
)

// rootName is what CPython calls the logger without a name.
const rootName = "root"

// A Filter decides whether a record passes, and may replace it. It is
// logging.Filter of CPython. Filters may be called from several goroutines at
// once.
type Filter interface {
	// Filter returns the record to go on with, which may be r or another, and
	// whether it passes. The logger's name is "root" for the root and where no
	// name is known. It sees the attrs of the record's own call, not those bound
	// by With or carried by the context. It may add attrs to r, which stand
	// in the groups that are open.
	Filter(ctx context.Context, logger string, r slog.Record) (slog.Record, bool)
}

// FilterFunc returns f as a [Filter]. Each call returns a filter that equals no
// other one, as removing filters by identity needs.
func FilterFunc(f func(ctx context.Context, logger string, r slog.Record) (slog.Record, bool)) Filter {
	if f == nil {
		panic("handlers: FilterFunc: the function is nil")
	}
	return &filterFunc{f}
}

type filterFunc struct {
	f func(ctx context.Context, logger string, r slog.Record) (slog.Record, bool)
}

func (f *filterFunc) Filter(ctx context.Context, logger string, r slog.Record) (slog.Record, bool) {
	return f.f(ctx, logger, r)
}

func (f *filterFunc) String() string { return "FilterFunc" }

// NameFilter returns a filter that passes the records of the logger called name
// and of those below it: "a.b" passes "a.b" and "a.b.c", not "a.bc". An empty
// name passes all. Each call returns a filter that equals no other one. It is
// logging.Filter(name) of CPython.
func NameFilter(name string) Filter { return &nameFilter{name} }

type nameFilter struct{ name string }

func (f *nameFilter) Filter(_ context.Context, logger string, r slog.Record) (slog.Record, bool) {
	if f.name == "" {
		return r, true
	}
	rest, ok := strings.CutPrefix(logger, f.name)
	return r, ok && (rest == "" || rest[0] == '.')
}

func (f *nameFilter) String() string { return "NameFilter(" + printable(f.name) + ")" }

// filtered is a handler behind filters.
type filtered struct {
	next    slog.Handler
	filters []Filter
	logger  string
}

// NewFilter returns a handler that passes to next what all filters let pass, in
// order; each gets the record as the one before it left it, and the first that
// refuses ends it. If a filter panics, the record goes on as it was, and Handle
// returns a [*PanicError] joined to other errors. NewFilter panics if next or a
// filter is nil.
//
// It is Handler.addFilter of CPython. Filters see the name that WithLoggerName
// (see [BindName]) told the handler last.
func NewFilter(next slog.Handler, filters ...Filter) slog.Handler {
	mustHave("NewFilter", next)
	if slices.Contains(filters, nil) {
		panic("handlers: NewFilter: a filter is nil")
	}
	return &filtered{next: Adopt(next), filters: slices.Clone(filters), logger: rootName}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *filtered) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *filtered) Unwrap() slog.Handler { return h.next }

func (h *filtered) String() string {
	var b strings.Builder
	b.WriteString("Filter(")
	for _, f := range h.filters {
		b.WriteString(describe(f) + ", ")
	}
	b.WriteString(describe(h.next) + ")")
	return b.String()
}

func (h *filtered) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *filtered) Handle(ctx context.Context, r slog.Record) error {
	passed, trouble := h.filter(ctx, &r)
	if !passed {
		return trouble
	}
	return joined(trouble, h.next.Handle(ctx, r))
}

// filter asks the filters, which may replace r, and reports whether it passes.
func (h *filtered) filter(ctx context.Context, r *slog.Record) (passed bool, trouble error) {
	for _, f := range h.filters {
		replaced, ok, err := ask(ctx, f, h.logger, r)
		switch {
		case err != nil:
			trouble = errors.Join(trouble, err)
		case !ok:
			return false, trouble
		default:
			*r = replaced
		}
	}
	return true, trouble
}

// joined is errors.Join, but leaves a lone error as it is.
func joined(trouble, err error) error {
	if trouble == nil {
		return err
	}
	return errors.Join(trouble, err)
}

// ask gives f a copy of r: a filter that adds attrs must not do so in a slice
// that others hold. A panic becomes an error.
func ask(ctx context.Context, f Filter, logger string, r *slog.Record) (replaced slog.Record, ok bool, err error) {
	defer recoverTo(&err)
	replaced, ok = f.Filter(ctx, logger, r.Clone())
	return replaced, ok, nil
}

func (h *filtered) with(next slog.Handler) *filtered {
	return &filtered{next: next, filters: h.filters, logger: h.logger}
}

func (h *filtered) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.next.WithAttrs(attrs))
}

func (h *filtered) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.next.WithGroup(name))
}

// WithLoggerName tells the filters and the wrapped handler the logger's name.
func (h *filtered) WithLoggerName(key, name string) slog.Handler {
	c := h.with(BindName(h.next, key, name))
	if c.logger = name; name == "" {
		c.logger = rootName
	}
	return c
}
