package admin

import (
	"log/slog"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

// A pending is a level that will expire.
type pending struct {
	logger *slogtree.Logger
	level  slog.Level
	by     string // for Explain; no two have the same
	until  time.Time
	undo   func() bool
	timer  *time.Timer
}

// attrs are those of the record that tells that p is over.
func (p *pending) attrs(t *slogtree.Tree) []slog.Attr {
	return []slog.Attr{
		slog.String("name", p.logger.Name()),
		slog.String("from", levelText(p.logger, t, p.level)),
		slog.String("to", levelText(p.logger, t, p.logger.Level())),
	}
}

// expiries are the levels that will expire, by logger. The mutex is held while
// a level is set, so that what is known here and what holds are the same.
type expiries struct {
	mu    sync.Mutex
	ended bool
	all   map[string]*pending
}

// add overrides the level of p's logger for d. It returns false if there are too
// many already. Expired is called if the level was set back, with no lock held.
func (e *expiries) add(p *pending, d time.Duration, expired func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := p.logger.Name()
	old := e.all[name]
	if e.ended || old == nil && len(e.all) >= maxPending {
		return false
	}
	if old != nil {
		old.timer.Stop()
	}
	if e.all == nil {
		e.all = map[string]*pending{}
	}
	e.all[name] = p
	p.undo = p.logger.OverrideLevel(p.level, p.by)
	p.timer = time.AfterFunc(d, func() {
		if e.over(name, p) {
			expired()
		}
	})
	return true
}

// over sets p's level back, and reports whether it did.
func (e *expiries) over(name string, p *pending) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all[name] != p {
		return false
	}
	delete(e.all, name)
	return p.undo()
}

// forget sets a level that stays.
func (e *expiries) forget(name string, set func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if old := e.all[name]; old != nil {
		old.timer.Stop()
		delete(e.all, name)
	}
	set()
}

// of returns what is pending for a logger.
func (e *expiries) of(name string) (p *pending, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok = e.all[name]
	return p, ok
}

// end stops all timers and returns what was pending.
func (e *expiries) end() (all []*pending) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, p := range e.all {
		p.timer.Stop()
		all = append(all, p)
	}
	clear(e.all)
	return all
}
