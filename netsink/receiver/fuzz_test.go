package receiver

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// fuzzFormat prints all that a record has.
var fuzzFormat = formatters.Must(formatters.Percent("%(name)s %(levelname)s %(levelno)s %(pathname)s:%(lineno)s %(funcName)s %(process)s %(threadName)s %(message)s", nil))

// FuzzConn has any bytes come on one connection, in any pieces, beside a good one. The records
// that get to the handler are those that a frame.Reader and a Decoder find, what is wrong is
// told, and the good one notices nothing.
func FuzzConn(f *testing.F) {
	for i, v := range oracle.Load[framesVector](f, "frames") {
		if i%10 == 0 {
			f.Add(bytes.Join(v.Chunks, nil), uint64(i))
		}
	}
	for _, h := range hostile {
		f.Add([]byte(h.send), uint64(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var got []string
		good, told := 0, newErrs()
		s := &Server{OnError: told.add, MaxFrame: 1 << 16, Target: func(logger string) slog.Handler {
			return handlerOf(func(r slog.Record) {
				if logger == "the good one" {
					good++
				} else {
					got = append(got, printed(logger, r))
				}
			})
		}}
		l := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- s.Serve(ctx, l) }()
		c, g := l.dial(), l.dial()
		send(t, g, record("the good one", 30, "before"))
		r := rand.New(rand.NewPCG(seed, 0))
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(1<<r.IntN(14)))
			if _, err := c.Write(rest[:n]); err != nil {
				break // the server has had enough
			}
			rest = rest[n:]
		}
		c.Close()
		send(t, g, record("the good one", 30, "after"))
		g.Close()
		cancel()
		if err := <-result; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		want, err := expected(data, s.MaxFrame)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if st := s.Stats(); good != 2 || (err == io.EOF) != (st.Refused == 0) || len(told.list()) != int(st.Refused) || st.Open != 0 || int(st.Records) != len(want)+2 {
			t.Errorf("%d good records, %+v, told %v, want %v", good, st, told.list(), err)
		}
	})
}

// printed is what a record prints, as bytes that tell it from others. The time may be now.
func printed(logger string, r slog.Record) string {
	return string(fuzzFormat.WithLoggerName("", logger).Append(nil, nil, r))
}

// expected returns the records in data, and how it ends.
func expected(data []byte, max int) (all []string, err error) {
	d := logrecord.NewDecoder(newSettings(&Server{}).limits)
	for fr := frame.NewReader(bytes.NewReader(data), max); ; {
		p, err := fr.Next()
		if err != nil {
			return all, err
		}
		logger, r, err := d.Decode(p)
		if err != nil {
			return all, err
		}
		all = append(all, printed(logger, r))
	}
}
