package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

type brkW func([]byte) (int, error)

func (w brkW) Write(p []byte) (int, error) { return w(p) }

// Targets of all kinds, shared, write what each writes alone.
func TestSharedTargetsWriteWhatTheyWriteAlone(t *testing.T) {
	type tgt struct {
		name string
		mk   func(io.Writer) slog.Handler
	}
	P := func() formatters.Formatter {
		return formatters.Must(formatters.Percent("%(name)s %(v)s %(message)s", nil))
	}
	flip := func() handlers.Filter {
		return handlers.FilterFunc(func(_ context.Context, l string, r slog.Record) (slog.Record, bool) {
			if strings.HasSuffix(r.Message, "3") {
				r.Message += " changed by " + l
			}
			if strings.HasSuffix(r.Message, "4") {
				r.AddAttrs(slog.Int("added", 1))
			}
			if strings.HasSuffix(r.Message, "5") {
				panic("f")
			}
			return r, !strings.HasSuffix(r.Message, "6")
		})
	}
	tgts := []tgt{
		{"plain", func(w io.Writer) slog.Handler { return handlers.NewStream(w, P(), nil) }},
		{"conc", func(w io.Writer) slog.Handler { return handlers.NewStream(handlers.Concurrent(w), P(), nil) }},
		{"level", func(w io.Writer) slog.Handler {
			return handlers.NewLevel(handlers.NewStream(w, P(), nil), slog.LevelInfo)
		}},
		{"filter", func(w io.Writer) slog.Handler { return handlers.NewFilter(handlers.NewStream(w, P(), nil), flip()) }},
		{"filters", func(w io.Writer) slog.Handler {
			return handlers.NewFilter(handlers.NewLevel(handlers.NewFilter(handlers.NewStream(w, P(), slog.LevelInfo), handlers.NameFilter("a"), flip()), nil), flip())
		}},
		{"json", func(w io.Writer) slog.Handler { return handlers.NewStream(w, formatters.JSON(nil), nil) }},
		{"json2", func(w io.Writer) slog.Handler { return handlers.NewStream(w, formatters.JSON(nil), nil) }},
		{"slog", func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }},
		{"fan", func(w io.Writer) slog.Handler {
			return handlers.NewFanout(handlers.NewStream(w, P(), nil), handlers.NewStream(io.Discard, P(), nil))
		}},
		{"term", func(w io.Writer) slog.Handler {
			s := handlers.NewStream(w, P(), nil)
			s.SetTerminator("<END of a long long terminator>\r\n")
			return s
		}},
		{"panics", func(w io.Writer) slog.Handler {
			return handlers.NewStream(brkW(func(p []byte) (int, error) { w.Write(p); panic("w") }), P(), nil)
		}},
	}
	derive := []func(slog.Handler) slog.Handler{
		func(h slog.Handler) slog.Handler { return h },
		func(h slog.Handler) slog.Handler { return handlers.BindName(h, "logger", "a.b") },
		func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.Int("v", 1)}) },
		func(h slog.Handler) slog.Handler {
			return h.WithGroup("g").WithAttrs([]slog.Attr{slog.Any("v", []int{1})})
		},
		func(h slog.Handler) slog.Handler {
			return handlers.BindName(h.WithAttrs([]slog.Attr{formatters.Exc(errors.New("e")), (&formatters.Origin{LevelName: "X"}).Attr()}).WithGroup("v"), "k", "a")
		},
	}
	now := slog.NewRecord(testNow, 0, "", 0)
	for rot := range tgts {
		for di, d := range derive {
			for _, ctx := range []context.Context{context.Background(), contextattrs.With(context.Background(), "c", 1, "v", 2)} {
				var fan, alone []*bytes.Buffer
				var hs []slog.Handler
				var lone []slog.Handler
				for i := range tgts {
					tg := tgts[(i*3+rot)%len(tgts)]
					a, b := new(bytes.Buffer), new(bytes.Buffer)
					fan, alone = append(fan, a), append(alone, b)
					hs, lone = append(hs, tg.mk(a)), append(lone, d(handlers.Adopt(tg.mk(b))))
				}
				h := d(handlers.NewFanout(hs...))
				for _, msg := range []string{"m1", "m2", "m3", "m4", "m5", "m6", "m\n7"} {
					r := now.Clone()
					r.Message = msg
					r.Add("v", msg, "g", slog.GroupValue(slog.Int("v", 1)), "e", formatters.Exc(errors.New("x")).Value)
					for range len(msg) {
						r.Add("k", 1)
					}
					_ = h.Handle(ctx, r)
					for _, l := range lone {
						func() {
							defer func() { _ = recover() }()
							_ = l.Handle(ctx, r.Clone())
						}()
					}
				}
				for i := range fan {
					if fan[i].String() != alone[i].String() {
						t.Errorf("%s derive %d:\n%s\n%s", tgts[(i*3+rot)%len(tgts)].name, di, fan[i], alone[i])
					}
				}
			}
		}
	}
}

var testNow = slog.NewRecord(time.Unix(1700000000, 5), 0, "", 0).Time

// A Write that takes a part of a shared line tears no record.
func TestShortWritesInAFanout(t *testing.T) {
	var got bytes.Buffer
	var n atomic.Int32
	short := brkW(func(p []byte) (int, error) {
		if n.Add(1)%3 == 0 {
			got.Write(p[:len(p)/2])
			return len(p) / 2, errors.New("short")
		}
		got.Write(p)
		return len(p), nil
	})
	h := handlers.NewFanout(handlers.NewStream(io.Discard, nil, nil), handlers.NewStream(short, nil, nil))
	l := slog.New(h)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 300 {
				l.Info("0123456789")
			}
		})
	}
	wg.Wait()
	_ = handlers.Flush(h)
	for _, line := range strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n") {
		if line != "0123456789" {
			t.Errorf("torn %q", line)
			break
		}
	}
	t.Log(strings.Count(got.String(), "\n"))
}

func TestForcedColoursInAFanout(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("FORCE_COLOR", "1")
	var b bytes.Buffer
	c := formatters.Console(nil)
	h := handlers.NewFanout(handlers.NewStream(&b, c, nil), handlers.NewStream(&b, c, nil), handlers.NewLevel(handlers.NewStream(os.Stdout, c, slog.LevelError), nil))
	slog.New(h).Info("m\x1b[31m", "k\x1b", "v\x1b\nx", "error", "\x1b]0;t\a\n\x1b")
	s := b.String()
	for _, x := range []string{"\x1b[2m", "\x1b[91m", "\x1b[0m", "\x1b[94m"} {
		s = strings.ReplaceAll(s, x, "")
	}
	if strings.ContainsAny(s, "\x1b\a") {
		t.Errorf("%q", s)
	}
}
