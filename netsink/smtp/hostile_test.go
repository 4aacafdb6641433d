package smtp_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/smtp"
)

// TestHostileForAnHour has a server in trouble of every kind for an hour: no call waits for
// it, and when it is back it gets every record once and in order.
func TestHostileForAnHour(t *testing.T) {
	type dial = func(ctx context.Context, network, address string) (net.Conn, error)
	for name, trouble := range map[string]dial{
		"blocks": func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"refuses": func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") },
		"resets": func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			theirs.Close()
			return ours, nil
		},
		"is silent": func(ctx context.Context, _, _ string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			context.AfterFunc(ctx, func() { theirs.Close() })
			return ours, nil
		},
		"speaks something else": func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				_, _ = theirs.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			}()
			return ours, nil
		},
		"is busy": nil,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, false, func(t *testing.T, m *mailbox) {
				back := time.Now().Add(time.Hour)
				m.setRefuse(func(what, _ string) error {
					if what == "DATA" && time.Now().Before(back) {
						return &gosmtp.SMTPError{Code: 451, Message: "come back later"}
					}
					return nil
				})
				h, err := smtp.NewHandler("mail.example.com:25", smtp.Options{
					From: "log@example.com", To: []string{"bob@example.com"}, Formatter: message, Security: smtp.Plain,
					Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						if trouble != nil && time.Now().Before(back) {
							return trouble(ctx, network, address)
						}
						return m.listener.dial(ctx, network, address)
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				var all []string
				for i := range 90 {
					start := time.Now()
					if err := log(h, fmt.Sprint(i)); err != nil || time.Since(start) > 0 {
						t.Errorf("record %d: %v after %v", i, err, time.Since(start))
					}
					all = append(all, fmt.Sprint("ERROR ", i))
					if st := h.Stats(); st.In != uint64(i)+1 || st.In != st.Out+st.Dropped+st.Held {
						t.Errorf("%+v", st)
					}
					time.Sleep(time.Minute)
				}
				closeIt(t, h)
				var got []string
				for _, mail := range m.got() {
					got = append(got, strings.Split(strings.TrimSpace(mail.body), "\r\n")...)
				}
				if strings.Join(got, ",") != strings.Join(all, ",") {
					t.Errorf("got %q", got)
				}
				if st := h.Stats(); st.Out != 90 || st.Dropped != 0 || st.Failed == 0 {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}

// TestHostileContexts logs with a context that is nil, and one that has ended.
func TestHostileContexts(t *testing.T) {
	bubble(t, false, func(t *testing.T, m *mailbox) {
		h := open(t, m, smtp.Options{})
		ended, cancel := context.WithCancelCause(contextattrs.With(context.Background(), "k", "v"))
		cancel(errors.New("gone"))
		for msg, ctx := range map[string]context.Context{"nil": nil, "ended": ended} {
			if !h.Enabled(ctx, slog.LevelError) {
				t.Errorf("%s: not enabled", msg)
			}
			if err := h.Handle(ctx, slog.NewRecord(time.Now(), slog.LevelError, msg, 0)); err != nil {
				t.Errorf("%s: %v", msg, err)
			}
		}
		closeIt(t, h)
		if got := m.got(); len(got) != 1 || !strings.Contains(got[0].body, "ERROR nil\r\n") || !strings.Contains(got[0].body, "ERROR ended k=v\r\n") {
			t.Errorf("%+v", got)
		}
		ctx, cancelNow := context.WithCancel(context.Background())
		cancelNow()
		if err := open(t, m, smtp.Options{}).Close(ctx); err != nil {
			t.Errorf("Close of nothing: %v", err)
		}
	})
}

// TestHostileClosed logs after Close, by what is derived too.
func TestHostileClosed(t *testing.T) {
	bubble(t, false, func(t *testing.T, m *mailbox) {
		h := open(t, m, smtp.Options{})
		derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)})
		_ = log(h, "before")
		for range 2 {
			if err := handlers.Close(context.Background(), handlers.NewLevel(derived, nil)); err != nil {
				t.Error(err)
			}
		}
		for _, one := range []slog.Handler{h, derived, derived.WithGroup("g"), handlers.BindName(h, "logger", "x")} {
			if err := log(one, "after"); !errors.Is(err, netsink.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		}
		if err := h.Flush(); err != nil {
			t.Errorf("Flush after Close: %v", err)
		}
		want(t, "mails", len(m.got()), 1)
		want(t, "stats", h.Stats(), smtp.Stats{In: 1, Out: 1, Mails: 1, Refused: 4})
	})
}

// TestCloseDoesNotWait has OnError, and then Dial, keep the goroutine: Close ends with its
// context.
func TestCloseDoesNotWait(t *testing.T) {
	for _, where := range []string{"OnError", "Dial"} {
		synctest.Test(t, func(t *testing.T) {
			free := make(chan struct{})
			h, err := smtp.NewHandler("mail.example.com:25", smtp.Options{
				From: "log@example.com", To: []string{"bob@example.com"}, Interval: time.Millisecond,
				OnError: func(error) { <-free },
				Dial: func(context.Context, string, string) (net.Conn, error) {
					if where == "Dial" {
						<-free
					}
					return nil, errors.New("down")
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = log(h, "a", "b")
			time.Sleep(time.Second)
			_ = log(h, "c")
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			start := time.Now()
			for range 2 { // a second Close returns the same
				if err := h.Close(ctx); err == nil || !strings.Contains(err.Error(), "3 records dropped") {
					t.Errorf("%s: Close: %v", where, err)
				}
			}
			if took := time.Since(start); took < 3*time.Second || took > 3200*time.Millisecond {
				t.Errorf("%s: Close took %v", where, took)
			}
			close(free)
			synctest.Wait() // the goroutine ends, and counts nothing twice
			if st := h.Stats(); st.In != 3 || st.Dropped != 3 || st.Held != 0 {
				t.Errorf("%s: %+v", where, st)
			}
		})
	}
}
