package logrecord

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// A memory is a handler that keeps what an Encoder makes.
type memory struct {
	*Encoder
	last *[]byte
}

func (m memory) Enabled(context.Context, slog.Level) bool { return true }

func (m memory) Handle(_ context.Context, r slog.Record) error {
	*m.last = m.Append(nil, nil, &r)
	return nil
}

func (m memory) WithAttrs(attrs []slog.Attr) slog.Handler {
	return memory{m.Encoder.WithAttrs(attrs), m.last}
}

func (m memory) WithGroup(name string) slog.Handler {
	return memory{m.Encoder.WithGroup(name), m.last}
}

// nested returns a frame as slogtest wants it: under slog's names, with groups in groups.
func nested(t *testing.T, p []byte) map[string]any {
	names := map[string]string{"created": slog.TimeKey, "levelname": slog.LevelKey, "msg": slog.MessageKey}
	all := map[string]any{}
	for i, item := range dictOf(t, p) {
		key, _ := item.Key.(string)
		if i < fixedPairs {
			if names[key] != "" {
				all[names[key]] = item.Value
			}
			continue
		}
		m := all
		for group, rest, more := strings.Cut(key, "."); more; group, rest, more = strings.Cut(rest, ".") {
			if m[group] == nil {
				m[group] = map[string]any{}
			}
			m, key = m[group].(map[string]any), rest
		}
		m[key] = item.Value
	}
	return all
}

func TestConforms(t *testing.T) {
	for _, json := range []bool{false, true} {
		var last []byte
		slogtest.Run(t, func(*testing.T) slog.Handler {
			return memory{NewEncoder(json, 1<<20), &last}
		}, func(t *testing.T) map[string]any {
			m := nested(t, last)
			if strings.Contains(t.Name(), "zero-time") {
				delete(m, slog.TimeKey) // a LogRecord has a time always: it is now
			}
			return m
		})
	}
}

// Encoders that were made of one another, in any order and at any time, share nothing that one of them writes.
func TestSiblings(t *testing.T) {
	m := &maker{rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3)), false}
	type derived struct {
		s    sent
		e    *Encoder
		json bool
	}
	var all []derived
	for _, json := range []bool{false, true} {
		all = append(all, derived{sent{name: "root"}, NewEncoder(json, 1<<20), json})
	}
	for range 600 {
		from := all[m.IntN(len(all))]
		d := from
		d.s.with = append([][]slog.Attr{}, from.s.with...)
		d.s.groups = append([]string{}, from.s.groups...)
		attrs, group := m.attrs(m.IntN(3)), []string{"", "g"}[m.IntN(2)]
		d.s.with, d.s.groups = append(d.s.with, attrs), append(d.s.groups, group)
		own := append([]slog.Attr{}, attrs...)
		d.e = from.e.WithAttrs(own).WithGroup(group)
		clear(own) // it was given away, and changing it is not allowed; nobody must notice all the same
		all = append(all, d)
	}
	r := m.sent().record
	for _, d := range all {
		d.s.record = r
		want := d.s.encoder(d.json, 1<<20).Append(nil, nil, &r)
		if got := d.e.Append(nil, nil, &r); !bytes.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
}

// What is changed after With is as it was then.
func TestWithIsEager(t *testing.T) {
	list, dict := []any{1, []int{2}}, map[string]int{"a": 1}
	for _, json := range []bool{false, true} {
		list[0], dict["a"] = 1, 1
		e := NewEncoder(json, 1<<20).WithAttrs([]slog.Attr{slog.Any("list", list), slog.Any("dict", dict)})
		list[0], dict["a"] = "changed", 2
		r := slog.NewRecord(time.Now(), 0, "m", testSites[0])
		for range 2 {
			if got := pairsOf(t, e.Append(nil, nil, &r)); !strings.HasPrefix(got, "list=[1, [2]] dict={'a': 1}") {
				t.Errorf("JSON %v: %s", json, got)
			}
			r.Add("list", 7) // is no everyday record any more
			r.Add("group", slog.GroupValue(slog.Int("a", 1)))
			e = e.WithAttrs(nil)
			if got := pairsOf(t, e.Append(nil, nil, &r)); !strings.HasPrefix(got, "list#2=[1, [2]] dict={'a': 1} list=7 group.a=1") {
				t.Errorf("JSON %v: %s", json, got)
			}
			r = slog.NewRecord(time.Now(), 0, "m", testSites[0])
		}
	}
}

// An Encoder may be used from several goroutines at once.
func TestConcurrentUse(t *testing.T) {
	for _, json := range []bool{false, true} {
		e := NewEncoder(json, 1<<20).WithAttrs([]slog.Attr{slog.Any("list", []int{1}), slog.Int("a", 1)}).WithGroup("g")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				mine := e.WithAttrs([]slog.Attr{slog.Int("i", i)})
				for n := range 200 {
					r := slog.NewRecord(time.Now(), 0, fmt.Sprint(n), testSites[n%len(testSites)])
					r.Add("n", n, "i", n%2*7)
					for _, e := range []*Encoder{e, mine} {
						want := fmt.Sprintf("n=%d", n)
						if got := pairsOf(t, e.Append(nil, nil, &r)); !strings.Contains(got, want) || strings.Contains(got, "i=") != true {
							t.Errorf("%s lacks %s", got, want)
						}
					}
				}
			})
		}
		wg.Wait()
	}
}

// FuzzEncode: what is decoded of what was encoded is what was logged, and both protocols agree.
func FuzzEncode(f *testing.F) {
	f.Add("msg", "name", "key", "text", "group", int64(5), 1.5, uint64(1))
	f.Add("\xff\x00\"\\", "\u2028", "attr.name", "name", "", int64(-1)<<40, 0.0, uint64(2))
	f.Fuzz(func(t *testing.T, msg, name, key, text, group string, n int64, x float64, seed uint64) {
		if x != x {
			x = 0 // is not itself
		}
		m := &maker{rand.New(rand.NewPCG(seed, 4)), false}
		s := &sent{name: name, with: [][]slog.Attr{{slog.String("w", text)}}, groups: []string{group}}
		level := slog.Level(2 * (n % 20)) // others have numbers of Python's that stand between two
		if level == -8 {
			level = 2 // number 0, which is NOTSET
		}
		s.record = slog.NewRecord(m.time(), level, msg, testSites[seed%3])
		s.record.Add(key, text, key+"n", n, key+"x", x, key+"b", n > 0)
		s.record.AddAttrs(m.attrs(m.IntN(3))...)
		var said [2]string
		for i, json := range []bool{false, true} {
			p := s.encode(json)
			if e := s.encoder(json, 1<<20); !bytes.Equal(e.appendAny(nil, nil, &s.record), e.Append(nil, nil, &s.record)) {
				t.Fatal("an everyday record is another one")
			}
			logger, r, err := NewDecoder(usual).Decode(p)
			if err != nil {
				t.Fatalf("%v: %q", err, p)
			}
			if logger != validText(name) || r.Message != validText(msg) || r.Level != s.record.Level {
				t.Fatalf("%q %q %v", logger, r.Message, r.Level)
			}
			if d := r.Time.Sub(s.record.Time).Abs(); d > 2*time.Microsecond && s.record.Time.Year() > 1900 && s.record.Time.Year() < 2200 {
				t.Fatalf("the time is %v, want %v", r.Time, s.record.Time)
			}
			d := dictOf(t, p)
			whole := ""
			if group != "" {
				whole = group + "."
			}
			for suffix, want := range map[string]any{"n": n, "x": x, "b": n > 0} {
				if _, v, ok := find(d, validText(whole+key+suffix)); !ok || v != want {
					t.Fatalf("%q is %v, want %v", whole+key+suffix, v, want)
				}
			}
			said[i] = sameInJSON(logger, r)
		}
		if said[0] != said[1] {
			t.Fatalf("pickle %s\nJSON   %s", said[0], said[1])
		}
	})
}

// find finds a key, or that key as it is when it is a field's, or when another attr has it too.
func find(d pickle.Dict, key string) (string, any, bool) {
	if isField(key) {
		key = renamed + key
	}
	for _, again := range []string{"", "#2", "#3", "#4"} {
		for _, item := range d[fixedPairs:] {
			if item.Key == key+again {
				return key + again, item.Value, true
			}
		}
	}
	return "", nil, false
}

// sameInJSON describes a record without what JSON has no way to tell.
func sameInJSON(logger string, r slog.Record) string {
	plain := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		plain.AddAttrs(slog.Attr{Key: a.Key, Value: slog.AnyValue(jsonLike(a.Value.Any()))})
		return true
	})
	return describe(logger, plain)
}

func jsonLike(x any) any {
	switch x := x.(type) {
	case float64:
		if x != x || x-x != 0 {
			return string(pickle.AppendFloat(nil, x))
		}
	case pickle.Tuple:
		return jsonLike([]any(x))
	case []any:
		items := make([]any, len(x))
		for i := range x {
			items[i] = jsonLike(x[i])
		}
		return items
	case pickle.Dict:
		d := make(pickle.Dict, len(x))
		for i := range x {
			d[i] = pickle.Item{Key: string(pickle.AppendText(nil, x[i].Key, false)), Value: jsonLike(x[i].Value)}
		}
		return d
	}
	return x
}
