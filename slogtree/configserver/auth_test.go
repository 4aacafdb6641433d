package configserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Envelopes that are replayed, old, early, of another key or changed are refused, and change nothing.
func TestHMAC(t *testing.T) {
	var docs sink
	now, clock := time.Now(), atomic.Pointer[time.Time]{}
	at := func(t time.Time) { now = t; clock.Store(&t) }
	at(now)
	key := &HMAC{Key: testKey, Audience: "here"}
	f := serve(t, listenTCP(t), Options{HMAC: key, now: func() time.Time { return *clock.Load() }}, docs.apply)
	at(now.Add(time.Second))
	good := key.seal([]byte("one"), now)
	try := func(sealed []byte, want string) {
		t.Helper()
		r := converse(t, dial(t, f.l), frame(string(sealed)))
		if want != "" {
			isReason(t, r, want)
		} else if !r.Applied {
			t.Error(r.reason())
		}
	}
	try(good, "")
	try(good, "it is a replay")
	try([]byte("bare"), "it is in no HMAC envelope")
	try(key.seal([]byte("two"), now.Add(-time.Minute-time.Second)), "it has expired")
	try(key.seal([]byte("two"), now.Add(time.Minute+time.Second)), "from the future")
	try(key.seal([]byte("two"), now.Add(-2*time.Second)), "can't tell from a replay") // before the server began
	try((&HMAC{Key: testKey, Audience: "there"}).seal([]byte("two"), now), "its HMAC is wrong")
	try((&HMAC{Key: testKey[1:], Audience: "here"}).seal([]byte("two"), now), "its HMAC is wrong")
	swapped := key.seal([]byte("two"), now)
	copy(swapped[len("slogsuite-hmac-sha256 1700000000000 "):], good[len("slogsuite-hmac-sha256 1700000000000 "):][:32])
	try(swapped, "its HMAC is wrong") // another's nonce
	try([]byte(strings.Replace(string(key.seal([]byte("two"), now)), " ", "  ", 1)), "it is in no HMAC envelope")
	try([]byte(strings.Replace(string(key.seal([]byte("two"), now)), " 1", " x", 1)), "malformed")
	at(now.Add(30 * time.Second))
	try(good, "it is a replay")
	at(now.Add(31 * time.Second))
	try(good, "it has expired")
	try(key.seal([]byte("three"), now), "")
	f.end()
	if got := docs.got(); !reflect.DeepEqual(got, []string{"one", "three"}) {
		t.Errorf("applied: %q", got)
	}
	if strings.Contains(f.log.text(), string(testKey)) {
		t.Error("the key is in the audit")
	}
}

// Send's envelope is the server's, and a peer without the key learns that it has no key and nothing else.
func TestSendHMAC(t *testing.T) {
	var docs sink
	key := &HMAC{Key: testKey}
	f := serve(t, listenTCP(t), Options{HMAC: key}, docs.apply)
	defer f.end()
	addr := f.l.Addr().String()
	if r, err := Send(t.Context(), "tcp", addr, []byte("doc"), SendOptions{HMAC: key}); err != nil || !r.Applied {
		t.Error(r, err)
	}
	for _, o := range []SendOptions{{}, {HMAC: &HMAC{Key: testKey[:16]}}} {
		var refused *RefusedError
		if _, err := Send(t.Context(), "tcp", addr, []byte("doc"), o); !errors.As(err, &refused) || !strings.Contains(err.Error(), "HMAC") {
			t.Error(err)
		}
	}
	if _, err := Send(t.Context(), "tcp", addr, []byte("doc"), SendOptions{HMAC: &HMAC{}}); err == nil || !strings.Contains(err.Error(), "HMAC.Key has 0 bytes") {
		t.Error(err)
	}
	if n := len(docs.got()); n != 1 {
		t.Errorf("%d were applied", n)
	}
}

// An authority and what it has certified.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	a := &authority{t: t, pool: x509.NewCertPool()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour)}
	a.key, a.cert, _ = a.make(template, nil)
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) make(template *x509.Certificate, by *authority) (*ecdsa.PrivateKey, *x509.Certificate, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, cert, der
}

// issue returns a certificate for both ends.
func (a *authority) issue(name string) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	key, _, der := a.make(template, a)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	server := &tls.Config{Certificates: []tls.Certificate{ours.issue("server")}, ClientCAs: ours.pool, ClientAuth: tls.RequireAndVerifyClientCert}
	client := func(certs ...tls.Certificate) *tls.Config {
		return &tls.Config{RootCAs: ours.pool, Certificates: certs}
	}
	var docs sink
	f := serve(t, listenTCP(t), Options{TLS: server}, docs.apply)
	addr := f.l.Addr().String()
	send := func(c *tls.Config) error {
		_, err := Send(t.Context(), "tcp", addr, []byte("doc"), SendOptions{TLS: c})
		return err
	}
	if err := send(client(ours.issue("operator"))); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]*tls.Config{"none": client(), "another's": client(others.issue("operator")), "no TLS": nil} {
		if err := send(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := send(&tls.Config{RootCAs: others.pool, Certificates: client(ours.issue("x")).Certificates}); err == nil {
		t.Error("a server was believed that nobody knows")
	}
	old := client(ours.issue("operator"))
	old.MaxVersion = tls.VersionTLS12
	if c, err := tls.Dial("tcp", addr, old); err == nil {
		c.Close()
		t.Error("TLS 1.2 was taken")
	}
	f.end()
	if got := docs.got(); len(got) != 1 || !strings.Contains(f.log.text(), "(CN=operator)") {
		t.Error(got, f.log.text())
	}
}

// Where nothing but certificates says who sends, a configuration that GetConfigForClient chooses
// does not let in who has none.
func TestTLSChosenConfig(t *testing.T) {
	ours := newAuthority(t)
	cert := ours.issue("server")
	lax := &tls.Config{Certificates: []tls.Certificate{cert}}
	strict := &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: ours.pool, ClientAuth: tls.RequireAndVerifyClientCert,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return lax, nil }}
	var docs sink
	f := serve(t, listenTCP(t), Options{TLS: strict}, docs.apply)
	defer f.end()
	_, err := Send(t.Context(), "tcp", f.l.Addr().String(), []byte("doc"), SendOptions{TLS: &tls.Config{RootCAs: ours.pool}})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "no certificate that was verified") || len(docs.got()) > 0 {
		t.Error(err, docs.got())
	}
}

// CPython's listener closes without a reply, and so may a network.
func TestSendErrors(t *testing.T) {
	for said, want := range map[string]string{
		"":                              "without a reply",
		"{}":                            "the reply was cut short after 2 bytes",
		"hello\n":                       "the reply is malformed",
		strings.Repeat("x", maxReply+1): "the reply was cut short",
	} {
		l := listenTCP(t)
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if _, err := (frameReader{r: c, max: 100, deadline: func(time.Time) {}}).read(); err == nil {
				c.Write([]byte(said))
			}
		}()
		if _, err := Send(t.Context(), "tcp", l.Addr().String(), []byte("doc"), SendOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.10q: %v, want %s", said, err, want)
		}
	}
	l := listenTCP(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if c, err := l.Accept(); err == nil {
			cancel()
			<-t.Context().Done()
			c.Close()
		}
	}()
	if _, err := Send(ctx, "tcp", l.Addr().String(), []byte("doc"), SendOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.Close()
	if _, err := Send(t.Context(), "tcp", l.Addr().String(), nil, SendOptions{}); err == nil || !strings.HasPrefix(err.Error(), "configserver: ") {
		t.Error(err)
	}
}
