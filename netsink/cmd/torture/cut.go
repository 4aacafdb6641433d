//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// cut has a proxy stand between senders and slogd, which resets connections anywhere, or holds them up.
func cut(r *run) error {
	for _, kind := range []string{"tcp", "tls"} {
		if err := r.cuts(kind, r.pick(40, 2000)); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func (r *run) cuts(kind string, times int) error {
	s, err := r.site(kind)
	if err != nil {
		return err
	}
	defer s.close()
	p, err := newProxy(s.address, r.rng.Uint64())
	if err != nil {
		return err
	}
	defer p.close()
	if err := s.send(4, func(o *sendOptions) { o.Numbered, o.Address = true, p.l.Addr().String() }); err != nil {
		return err
	}
	if err := r.waitFor("enough connections that were cut", time.Duration(times)*time.Second, func() bool { return p.resets.Load() >= uint64(times) }); err != nil {
		return err
	}
	p.kind.Store(true)
	t, err := s.settled()
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s: %d resets, %d delays", kind, p.resets.Load(), p.delays.Load())
	lost, outside, err := s.judgeBoth(what, t)
	if err != nil {
		return err
	}
	if outside > 0 {
		return fmt.Errorf("%d records are missing in no window", outside)
	}
	windows, _ := t.windows()
	return none(map[string]uint64{"records": t.Stats.Records, "resets": p.resets.Load(), "delays": p.delays.Load(),
		"windows": uint64(windows), "records that were lost": lost})
}

// A proxy passes on what comes, until it does not.
type proxy struct {
	l              net.Listener
	to             string
	kind           atomic.Bool // it passes on all from now on
	resets, delays atomic.Uint64
	group          sync.WaitGroup

	mu  sync.Mutex
	rng *rand.Rand
}

func newProxy(to string, seed uint64) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{l: l, to: to, rng: rand.New(rand.NewPCG(seed, 1))}
	p.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.group.Go(func() { p.serve(c.(*net.TCPConn)) })
		}
	})
	return p, nil
}

func (p *proxy) close() {
	p.l.Close()
	p.group.Wait()
}

// serve passes one connection on. What goes back is the peer's end alone, but for TLS.
func (p *proxy) serve(c *net.TCPConn) {
	defer c.Close()
	d, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer d.Close()
	u := d.(*net.TCPConn)
	p.group.Go(func() {
		if _, err := io.Copy(c, u); err == nil { // else it would tell of an end in order, which it is not
			_ = c.CloseWrite()
		}
	})
	for {
		budget, how, wait := p.plan()
		if _, err := io.CopyN(u, c, budget); err != nil {
			_ = u.CloseWrite()
			return
		}
		if p.kind.Load() {
			continue
		}
		if how == 0 {
			p.delays.Add(1)
			time.Sleep(wait)
			continue
		}
		p.resets.Add(1)
		reset(u)
		if how == 1 { // the sender goes on into nothing for a while
			time.Sleep(wait)
		}
		reset(c)
		return
	}
}

// plan returns after how many bytes what happens, and how long a pause is.
func (p *proxy) plan() (budget int64, how int, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 1 + p.rng.Int64N(1<<(4+p.rng.IntN(16))), p.rng.IntN(4), time.Duration(p.rng.Int64N(int64(20 * time.Millisecond)))
}

// reset closes c by a reset.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	c.Close()
}
