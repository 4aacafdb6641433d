package admin

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// A refusals counts requests for changes that were refused to who may not make them.
type refusals struct {
	mu     sync.Mutex
	since  time.Time // when the second began
	told   int       // in it
	untold int
}

// maxTold is how many refusals are told in a second.
const maxTold = 10

// admit reports whether another is to be told, and how many before it were not.
func (s *refusals) admit(now time.Time) (untold int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= time.Second {
		s.since, s.told = now, 0
	}
	if s.told++; s.told > maxTold {
		s.untold++
		return 0, false
	}
	untold, s.untold = s.untold, 0
	return untold, true
}

// tellRefused tells of a request for a change by who may not make it. Mistakes are not told.
func (h *handler) tellRefused(r *http.Request, name string, f *fault) {
	if f == nil || f.status != http.StatusForbidden && f.status != http.StatusMisdirectedRequest {
		return
	}
	untold, ok := h.refusals.admit(time.Now())
	if !ok {
		return
	}
	attrs := []slog.Attr{slog.String("name", cut(name, maxText)), slog.String("remote", r.RemoteAddr), slog.String("reason", f.Text)}
	if untold > 0 {
		attrs = append(attrs, slog.Int("untold", untold))
	}
	h.options.Audit.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelWarn, "level change refused", attrs...)
}
