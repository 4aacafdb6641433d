package netsink

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// certificate returns one for the name, and a pool that trusts it.
func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
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
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// startTLSServer returns a server and the Options that reach it, by the name in the address.
func startTLSServer(t *testing.T, serve func(c *tls.Conn, nth int)) (*server, Options, *told) {
	cert, pool := certificate(t, "logs.example")
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	s := startServer(t, "tcp", func(c net.Conn, nth int) {
		serve(tls.Server(c, config), nth)
	})
	told := &told{}
	o := quick(s, told)
	o.TLS = &tls.Config{RootCAs: pool}
	return s, o, told
}

// Ends by close_notify are ends in order, whoever is first; then nothing is in doubt.
func TestTLSRestarts(t *testing.T) {
	tape := newTape()
	drain := make(chan struct{})
	const restarts = 5
	s, o, told := startTLSServer(t, func(c *tls.Conn, nth int) {
		defer c.Close()
		done := make(chan struct{})
		defer close(done)
		if c.Handshake() == nil && nth < restarts {
			go func() {
				select {
				case <-drain:
					_, _ = c.Write([]byte{frame.Ending})
				case <-done:
				}
			}()
		}
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "logs.example:1", o)
	n := 0
	for drained := 0; drained < restarts; n += 50 {
		put(t, h, n, 50, 300)
		select {
		case drain <- struct{}{}:
			drained++
		case <-time.After(time.Millisecond):
		}
	}
	closed(t, h)
	s.wait()
	tape.wantNumbers(t, n)
	if n := h.Stats(); n.Unconfirmed != 0 || n.Connects < restarts {
		t.Errorf("%+v; told %v", n, told.all())
	}
}

// An end of what is under TLS alone is a break.
func TestTLSCutOff(t *testing.T) {
	tape := newTape()
	_, o, told := startTLSServer(t, func(c *tls.Conn, nth int) {
		defer c.Close()
		if nth == 0 {
			_ = tape.read(c, 3)
			c.NetConn().Close()
			return
		}
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "logs.example:1", o)
	put(t, h, 0, 3, 100)
	tape.waitFor(t, 3)
	for n := 3; h.Stats().Connects < 2; n++ { // until it is noticed
		put(t, h, n, 1, 100)
		<-time.After(time.Millisecond)
	}
	closed(t, h)
	waitDelivered(t, h)
	var u *UnconfirmedError
	for _, err := range told.all() {
		errors.As(err, &u)
	}
	if u == nil || u.First != 1 || u.Last < 3 || !errors.Is(u, io.EOF) && !errors.As(u, new(*net.OpError)) {
		t.Errorf("told %v", told.all())
	}
}

// A server that says it ends and does not read what it was sent leaves that in doubt, although its system
// has taken it.
func TestTLSEndsUnread(t *testing.T) {
	tape := newTape()
	_, o, told := startTLSServer(t, func(c *tls.Conn, nth int) {
		defer c.Close()
		if nth == 0 {
			_ = tape.read(c, 1)
			_ = c.CloseWrite()
			time.Sleep(300 * time.Millisecond) // for all to be taken
			_ = c.NetConn().(*net.TCPConn).SetLinger(0)
			c.NetConn().Close()
			return
		}
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "logs.example:1", o)
	put(t, h, 0, 1, 100)
	tape.waitFor(t, 1)
	put(t, h, 1, 1, 100)
	_ = h.Close(t.Context()) // tells, too
	waitDelivered(t, h)
	var u *UnconfirmedError
	for _, err := range told.all() {
		errors.As(err, &u)
	}
	if u == nil || u.First != 1 || u.Last > 2 {
		t.Errorf("told %v", told.all())
	}
}

// A peer that is slow is not given up as long as it takes a piece within WriteTimeout.
func TestTLSSlowPeer(t *testing.T) {
	cert, pool := certificate(t, "logs.example")
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		o := piped(func(c net.Conn, _ int) {
			_ = tape.readAll(tls.Server(&slowConn{Conn: c}, &tls.Config{Certificates: []tls.Certificate{cert}}))
		})
		o.TLS = &tls.Config{RootCAs: pool, Time: func() time.Time { return realTime }}
		o.WriteTimeout, o.DialTimeout, o.CloseTimeout = 20*time.Second, time.Hour, time.Hour
		h := newHandler(t, "tcp", "logs.example:1", o)
		put(t, h, 0, 200, 1000)
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		tape.wantNumbers(t, 200)
		if n := h.Stats(); n.Connects != 1 {
			t.Errorf("%+v", n)
		}
	})
}

// realTime is in the time of the certificates, which the time in a bubble is not.
var realTime = time.Now()

// A slowConn reads no more than 1,000 bytes a second.
type slowConn struct{ net.Conn }

func (c *slowConn) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return c.Conn.Read(p[:min(len(p), 1000)])
}

// A server that is not who it has to be gets nothing.
func TestTLSNotTrusted(t *testing.T) {
	tape := newTape()
	serve := func(c *tls.Conn, _ int) {
		defer c.Close()
		_ = tape.readAll(c)
	}
	for name, change := range map[string]func(o *Options) (address string){
		"unknown authority": func(o *Options) string { o.TLS = &tls.Config{RootCAs: x509.NewCertPool()}; return "logs.example:1" },
		"other name":        func(o *Options) string { return "other.example:1" },
		"TLS 1.2":           func(o *Options) string { return "logs.example:1" },
	} {
		t.Run(name, func(t *testing.T) {
			s, o, told := startTLSServer(t, serve)
			if name == "TLS 1.2" {
				cert, pool := certificate(t, "logs.example")
				o.TLS.RootCAs = pool
				s.serve = func(c net.Conn, nth int) {
					serve(tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12}), nth)
				}
			}
			h := newHandler(t, "tcp", change(&o), o)
			put(t, h, 0, 1, 100)
			ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
			defer cancel()
			if err := h.Close(ctx); err == nil {
				t.Error("Close returned no error")
			}
			if n := h.Stats(); n.Sent != 0 || n.Dropped != 1 || n.Errors == 0 || n.Connects != 0 {
				t.Errorf("%+v; told %v", n, told.all())
			}
			if got := tape.got(); len(got) > 0 {
				t.Errorf("%d records came", len(got))
			}
		})
	}
}

// A peer that takes connections and never shakes hands is given up after DialTimeout.
func TestTLSHandshakeHangs(t *testing.T) {
	over := make(chan struct{})
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		<-over
	})
	defer close(over)
	told := &told{}
	o := quick(s, told)
	o.TLS, o.DialTimeout = &tls.Config{}, 20*time.Millisecond
	h := newHandler(t, "tcp", "logs.example:1", o)
	put(t, h, 0, 1, 100)
	for end := time.Now().Add(20 * time.Second); len(told.all()) < 3 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if errs := told.all(); len(errs) < 3 || !errors.Is(errs[0], context.DeadlineExceeded) {
		t.Errorf("told %v", errs)
	}
}
