package configserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// An Error is a refusal: what a peer has sent and why it was not applied, or trouble with
// its connection.
type Error struct {
	Peer       string // its address, or the process behind a unix socket, and whose certificate it has
	Err        error  // for a document that is wrong, all that is, joined
	Unreported int    // how many refusals since the last that was told were only counted
}

// Error returns the peer and the reason.
func (e *Error) Error() string {
	s := fmt.Sprintf("configserver: peer %s: %v", e.Peer, e.Err)
	if e.Unreported > 0 {
		s += fmt.Sprintf(" (and %d refusals before it that were not told)", e.Unreported)
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// maxTold is how many refusals are told in a period: peers may make as many as they like.
const (
	maxTold    = 10
	toldPeriod = time.Second
)

// An auditor tells what was done and refused. One call follows another.
type auditor struct {
	handler slog.Handler
	onError func(error)

	mu     sync.Mutex
	since  time.Time // when the period began
	told   int       // in it
	untold int
}

// applied tells of a change.
func (a *auditor) applied(peer string, document []byte, r Reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rec := record(slog.LevelInfo, "configuration applied", peer, document)
	if r.Report != nil {
		rec.AddAttrs(slog.Bool("changed", !r.Report.Empty()))
	}
	if err := r.Err(); err != nil {
		rec.Level = slog.LevelWarn
		rec.AddAttrs(slog.String("error", err.Error()))
		a.tell(&Error{Peer: peer, Err: fmt.Errorf("applied, but: %w", err)})
	}
	a.log(rec)
}

// unknown tells of what may have been a change: as often as of changes.
func (a *auditor) unknown(peer string, document []byte, r Reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rec := record(slog.LevelError, "configuration perhaps applied", peer, document)
	rec.AddAttrs(slog.String("error", r.Err().Error()))
	a.tell(&Error{Peer: peer, Err: r.Err()})
	a.log(rec)
}

// record returns one about a document.
func record(level slog.Level, message, peer string, document []byte) slog.Record {
	rec := slog.NewRecord(time.Now(), level, message, 0)
	rec.AddAttrs(slog.String("peer", peer), slog.Int("bytes", len(document)), slog.String("sha256", digest(document)))
	return rec
}

// refused tells why nothing was changed.
func (a *auditor) refused(peer string, document []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.admit(time.Now()) {
		return
	}
	rec := slog.NewRecord(time.Now(), slog.LevelWarn, "configuration refused", 0)
	rec.AddAttrs(slog.String("peer", peer))
	if document != nil {
		rec.AddAttrs(slog.Int("bytes", len(document)), slog.String("sha256", digest(document)))
	}
	rec.AddAttrs(slog.String("error", err.Error()))
	if a.untold > 0 {
		rec.AddAttrs(slog.Int("untold", a.untold))
	}
	a.log(rec)
	a.tell(&Error{Peer: peer, Err: err, Unreported: a.untold})
	a.untold = 0
}

// admit reports whether another refusal is to be told. The caller holds mu.
func (a *auditor) admit(now time.Time) bool {
	if now.Sub(a.since) >= toldPeriod {
		a.since, a.told = now, 0
	}
	if a.told++; a.told > maxTold {
		a.untold++
		return false
	}
	return true
}

// rest tells how many refusals were not told.
func (a *auditor) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.untold > 0 {
		rec := slog.NewRecord(time.Now(), slog.LevelWarn, "configurations refused that were not told", 0)
		rec.AddAttrs(slog.Int("untold", a.untold))
		a.log(rec)
	}
}

// trouble tells of what no peer is to blame for.
func (a *auditor) trouble(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell(err)
}

// log hands a record to the handler. Where that fails the record itself is told, so that no
// change goes unseen. The caller holds mu.
func (a *auditor) log(rec slog.Record) {
	err := a.handle(rec)
	if err == nil {
		return
	}
	err = fmt.Errorf("configserver: Options.Audit: %w", err)
	if a.onError != nil {
		a.tell(err)
		return
	}
	fmt.Fprintln(os.Stderr, err)
	_ = slog.NewTextHandler(os.Stderr, nil).Handle(context.Background(), rec) // there is nowhere else to tell it
}

func (a *auditor) handle(rec slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx := context.Background()
	if !a.handler.Enabled(ctx, rec.Level) {
		return nil
	}
	return a.handler.Handle(ctx, rec.Clone())
}

// tell calls OnError. The caller holds mu.
func (a *auditor) tell(err error) {
	if a.onError == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "configserver: Options.OnError: panic: %v\n", p)
		}
	}()
	a.onError(err)
}

// digest returns what a document can be recognised by.
func digest(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}
