package configserver

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func listenUnix(t *testing.T) net.Listener {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A process of this user may configure it by a unix socket, and the audit says which it was.
func TestUnix(t *testing.T) {
	var docs sink
	f := serve(t, listenUnix(t), Options{}, docs.apply)
	if _, err := Send(t.Context(), "unix", f.l.Addr().String(), []byte("doc"), SendOptions{}); err != nil {
		t.Error(err)
	}
	f.end()
	if len(docs.got()) != 1 || !strings.Contains(f.log.text(), "unix pid=") {
		t.Error(docs.got(), f.log.text())
	}
}

// Another user may not.
func TestUnixRefused(t *testing.T) {
	var docs sink
	f := serve(t, listenUnix(t), Options{PeerUIDs: []int{os.Geteuid() + 1}}, docs.apply)
	_, err := Send(t.Context(), "unix", f.l.Addr().String(), []byte("doc"), SendOptions{})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "may not configure this program") {
		t.Error(err)
	}
	f.end()
	if len(docs.got()) > 0 {
		t.Error("it was applied")
	}
}

// opaque hides what the system says of a connection.
type opaque struct{ net.Listener }

type wrapped struct{ net.Conn }

func (l opaque) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return wrapped{c}, err
}

// A connection that does not tell whose it is is nobody's.
func TestUnixUnknown(t *testing.T) {
	f := serve(t, opaque{listenUnix(t)}, Options{}, new(sink).apply)
	_, err := Send(t.Context(), "unix", f.l.Addr().String(), []byte("doc"), SendOptions{})
	if err == nil || !strings.Contains(err.Error(), "can't be told") {
		t.Error(err)
	}
	f.end()
}
