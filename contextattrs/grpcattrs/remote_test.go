package grpcattrs

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc/peer"
)

// The attr remote is what package httpattrs would write.
func TestRemote(t *testing.T) {
	for want, addr := range map[string]net.Addr{
		"192.0.2.7":   &net.TCPAddr{IP: net.ParseIP("192.0.2.7").To4(), Port: 5123},
		"192.0.2.8":   &net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.8"), Port: 5123},
		"fe80::1":     &net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 5123, Zone: "eth0"},
		"/run/x.sock": &net.UnixAddr{Name: "/run/x.sock", Net: "unix"},
	} {
		ctx := peer.NewContext(context.Background(), &peer.Peer{Addr: addr})
		if got := remote(ctx); got.Key != "remote" || got.Value.String() != want {
			t.Errorf("%v is %v", addr, got)
		}
	}
	if got := remote(context.Background()); got.Key != "" {
		t.Errorf("without a peer: %v", got)
	}
}
