package formatters

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// A jsonMaker makes records, attrs and calls of With out of bytes.
type jsonMaker struct {
	data []byte
	left int // attrs still allowed
}

func newJSONMaker(data []byte) *jsonMaker { return &jsonMaker{data: data, left: 200} }

func (m *jsonMaker) byte() byte {
	if len(m.data) == 0 {
		return 0
	}
	b := m.data[0]
	m.data = m.data[1:]
	return b
}

func (m *jsonMaker) uint64() uint64 {
	var word [8]byte
	m.data = m.data[copy(word[:], m.data):]
	return binary.LittleEndian.Uint64(word[:])
}

// Names come up again and again, so that there are duplicates.
var jsonNamesTried = []string{"", "a", "b", "msg", "time", "level", "source", "a#2", "msg#2", "logger", "longer than eight", "é", "\xff", "\ufffd", "\"q\"", "nl\n", "\u2028", "\u202e\u009b", "<&>", "exc_info", "origin"}

func (m *jsonMaker) string() string {
	n := int(m.byte())
	if n < 128 {
		return jsonNamesTried[n%len(jsonNamesTried)]
	}
	n = min(n%40, len(m.data))
	s := string(m.data[:n])
	m.data = m.data[n:]
	return s
}

func (m *jsonMaker) time() time.Time {
	var t time.Time
	switch m.byte() % 6 {
	case 0:
		return t
	case 1:
		t = time.Unix(int64(m.uint64()%253402300800), 0)
	case 2:
		t = time.Unix(int64(m.uint64()), int64(m.byte()))
	case 3:
		t = time.Unix(int64(m.uint64()%(1<<33)), int64(m.uint64()%1e9))
	case 4:
		t = time.Date(int(m.byte())-3, 1, 1, 0, 0, int(m.byte()), int(m.byte())*1e6, time.UTC)
	case 5:
		t = testTime
	}
	switch m.byte() % 4 {
	case 0:
		t = t.UTC()
	case 1:
		t = t.In(time.FixedZone("z", int(int16(m.uint64())))) // up to nine hours, seconds too
	case 2:
		t = t.In(fuzzZones[int(m.byte())%len(fuzzZones)])
	}
	return t
}

var fuzzZones = []*time.Location{time.UTC, time.FixedZone("x", 3600), time.FixedZone("y", -19800), time.FixedZone("z", 59)}

type jsonText string

func (s jsonText) MarshalText() ([]byte, error) {
	if s == "" {
		return nil, errors.New("empty\n")
	}
	return []byte(s), nil
}

type jsonPanic string

func (s jsonPanic) Error() string { panic(string(s)) }

type jsonError struct{ s string }

func (e jsonError) Error() string                { return e.s }
func (e jsonError) MarshalJSON() ([]byte, error) { return json.Marshal("marshalled " + e.s) }

// any returns a value that encoding/json sees.
func (m *jsonMaker) any() any {
	switch m.byte() % 22 {
	case 0:
		return nil
	case 1:
		return errors.New(m.string())
	case 2:
		return []string{m.string(), m.string()}
	case 3:
		return map[string]any{m.string(): m.string(), "n": int(m.byte())}
	case 4:
		return struct {
			A string `json:"a"`
			B []byte
			C *int
			D any
		}{m.string(), []byte(m.string()), nil, m.string()}
	case 5:
		return json.RawMessage(m.string())
	case 6:
		return jsonText(m.string())
	case 7:
		return jsonPanic(m.string())
	case 8:
		return jsonError{m.string()}
	case 9:
		return (*myErr)(nil)
	case 10:
		return &slog.Source{Function: m.string(), File: m.string(), Line: int(m.byte() % 3)}
	case 11:
		return (*slog.Source)(nil)
	case 12:
		return json.Number(m.string())
	case 13:
		return math.Float32frombits(uint32(m.uint64()))
	case 14:
		return make(chan int)
	case 15:
		return fmt.Errorf("w: %w", jsonError{m.string()})
	case 16:
		return netip.AddrFrom4([4]byte{m.byte(), 2, 3, 4})
	case 17:
		return []any{m.string(), 1.5, nil, map[string]int{m.string(): 1}, true}
	case 18:
		return &stringer{m.string()}
	case 19:
		return json.RawMessage(`{"a":1,"a":"` + jsonSafe(m.string()) + `","b":[{"x":1,"x":2}]}`)
	case 20:
		return slog.Level(m.byte())
	}
	return m.time()
}

// jsonSafe is the inside of a JSON string.
func jsonSafe(s string) string {
	text, _ := json.Marshal(s)
	return string(text[1 : len(text)-1])
}

func (m *jsonMaker) value(depth int) slog.Value {
	switch m.byte() % 12 {
	case 0:
		return slog.StringValue(m.string())
	case 1:
		return slog.Int64Value(int64(m.uint64()))
	case 2:
		return slog.Uint64Value(m.uint64())
	case 3:
		return slog.Float64Value(math.Float64frombits(m.uint64()))
	case 4:
		return slog.Float64Value(float64(int8(m.byte())) * math.Pow(10, float64(int8(m.byte())%25)))
	case 5:
		return slog.BoolValue(m.byte()%2 == 0)
	case 6:
		return slog.DurationValue(time.Duration(m.uint64()))
	case 7:
		return slog.TimeValue(m.time())
	case 8, 9:
		if depth < 5 {
			return slog.GroupValue(m.attrs(depth + 1)...)
		}
	case 10:
		if depth < 5 {
			return slog.AnyValue(valuer{m.value(depth + 1)})
		}
	}
	return slog.AnyValue(m.any())
}

func (m *jsonMaker) attrs(depth int) (attrs []slog.Attr) {
	for range m.byte() % 5 {
		if m.left--; m.left < 0 || len(m.data) == 0 {
			break
		}
		attrs = append(attrs, slog.Attr{Key: m.string(), Value: m.value(depth)})
	}
	return attrs
}

func (m *jsonMaker) record() slog.Record {
	level := slog.Level(int8(m.byte()))
	if m.byte()%2 == 0 {
		level = slog.Level(4 * (int(m.byte()%4) - 1))
	}
	return slog.NewRecord(m.time(), level, m.string(), 0)
}

// A jsonStep is a call of WithGroup, if it has a group, or of WithAttrs.
type jsonStep struct {
	group string
	attrs []slog.Attr
}

func (m *jsonMaker) steps() (steps []jsonStep) {
	for range m.byte() % 6 {
		if m.byte()%3 == 0 {
			steps = append(steps, jsonStep{group: m.string()})
		} else {
			steps = append(steps, jsonStep{attrs: m.attrs(0)})
		}
	}
	return steps
}

// A slogRepair makes slog's handler write JSON where Go 1.26's does not, and
// counts where it had to.
type slogRepair struct{ groups, years int }

// prune returns attrs without groups that come to nothing, after which slog
// drops a comma or opens a group all the same.
func (p *slogRepair) prune(attrs []slog.Attr) (out []slog.Attr) {
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		if a.Value.Kind() == slog.KindGroup {
			members := p.prune(a.Value.Group())
			if len(members) == 0 {
				p.groups++
				continue
			}
			a.Value = slog.GroupValue(members...)
		}
		if source, ok := a.Value.Any().(*slog.Source); isEmpty(&a) || ok && (source == nil || *source == slog.Source{}) {
			continue
		}
		out = append(out, a)
	}
	return out
}

// line repairs a line: slog goes on to write the time after the error.
func (p *slogRepair) line(line string) string {
	for {
		i := strings.Index(line, badYear+`"`)
		if i < 0 {
			return line
		}
		p.years++
		after := line[i+len(badYear)+1:]
		line = line[:i+len(badYear)] + after[strings.IndexByte(after, '"')+1:]
	}
}

// slogJSON returns what slog's JSONHandler writes.
func slogJSON(p *slogRepair, opts *slog.HandlerOptions, steps []jsonStep, r slog.Record, attrs []slog.Attr) string {
	var buf bytes.Buffer
	return p.line(slogLine(p, &buf, slog.NewJSONHandler(&buf, opts), steps, r, attrs))
}

// slogLine returns what a handler of slog's writes to buf.
func slogLine(p *slogRepair, buf *bytes.Buffer, h slog.Handler, steps []jsonStep, r slog.Record, attrs []slog.Attr) string {
	for _, s := range steps {
		if s.group != "" {
			h = h.WithGroup(s.group)
		} else if as := p.prune(s.attrs); len(as) > 0 {
			h = h.WithAttrs(as)
		}
	}
	r = r.Clone()
	r.AddAttrs(p.prune(attrs)...)
	if err := h.Handle(context.Background(), r); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(buf.String(), "\n")
}

func withSteps(f Formatter, steps []jsonStep) Formatter {
	for _, s := range steps {
		if s.attrs != nil {
			f = f.WithAttrs(s.attrs)
		} else {
			f = f.WithGroup(s.group)
		}
	}
	return f
}

// checkJSON fails the test unless line is one line of JSON in UTF-8.
func checkJSON(t *testing.T, what, line string) {
	t.Helper()
	if !json.Valid([]byte(line)) || !utf8.ValidString(line) || strings.Contains(line, "\n") {
		t.Fatalf("%s: no line of JSON: %q", what, line)
	}
}

// sameAsSlog compares JSON with slog's handler, and reports what it had to repair.
func sameAsSlog(t *testing.T, data []byte) slogRepair {
	t.Helper()
	m, twin := newJSONMaker(data), newJSONMaker(data)
	steps, r, attrs := m.steps(), m.record(), m.attrs(0)
	twin.steps()
	var p slogRepair
	want := slogJSON(&p, nil, steps, r, attrs)
	r2 := twin.record()
	r2.AddAttrs(twin.attrs(0)...)
	got := render(withSteps(JSON(nil), steps), r2)
	checkJSON(t, "the line", got)
	if !utf8.ValidString(want) { // of a MarshalJSON
		want = string(mendJSON([]byte(want), 0, false))
	}
	if got != want {
		t.Fatalf("\ngot  %q\nwant %q", got, want)
	}
	return p
}

// By default JSON is slog's handler.
func FuzzJSON(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		f.Add(randomBytes(rng, 300))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameAsSlog(t, data) })
}

func randomBytes(rng *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// The same, for records without end, and that most need no repair.
func TestJSONIsSlogs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	n, repaired, total := 20_000, 0, slogRepair{}
	for range n {
		p := sameAsSlog(t, randomBytes(rng, rng.IntN(400)))
		if p != (slogRepair{}) {
			repaired++
		}
		total.groups += p.groups
		total.years += p.years
	}
	t.Logf("%d of %d lines of slog's were repaired: %d groups, %d years", repaired, n, total.groups, total.years)
	if repaired > n/2 || total.groups == 0 || total.years == 0 {
		t.Errorf("%d of %d lines were repaired: %+v", repaired, n, total)
	}
}
