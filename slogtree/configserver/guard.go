package configserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
)

// A guard decides who may connect.
type guard struct {
	certificate bool  // a client has to have proved who it is
	uids        []int // of peers of a unix socket; nil is everybody
}

// newGuard returns the guard of l, or why l must not be served.
func newGuard(l net.Addr, o *Options) (guard, error) {
	var g guard
	certificates := o.TLS != nil && o.TLS.ClientAuth == tls.RequireAndVerifyClientCert
	g.certificate = certificates && o.HMAC == nil
	known := certificates || o.HMAC != nil
	switch a := l.(type) {
	case *net.UnixAddr:
		return g.unix(known, o)
	case *net.TCPAddr:
		switch {
		case o.PeerUIDs != nil:
			return g, fmt.Errorf("Options.PeerUIDs are for a unix socket, and this is %s %s", l.Network(), l)
		case a.IP.IsLoopback() || known:
			return g, nil
		case a.IP.IsUnspecified():
			return g, unknown(l, "is all addresses of this machine")
		}
		return g, unknown(l, "is no loopback address")
	}
	if known && o.PeerUIDs == nil {
		return g, nil
	}
	return g, unknown(l, "may be reached by anybody, for all that is known")
}

// unix returns the guard of a unix socket, whose peers are known anyway, or are not.
func (g guard) unix(known bool, o *Options) (guard, error) {
	g.uids = o.PeerUIDs
	if g.uids == nil && !known {
		g.uids = []int{os.Geteuid(), 0}
	}
	if g.uids != nil && !knowsUIDs {
		return g, fmt.Errorf("refusing to serve a unix socket: this system does not tell whose process a peer is: %s", insteadOfUIDs)
	}
	return g, nil
}

const insteadOfUIDs = "give Options.HMAC, or Options.TLS with ClientAuth: tls.RequireAndVerifyClientCert, and no PeerUIDs"

func unknown(l net.Addr, why string) error {
	return fmt.Errorf("refusing to serve %s %s: it %s, and a configuration decides which files are written: listen on loopback or a unix socket, or give Options.HMAC, or Options.TLS with ClientAuth: tls.RequireAndVerifyClientCert", l.Network(), l, why)
}

// peer returns who has connected, or why not to listen to it.
func (g guard) peer(c net.Conn) (name string, err error) {
	name = c.RemoteAddr().String()
	if g.uids == nil {
		return name, nil
	}
	cred, err := peerCredentials(c)
	if err != nil {
		return name, fmt.Errorf("whose process it is can't be told: %w", err)
	}
	name = fmt.Sprintf("unix pid=%d uid=%d", cred.pid, cred.uid)
	if !slices.Contains(g.uids, cred.uid) {
		return name, fmt.Errorf("user %d may not configure this program, but %d", cred.uid, g.uids)
	}
	return name, nil
}

// credentials are what the system says of a peer's process.
type credentials struct{ uid, pid int }

// proved returns whose certificate a client has shown, or that it has shown none that was asked for.
func (g guard) proved(s tls.ConnectionState) (subject string, err error) {
	if len(s.VerifiedChains) > 0 {
		return s.VerifiedChains[0][0].Subject.String(), nil
	}
	if g.certificate {
		return "", errors.New("it has no certificate that was verified")
	}
	return "", nil
}
