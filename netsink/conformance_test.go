package netsink

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// A reading is the records that a peer has got.
type reading struct {
	mu      sync.Mutex
	records []slog.Record
	names   []string
	err     error
}

func (p *reading) readAll(c io.Reader) {
	r := frame.NewReader(c, 1<<20)
	d := logrecord.NewDecoder(logrecord.Limits{Depth: 64, Nodes: 100_000, Digits: 4300})
	for {
		b, err := r.Next()
		if err != nil {
			return
		}
		if len(b) > 0 {
			p.add(d.Decode(b))
		}
	}
}

func (p *reading) add(name string, r slog.Record, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.records = append(p.records, r)
	p.names = append(p.names, name)
	p.err = errors.Join(p.err, err)
}

// asMaps makes the records what handlertest compares: dots were groups.
func (p *reading) asMaps(t *testing.T) (maps []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		t.Error(p.err)
	}
	for _, r := range p.records {
		m := map[string]any{slog.MessageKey: r.Message, slog.LevelKey: r.Level}
		if r.Time.Unix() > 0 {
			m[slog.TimeKey] = r.Time
		}
		r.Attrs(func(a slog.Attr) bool {
			if _, ok := a.Value.Any().(*formatters.Origin); !ok {
				insert(m, a.Key, a.Value.Any())
			}
			return true
		})
		maps = append(maps, m)
	}
	return maps
}

func insert(m map[string]any, key string, value any) {
	group, rest, nested := strings.Cut(key, ".")
	if !nested {
		m[key] = value
		return
	}
	inner, ok := m[group].(map[string]any)
	if !ok {
		inner = map[string]any{}
		m[group] = inner
	}
	insert(inner, rest, value)
}

func TestConformance(t *testing.T) {
	for protocol, name := range map[Protocol]string{Pickle: "pickle", JSON: "json"} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any) {
				var reading reading
				s := startServer(t, "tcp", func(c net.Conn, _ int) {
					defer c.Close()
					reading.readAll(c)
				})
				o := quick(s, &told{})
				o.Protocol, o.Level = protocol, level
				h := newHandler(t, "tcp", "127.0.0.1:1", o)
				return h, func() []map[string]any {
					closed(t, h)
					return reading.asMaps(t)
				}
			}
			newHandler := func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) }
			handlertest.Run(t, newHandler, handlertest.Leveled(open),
				handlertest.Except("slogtest", "a LogRecord always has a time; the rest of it is tested below"))
			results := map[*testing.T]func() []map[string]any{}
			slogtest.Run(t, func(t *testing.T) slog.Handler {
				if strings.HasSuffix(t.Name(), "/zero-time") {
					t.Skip("a LogRecord always has a time")
				}
				h, result := newHandler(t)
				results[t] = result
				return h
			}, func(t *testing.T) map[string]any {
				all := results[t]()
				if len(all) != 1 {
					t.Fatalf("%d records, not 1", len(all))
				}
				return all[0]
			})
		})
	}
}
