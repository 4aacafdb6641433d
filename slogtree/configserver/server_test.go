package configserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// What a peer sends, in whatever pieces, is a document or an error, and is told as such.
func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces []string
		want   string // a reason, or "" for the document "doc", or "silence"
	}{
		{"whole", []string{string(frame("doc"))}, ""},
		{"byte by byte", strings.Split(string(frame("doc")), ""), ""},
		{"with more behind it", []string{string(frame("doc")), "more"}, ""},
		{"two documents", []string{string(frame("doc")) + string(frame("two"))}, ""},
		{"nothing", nil, "silence"},
		{"a byte of the length", []string{"\x00"}, "the length was cut short: 1 of 4 bytes"},
		{"three bytes of the length", []string{"\x00\x00", "\x00"}, "the length was cut short: 3 of 4 bytes"},
		{"no document", []string{string(header(3))}, "the document was cut short: 0 of 3 bytes"},
		{"half a document", []string{string(header(3)), "do"}, "the document was cut short: 2 of 3 bytes"},
		{"too long", []string{string(header(1<<20 + 1))}, "more than the 1048576 that are allowed"},
		{"huge", []string{"\xff\xff\xff\xff"}, "the length is 4294967295"},
		{"HTTP", []string{"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"}, `first bytes "POST"`},
		{"TLS", []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}, "more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var docs sink
			f := serve(t, listenTCP(t), Options{}, docs.apply)
			nc := dial(t, f.l)
			for _, p := range c.pieces {
				if _, err := io.WriteString(nc, p); err != nil {
					t.Fatal(err)
				}
			}
			if err := nc.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			r, err := answer(nc)
			switch {
			case c.want == "silence":
				if err != ErrNoReply {
					t.Error(r, err)
				}
			case err != nil:
				t.Error(err)
			case c.want == "" && !r.Applied:
				t.Error(r.reason())
			case c.want != "":
				isReason(t, r, c.want)
			}
			f.end()
			want, refusals := []string{}, 0
			if c.want == "" {
				want = []string{"doc"}
			} else if c.want != "silence" {
				refusals = 1
			}
			if !reflect.DeepEqual(docs.got(), want) {
				t.Errorf("applied: %q", docs.got())
			}
			if got := f.log.all(); len(got) != refusals || strings.Count(f.log.text(), "configuration refused") != refusals {
				t.Errorf("told: %v, %s", got, f.log.text())
			}
		})
	}
}

// The lengths of the limit, and what is beside it.
func TestMaxBytes(t *testing.T) {
	var docs sink
	f := serve(t, listenTCP(t), Options{MaxBytes: 10}, docs.apply)
	defer f.end()
	if r := converse(t, dial(t, f.l), frame(strings.Repeat("x", 10))); !r.Applied {
		t.Error(r.reason())
	}
	isReason(t, converse(t, dial(t, f.l), frame(strings.Repeat("x", 11))), "the length is 11")
	if r := converse(t, dial(t, f.l), frame("")); !r.Applied { // that it is no configuration is not for this part to say
		t.Error(r.reason())
	}
}

// One that sends much more than is allowed reads why it was refused all the same.
func TestOversizeReadsReply(t *testing.T) {
	f := serve(t, listenTCP(t), Options{}, new(sink).apply)
	defer f.end()
	_, err := Send(t.Context(), "tcp", f.l.Addr().String(), make([]byte, 8<<20), SendOptions{})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "more than the 1048576") {
		t.Error(err)
	}
}

// A peer that claims much and sends nothing costs no memory.
func TestLengthIsNotBelieved(t *testing.T) {
	claim := header(1 << 30)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := (frameReader{r: bytes.NewReader(claim), max: 1<<31 - 1, deadline: func(time.Time) {}}).read(); err == nil {
		t.Error("it was taken")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// drip sends p a byte in each interval, until it is stopped.
func drip(c net.Conn, p []byte, interval time.Duration) {
	for _, b := range p {
		if _, err := c.Write([]byte{b}); err != nil {
			return
		}
		time.Sleep(interval)
	}
}

// Those who send slowly are cut off when the time is over, whatever they send meanwhile.
func TestSlow(t *testing.T) {
	for _, c := range []struct {
		name     string
		sent     []byte
		interval time.Duration
		timeout  time.Duration // of Options
		want     time.Duration
	}{
		{"silent", nil, 0, 0, 5 * time.Second},
		{"length", header(100), 2 * time.Second, 0, 5 * time.Second},
		{"document", frame(strings.Repeat("x", 1000)), 100 * time.Millisecond, 0, 10*time.Second + 300*time.Millisecond},
		{"a byte a minute", frame("doc"), time.Minute, 0, 5 * time.Second},
		{"a byte a minute, with time", frame(strings.Repeat("x", 1000)), time.Minute, time.Hour, 5 * time.Second},
		{"all of it", frame(strings.Repeat("x", 1000)), 100 * time.Millisecond, 2 * time.Second, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var docs sink
				f := serve(t, newPipes(), Options{Timeout: c.timeout}, docs.apply)
				nc, start := dial(t, f.l), time.Now()
				go drip(nc, c.sent, c.interval)
				r, err := answer(nc)
				if took := time.Since(start); err != nil || !strings.Contains(r.reason(), "it took too long") || took < c.want || took > c.want+lingerTime+time.Second {
					t.Errorf("after %v: %s, %v", took, r.reason(), err)
				}
				nc.Close()
				f.end()
				time.Sleep(2 * time.Minute) // drip has ended
				if len(docs.got()) > 0 {
					t.Error("it was applied")
				}
			})
		})
	}
}

// A peer that does not read its reply, or never closes, holds nobody up and goes.
func TestNeverCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var docs sink
		f := serve(t, newPipes(), Options{}, docs.apply)
		deaf, start := dial(t, f.l), time.Now()
		if _, err := deaf.Write(frame("one")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is in its reply
		two := dial(t, f.l)
		if _, err := two.Write(frame("two")); err != nil {
			t.Fatal(err)
		}
		if r, err := answer(two); err != nil || !r.Applied {
			t.Error(r, err)
		}
		two.Close()
		if d := time.Since(start); d > lingerTime { // its own
			t.Errorf("the second waited for %v", d)
		}
		time.Sleep(3 * time.Second)
		if _, err := deaf.Write([]byte("x")); err == nil {
			t.Error("the connection is open")
		}
		f.end()
		if got := docs.got(); len(got) != 2 || len(f.log.all()) != 0 {
			t.Error(got, f.log.all())
		}
	})
}

// For one connection too many the oldest that is still sending goes, and no other.
func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := serve(t, newPipes(), Options{MaxConns: 3}, func(context.Context, []byte) Reply {
			<-release
			return Reply{Applied: true}
		})
		working := dial(t, f.l)
		if _, err := working.Write(frame("x")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		oldest, second := dial(t, f.l), dial(t, f.l)
		synctest.Wait()
		third := dial(t, f.l)
		isReason(t, mustAnswer(t, oldest), "too many connections")
		oldest.Close()
		synctest.Wait()
		for _, c := range []net.Conn{second, third} {
			go c.Write(frame("y"))
		}
		synctest.Wait() // all three wait for their turn, and nobody may be evicted
		late := make(chan net.Conn)
		go func() {
			c := dial(t, f.l) // the listener takes it, and it waits for room
			late <- c
		}()
		synctest.Wait()
		close(release)
		for _, c := range []net.Conn{working, second, third} {
			if r := mustAnswer(t, c); !r.Applied {
				t.Error(r.reason())
			}
			c.Close()
		}
		c := <-late
		go c.Write(frame("z"))
		if r := mustAnswer(t, c); !r.Applied {
			t.Error(r.reason())
		}
		c.Close()
		f.end()
	})
}

func mustAnswer(t testing.TB, c net.Conn) Reply {
	t.Helper()
	r, err := answer(c)
	if err != nil {
		t.Error(err)
	}
	return r
}

// A thousand who connect at once and say nothing hold MaxConns places, and a document that comes among them is
// applied.
func TestThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var docs sink
		f := serve(t, newPipes(), Options{}, docs.apply)
		synctest.Wait()
		quiet := runtime.NumGoroutine()
		var all []net.Conn
		for range 1000 {
			all = append(all, dial(t, f.l))
			f.s.mu.Lock()
			held := len(f.s.conns)
			f.s.mu.Unlock()
			if n := runtime.NumGoroutine() - quiet; held > 64 || n > 2*64+10 {
				t.Fatalf("%d places, %d goroutines", held, n)
			}
		}
		start := time.Now()
		good := dial(t, f.l)
		if r := converse(t, good, frame("doc")); !r.Applied || time.Since(start) > 5*time.Second {
			t.Error(r.reason(), time.Since(start))
		}
		time.Sleep(time.Minute)
		for i, c := range all {
			if _, err := c.Write([]byte("x")); err == nil {
				t.Errorf("connection %d is open", i)
			}
			c.Close()
		}
		f.end()
		if got := docs.got(); len(got) != 1 {
			t.Error(got)
		}
	})
}

// Who closes one direction only after the document, by TCP and by TLS, has its reply; who closes it before is told.
func TestHalfClose(t *testing.T) {
	ours := newAuthority(t)
	for _, secure := range []bool{false, true} {
		var docs sink
		o := Options{}
		if secure {
			o.TLS = &tls.Config{Certificates: []tls.Certificate{ours.issue("server")}}
		}
		f := serve(t, listenTCP(t), o, docs.apply)
		connect := func() net.Conn {
			if !secure {
				return dial(t, f.l)
			}
			c, err := tls.Dial("tcp", f.l.Addr().String(), &tls.Config{RootCAs: ours.pool})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if r := converse(t, connect(), frame("doc")); !r.Applied {
			t.Error(r.reason())
		}
		isReason(t, converse(t, connect(), frame("doc")[:6]), "cut short: 2 of 3 bytes")
		isReason(t, converse(t, connect(), []byte{0}), "the length was cut short")
		f.end()
		if got := docs.got(); len(got) != 1 {
			t.Error(got)
		}
	}
}

// Thousands of short connections, of which most send nothing or rubbish and some do not read what they are
// told, cost no document, and no trouble is told of the good ones.
func TestManyShort(t *testing.T) {
	var docs sink
	f := serve(t, listenTCP(t), Options{MaxConns: 16}, docs.apply)
	const workers, each = 8, 400
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := range each {
				nc, err := net.Dial("tcp", f.l.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				switch i % 4 {
				case 0: // as Python's client does: two writes, and no read
					nc.Write(header(len("good-0-000")))
					fmt.Fprintf(nc, "good-%d-%03d", w, i)
				case 1:
					nc.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
				case 2:
					nc.Write([]byte{0, 0})
				}
				nc.Close()
			}
		})
	}
	group.Wait()
	// What was sent is in the queue of the listener, or being taken: another that is answered comes after the queue.
	for range 16 + 1 {
		if r := converse(t, dial(t, f.l), frame("last")); !r.Applied {
			t.Error(r.reason())
		}
	}
	f.end()
	got := map[string]int{}
	for _, d := range docs.got() {
		got[d]++
	}
	for w := range workers {
		for i := 0; i < each; i += 4 {
			if d := fmt.Sprintf("good-%d-%03d", w, i); got[d] != 1 {
				t.Errorf("%s was applied %d times", d, got[d])
			}
		}
	}
	for _, err := range f.log.all() {
		if s := err.Error(); !strings.Contains(s, "GET") && !strings.Contains(s, "cut short") && !strings.Contains(s, "not told") {
			t.Errorf("told: %v", err)
		}
	}
	if n := strings.Count(f.log.text(), "configuration applied"); n != len(docs.got()) {
		t.Errorf("%d of %d changes are in the audit", n, len(docs.got()))
	}
}

// Documents are applied one after the other.
func TestOneAfterTheOther(t *testing.T) {
	var mu sync.Mutex
	f := serve(t, listenTCP(t), Options{}, func(context.Context, []byte) Reply {
		if !mu.TryLock() {
			t.Error("two at once")
			return Reply{}
		}
		defer mu.Unlock()
		return Reply{Applied: true}
	})
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if _, err := Send(t.Context(), "tcp", f.l.Addr().String(), []byte("x"), SendOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	f.end()
}

// When ctx ends, what is being applied is finished, what waits or is still being sent is refused, and
// no goroutine is left: synctest would not return.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{})
		f := serve(t, newPipes(), Options{}, func(ctx context.Context, _ []byte) Reply {
			close(started)
			select {
			case <-time.After(3 * time.Second):
			case <-ctx.Done():
				return refusal(ctx.Err())
			}
			return Reply{Applied: true}
		})
		applied, waiting, sending := dial(t, f.l), dial(t, f.l), dial(t, f.l)
		applied.Write(frame("x"))
		<-started
		waiting.Write(frame("y"))
		sending.Write([]byte{0, 0})
		synctest.Wait()
		start := time.Now()
		go f.stop()
		isReason(t, mustAnswer(t, sending), "the server is ending")
		if d := time.Since(start); d > endTime*2 {
			t.Errorf("that took %v", d)
		}
		if r := mustAnswer(t, applied); !r.Applied {
			t.Error(r.reason())
		}
		isReason(t, mustAnswer(t, waiting), "the server is ending")
		for _, c := range []net.Conn{applied, waiting, sending} {
			c.Close()
		}
		f.end()
		if d := time.Since(start); d > 4*time.Second {
			t.Errorf("the end took %v", d)
		}
	})
}

// A change that takes too long is told to stop, DrainTimeout after the end, and else after Timeout.
func TestEndHasABound(t *testing.T) {
	for _, ends := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := serve(t, newPipes(), Options{}, func(ctx context.Context, _ []byte) Reply {
				<-ctx.Done()
				return refusal(ctx.Err())
			})
			nc, start := dial(t, f.l), time.Now()
			nc.Write(frame("x"))
			synctest.Wait() // it is being applied
			want := 30 * time.Second
			if ends {
				f.stop()
				want = 5 * time.Second
			}
			isReason(t, mustAnswer(t, nc), "context")
			if d := time.Since(start); d < want || d > want+time.Second*2 {
				t.Errorf("it took %v", d)
			}
			nc.Close()
			f.end()
		})
	}
}

// A listener that fails ends Serve with its error, and the connections.
func TestListenerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		f := serve(t, l, Options{}, nil)
		nc := dial(t, l)
		l.Close()
		isReason(t, mustAnswer(t, nc), "the server is ending")
		nc.Close()
		if err := <-f.done; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		f.stop()
	})
}

// flaky fails with errors that pass.
type flaky struct {
	net.Listener
	failures int
}

type passing struct{}

func (passing) Error() string   { return "too many open files" }
func (passing) Temporary() bool { return true }

func (l *flaky) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, passing{}
	}
	return l.Listener.Accept()
}

func TestAcceptRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		f := serve(t, &flaky{l, 3}, Options{}, new(sink).apply)
		if r := converse(t, dial(t, l), frame("x")); !r.Applied {
			t.Error(r.reason())
		}
		f.end()
		if errs := f.log.all(); len(errs) != 3 || !strings.Contains(errs[0].Error(), "too many open files") {
			t.Error(errs)
		}
	})
}

// verify sees the document and decides about it, as in CPython.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name   string
		verify func([]byte) []byte
		want   string
	}{
		{"identity", func(d []byte) []byte { return d }, "doc"},
		{"another", func(d []byte) []byte { return bytes.ToUpper(d) }, "DOC"},
		{"empty is not nil", func([]byte) []byte { return []byte{} }, ""},
		{"discard", func([]byte) []byte { return nil }, "Options.Verify has discarded it"},
		{"panic", func([]byte) []byte { panic(errTest) }, "Options.Verify: panic: of the test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var docs sink
			f := serve(t, listenTCP(t), Options{Verify: c.verify}, docs.apply)
			r := converse(t, dial(t, f.l), frame("doc"))
			f.end()
			if r.Applied {
				if got := docs.got(); len(got) != 1 || got[0] != c.want {
					t.Errorf("applied %q", got)
				}
				return
			}
			isReason(t, r, c.want)
			if strings.Contains(r.reason(), "goroutine") || len(docs.got()) > 0 {
				t.Error(r.reason(), docs.got())
			}
		})
	}
}

// Of a panic in what applies the sender is told, and that nobody knows what was done; the next document is applied.
func TestPanic(t *testing.T) {
	f := serve(t, listenTCP(t), Options{OnDocument: func(Reply) { panic("third") }}, func(_ context.Context, d []byte) Reply {
		if string(d) == "bad" {
			panic("first")
		}
		return Reply{Applied: true}
	})
	bad := converse(t, dial(t, f.l), frame("bad"))
	isReason(t, bad, "it is not known whether the document was applied: panic: first")
	if !bad.Unknown {
		t.Error("it is not said to be unknown")
	}
	_, err := Send(t.Context(), "tcp", f.l.Addr().String(), []byte("bad"), SendOptions{})
	var refused *RefusedError
	if !strings.Contains(fmt.Sprint(err), "not known") || errors.As(err, &refused) {
		t.Error(err)
	}
	if r := converse(t, dial(t, f.l), frame("good")); !r.Applied {
		t.Error(r.reason())
	}
	f.end()
	if n := len(f.log.all()); n != 5 { // and OnDocument's three times
		t.Error(f.log.all())
	}
	if text := f.log.text(); strings.Count(text, "level=ERROR msg=\"configuration perhaps applied\"") != 2 || strings.Contains(text, "refused") {
		t.Error(text)
	}
}

// The program is told of each document that came, and of nothing else.
func TestOnDocument(t *testing.T) {
	var mu sync.Mutex
	var told []string
	f := serve(t, listenTCP(t), Options{
		Verify: func(d []byte) []byte {
			if string(d) == "discard" {
				return nil
			}
			return d
		},
		OnDocument: func(r Reply) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, r.reason())
		},
	}, func(_ context.Context, d []byte) Reply {
		if string(d) == "wrong" {
			return refusal(errTest)
		}
		return Reply{Applied: true}
	})
	for _, p := range [][]byte{frame("fine"), {0}, frame("discard"), header(9), frame("wrong")} {
		converse(t, dial(t, f.l), p)
	}
	f.end()
	if want := []string{"it was applied", "config: Options.Verify has discarded it", "config: of the test"}; !reflect.DeepEqual(told, want) {
		t.Errorf("%q", told)
	}
}

// Each change is in the audit, with the peer and the document's hash; of refusals no more than can be read, with
// the number of the others.
func TestAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := serve(t, newPipes(), Options{}, func(_ context.Context, d []byte) Reply {
			if string(d) == "bad" {
				return Reply{Errors: []*config.Error{{Reason: "this"}, {Reason: "and\nthat"}}}
			}
			return Reply{Applied: true, Report: &config.Report{}, Errors: []*config.Error{{Reason: "a handler did not close"}}}
		})
		for range 30 {
			converse(t, dial(t, f.l), frame("bad"))
			converse(t, dial(t, f.l), frame("good"))
		}
		time.Sleep(toldPeriod)
		converse(t, dial(t, f.l), frame("bad"))
		f.end()
		text := f.log.text()
		if strings.Count(text, "configuration refused") != maxTold+1 || strings.Count(text, "untold=20") != 1 || strings.Count(text, "configuration applied") != 30 {
			t.Error(text)
		}
		for _, want := range []string{`msg="configuration refused" peer=pipe bytes=3 sha256=` + digest([]byte("bad")) + ` error="config: this\nconfig: and\nthat"`,
			`msg="configuration applied" peer=pipe bytes=4 sha256=` + digest([]byte("good")) + ` changed=false error="config: a handler did not close"`} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
		errs := f.log.all()
		var e *Error
		if len(errs) != 30+maxTold+1 || !errors.As(errs[len(errs)-1], &e) || e.Unreported != 20 || e.Peer != "pipe" {
			t.Error(errs)
		}
	})
}

// At the end it is told how many refusals were not.
func TestAuditRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := serve(t, newPipes(), Options{}, func(context.Context, []byte) Reply { return refusal(errTest) })
		for range maxTold + 5 {
			converse(t, dial(t, f.l), frame("x"))
		}
		f.end()
		if text := f.log.text(); !strings.Contains(text, "that were not told\" untold=5") {
			t.Error(text)
		}
	})
}

type failing struct{ slog.Handler }

func (failing) Enabled(context.Context, slog.Level) bool        { return true }
func (h failing) Handle(_ context.Context, r slog.Record) error { return errTest }
func (h failing) WithAttrs([]slog.Attr) slog.Handler            { return h }
func (h failing) WithGroup(string) slog.Handler                 { return h }

// An audit that fails is told, and changes nothing for the sender.
func TestAuditFails(t *testing.T) {
	f := serve(t, listenTCP(t), Options{Audit: failing{}}, new(sink).apply)
	if r := converse(t, dial(t, f.l), frame("x")); !r.Applied {
		t.Error(r.reason())
	}
	f.end()
	if errs := f.log.all(); len(errs) != 1 || !errors.Is(errs[0], errTest) {
		t.Error(errs)
	}
}

// A reply fits its bound, whatever there is to say.
func TestReplyIsBounded(t *testing.T) {
	long := &config.Error{Reason: strings.Repeat("x", 1000)}
	var many []*config.Error
	for range 1000 {
		many = append(many, long)
	}
	for _, r := range []Reply{
		{Errors: many}, {Errors: many[:200]},
		{Errors: []*config.Error{{Reason: strings.Repeat("x", maxReply)}}},
		{Applied: true, Report: &config.Report{Plan: config.Plan{Muted: make([]string, maxReply)}}},
	} {
		line := r.line()
		got, err := readReply(bytes.NewReader(line))
		if err != nil || len(line) > maxReply || got.Applied != r.Applied {
			t.Errorf("%d bytes: %v", len(line), err)
		}
		if n := len(r.Errors); n > 200 && got.Errors[len(got.Errors)-1].Reason != fmt.Sprintf("%d more errors", n-len(got.Errors)+1) {
			t.Errorf("%d of %d errors, and the last is %v", len(got.Errors), n, got.Errors[len(got.Errors)-1])
		} else if n == 200 && len(got.Errors) != n {
			t.Errorf("%d errors of %d", len(got.Errors), n)
		}
	}
}

// Serve itself, with a tree.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l, tree := listenTCP(t), slogtree.New(slogtree.Options{})
	var lg log
	done := make(chan error)
	go func() { done <- Serve(ctx, l, tree, Options{Audit: slog.NewTextHandler(&lg, nil)}) }()
	before := tree.String()
	_, err := Send(ctx, "tcp", l.Addr().String(), []byte("hello"), SendOptions{})
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil || tree.String() != before {
		t.Error(err, tree)
	}
	if !strings.Contains(lg.text(), "configuration refused") {
		t.Error(lg.text())
	}
}
