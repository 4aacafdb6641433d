package admin

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A route is what answers at a path.
type route struct {
	kind   Kind
	params []string // of the query
	serve  func(h *handler, w http.ResponseWriter, r *http.Request, q url.Values) *fault
}

// routes are the paths, but for those of one logger.
var routes = map[string]route{
	"":         {ReadPage, nil, (*handler).servePage},
	"loggers":  {ReadState, []string{"name"}, (*handler).serveLoggers},
	"tree":     {ReadState, nil, (*handler).serveTree},
	"handlers": {ReadState, nil, (*handler).serveHandlers},
	"filters":  {ReadState, nil, (*handler).serveFilters},
	"explain":  {ReadState, []string{"name"}, (*handler).serveExplain},
	"tail":     {ReadTail, []string{"level", "name"}, (*handler).serveTail},
}

// ServeHTTP serves the page and the API.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range securityHeaders {
		w.Header().Set(name, value)
	}
	if f := h.serve(w, r); f != nil {
		f.write(w)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) *fault {
	path := strings.TrimPrefix(r.URL.Path, "/")
	name, one := strings.CutPrefix(path, "loggers/")
	if one {
		path = "loggers"
	}
	to, ok := routes[path]
	if !ok {
		f := wrong(r.URL.Path, paths(), "there is nothing at this path")
		f.status = http.StatusNotFound
		// A stranger is told that he is one before he is told what is here.
		if refused := h.admit(r, Action{Kind: ReadPage}); refused != nil {
			return refused
		}
		return f
	}
	query, f := h.query(r, to, name, one)
	if f != nil {
		return f
	}
	if path == "loggers" && query.Has("name") && r.Method == http.MethodPost {
		f := h.limited(w, r, query, (*handler).setLevel)
		h.tellRefused(r, query.Get("name"), f)
		return f
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		f := refusal(http.StatusMethodNotAllowed, "%s has no use here", cut(r.Method, 20))
		f.header = [2]string{"Allow", "GET, HEAD"}
		if path == "loggers" {
			f.header[1] += ", POST"
		}
		return f
	}
	if f := h.admit(r, Action{Kind: to.kind, Logger: query.Get("name")}); f != nil {
		return f
	}
	if to.kind == ReadTail {
		return to.serve(h, w, r, query)
	}
	return h.limited(w, r, query, to.serve)
}

// query returns the parameters of a request. The name of a logger may be part of
// the path, where servers and proxies take names such as ".." for something else.
func (h *handler) query(r *http.Request, to route, name string, one bool) (url.Values, *fault) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, wrong(r.URL.RawQuery, nil, "the query can't be read")
	}
	for key, values := range query {
		if !slices.Contains(to.params, key) {
			return nil, wrong(key, to.params, "an unknown parameter")
		}
		if len(values) > 1 || one && key == "name" {
			return nil, wrong(key, nil, "a parameter that is given twice")
		}
	}
	if one {
		query.Set("name", name)
	}
	if name := query.Get("name"); len(name) > maxAsked && h.tree.Lookup(name) == nil { // to look for each part of it would take long
		return nil, wrong(name, nil, "a name of more than %d bytes, which no logger has", maxAsked)
	}
	return query, nil
}

// limited serves a request unless too many are being served.
func (h *handler) limited(w http.ResponseWriter, r *http.Request, q url.Values, serve func(*handler, http.ResponseWriter, *http.Request, url.Values) *fault) *fault {
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
		defer hurry(w, r)()
		return serve(h, w, r, q)
	default:
		return tooBusy("%d requests are being served", maxRequests)
	}
}

// patience is how long a client may take to send its request and to read the answer.
const patience = 30 * time.Second

// hurry keeps a slow client from taking up a place for long, where the server has no
// time-outs that do. The function that it returns ends that.
func hurry(w http.ResponseWriter, r *http.Request) (end func()) {
	if s, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && s.WriteTimeout > 0 && s.ReadTimeout > 0 {
		return func() {}
	}
	control, until := http.NewResponseController(w), time.Now().Add(patience)
	_ = control.SetReadDeadline(until) // a server or a middleware may know no deadlines
	_ = control.SetWriteDeadline(until)
	return func() {
		_ = control.SetReadDeadline(time.Time{})
		_ = control.SetWriteDeadline(time.Time{})
	}
}

func paths() []string {
	known := slices.Sorted(maps.Keys(routes))
	for i := range known {
		known[i] = "/" + known[i]
	}
	return known
}
