// Package admin shows a tree of loggers in a browser, and changes levels while
// the program runs.
//
//	http.Handle("/log/", http.StripPrefix("/log", admin.NewHandler(slogtree.Default(), admin.Options{Writable: true})))
//
// The same handler answers programs, in the shape of Spring Boot Actuator's
// /loggers. docs/admin.md lists the API. Nothing is evaluated, loaded from
// elsewhere, or kept without a bound.
package admin

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Options say who may do what with a handler. The zero value is ready to use: it
// shows everything to who asks this host by a loopback name, and changes nothing.
// NewHandler copies it; Hosts must not be changed afterwards.
type Options struct {
	// Writable allows requests that change levels. Without it each is refused with
	// status 403, whatever Authorize says.
	Writable bool

	// Authorize is asked before each request is served, and with its error
	// refuses it: status 403, and the error's text goes to the client. Nil allows
	// everything that the other options do. It may be called from several goroutines at
	// once. Who has to log in is best asked by a middleware around the handler.
	Authorize func(r *http.Request, a Action) error

	// Hosts are names by which browsers may reach the handler, without a port,
	// besides localhost and what ends in .localhost, and loopback addresses. Any other Host
	// is refused with status 421: a page elsewhere whose name is made to lead to
	// this host (DNS rebinding) can do nothing. "*" allows any, for servers that
	// check the name themselves.
	Hosts []string

	// Create allows POST for names that no logger has, which makes the
	// logger, so that it has its level when the program asks for it: at most 1,000
	// of them, of at most 1,000 bytes each. Without it such a POST has status 404.
	Create bool

	// Audit gets a record for each level that was changed, for each that expired, and, at slog.LevelWarn, for each
	// request for a change by who may not: of more than ten in a second the others are counted and told with the next.
	// Nil is the tree's logger AuditLogger, other records at slog.LevelInfo: whatever level
	// that has, its handlers and those above get the record.
	Audit *slog.Logger

	// Recent is how many records are kept for who begins to watch, at most
	// 10,000 and 4 MiB. With 0 none is kept or even looked at while nobody watches;
	// otherwise each record of the program is rendered for it, which takes about as long as
	// writing it to a file does.
	Recent int

	// Context ends the handler with it: levels set for a time are set back,
	// whoever watches is sent away, and every further request has status 503. Nil
	// never ends. No goroutine is needed for it meanwhile.
	Context context.Context
}

// AuditLogger is the name of the logger that tells of changes, if Options.Audit is nil.
const AuditLogger = "slogtree.admin"

// An Action is what a request wants, for Options.Authorize.
type Action struct {
	Kind   Kind
	Logger string // whose level is to be changed or explained, "" for none
	Level  string // as given in the request; "" resets
}

// A Kind is a kind of request.
type Kind string

// The kinds of requests.
const (
	ReadPage  Kind = "page"  // the HTML, which tells nothing of the tree
	ReadState Kind = "state" // loggers, levels, handlers, filters, explanations
	ReadTail  Kind = "tail"  // records, as they are logged
	SetLevel  Kind = "level" // to change a level
)

// Bounds that no option changes.
const (
	maxRequests = 16        // served at a time, not counting who watches
	maxBody     = 4 << 10   // bytes
	maxCreated  = 1000      // loggers made by POST
	maxName     = 1000      // bytes of the name of one
	maxAsked    = 8 << 10   // bytes of a name that no logger has, in a query
	maxPending  = 1000      // levels that will expire
	maxListed   = 1000      // handlers, and filters, in one answer
	maxText     = 1000      // bytes of what a handler or filter says of itself
	maxFor      = 366 * day // until a level expires
	day         = 24 * time.Hour
)

// A handler is what NewHandler returns.
type handler struct {
	tree     *slogtree.Tree
	options  Options
	origin   *http.CrossOriginProtection
	busy     chan struct{} // holds an element for each request being served
	expiries expiries
	created  budget
	refusals refusals
	tail     *hub
}

// NewHandler returns a handler that serves the page at its root and the API
// below it. It uses the paths "/", "/loggers", "/tree", "/handlers", "/filters",
// "/explain" and "/tail", so mount it with [http.StripPrefix]. It may serve any
// number of requests at once, answers 503 beyond its bounds, and makes no logger when it is
// only asked. Several handlers may serve one tree.
//
// The handler has no goroutine of its own. What it holds beyond a request are timers of
// levels that expire, and with Options.Recent or while somebody watches, a place
// among [slogtree.Tree.Watch]; all of this ends with Options.Context.
func NewHandler(tree *slogtree.Tree, options Options) http.Handler {
	if options.Recent < 0 {
		options.Recent = 0
	}
	if options.Context == nil {
		options.Context = context.Background()
	}
	if options.Audit == nil {
		options.Audit = slog.New(tree.Handler(AuditLogger))
	}
	h := &handler{
		tree:    tree,
		options: options,
		origin:  http.NewCrossOriginProtection(),
		busy:    make(chan struct{}, maxRequests),
		created: budget{left: maxCreated},
		tail:    newHub(tree, options.Recent),
	}
	context.AfterFunc(options.Context, h.end)
	return h
}

// end undoes what would outlast the handler.
func (h *handler) end() {
	for _, p := range h.expiries.end() {
		if p.undo() {
			h.audit(context.Background(), "level set back", p.attrs(h.tree)...)
		}
	}
	h.tail.end()
}

// audit tells of a change.
func (h *handler) audit(ctx context.Context, msg string, attrs ...slog.Attr) {
	h.options.Audit.LogAttrs(context.WithoutCancel(ctx), slog.LevelInfo, msg, attrs...)
}
