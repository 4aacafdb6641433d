package rotate

import (
	"errors"
	"time"
)

// A trouble is what could not be done with a file.
type trouble struct {
	op string
	id any // of the backup, nil for all of them
}

// troubles knows what could not be done, so that it is reported once, and not tried
// again and again.
type troubles map[trouble]*hold

// A hold says when something is tried again.
type hold struct {
	told  bool
	never bool
	pause time.Duration
	until time.Time
}

const (
	firstHold = time.Second
	lastHold  = 5 * time.Minute
)

var (
	errBlocked = errors.New("both are left as they are") // until one of them changes
	errLater   = errors.New("not now")                   // no failure
)

// prune forgets backups that are gone.
func (t troubles) prune(slots []slot) {
	if len(t) == 0 {
		return
	}
	there := map[any]bool{nil: true}
	for _, s := range slots {
		for _, b := range s.files {
			there[fileID(b)] = true
		}
	}
	for k := range t {
		if !there[k.id] {
			delete(t, k)
		}
	}
}

// try does something, unless it is too early after it has failed, and reports
// whether that worked.
func (m *mill) try(t trouble, fn func() error) bool {
	if m.holds(t) {
		return false
	}
	err := guard(fn)
	switch {
	case err == nil:
		delete(m.troubles, t)
	case errors.Is(err, errEnding):
	default:
		m.failed(t, err)
	}
	return err == nil
}

// holds reports whether it is too early, and sees to it that there is a pass when it
// no longer is.
func (m *mill) holds(t trouble) bool {
	h := m.troubles[t]
	if h == nil || m.isEnding() {
		return h != nil && h.never
	}
	if h.never {
		return true
	}
	left := time.Until(h.until)
	if left > 0 {
		m.wakeIn(left)
	}
	return left > 0
}

// failed reports what is not known yet, and says when to try again.
func (m *mill) failed(t trouble, err error) {
	if m.troubles == nil {
		m.troubles = troubles{}
	}
	h := m.troubles[t]
	if h == nil {
		h = &hold{}
		m.troubles[t] = h
	}
	if errors.Is(err, ErrBusy) {
		m.f.putOff()
	}
	quiet := errors.Is(err, ErrBusy) || errors.Is(err, errLater)
	if !h.told && !quiet {
		h.told = true
		m.f.report(err)
	}
	h.never = errors.Is(err, errBlocked)
	h.pause = min(max(2*h.pause, firstHold), lastHold)
	h.until = time.Now().Add(h.pause)
	if !h.never {
		m.wakeIn(h.pause)
	}
}
