// Wrapper shows a handler of one's own around others: it hides the value of
// each attr called password.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// hiding never embeds a handler: a method that it lacked would be the wrapped one's,
// and return that without hiding.
type hiding struct{ next slog.Handler }

func hide(a slog.Attr) slog.Attr {
	if a.Key == "password" {
		a.Value = slog.StringValue("***")
	}
	return a
}

func (h hiding) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h hiding) Handle(ctx context.Context, r slog.Record) error {
	hidden := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		hidden.AddAttrs(hide(a))
		return true
	})
	return h.next.Handle(ctx, hidden)
}

func (h hiding) WithAttrs(attrs []slog.Attr) slog.Handler {
	hidden := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		hidden[i] = hide(a)
	}
	return hiding{h.next.WithAttrs(hidden)}
}

func (h hiding) WithGroup(name string) slog.Handler { return hiding{h.next.WithGroup(name)} }

// What slog does not know of:

// WithLoggerName hands the logger's name on, for %(name)s.
func (h hiding) WithLoggerName(key, name string) slog.Handler {
	return hiding{handlers.BindName(h.next, key, name)}
}

// NeedsSource reports whether what is wrapped prints the source.
func (h hiding) NeedsSource() bool { return handlers.NeedsSource(h.next) }

// Unwrap lets handlers.Flush and Close find what is wrapped.
func (h hiding) Unwrap() slog.Handler { return h.next }

func main() {
	f := formatters.Must(formatters.Percent("%(levelname)s %(name)s: %(message)s", nil))
	slogtree.Root().AddHandler(hiding{handlers.NewStream(os.Stdout, f, nil)})
	slogtree.Get("shop").With("user", "ada").Info("signed in", "password", "secret")
}
