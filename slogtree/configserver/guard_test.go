package configserver

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
)

type otherAddr struct{}

func (otherAddr) Network() string { return "carrier" }
func (otherAddr) String() string  { return "pigeon" }

// Who can't be known is not served, and is told why.
func TestGuard(t *testing.T) {
	key := &HMAC{Key: testKey}
	mutual, oneWay := &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert}, &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven}
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 1} }
	for _, c := range []struct {
		addr net.Addr
		o    Options
		want string
	}{
		{tcp("127.0.0.1"), Options{}, "<nil>"},
		{tcp("127.3.2.1"), Options{}, "<nil>"},
		{tcp("::1"), Options{}, "<nil>"},
		{tcp("::ffff:127.0.0.1"), Options{}, "<nil>"},
		{tcp("0.0.0.0"), Options{}, "all addresses of this machine"},
		{tcp("::"), Options{}, "all addresses of this machine"},
		{tcp(""), Options{}, "no loopback address"},
		{tcp("192.0.2.1"), Options{}, "no loopback address"},
		{tcp("fe80::1"), Options{}, "no loopback address"},
		{tcp("192.0.2.1"), Options{TLS: oneWay}, "no loopback address"},
		{tcp("192.0.2.1"), Options{TLS: mutual}, "<nil>"},
		{tcp("0.0.0.0"), Options{HMAC: key}, "<nil>"},
		{tcp("127.0.0.1"), Options{PeerUIDs: []int{1}}, "are for a unix socket"},
		{otherAddr{}, Options{}, "may be reached by anybody"},
		{otherAddr{}, Options{HMAC: key}, "<nil>"},
		{otherAddr{}, Options{HMAC: key, PeerUIDs: []int{1}}, "may be reached by anybody"},
		{&net.UnixAddr{Name: "x", Net: "unix"}, Options{HMAC: key}, "<nil>"},
		{&net.UnixAddr{Name: "x", Net: "unix"}, Options{TLS: mutual}, "<nil>"},
		{&net.UnixAddr{Name: "x", Net: "unix"}, Options{}, unless(knowsUIDs, "does not tell whose process")},
		{&net.UnixAddr{Name: "x", Net: "unix"}, Options{HMAC: key, PeerUIDs: []int{1}}, unless(knowsUIDs, "does not tell whose process")},
	} {
		_, err := newGuard(c.addr, &c.o)
		if got := fmt.Sprint(err); !strings.Contains(got, c.want) {
			t.Errorf("%v with %+v: %s, want %s", c.addr, c.o, got, c.want)
		}
	}
	if g, _ := newGuard(tcp("192.0.2.1"), &Options{TLS: mutual}); !g.certificate {
		t.Error("a client without a certificate would be served")
	}
}

func unless(known bool, why string) string {
	if known {
		return "<nil>"
	}
	return why
}

// All that is wrong with Options is told at once, and nothing is served.
func TestBadOptions(t *testing.T) {
	l := newPipes()
	err := Serve(t.Context(), l, nil, Options{MaxBytes: -1, MaxConns: -1, MaxLoggers: -1, HeaderTimeout: -1, BodyTimeout: -1, Timeout: -1, DrainTimeout: -1,
		PeerUIDs: []int{-5}, HMAC: &HMAC{Window: -1}, TLS: &tls.Config{MaxVersion: tls.VersionTLS12}})
	for _, want := range []string{"configserver: ", "negative Options.MaxBytes", "MaxConns", "MaxLoggers", "HeaderTimeout", "BodyTimeout", "Options.Timeout", "DrainTimeout", "PeerUIDs has -5",
		"HMAC.Key", "HMAC.Window", "MaxVersion TLS 1.2", "the tree is nil", "are for a unix socket"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is open")
	}
}
