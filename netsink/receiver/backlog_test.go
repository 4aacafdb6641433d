package receiver

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Who has connected while Serve is to end is heard, up to the last, if the listener is one of Listen.
func TestLastToConnect(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("nowhere else can a listener refuse without resetting who waits")
	}
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			rounds := 30
			if testing.Short() {
				rounds = 5
			}
			connected := 0
			for range rounds {
				connected += lastToConnect(t, network)
			}
			if t.Logf("%d connections", connected); connected < 4*rounds {
				t.Errorf("only %d connections in %d rounds", connected, rounds)
			}
		})
	}
}

// lastToConnect has peers connect until nobody takes them, and returns how many were.
func lastToConnect(t *testing.T, network string) int {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s")
	}
	l, err := Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	got := newSink()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- (&Server{Target: got.target, OnError: func(err error) { t.Error(err) }}).Serve(ctx, l)
	}()
	address = l.Addr().String()

	const peers = 4
	counts := make([]int, peers)
	var group sync.WaitGroup
	for i := range peers {
		group.Go(func() {
			for {
				c, err := net.DialTimeout(network, address, 100*time.Millisecond)
				if err != nil {
					return
				}
				counts[i]++
				_, _ = c.Write(record("l", 20, fmt.Sprint(i, counts[i]))) // what has not arrived is seen
				c.Close()
				if counts[i] == 2 {
					cancel()
				}
			}
		})
	}
	group.Wait()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	connected := 0
	for _, n := range counts {
		connected += n
	}
	if n := len(got.lines()); n != connected {
		t.Errorf("%d peers connected, and %d were heard", connected, n)
	}
	return connected
}

func TestListenRefuses(t *testing.T) {
	for _, c := range []struct{ network, address, want string }{
		{"udp", "127.0.0.1:0", `"udp" is none of`},
		{"tcp", "127.0.0.1:99999", "invalid port"},
	} {
		if l, err := Listen(c.network, c.address); err == nil || l != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, %v", c.network, c.address, l, err)
		}
	}
}
