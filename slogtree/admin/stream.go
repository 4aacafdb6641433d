package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

const (
	heartbeat    = 15 * time.Second // so that a client that has gone is noticed
	writeTimeout = 10 * time.Second // for a client that reads nothing
)

// serveTail answers GET /tail with server-sent events, until the client goes:
//
//	id: 17
//	event: record
//	data: {"time":"…","level":"INFO","n":0,"logger":"app.db","message":"…","attrs":"…","source":"db.go:12"}
//
//	event: dropped
//	data: 12
//
// Dropped are records that the client was too slow for, after the one before.
func (h *handler) serveTail(w http.ResponseWriter, r *http.Request, q url.Values) *fault {
	wants, f := h.selection(q)
	if f != nil {
		return f
	}
	since, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64) // else all
	s := stream{w: w, control: http.NewResponseController(w)}
	c := h.tail.join(wants, since)
	if c == nil {
		return tooBusy("%d others watch already", maxClients)
	}
	defer h.tail.leave(c)
	defer func() { _ = s.control.SetWriteDeadline(time.Time{}) }() // the connection may serve more
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if s.send("retry: 3000\n\n") != nil || r.Method == http.MethodHead {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for gone := false; !gone; {
		var err error
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			err = s.send(": still here\n\n")
		case <-c.ready:
			gone, err = s.pass(h.tail, c)
		}
		if err != nil {
			return nil // the client has gone, or reads nothing
		}
	}
	return nil
}

// selection reads what a client wants.
func (h *handler) selection(q url.Values) (selection, *fault) {
	s := selection{level: slogtree.LevelNotSet, name: q.Get("name")}
	if text := q.Get("level"); text != "" {
		level, err := h.tree.Levels().Parse(text)
		if err != nil {
			return s, wrong(text, append(h.levels(), "NOTSET"), "an unknown level")
		}
		s.level = level
	}
	return s, nil
}

// A stream writes events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// pass writes what waits for the client.
func (s stream) pass(h *hub, c *client) (gone bool, err error) {
	batch, dropped, gone := h.take(c)
	var text []byte
	for _, r := range batch {
		text = fmt.Appendf(text, "id: %d\nevent: record\ndata: %s\n\n", r.id, r.data)
	}
	if dropped > 0 {
		text = fmt.Appendf(text, "event: dropped\ndata: %d\n\n", dropped)
	}
	return gone, s.send(string(text))
}

// send writes text at once. A server or a middleware that knows no deadlines
// still serves; its own timeouts then end clients that read nothing.
func (s stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
