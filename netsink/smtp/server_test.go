package smtp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	stdlog "log"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// A mailbox is a real server of mail, which go-smtp is, reached without a network.
type mailbox struct {
	*gosmtp.Server
	listener *pipes
	roots    *x509.CertPool

	mu     sync.Mutex
	mails  []delivered
	refuse func(what, arg string) error // asked before a command is done; nil refuses nothing
}

// A delivered mail, parsed.
type delivered struct {
	at       time.Time
	from     string
	to       []string
	header   mail.Header
	subject  string
	body     string
	isTLS    bool
	username string
}

// newMailbox returns a server that offers STARTTLS, or speaks TLS at once, or none.
func newMailbox(t *testing.T, startTLS bool) *mailbox {
	m := &mailbox{listener: &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}}
	m.Server = gosmtp.NewServer(m)
	m.ErrorLog = stdlog.New(io.Discard, "", 0)
	m.Domain = "mail.example.com"
	if startTLS {
		m.TLSConfig = m.certificate(t)
	}
	m.AllowInsecureAuth = !startTLS
	return m
}

// start serves until the test has ended.
func (m *mailbox) start(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = m.Serve(m.listener)
	}()
	t.Cleanup(func() { m.Close(); m.listener.Close(); <-done }) // Close may come before Serve knows the listener
}

// certificate makes one for mail.example.com.
func (m *mailbox) certificate(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"mail.example.com"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	m.roots = x509.NewCertPool()
	m.roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func (m *mailbox) asked(what, arg string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse == nil {
		return nil
	}
	return m.refuse(what, arg)
}

func (m *mailbox) setRefuse(f func(what, arg string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = f
}

func (m *mailbox) got() []delivered {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

func (m *mailbox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	_, isTLS := c.TLSConnectionState()
	return &session{box: m, mail: delivered{isTLS: isTLS}, conn: c}, m.asked("HELO", "")
}

type session struct {
	box  *mailbox
	conn *gosmtp.Conn
	mail delivered
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "bob" || password != "s3cret" {
			return errors.New("wrong password")
		}
		s.mail.username = username
		return nil
	}), nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.mail.from = from
	return s.box.asked("MAIL", from)
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if err := s.box.asked("RCPT", to); err != nil {
		return err
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.box.asked("DATA", string(raw)); err != nil {
		return err
	}
	return s.box.deliver(s.mail, raw)
}

// deliver keeps a mail, parsed by what is not ours.
func (m *mailbox) deliver(d delivered, raw []byte) error {
	parsed, err := mail.ReadMessage(bytesReader(raw))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(parsed.Body))
	if err != nil {
		return err
	}
	d.header, d.body, d.at = parsed.Header, string(body), time.Now()
	if d.subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, d)
	return nil
}

// pipes is a listener that net.Pipe stands behind.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial is for Options.Dial.
func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
