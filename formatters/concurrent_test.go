package formatters

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
)

// One Formatter serves many goroutines; none sees another's record.
func TestAppendConcurrently(t *testing.T) {
	f := Must(Percent("%(name)s %(who)s %(req.id)05d %(message)s", nil)).WithLoggerName("", "app").
		WithAttrs([]slog.Attr{slog.String("who", "base"), slog.Int("w", 1)}).WithGroup("g")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			buf := make([]byte, 0, 256)
			for i := range 500 {
				msg := fmt.Sprintf("m%d.%d", g, i)
				ctx := []slog.Attr{slog.Group("req", "id", i, "g", g)}
				buf = f.Append(buf[:0], ctx, record0(msg, "k", i, slog.Group("h", "x", g)))
				want := fmt.Sprintf("app base %05d %s w=1 req.g=%d g.k=%d g.h.x=%d", i, msg, g, i, g)
				if string(buf) != want {
					t.Errorf("got  %s\nwant %s", buf, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// An attrWriter that is released holds nothing of its record.
func TestAttrWritersAreEmptied(t *testing.T) {
	w := getAttrWriter()
	w.slots = append(w.slots, slot{value: slog.StringValue("secret"), from: fromRecord})
	w.prefix = append(w.prefix, "g."...)
	w.paths, w.claimed, w.depth = []string{"x"}, 3, 4
	slots := w.slots
	w.release()
	if slots[0].value.Any() != nil || slots[0].from != nowhere {
		t.Errorf("a slot still holds %v", slots[0])
	}
	if len(w.slots) != 0 || len(w.prefix) != 0 || w.paths != nil || w.claimed != 0 || w.depth != 0 || w.dst != nil {
		t.Errorf("the writer still holds %+v", *w)
	}
	big := &attrWriter{prefix: make([]byte, 0, maxKept+1)}
	big.release()
	if got := getAttrWriter(); got == big {
		t.Error("a big buffer is kept")
	}
}

// Append adds to the buffer, within its room or beyond.
func TestAppendKeepsTheBuffer(t *testing.T) {
	for _, format := range []string{"%(message)s", "%(k)s %(message)s", "%(attrs)s %(message)s", named} {
		f := Must(Percent(format, nil))
		r := newRecord(slog.LevelInfo, "a longer\nmessage", "k", "v", Exc(errBench))
		want := "before " + render(f, r)
		for room := range 80 {
			buf := append(make([]byte, 0, 7+room), "before "...)
			if got := string(f.Append(buf, nil, r)); got != want {
				t.Fatalf("%s with room for %d: got %q, want %q", format, room, got, want)
			}
			if string(buf) != "before " {
				t.Fatalf("%s: the buffer became %q", format, buf)
			}
		}
	}
}
