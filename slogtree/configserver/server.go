// Package configserver lets other programs configure a running one, as CPython's
// logging.config.listen does, and its clients work unmodified.
//
// A configuration is a write primitive: it says which files are opened. So a document executes nothing, may
// use the kinds of handlers that [Options] allow and the files below a directory, is applied as
// a whole or not at all, and comes from this machine, unless its sender has proved who it is.
package configserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Serve takes documents from l and applies them to tree, one after the other, until ctx ends or l
// fails. It mirrors logging.config.listen: a connection carries the length of
// a document in four bytes, big-endian, and the document, which is JSON for dictConfig or
// else an INI file for fileConfig. What follows is ignored. Serve replies with a [Reply], once the
// whole document has come, and closes the connection.
//
// It returns at once, with all reasons, if Options are wrong, or if l can be reached
// from other machines and neither HMAC nor client certificates prove who sends.
//
// At its end Serve closes l, has what is being applied be done for up to DrainTimeout, and refuses the
// rest. It leaves no goroutine. The error is nil if ctx ended it.
func Serve(ctx context.Context, l net.Listener, tree *slogtree.Tree, options Options) error {
	defer l.Close()
	s, err := newServer(l.Addr(), tree, options)
	if err != nil {
		return fmt.Errorf("configserver: %w", err)
	}
	return s.serve(ctx, l)
}

// Check returns what Serve would refuse for a listener at an address, before there is one or before
// anybody is told of it.
func Check(at net.Addr, tree *slogtree.Tree, options Options) error {
	if _, err := newServer(at, tree, options); err != nil {
		return fmt.Errorf("configserver: %w", err)
	}
	return nil
}

// A server is one call of Serve.
type server struct {
	Options // with its defaults
	guard   guard
	nonces  *nonces
	apply   func(context.Context, []byte) Reply
	audit   auditor
	turn    chan struct{} // holds one thing while a document is applied
	telling sync.Mutex    // held while OnDocument is called
	group   sync.WaitGroup

	mu    sync.Mutex
	conns []*conn       // the oldest first
	news  chan struct{} // gets something when it may be worth while to look for room
}

// newServer returns a server for a listener there, or all that is wrong.
func newServer(at net.Addr, tree *slogtree.Tree, options Options) (*server, error) {
	errs := []error{options.check()}
	s := &server{Options: options.filled(), turn: make(chan struct{}, 1), news: make(chan struct{}, 1)}
	if tree == nil {
		errs = append(errs, errors.New("the tree is nil"))
	}
	a, err := newApplier(tree, options.Config, s.MaxLoggers)
	errs = append(errs, err)
	s.guard, err = newGuard(at, &s.Options)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	s.apply = a.apply
	s.audit = auditor{handler: s.Audit, onError: s.OnError}
	if s.HMAC != nil {
		s.nonces = newNonces(s.HMAC.Window, s.now())
	}
	return s, nil
}

// serve accepts connections until ctx ends or l fails, and waits for them.
func (s *server) serve(ctx context.Context, l net.Listener) error {
	ctx, end := context.WithCancel(ctx)
	applying, hurry := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		l.Close()
		s.cutAll()
		t := time.NewTimer(s.DrainTimeout)
		defer t.Stop()
		select {
		case <-t.C:
		case <-over:
		}
		hurry()
	})
	err := s.accept(ctx, applying, l)
	end()
	s.group.Wait()
	close(over)
	ending.Wait()
	s.audit.rest()
	return err
}

// cutAll has all connections end that still send.
func (s *server) cutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.cut(errEnding)
	}
}

// end takes c, which is closed, out of the account.
func (s *server) end(c *conn) {
	s.mu.Lock()
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == c })
	s.mu.Unlock()
	s.changed()
}

// changed says that there may be room, or another that can go.
func (s *server) changed() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// accept accepts connections until ctx ends or l fails.
func (s *server) accept(ctx, applying context.Context, l net.Listener) error {
	for failed := 0; ctx.Err() == nil; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			failed = 0
			s.admit(ctx, applying, nc)
		case ctx.Err() != nil:
		case !isTemporary(err):
			return fmt.Errorf("configserver: %w", err)
		default:
			s.audit.trouble(fmt.Errorf("configserver: accepting again after a pause: %w", err))
			pause(ctx, failed)
			failed++
		}
	}
	return nil
}

// isTemporary reports whether the same may succeed later: too many files are open, or a
// peer was gone before it was accepted.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// pause waits, up to a second, longer each time.
func pause(ctx context.Context, failed int) {
	t := time.NewTimer(min(5*time.Millisecond<<min(failed, 10), time.Second))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// admit serves a connection, once there is room for it.
func (s *server) admit(ctx, applying context.Context, nc net.Conn) {
	if !s.room(ctx) {
		nc.Close()
		return
	}
	c := newConn(s, nc)
	s.mu.Lock()
	s.conns = append(s.conns, c)
	s.mu.Unlock()
	if ctx.Err() != nil { // cutAll may have come before
		c.cut(errEnding)
	}
	s.group.Go(func() {
		defer s.end(c)
		c.run(applying)
	})
}

// room waits until there is room for another connection, for which the oldest has to go that still sends. It
// returns false if ctx ends first.
func (s *server) room(ctx context.Context) bool {
	for ctx.Err() == nil {
		s.mu.Lock()
		full := len(s.conns) >= s.MaxConns
		if full {
			s.evict()
		}
		s.mu.Unlock()
		if !full {
			return true
		}
		select {
		case <-s.news:
		case <-ctx.Done():
		}
	}
	return false
}

// evict has one connection go, unless one is going. The caller holds mu.
func (s *server) evict() {
	for _, c := range s.conns {
		if c.cut(errCrowded) {
			return
		}
	}
}
