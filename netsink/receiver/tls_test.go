package receiver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// An authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "authority"}}
	der, key := a.sign(t, template)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.key = key
	a.pool.AddCert(a.cert)
	return a
}

// issue returns a certificate for servers at host and for clients.
func (a *authority) issue(t *testing.T, host string) tls.Certificate {
	t.Helper()
	der, key := a.sign(t, &x509.Certificate{
		IPAddresses: []net.IP{net.ParseIP(host)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// sign signs by itself what the authority has no key for yet.
func (a *authority) sign(t *testing.T, template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Unix(0, 0), time.Unix(1<<37, 0) // bubbles begin in 2000
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// dialTLS connects to r, and fails the test if that fails.
func (r *running) dialTLS(t *testing.T, c *tls.Config) *tls.Conn {
	t.Helper()
	conn := tls.Client(r.dial(t), c)
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestTLS(t *testing.T) {
	a := newAuthority(t)
	got, told := newSink(), newErrs()
	s := &Server{Target: got.target, OnError: told.add, TLS: &tls.Config{Certificates: []tls.Certificate{a.issue(t, "127.0.0.1")}, MinVersion: tls.VersionTLS10}}
	r := serve(t, s)
	client := &tls.Config{RootCAs: a.pool, ServerName: "127.0.0.1"}
	c := r.dialTLS(t, client)
	send(t, c, record("l", 30, "secret"))
	got.wait(t, 1)

	old := client.Clone()
	old.MaxVersion = tls.VersionTLS12
	if err := tls.Client(r.dial(t), old).HandshakeContext(t.Context()); err == nil {
		t.Error("TLS 1.2 was taken")
	}
	if err := told.wait(t, 1)[0]; !strings.Contains(err.Error(), "TLS handshake") || !strings.Contains(err.Error(), "version") {
		t.Errorf("told %v", err)
	}
	plain := r.dial(t)
	send(t, plain, record("l", 30, "plain"))
	if err := told.wait(t, 2)[1]; !strings.Contains(err.Error(), "first record does not look like a TLS handshake") {
		t.Errorf("told %v", err)
	}

	// At its end the server says so, and takes what comes after that.
	ended := make(chan error, 1)
	go func() { ended <- r.end() }()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer is told %v", err)
	}
	send(t, c, record("l", 30, "last"))
	if err := c.CloseWrite(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if lines := got.lines(); len(lines) != 2 || lines[1] != "l: last" {
		t.Errorf("got %q", lines)
	}
}

// Whatever a configuration chooses for a client, it is TLS 1.3.
func TestTLSVersionOfChosenConfig(t *testing.T) {
	a := newAuthority(t)
	chosen := &tls.Config{Certificates: []tls.Certificate{a.issue(t, "127.0.0.1")}, MinVersion: tls.VersionTLS12}
	told := newErrs()
	r := serve(t, &Server{Target: newSink().target, OnError: told.add, TLS: &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return chosen, nil }}})
	old := &tls.Config{RootCAs: a.pool, ServerName: "127.0.0.1", MaxVersion: tls.VersionTLS12}
	if err := tls.Client(r.dial(t), old).HandshakeContext(t.Context()); err == nil {
		t.Error("TLS 1.2 was taken")
	}
	old.MaxVersion = 0
	r.dialTLS(t, old).Close()
}

func TestMutualTLS(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	got, told := newSink(), newErrs()
	r := serve(t, &Server{Target: got.target, OnError: told.add, TLS: &tls.Config{
		Certificates: []tls.Certificate{ours.issue(t, "127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    ours.pool,
	}})
	client := &tls.Config{RootCAs: ours.pool, ServerName: "127.0.0.1"}
	for i, certs := range [][]tls.Certificate{nil, {others.issue(t, "127.0.0.1")}} {
		bad := client.Clone()
		bad.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if certs == nil {
				return new(tls.Certificate), nil
			}
			return &certs[0], nil
		}
		c := r.dialTLS(t, bad) // in TLS 1.3 a client learns later that it is refused
		_, _ = c.Write(record("l", 30, "from nobody"))
		if err := told.wait(t, i+1)[i]; !strings.Contains(err.Error(), "TLS handshake") || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("told %v", err)
		}
		c.Close()
	}
	client.Certificates = []tls.Certificate{ours.issue(t, "127.0.0.1")}
	c := r.dialTLS(t, client)
	send(t, c, record("l", 30, "from one we know"))
	if lines := got.wait(t, 1); len(lines) != 1 || lines[0] != "l: from one we know" {
		t.Errorf("got %q", lines)
	}
	c.Close()
}

// A client has done its part of the handshake, and sends, before the server has. If that one is to end in this moment it
// hears the client all the same.
func TestDrainDuringHandshake(t *testing.T) {
	authority := newAuthority(t)
	entered, free := make(chan struct{}), make(chan struct{})
	got, told := newSink(), newErrs()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &closeListener{TCPListener: inner.(*net.TCPListener), closed: make(chan struct{})}
	r := serveOn(t, &Server{Target: got.target, OnError: told.add, TLS: &tls.Config{
		Certificates:     []tls.Certificate{authority.issue(t, "127.0.0.1")},
		VerifyConnection: func(tls.ConnectionState) error { close(entered); <-free; return nil },
	}}, l)
	c := r.dialTLS(t, &tls.Config{RootCAs: authority.pool, ServerName: "127.0.0.1"})
	send(t, c, record("l", 20, "hello"))
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- r.end() }()
	<-l.closed // now draining begins
	close(free)
	atEOF(t, c)
	c.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if lines := got.lines(); len(lines) != 1 || len(told.list()) > 0 {
		t.Errorf("got %q, %v", lines, told.list())
	}
}

// A closeListener tells that it was closed.
type closeListener struct {
	*net.TCPListener
	once   sync.Once
	closed chan struct{}
}

func (l *closeListener) Close() error {
	defer l.once.Do(func() { close(l.closed) })
	return l.TCPListener.Close()
}
