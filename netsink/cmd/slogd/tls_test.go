//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A signer makes certificates, the first for itself.
type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue writes NAME.pem and NAME.key to dir.
func (s *signer) issue(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if s.cert == nil {
		template.IsCA, template.BasicConstraintsValid = true, true
		s.cert, s.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, s.cert, &key.PublicKey, s.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if s.cert == template {
		if s.cert, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// client returns a configuration that trusts ca.pem, and shows NAME.pem if name is not empty.
func client(t *testing.T, dir, name string) *tls.Config {
	t.Helper()
	c := &tls.Config{ServerName: "127.0.0.1", RootCAs: x509.NewCertPool()}
	if !c.RootCAs.AppendCertsFromPEM([]byte(read(t, filepath.Join(dir, "ca.pem")))) {
		t.Fatal("ca.pem has no certificate")
	}
	if name != "" {
		cert, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{cert}
	}
	return c
}

// With TLS it listens where others reach it, and with -tls-client-ca takes those it knows alone.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	var ca, other signer
	ca.issue(t, dir, "ca")
	ca.issue(t, dir, "server")
	ca.issue(t, dir, "sender")
	other.issue(t, dir, "stranger")
	p := launch(t, dir, 1, "-listen", "0.0.0.0:0", "-tls-cert", "server.pem", "-tls-key", "server.key", "-tls-client-ca", "ca.pem", "-file", "all.log", "-format", "%(message)s")
	_, port, err := net.SplitHostPort(p.addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	addr := net.JoinHostPort("127.0.0.1", port)
	for _, name := range []string{"", "stranger"} {
		if c, err := tls.Dial("tcp", addr, client(t, dir, name)); err == nil { // it learns later that it is refused
			_, _ = c.Write(record("from a stranger"))
			c.Close()
		}
		if line := p.await("slogd: netsink/receiver: peer 127.0.0.1:"); !strings.Contains(line, "TLS handshake") {
			t.Errorf("%q", line)
		}
	}
	plain, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	send(t, plain, record("in clear"))
	p.await("slogd: netsink/receiver: peer 127.0.0.1:")
	c, err := tls.Dial("tcp", addr, client(t, dir, "sender"))
	if err != nil {
		t.Fatal(err)
	}
	send(t, c, record("by TLS"))
	c.Close()
	grown(t, filepath.Join(dir, "all.log"), 1)
	p.terminate()
	if got := read(t, filepath.Join(dir, "all.log")); got != "by TLS\n" {
		t.Errorf("got %q", got)
	}
}
