package smtp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/smtp"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

var message = formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil))

// bubble runs a test where time costs nothing, with a server. It ends only when all goroutines have.
func bubble(t *testing.T, startTLS bool, f func(t *testing.T, m *mailbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMailbox(t, startTLS)
		m.start(t)
		f(t, m)
	})
}

// open returns a Handler that sends to m.
func open(t *testing.T, m *mailbox, o smtp.Options) *smtp.Handler {
	t.Helper()
	o.Dial = m.listener.dial
	if m.TLSConfig == nil {
		o.Security = smtp.Plain
	}
	o.TLS = &tls.Config{RootCAs: m.roots}
	if o.From == "" {
		o.From, o.To = "Log <log@example.com>", []string{"Bob <bob@example.com>"}
	}
	if o.Formatter == nil {
		o.Formatter = message
	}
	h, err := smtp.NewHandler("mail.example.com:587", o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// log logs messages at ERROR.
func log(h slog.Handler, messages ...string) error {
	var errs []error
	for _, m := range messages {
		errs = append(errs, h.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelError, m, 0)))
	}
	return errors.Join(errs...)
}

func closeIt(t *testing.T, h *smtp.Handler) {
	t.Helper()
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestMail(t *testing.T) {
	bubble(t, true, func(t *testing.T, m *mailbox) {
		h := open(t, m, smtp.Options{
			From: "Größe <log@example.com>", To: []string{"a@example.com", "B <b@example.com>"}, Subject: "Ärger in Köln",
			Username: "bob", Password: "s3cret",
		})
		if h.Enabled(context.Background(), slog.LevelWarn) || !h.Enabled(context.Background(), slog.LevelError) {
			t.Error("the default level is not ERROR")
		}
		_ = log(h, ".", "naïve "+strings.Repeat("x", 300), "two\r\nSubject: forged\r\n\r\nlines")
		closeIt(t, h)
		got := m.got()
		if len(got) != 1 {
			t.Fatalf("%d mails", len(got))
		}
		d := got[0]
		want(t, "subject", d.subject, "Ärger in Köln (3 records)")
		want(t, "envelope", fmt.Sprintf("%s %v %t %s", d.from, d.to, d.isTLS, d.username), "log@example.com [a@example.com b@example.com] true bob")
		want(t, "body", d.body, "ERROR .\r\nERROR naïve "+strings.Repeat("x", 300)+"\r\nERROR two\\r\\nSubject: forged\\r\\n\\r\\nlines\r\n")
		if from, err := d.header.AddressList("From"); err != nil || from[0].Name != "Größe" {
			t.Errorf("From %v, %v", from, err)
		}
		if to, err := d.header.AddressList("To"); err != nil || len(to) != 2 {
			t.Errorf("To %v, %v", to, err)
		}
		if at, err := d.header.Date(); err != nil || !at.Equal(d.at) {
			t.Errorf("Date %v, %v", at, err)
		}
		want(t, "Auto-Submitted", d.header.Get("Auto-Submitted"), "auto-generated")
		if id := d.header.Get("Message-ID"); !strings.HasSuffix(id, "@example.com>") || len(id) < 30 {
			t.Errorf("Message-ID %s", id)
		}
		want(t, "stats", h.Stats(), smtp.Stats{In: 3, Out: 3, Mails: 1})
	})
}

// TestDigest has records wait for each other, and mails for the pause between them.
func TestDigest(t *testing.T) {
	bubble(t, true, func(t *testing.T, m *mailbox) {
		h := open(t, m, smtp.Options{Interval: 10 * time.Second, Pause: time.Minute})
		start := time.Now()
		for i := range 100 { // seconds
			_ = log(h, fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		closeIt(t, h)
		var ats []time.Duration
		lines := 0
		for _, d := range m.got() {
			ats = append(ats, d.at.Sub(start))
			lines += strings.Count(d.body, "\r\n")
		}
		// Over a net.Pipe, closing TLS takes five seconds, and then the pause begins.
		want(t, "mails", fmt.Sprint(ats), "[10s 1m15s 1m40s]")
		want(t, "lines", lines, 100)
		if err := log(h, "late"); !errors.Is(err, netsink.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		want(t, "stats", h.Stats(), smtp.Stats{In: 100, Out: 100, Mails: 3, Refused: 1})
	})
}

// TestBounds has more records than a mail may hold, while the server is down, for an hour.
func TestBounds(t *testing.T) {
	bubble(t, true, func(t *testing.T, m *mailbox) {
		m.setRefuse(func(what, _ string) error {
			if what == "MAIL" {
				return &gosmtp.SMTPError{Code: 450, Message: "not now"}
			}
			return nil
		})
		var told []string
		h := open(t, m, smtp.Options{MaxRecords: 3, MaxBytes: 40, OnError: func(err error) { told = append(told, err.Error()) }})
		for i := range 1000 {
			_ = log(h, fmt.Sprint("record ", i))
			time.Sleep(4 * time.Second)
		}
		st := h.Stats()
		if st.In != 1000 || st.Held != 4 || st.Dropped != 996 || st.Failed < 5 || st.Failed > 20 {
			t.Errorf("%+v", st)
		}
		m.setRefuse(nil)
		if err := h.Flush(); err == nil { // it does not cut the pause short
			t.Error("Flush: no error")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		got := m.got()
		if len(got) != 2 {
			t.Fatalf("%d mails", len(got))
		}
		want(t, "body", got[0].body, "ERROR record 0\r\nERROR record 1\r\n\r\n... and 1 record more.\r\n")
		want(t, "subject", got[0].subject, "Log (3 records)")
		want(t, "subject", got[1].subject, "Log (997 records)")
		_ = log(h, strings.Repeat("ü", 100))
		closeIt(t, h)
		want(t, "a long record", m.got()[2].body, "ERROR "+strings.Repeat("ü", 17)+"...\r\n")
		st = h.Stats()
		if st.In != 1001 || st.In != st.Out+st.Dropped || st.Held != 0 || st.Mails != 3 {
			t.Errorf("%+v", st)
		}
		if len(told) != int(st.Failed)+2 || !strings.Contains(told[0], "1 records dropped: the mail is full") || !strings.Contains(told[1], "450") {
			t.Errorf("%d errors: %q", len(told), told[:2])
		}
	})
}

// TestRefusals has the server refuse for good, one recipient or all.
func TestRefusals(t *testing.T) {
	bubble(t, true, func(t *testing.T, m *mailbox) {
		gone := &gosmtp.SMTPError{Code: 550, Message: "no such user"}
		m.setRefuse(func(what, arg string) error {
			if what == "RCPT" && arg == "gone@example.com" {
				return gone
			}
			return nil
		})
		var told []string
		note := func(err error) { told = append(told, err.Error()) }
		h := open(t, m, smtp.Options{From: "log@example.com", To: []string{"gone@example.com", "bob@example.com"}, OnError: note})
		_ = log(h, "m")
		closeIt(t, h)
		want(t, "recipients", fmt.Sprint(m.got()[0].to), "[bob@example.com]")
		if len(told) != 1 || !strings.Contains(told[0], "gone@example.com") {
			t.Errorf("%q", told)
		}
		told = nil
		h = open(t, m, smtp.Options{From: "log@example.com", To: []string{"gone@example.com"}, OnError: note})
		_ = log(h, "m")
		time.Sleep(time.Hour)
		synctest.Wait()
		want(t, "stats", h.Stats(), smtp.Stats{In: 1, Dropped: 1, Failed: 3})
		if len(told) != 4 || !strings.Contains(told[3], "1 records dropped") {
			t.Errorf("%q", told)
		}
		closeIt(t, h)
	})
}

// TestSecurity has servers that offer no TLS, TLS of somebody else, and TLS from the start,
// and passwords that are wrong: nothing is said in the clear, no error names the password.
func TestSecurity(t *testing.T) {
	bubble(t, false, func(t *testing.T, m *mailbox) {
		var told []string
		h, err := smtp.NewHandler("mail.example.com:25", smtp.Options{
			From: "log@example.com", To: []string{"bob@example.com"}, Username: "bob", Password: "s3cret", Dial: m.listener.dial,
			OnError: func(err error) { told = append(told, err.Error()) },
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = log(h, "m")
		if err := h.Close(context.Background()); err == nil || len(m.got()) != 0 {
			t.Errorf("without STARTTLS: %v, %d mails", err, len(m.got()))
		}
		if len(told) == 0 || !strings.Contains(told[0], "STARTTLS") {
			t.Errorf("%q", told)
		}
	})
	bubble(t, true, func(t *testing.T, m *mailbox) {
		var told []string
		o := smtp.Options{
			From: "log@example.com", To: []string{"bob@example.com"}, Username: "bob", Password: "s3cret", Dial: m.listener.dial,
			OnError: func(err error) { told = append(told, err.Error()) },
		}
		h, err := smtp.NewHandler("mail.example.com:25", o) // it has not the server's roots
		if err != nil {
			t.Fatal(err)
		}
		_ = log(h, "m")
		if err := h.Close(context.Background()); err == nil || len(m.got()) != 0 || !strings.Contains(told[0], "certificate") {
			t.Errorf("somebody else's certificate: %v, %d mails, %q", err, len(m.got()), told)
		}
		o.Password = "wr0ng"
		h = open(t, m, o)
		_ = log(h, "m")
		if err := h.Close(context.Background()); err == nil || len(m.got()) != 0 {
			t.Errorf("a wrong password: %v", err)
		}
		for _, text := range told {
			if strings.Contains(text, "s3cret") || strings.Contains(text, "wr0ng") {
				t.Errorf("%q names the password", text)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		m := newMailbox(t, true)
		config := m.TLSConfig
		m.TLSConfig, m.AllowInsecureAuth = nil, true
		done := make(chan struct{})
		go func() { defer close(done); _ = m.Serve(tls.NewListener(m.listener, config)) }()
		h, err := smtp.NewHandler("mail.example.com:465", smtp.Options{
			From: "log@example.com", To: []string{"bob@example.com"}, Security: smtp.TLS, TLS: &tls.Config{RootCAs: m.roots}, Dial: m.listener.dial,
			Username: "bob", Password: "s3cret",
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = log(h, "m")
		closeIt(t, h)
		want(t, "mails", len(m.got()), 1)
		m.Close()
		<-done
	})
}

// TestSilentServer has one that says nothing: Timeout and Close end the waiting.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		var conns []net.Conn
		done := make(chan struct{})
		go func() {
			defer close(done)
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				conns = append(conns, c)
			}
		}()
		h, err := smtp.NewHandler("mail.example.com:25", smtp.Options{From: "log@example.com", To: []string{"bob@example.com"}, Dial: l.dial})
		if err != nil {
			t.Fatal(err)
		}
		_ = log(h, "m")
		time.Sleep(time.Minute) // 10 seconds, 30 of waiting, 10 of pause
		start := time.Now()
		if err := h.Close(context.Background()); err == nil {
			t.Error("Close: no error")
		}
		want(t, "Close took", time.Since(start), 10*time.Second)
		want(t, "stats", h.Stats(), smtp.Stats{In: 1, Dropped: 1, Failed: 2})
		l.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
}

// TestInjection has line breaks where headers come from: refused, all at once.
func TestInjection(t *testing.T) {
	_, err := smtp.NewHandler("nohost", smtp.Options{
		From: "a@example.com>\r\nBcc: x@example.com", To: []string{"b@example.com\nBcc: y@example.com", "not an address"}, Subject: "x\r\nBcc: z@example.com", Security: 9, Pause: -1,
	})
	for _, part := range []string{`"nohost"`, "From", `To "b@`, `To "not`, "Subject", "Security 9", "Pause"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v: does not say what is wrong with %s", err, part)
		}
	}
	if strings.ContainsAny(fmt.Sprint(err), "\r") {
		t.Errorf("the error has a line break: %q", err)
	}
	if _, err := smtp.NewHandler("mail.example.com:25", smtp.Options{From: "a@example.com"}); err == nil || !strings.Contains(err.Error(), "To is empty") {
		t.Errorf("no recipient: %v", err)
	}
	o := smtp.Options{From: "a@example.com", To: []string{"a@example.com"}, Security: smtp.Plain, Username: "u"}
	if _, err := smtp.NewHandler("mail.example.com:25", o); err == nil || !strings.Contains(err.Error(), "without TLS") {
		t.Errorf("a password in the clear: %v", err)
	}
}

// TestStats counts while others log and mails fail.
func TestStats(t *testing.T) {
	bubble(t, true, func(t *testing.T, m *mailbox) {
		n := 0
		m.setRefuse(func(what, _ string) error {
			if n++; what == "DATA" && n%3 > 0 {
				return &gosmtp.SMTPError{Code: 450 + n%2*100, Message: "no"}
			}
			return nil
		})
		h := open(t, m, smtp.Options{Interval: time.Second, Pause: time.Second, MaxRecords: 20, RetryMin: time.Second, OnError: func(error) { panic("hostile") }})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 200 {
					_ = log(h, "m")
					if st := h.Stats(); st.In != st.Out+st.Dropped+st.Held {
						t.Errorf("%+v", st)
					}
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		wg.Wait()
		m.setRefuse(nil)
		_ = h.Close(context.Background())
		lines := 0
		for _, d := range m.got() {
			lines += strings.Count(d.body, "ERROR m")
		}
		if st := h.Stats(); st.In != 800 || st.In != st.Out+st.Dropped || int(st.Out) != lines || st.Failed == 0 || st.Mails == 0 {
			t.Errorf("%+v, %d lines", st, lines)
		}
	})
}

func TestRun(t *testing.T) {
	open := func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		m := newMailbox(t, false)
		m.start(t)
		h := open(t, m, smtp.Options{Level: l, Formatter: formatters.JSON(nil), MaxRecords: 10_000, MaxBytes: 10 << 20})
		t.Cleanup(func() { h.Close(context.Background()) })
		return h, func() []map[string]any {
			if err := h.Flush(); err != nil {
				t.Error(err)
			}
			var body strings.Builder
			for _, d := range m.got() {
				body.WriteString(strings.ReplaceAll(d.body, "\r\n", "\n"))
			}
			maps, err := handlertest.ParseJSON([]byte(body.String()))
			if err != nil {
				t.Error(err)
			}
			return maps
		}
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
}

// TestLoopback sends over a real connection.
func TestLoopback(t *testing.T) {
	m := newMailbox(t, true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = m.Serve(l) }()
	defer m.Close()
	h, err := smtp.NewHandler(l.Addr().String(), smtp.Options{
		From: "log@example.com", To: []string{"bob@example.com"}, TLS: &tls.Config{RootCAs: m.roots, ServerName: "mail.example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	slog.New(h).WithGroup("disk").Error("full", "free", "0%")
	closeIt(t, h)
	if got := m.got(); len(got) != 1 || !strings.HasSuffix(got[0].body, " ERROR root: full disk.free=0%\r\n") {
		t.Errorf("%+v", got)
	}
}

func ExampleNewHandler_mail() {
	h, err := smtp.NewHandler("mail.example.com:587", smtp.Options{
		From: "Shop <shop@example.com>", To: []string{"on-call@example.com"}, Subject: "shop",
		Username: "shop", Password: os.Getenv("MAIL_PASSWORD"),
		Pause: 15 * time.Minute,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(h)
	slog.New(h).Warn("not severe enough for a mail")
	fmt.Println(h.Close(context.Background()))
	// Output:
	// SMTP(mail.example.com:587) level ERROR
	// <nil>
}

func BenchmarkHandle(b *testing.B) {
	h, err := smtp.NewHandler("mail.example.com:587", smtp.Options{From: "a@example.com", To: []string{"a@example.com"}, Interval: time.Hour, Formatter: message})
	if err != nil {
		b.Fatal(err)
	}
	r := slog.NewRecord(time.Now(), slog.LevelError, "disk full", 0)
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Handle(context.Background(), r)
	}
}
