package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/netsink/receiver"
)

// A listen is an address to listen on.
type listen struct {
	network string // tcp, udp or unix
	address string
}

// parseListen reads HOST:PORT, tcp:HOST:PORT, udp:HOST:PORT or unix:PATH.
func parseListen(text string) (listen, error) {
	l := listen{"tcp", text}
	if network, rest, ok := strings.Cut(text, ":"); ok {
		switch network {
		case "unix":
			if rest == "" {
				return l, errors.New("the path is missing")
			}
			return listen{network, rest}, nil
		case "tcp", "udp":
			if strings.Contains(rest, ":") { // else it is a host called so
				l = listen{network, rest}
			}
		}
	}
	_, port, err := net.SplitHostPort(l.address)
	if err != nil || port == "" {
		return l, errors.New("not HOST:PORT, tcp:HOST:PORT, udp:HOST:PORT or unix:PATH")
	}
	if _, err := net.LookupPort(l.network, port); err != nil {
		return l, fmt.Errorf("there is no port %q", port)
	}
	return l, nil
}

// String returns l in the form that parseListen reads. tcp goes without saying.
func (l listen) String() string {
	if l.network == "tcp" {
		return l.address
	}
	return l.network + ":" + l.address
}

// resolveTime bounds how long it may take to find out what a host's name means.
const resolveTime = 5 * time.Second

// isLocal reports whether l can be reached from this machine alone, and why not.
func (l listen) isLocal() (bool, string) {
	if l.network == "unix" {
		return true, ""
	}
	host, _, err := net.SplitHostPort(l.address)
	if err != nil {
		return false, err.Error()
	}
	if host == "" {
		return false, "without a host it is all addresses of this machine"
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return false, fmt.Sprintf("what %q means is unknown: %v", host, err)
	}
	for _, ip := range ips {
		switch ip = ip.Unmap(); {
		case ip.IsUnspecified():
			return false, fmt.Sprintf("%s is all addresses of this machine", ip)
		case !ip.IsLoopback():
			return false, fmt.Sprintf("%s is no loopback address", ip)
		}
	}
	return len(ips) > 0, fmt.Sprintf("%q has no address", host)
}

// refuse returns why o must not listen on l.
func (o *options) refuse(l listen) error {
	local, why := l.isLocal()
	switch {
	case local || o.insecure:
		return nil
	case l.network == "udp":
		return fmt.Errorf("-listen %s is refused: %s, so anybody who reaches it could write to the log, and there is no TLS for datagrams; -insecure allows it", l, why)
	case o.tls.cert != "":
		return nil
	}
	return fmt.Errorf("-listen %s is refused: %s, so anybody who reaches it could write to the log and read it on its way; give -tls-cert and -tls-key, and -tls-client-ca to know the senders, or -insecure to allow it", l, why)
}

// open listens.
func (l listen) open() (net.Listener, net.PacketConn, error) {
	switch l.network {
	case "udp":
		pc, err := net.ListenPacket("udp", l.address)
		return nil, pc, err
	case "unix":
		removeStale(l.address)
	}
	nl, err := receiver.Listen(l.network, l.address)
	return nl, nil, err
}

// wsaRefused is ECONNREFUSED on Windows, whose name there means another number.
const wsaRefused = syscall.Errno(10061)

// removeStale removes a socket that a process has left that was killed: nothing but a refusal says
// that nobody has it. Somebody may have it for datagrams, be too busy to take us, or not let us.
func removeStale(path string) {
	if st, err := os.Lstat(path); err != nil || st.Mode()&os.ModeSocket == 0 {
		return
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		c.Close() // somebody listens, and Listen will say so
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaRefused):
		_ = os.Remove(path) // else Listen will say so
	}
}

// tlsFiles are the names of files for TLS.
type tlsFiles struct{ cert, key, clientCA string }

// config returns a configuration for a server, nil if there is to be no TLS.
func (f tlsFiles) config() (*tls.Config, error) {
	if f.cert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert %q, -tls-key %q: %w", f.cert, f.key, err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}
	if f.clientCA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(f.clientCA)
	if err != nil {
		return nil, fmt.Errorf("-tls-client-ca: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-tls-client-ca %q: there is no certificate in it", f.clientCA)
	}
	return c, nil
}
