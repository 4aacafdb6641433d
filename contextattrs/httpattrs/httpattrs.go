// Package httpattrs gives each request to a net/http server attrs of its own,
// which all records logged with its context show, and logs a record of the
// request when it is over.
//
//	mux := http.NewServeMux()
//	...
//	http.ListenAndServe(":8080", httpattrs.Middleware(mux, httpattrs.Options{}))
//
// Middleware best stands around the mux: it sees all requests, and still tells
// the pattern that matched.
package httpattrs

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// Middleware returns a handler that serves by next. The context of a request
// carries from there on the attrs
//
//	request_id          from Options.RequestIDHeader, else made; sent back in that header
//	trace_id, span_id   from the header traceparent of W3C Trace Context, if it is valid
//
// and a collector: what code below adds by [contextattrs.Add] is in the record
// of the request. That is logged when next has returned, with these attrs too:
//
//	method, path   as requested, the path escaped as in a URL and without the query
//	route          the pattern of [http.ServeMux] that matched, if any
//	status, bytes  of the response; bytes of the body, 0 for HEAD
//	duration       from the first call until next has returned
//	remote         the client's address, see Options.Proxies
//	hijacked       true if next took the connection over; then bytes and perhaps status are unknown
//	aborted        true if next did not return, but panicked or ended its goroutine
//	late_dropped   how many late attrs the collector had no room for
//
// Without a status, none was sent. Long values are cut, and what a client sends
// can be told from what the program says: ids are taken only if they consist of
// few, harmless characters.
//
// A panic of next is logged with its stack and goes on, so that the server closes
// the connection, as it does without Middleware; [http.ErrAbortHandler] is not
// logged as one.
//
// The [http.ResponseWriter] that next gets is an [http.Flusher], [http.Hijacker],
// [http.Pusher] or [io.ReaderFrom] if the server's is, so that files are still
// sent by the kernel; [http.ResponseController] reaches the server's. The route is
// that of the request that Middleware passed on: a middleware between it and
// the mux that makes another request, as [http.Request.WithContext] does, hides it.
// One that begins a request for a handlers.FlightRecorder goes around Middleware: the
// request's own record, and that of a panic, are then part of what it may show.
//
// The handler may serve many requests at once. Middleware panics if next is nil.
func Middleware(next http.Handler, o Options) http.Handler {
	if next == nil {
		panic("httpattrs: Middleware: the handler is nil")
	}
	return &middleware{next: next, options: o.withDefaults()}
}

type middleware struct {
	next    http.Handler
	options Options // a copy, with the defaults in it
	loggers loggers
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{m: m, start: time.Now(), request: r, path: pathOf(r)}
	x.writer.to, x.writer.head = w, r.Method == http.MethodHead
	defer x.end()
	x.begin()
	m.next.ServeHTTP(x.writer.wrap(), x.request)
	x.returned = true
}

// An exchange is a request and what became of it.
type exchange struct {
	m        *middleware
	start    time.Time
	path     string
	request  *http.Request // as next gets it
	writer   writer
	late     *contextattrs.Collector
	returned bool // next has
}

// begin gives the request its context.
func (x *exchange) begin() {
	o, r := &x.m.options, x.request
	var few [3]slog.Attr
	attrs := few[:0]
	if o.RequestIDHeader != "-" {
		id := o.requestID(r)
		x.writer.to.Header().Set(o.RequestIDHeader, id)
		attrs = append(attrs, slog.String("request_id", id))
	}
	if trace, span, ok := incoming.Trace(r.Header["Traceparent"]); ok && !o.NoTrace {
		attrs = append(attrs, slog.String("trace_id", trace), slog.String("span_id", span))
	}
	ctx := contextattrs.WithAttrs(r.Context(), attrs...)
	if level, ok := o.levelOf(r); ok {
		ctx = contextattrs.WithLevel(ctx, level)
	}
	ctx, x.late = contextattrs.WithCollector(ctx, o.Late)
	x.request = r.WithContext(ctx)
}

// end is deferred. It logs what became of the request, and lets a panic go on.
func (x *exchange) end() {
	if x.returned {
		x.log(nil)
		return
	}
	v := recover()
	if v != nil {
		defer panic(v)
	}
	x.log(v)
}

// log makes the record of the request, and one of a panic before it. The
// request may be cancelled by now, but its records are as good as others. The
// collector ends first, also if nobody wants the record: what it takes after that would
// show nowhere.
func (x *exchange) log(panicked any) {
	late := x.lateAttrs()
	log := x.m.loggers.of(x.m.options.Logger)
	ctx := contextattrs.Detach(x.request.Context())
	if panicked != nil && panicked != http.ErrAbortHandler {
		logPanic(ctx, log, panicked)
	}
	status := x.status()
	level := x.level(status, panicked)
	if !log.Enabled(ctx, level) {
		return
	}
	log.LogAttrs(ctx, level, x.m.options.Message, append(x.attrs(status), late...)...)
}

// status is 0 if none was sent.
func (x *exchange) status() int {
	if x.writer.status == 0 && x.returned && !x.writer.hijacked {
		return http.StatusOK
	}
	return x.writer.status
}

// level asks the option, as if a panic were the answer 500.
func (x *exchange) level(status int, panicked any) slog.Level {
	if panicked != nil && panicked != http.ErrAbortHandler {
		status = max(status, http.StatusInternalServerError)
	}
	return x.m.options.Level(status)
}

// attrs returns those of the request's record, but for late ones.
func (x *exchange) attrs(status int) []slog.Attr {
	r, o := x.request, &x.m.options
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs, slog.String("method", incoming.Cut(r.Method, maxMethod)), slog.String("path", x.path))
	if r.Pattern != "" {
		attrs = append(attrs, slog.String("route", r.Pattern))
	}
	if status != 0 {
		attrs = append(attrs, slog.Int("status", status))
	}
	attrs = append(attrs, slog.Int64("bytes", x.writer.bytes), slog.Duration("duration", time.Since(x.start)),
		slog.String("remote", o.remote(r)))
	if x.writer.hijacked {
		attrs = append(attrs, slog.Bool("hijacked", true))
	}
	if !x.returned {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	return attrs
}

// lateAttrs ends the collector. What is shown in all records is in this one
// already.
func (x *exchange) lateAttrs() []slog.Attr {
	if x.late == nil {
		return nil
	}
	late := x.late.End()
	if x.m.options.Late.Shown {
		late = nil
	}
	if n := x.late.Dropped(); n > 0 {
		return append(late[:len(late):len(late)], slog.Uint64("late_dropped", n))
	}
	return late
}

// pathOf returns the path in the form that a URL has, which is one of harmless
// characters.
func pathOf(r *http.Request) string {
	if r.URL == nil {
		return ""
	}
	return incoming.Cut(r.URL.EscapedPath(), maxPath)
}
