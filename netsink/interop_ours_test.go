//go:build unix

package netsink_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/receiver"
)

// newTLS returns configurations for both ends, which ask each other for certificates.
func newTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"logs"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	certs := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return &tls.Config{Certificates: certs, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
		&tls.Config{Certificates: certs, RootCAs: pool, ServerName: "logs"}
}

// oursFormat prints all attrs that toFormat prints, under their own names.
var oursFormat = strings.Replace(toFormat, "%(attr.name)s", "%(attrs)s", 1)

// Ours sends to ours: what is printed there is what is printed here.
func TestToOurs(t *testing.T) {
	server, client := newTLS(t)
	for _, c := range []struct {
		network string
		tls     bool
		long    int
	}{
		{"tcp", false, 200_000}, {"tcp", true, 200_000}, {"unix", false, 200_000}, {"unix", true, 200_000},
		{"unixgram", false, 60_000}, {"udp", false, 2000}, // the system keeps some 200,000 bytes of datagrams, and loses the others
	} {
		for protocol, name := range map[netsink.Protocol]string{netsink.Pickle: "pickle", netsink.JSON: "json"} {
			t.Run(fmt.Sprintf("%s/tls=%v/%s", c.network, c.tls, name), func(t *testing.T) {
				s := newSite(t, c.network, formatters.Must(formatters.Percent(oursFormat, raw)))
				o := netsink.Options{Protocol: protocol}
				if c.tls {
					s.TLS, o.TLS = server, client
				}
				s.start(t)
				h := newHandler(t, s.network, s.address, o)
				var want buffer
				n := logAll(t, handlers.NewFanout(h, handlers.NewStream(&want, formatters.Must(formatters.Percent(oursFormat, raw)), nil)), c.long)
				closeHandler(t, h)
				if err := s.stop(); err != nil {
					t.Fatal(err)
				}
				sameLines(t, s.out.String(), want.String())
				if got := s.Stats(); got.Records != uint64(n) || got.Refused+got.Failed > 0 {
					t.Errorf("%d records were sent: %+v", n, got)
				}
			})
		}
	}
}

// A record that comes from CPython and is sent on by us, to us and then to CPython, is printed there as
// by its origin.
func TestPassedOn(t *testing.T) {
	const format = everyField + " | %(user)s"
	eachPython(t, func(t *testing.T, python string) {
		for protocol, name := range map[netsink.Protocol]string{netsink.Pickle: "pickle", netsink.JSON: "json"} {
			t.Run(name, func(t *testing.T) {
				last := startReceiver(t, python, filepath.Join("testdata", "receive.py"), cookbook(t, "server.py"), name, format)
				toLast := newHandler(t, "tcp", last.address, netsink.Options{Protocol: protocol})
				second := newSite(t, "unix", nil)
				second.Target = func(string) slog.Handler { return toLast }
				second.start(t)
				toSecond := newHandler(t, second.network, second.address, netsink.Options{Protocol: protocol})
				first := newSite(t, "tcp", nil)
				first.Target = func(string) slog.Handler { return toSecond }
				first.start(t)

				want := runPython(t, python, filepath.Join("testdata", "send.py"), first.network, first.address, format)
				for _, s := range []struct {
					*site
					next *netsink.Handler
				}{{first, toSecond}, {second, toLast}} {
					if err := s.stop(); err != nil {
						t.Fatal(err)
					}
					closeHandler(t, s.next)
				}
				last.wait(t)
				sameLines(t, last.stdout.String(), want)
			})
		}
	})
}

// A receiver whose DrainTimeout is over before it has read all does not confirm it: what it has not given to a
// handler is within an UnconfirmedError.
func TestDrainTimeoutIsTold(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := overListener{inner, make(chan struct{})}
	held := make(chan struct{})
	var handled atomic.Int64
	s := receiver.Server{
		DrainTimeout: time.Nanosecond,
		OnError:      func(error) {},
		Target: func(string) slog.Handler {
			return handlers.NewFilter(handlers.NewStream(io.Discard, nil, nil), handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
				if handled.Add(1) == 1 {
					close(held)
					<-l.over // until nothing more is read
				}
				return r, false
			}))
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	h, err := netsink.NewHandler("tcp", inner.Addr().String(), netsink.Options{RetryMin: time.Hour, RetryMax: time.Hour, OnError: func(error) {}})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(h)
	const records = 3000
	for range records {
		log.Info(strings.Repeat("x", 300))
	}
	<-held
	if err := h.Flush(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	closed := h.Close(t.Context())
	if lost := records - handled.Load(); lost == 0 || h.Stats().Unconfirmed < uint64(lost) {
		t.Errorf("%d lost, %d unconfirmed, %v", lost, h.Stats().Unconfirmed, closed)
	}
}

// An overListener accepts connections that tell when the time for reading from them is over.
type overListener struct {
	net.Listener
	over chan struct{} // closed then
}

func (l overListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return overConn{c.(*net.TCPConn), sync.OnceFunc(func() { close(l.over) })}, nil
}

type overConn struct {
	*net.TCPConn
	over func()
}

func (c overConn) SetReadDeadline(t time.Time) error {
	err := c.TCPConn.SetReadDeadline(t)
	if !t.IsZero() && !time.Now().Before(t) {
		c.over()
	}
	return err
}
