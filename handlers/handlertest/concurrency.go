package handlertest

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
)

const (
	workers = 8
	each    = 40 // records per worker and chain
)

// checkConcurrency compares without regard to the order of records.
func checkConcurrency(k *kit) {
	s := k.start()
	base := s.chain().with(slog.String("base", "b")).group("g").with(slog.Int("n", 0))
	var mu sync.Mutex // guards want
	want := map[string]map[string]any{}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				c := base.with(slog.Int("worker", w)).group("h").with(slog.Int("i", i))
				for kind, c := range []chain{base, c, s.chain()} {
					msg := fmt.Sprintf("m-%d-%d-%d", w, i, kind)
					own := []slog.Attr{slog.String("id", msg), slog.Group("sub", slog.Int("w", w), slog.Int("i", i))}
					mu.Lock()
					want[msg] = s.line(msg, toMap(nest(c.steps, own)))
					mu.Unlock()
					c.h.Enabled(context.Background(), slog.LevelInfo)
					c.handle(context.Background(), newRecord(msg, own...))
				}
			}
		})
	}
	wg.Wait()
	got := s.got()
	if len(got) != len(want) {
		k.Errorf("%d goroutines logged %d records, got %d", workers, len(want), len(got))
	}
	reported := 0
	for _, m := range got {
		msg := fmt.Sprint(m[slog.MessageKey])
		if !reflect.DeepEqual(want[msg], m) && reported < 3 {
			k.Errorf("record %q (-want +got):\n%s", msg, Diff(want[msg], m))
			reported++
		}
		delete(want, msg)
	}
	for msg := range want {
		if reported++; reported < 6 {
			k.Errorf("record %q is lost", msg)
		}
	}
}
