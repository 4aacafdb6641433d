package logrecord

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// A sent is a record with all that an Encoder makes bytes of.
type sent struct {
	name   string
	groups []string // each opened after an element of with
	with   [][]slog.Attr
	ctx    []slog.Attr
	record slog.Record
}

// encoder returns an Encoder that was given what s has.
func (s *sent) encoder(json bool, max int) *Encoder {
	e := NewEncoder(json, max).WithLoggerName(s.name)
	for i, attrs := range s.with {
		e = e.WithAttrs(attrs)
		if i < len(s.groups) {
			e = e.WithGroup(s.groups[i])
		}
	}
	return e
}

func (s *sent) encode(json bool) []byte {
	return s.encoder(json, 1<<24).Append(nil, s.ctx, &s.record)
}

// sites are places where records are made.
var testSites = func() (pcs []uintptr) {
	for i := range 3 {
		func() {
			var one [1]uintptr
			runtime.Callers(1+i%2, one[:])
			pcs = append(pcs, one[0])
		}()
	}
	return pcs
}()

// A maker makes random records.
type maker struct {
	*rand.Rand
	distinct bool // CPython has no text twice: each is longer than a character, as those are shared
}

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

var alphabets = []string{"abcdefghij", "abc \"'\\/=%{}", "é中😀\u2028€ßab", "\x00\x01\t\n\r\x1b\x7fabc", "ab\xff\xc3\x80\xed\xa0\x80"}

func (m *maker) text() string {
	alphabet := alphabets[min(m.IntN(9), len(alphabets)-1)%len(alphabets)]
	if m.chance(60) {
		alphabet = alphabets[0]
	}
	n := 2 + m.IntN(12)
	if m.chance(5) {
		n = 300
	}
	if !m.distinct {
		n -= 2
	}
	var b strings.Builder
	if len(alphabet) < 12 && strings.Contains(alphabet, "\xff") || strings.Contains(alphabet, "\xc3") {
		for range n {
			b.WriteByte(alphabet[m.IntN(len(alphabet))])
		}
		return b.String() + ".."[:2*b2i(m.distinct)]
	}
	runes := []rune(alphabet)
	for range n {
		b.WriteRune(runes[m.IntN(len(runes))])
	}
	return b.String()
}

func (m *maker) key() string {
	switch {
	case m.chance(10):
		return keyNames[1+m.IntN(int(numKeys)-1)]
	case m.chance(10):
		return m.text()
	case m.chance(3):
		return missingKey
	}
	return fmt.Sprintf("key%d", m.IntN(12))
}

func (m *maker) int() int64 {
	switch m.IntN(4) {
	case 0:
		return int64(m.IntN(300)) - 10
	case 1:
		return int64(m.IntN(1<<17)) - 1<<16
	case 2:
		return int64(int32(m.Uint32()))
	}
	return int64(m.Uint64() >> m.IntN(64))
}

func (m *maker) float() float64 {
	switch m.IntN(6) {
	case 0:
		return []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e16, 1e-5, 1e22, 123456789}[m.IntN(9)]
	case 1:
		return float64(m.IntN(1000))
	case 2:
		return math.Float64frombits(m.Uint64())
	}
	return float64(m.IntN(1_000_000)) / 1000
}

// any returns a value of a type that a container may hold.
func (m *maker) any(depth int) any {
	n := 14
	if depth > 2 {
		n = 10
	}
	switch m.IntN(n) {
	case 0:
		return nil
	case 1:
		return m.chance(50)
	case 2:
		return int(m.int())
	case 3:
		return m.Uint64() >> m.IntN(64)
	case 4:
		return m.float()
	case 5:
		return new(big.Int).Lsh(big.NewInt(m.int()), uint(m.IntN(200)))
	case 6:
		return []byte(m.text() + "..")
	case 7:
		return errors.New(m.text() + "..")
	case 8:
		return time.Duration(m.int())
	case 10:
		return m.items(depth)
	case 11:
		return [2]any{m.any(depth + 1), m.any(depth + 1)}
	case 12:
		d := map[string]any{}
		for range m.IntN(4) {
			d[m.text()+".."] = m.any(depth + 1)
		}
		return d
	case 13:
		return map[int]string{int(m.int()): m.text(), int(m.int()): m.text()}
	}
	return m.text()
}

func (m *maker) items(depth int) []any {
	items := make([]any, m.IntN(4))
	if m.chance(2) {
		items = make([]any, 999+m.IntN(3))
		for i := range items {
			items[i] = i
		}
		return items
	}
	for i := range items {
		items[i] = m.any(depth + 1)
	}
	return items
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

func (m *maker) value() slog.Value {
	switch m.IntN(12) {
	case 0:
		return slog.TimeValue(m.time())
	case 1:
		return slog.AnyValue(valuer{slog.AnyValue(m.any(1))})
	case 2:
		if m.chance(50) {
			return slog.GroupValue(m.attrs(m.IntN(3))...)
		}
		return slog.AnyValue(valuer{slog.GroupValue(m.attrs(m.IntN(3))...)})
	case 3, 4, 5:
		return slog.StringValue(m.text())
	case 6:
		return slog.Int64Value(m.int())
	}
	return slog.AnyValue(m.any(0))
}

func (m *maker) attrs(n int) []slog.Attr {
	attrs := make([]slog.Attr, n)
	for i := range attrs {
		attrs[i] = slog.Attr{Key: m.key(), Value: m.value()}
	}
	return attrs
}

func (m *maker) time() time.Time {
	switch m.IntN(6) {
	case 0:
		return time.Unix(m.Int64N(4e9)-1e9, int64(m.IntN(1e9)))
	case 1:
		return time.Now().Truncate(time.Millisecond)
	case 2:
		return time.Date(2+m.IntN(9997), 1, 1, 0, 0, 0, m.IntN(1e9), time.FixedZone("x", 3600))
	}
	return time.Now()
}

func (m *maker) origin() *formatters.Origin {
	text := func() string { return m.text() + ".." }
	orNone := func() string { return []string{"", text()}[m.IntN(2)] }
	o := &formatters.Origin{
		LevelNo: m.int(), LevelName: text(), PathName: text(), FileName: text(), Module: text(), LineNo: m.int(), FuncName: orNone(),
		RelativeCreated: float64(m.IntN(1e9)) / 7, Thread: m.int(), ThreadName: text(), Process: m.int(), ProcessName: text(), TaskName: orNone(),
		ExcText: orNone(), StackInfo: orNone(),
	}
	if m.chance(70) {
		o.Created, o.MSecs = float64(m.IntN(2e9))+m.Float64(), float64(m.IntN(1000))
	}
	return o
}

func (m *maker) sent() *sent {
	s := &sent{name: m.text() + ".."}
	level := []slog.Level{-4, 0, 4, 8, 12, slog.Level(m.IntN(40) - 20)}[m.IntN(6)]
	s.record = slog.NewRecord(m.time(), level, m.text(), testSites[m.IntN(len(testSites))])
	if !m.distinct && m.chance(10) {
		s.record.PC = 0
	}
	for range m.IntN(3) {
		s.with = append(s.with, m.attrs(m.IntN(4)))
		s.groups = append(s.groups, []string{"", "req", m.text()}[m.IntN(3)])
	}
	if m.chance(15) {
		s.ctx = m.attrs(m.IntN(3))
	}
	n := m.IntN(8)
	if m.chance(1) {
		n = 950 + m.IntN(100)
	}
	s.record.AddAttrs(m.attrs(n)...)
	for range 2 {
		if m.chance(8) {
			s.record.AddAttrs(m.origin().Attr())
		}
		if m.chance(8) {
			s.record.AddAttrs(formatters.Exc(fmt.Errorf("a: %w", errors.New(m.text()+".."))))
		}
	}
	return s
}
