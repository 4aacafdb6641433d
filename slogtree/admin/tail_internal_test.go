package admin

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
)

// TestConformance puts the handler that watches through what every handler of ours passes.
func TestConformance(t *testing.T) {
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		hub := newHub(slogtree.New(slogtree.Options{}), maxRecent)
		t.Cleanup(hub.end)
		return &tailHandler{hub: hub, attrs: attrsAlone}, func() []map[string]any {
			hub.mu.Lock()
			defer hub.mu.Unlock()
			var maps []map[string]any
			for _, r := range hub.kept.records {
				maps = append(maps, asMap(t, r.data))
			}
			return maps
		}
	})
}

// asMap returns what is said of a record as the kit wants it.
func asMap(t *testing.T, data []byte) map[string]any {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	all, err := handlertest.ParseText([]byte(strings.TrimPrefix(l.Attrs, " ")))
	if err != nil {
		t.Fatalf("%v: %q", err, l.Attrs)
	}
	m := map[string]any{}
	if len(all) > 0 {
		m = all[0]
	}
	if l.Logger != "" {
		m["logger"] = l.Logger
	}
	if !l.Time.IsZero() {
		m["time"] = l.Time
	}
	m["level"], m["msg"] = l.Level, l.Message
	return m
}

// TestRing keeps the newest, so many and so many bytes.
func TestRing(t *testing.T) {
	hub := newHub(slogtree.New(slogtree.Options{}), 100)
	defer hub.end()
	for i := range 1000 {
		hub.publish(&record{level: slog.LevelInfo, logger: "a", data: fmt.Append(nil, i)})
	}
	if n := len(hub.kept.records); n != 100 || string(hub.kept.records[n-1].data) != "999" {
		t.Errorf("%d records are kept", n)
	}
	big := strings.Repeat("x", 100<<10)
	for range 200 {
		hub.publish(&record{data: []byte(big)})
	}
	sum := 0
	for _, r := range hub.kept.records {
		sum += r.size()
	}
	if sum > ringBytes || sum < ringBytes*9/10 || sum != hub.kept.bytes {
		t.Errorf("%d bytes are kept, by its own account %d", sum, hub.kept.bytes)
	}
	c := hub.join(selection{level: slogtree.LevelNotSet}, 0)
	if batch, dropped, _ := hub.take(c); len(batch) == 0 || len(batch) > queueBytes/(100<<10) || dropped != 0 {
		t.Errorf("a new client gets %d records", len(batch))
	}
}

// TestSelection is right about names.
func TestSelection(t *testing.T) {
	for _, c := range []struct {
		name, logger string
		want         bool
	}{{"", "a", true}, {"a", "a", true}, {"a", "a.b", true}, {"a", "ab", false}, {"a.b", "a", false}, {"root", "root", true}} {
		if got := (selection{name: c.name}).takes(0, c.logger); got != c.want {
			t.Errorf("%q takes %q: %v", c.name, c.logger, got)
		}
	}
	if (selection{level: slog.LevelWarn}).takes(slog.LevelInfo, "a") {
		t.Error("the level is not asked")
	}
}
