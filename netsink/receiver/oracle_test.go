package receiver

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A framesVector is a stream as a peer sends it, and what a receiver has to make of it.
type framesVector struct {
	ID, Label string
	Max_frame int
	Chunks    [][]byte
	Messages  []struct {
		Name    string
		LevelNo oracle.Value
		Msg     oracle.Value
	}
	Expect struct {
		Delivered []int
		End       string
	}
}

// endings are what the end of a connection is told as.
var endings = map[string]string{
	"clean":        "",
	"short_header": "within a frame's length",
	"short_body":   "within a frame",
	"too_large":    "are allowed",
	"bad_pickle":   "frame at byte",
}

// TestOracleFrames replays each stream against a whole server.
func TestOracleFrames(t *testing.T) {
	tally := oracle.NewTally("frames")
	for _, v := range oracle.Load[framesVector](t, "frames") {
		if strings.Contains(v.Label, "JSON text") {
			tally.SetAside("JSON is a record here")
			continue
		}
		tally.Replayed()
		var got []string
		s := &Server{MaxFrame: v.Max_frame, Target: func(logger string) slog.Handler {
			return handlerOf(func(r slog.Record) {
				got = append(got, fmt.Sprintf("%q %d %q", logger, originOf(r).LevelNo, r.Message))
			})
		}}
		bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
			c := l.dial()
			for _, chunk := range v.Chunks {
				if len(chunk) == 0 {
					continue // which a pipe can't tell
				}
				if _, err := c.Write(chunk); err != nil {
					break // the server has had enough
				}
			}
			c.Close()
			synctest.Wait()
			var want []string
			for _, i := range v.Expect.Delivered {
				m := v.Messages[i]
				want = append(want, fmt.Sprintf("%q %d %q", m.Name, m.LevelNo.V, m.Msg.V))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s:\ngot  %s\nwant %s", v.ID, v.Label, got, want)
			}
			why := endings[v.Expect.End]
			if list := told.list(); why == "" && len(list) > 0 || why != "" && (len(list) != 1 || !strings.Contains(list[0].Error(), why)) {
				t.Errorf("%s %s: told %v, want %q", v.ID, v.Label, list, why)
			}
		})
	}
	tally.Report(t)
}

func handlerOf(f func(slog.Record)) funcHandler {
	return func(r slog.Record) error { f(r); return nil }
}

// originOf returns what r has from where it was made.
func originOf(r slog.Record) (o formatters.Origin) {
	r.Attrs(func(a slog.Attr) bool {
		if p, ok := a.Value.Any().(*formatters.Origin); ok {
			o = *p
		}
		return true
	})
	return o
}
