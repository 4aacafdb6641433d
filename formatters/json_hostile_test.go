package formatters

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
)

type marshalFunc func() ([]byte, error)

func (f marshalFunc) MarshalJSON() ([]byte, error) { return f() }

type keyText struct{ s string }

func (k keyText) MarshalText() ([]byte, error) { return []byte(k.s), nil }

// Parent's children lead back to it, which encoding/json never sees.
type parent struct {
	Name  string
	up    *parent
	Skip  *parent `json:"-"`
	Child any     `json:",omitempty"`
}

func TestHostileValuesInJSON(t *testing.T) {
	shared := slog.GroupValue(slog.Int("k", 1))
	wide := shared
	for range 40 {
		wide = slog.GroupValue(slog.Attr{Key: "a", Value: wide}, slog.Attr{Key: "b", Value: wide})
	}
	values := loops()
	for name, v := range map[string]any{
		"panics": &panics{}, "nil panics": (*panics)(nil), "panic valuer": panicValuer{}, "nil valuer": (*nilPanicValuer)(nil), "self": self{}, "endless": endless(0), "bad marshaler": badMarshaler{},
		"bad formatter": badFormatter{}, "panic string": panicString{}, "panics with itself": jsonPanicSelf{}, "a list": []any{&panics{}, self{}}, "a wide group": wide,
		"a map of them": map[string]any{"p": &panics{}}, "a chan": make(chan int), "a func": func() {}, "complex": 1i, "text keys": map[keyText]int{{"\xff"}: 1, {"\xfe"}: 2},
		"marshal panics": marshalFunc(func() ([]byte, error) { panic("no\nJSON") }), "marshal fails": marshalFunc(func() ([]byte, error) { return nil, errors.New("no\nJSON") }),
		"marshals nothing": marshalFunc(func() ([]byte, error) { return nil, nil }), "marshals no JSON": marshalFunc(func() ([]byte, error) { return []byte(`{"a":`), nil }),
		"marshals lines": marshalFunc(func() ([]byte, error) { return []byte("{\n\"a\"\r\n:\t1}\n"), nil }), "marshals no UTF-8": marshalFunc(func() ([]byte, error) { return []byte("\"\xff\u202e\""), nil }),
		"marshals deep": marshalFunc(func() ([]byte, error) {
			return []byte(strings.Repeat(`{"a":[`, 4900) + strings.Repeat("]}", 4900)), nil
		}),
		"error that marshals badly": badJSONError{}, "json.Number": json.Number("1}"), "panics in an error": errors.Join(jsonPanic("x")),
	} {
		values[name] = v
	}
	deep := any("x")
	for range 5000 {
		deep = []any{deep}
	}
	values["a deep list"] = deep
	for name, v := range values {
		for _, opts := range []*Options{nil, {Duplicates: DuplicatesRename, EscapeControls: true}, {Fields: []string{"attrs", "message"}}, {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}} {
			if name == "a wide group" && opts != nil {
				continue // bounded by default; ReplaceAttr is called for each of its attrs
			}
			f := JSON(opts)
			for what, line := range map[string]string{
				"record":  render(f, record0("the message", "v", v, slog.Group("g", "v", v))),
				"With":    render(f.WithAttrs([]slog.Attr{slog.Any("v", v)}).WithGroup("g"), record0("the message", "v", v)),
				"context": string(f.Append(nil, []slog.Attr{slog.Any("v", v)}, record0("the message"))),
			} {
				checkJSON(t, name+" in "+what, line)
				if !strings.Contains(line, "the message") || !strings.Contains(line, `"v":`) && name != "a wide group" || len(line) > 20<<20 {
					t.Errorf("%s in %s with %+v: %d bytes, %.200s", name, what, opts, len(line), line)
				}
			}
		}
	}
}

type badJSONError struct{}

func (badJSONError) Error() string                { return "e" }
func (badJSONError) MarshalJSON() ([]byte, error) { panic("both") }

type jsonPanicSelf struct{}

func (p jsonPanicSelf) Error() string  { panic(p) }
func (p jsonPanicSelf) String() string { panic(p) }

func TestHostileReasonsInJSON(t *testing.T) {
	up := &parent{Name: "up"}
	up.up, up.Skip = up, up
	for _, test := range []struct {
		v    any
		want string
	}{
		{panicValuer{}, `"%!v(PANIC in LogValue: no value)"`},
		{(*nilPanicValuer)(nil), `null`},
		{endless(0), `"%!v(LogValue returns LogValuers without end)"`},
		{jsonPanic("a\nb"), `"!PANIC: a\nb"`},
		{(*panics)(nil), `"<nil>"`},
		{jsonPanicSelf{}, `"!PANIC: PANIC in fmt: a formatters.jsonPanicSelf can't be printed"`},
		{marshalFunc(func() ([]byte, error) { return []byte(`{"a":`), nil }), `"!ERROR:json: error calling MarshalJSON for type formatters.marshalFunc: unexpected end of JSON input"`},
		{marshalFunc(func() ([]byte, error) { return []byte("[\"\xff\" ]"), nil }), `["\ufffd"]`},
		{loops()["map"], `"%!v(nested too deep)"`},
		{loops()["wide"], `"%!v(too many values)"`},
		{up, `{"Name":"up"}`},
		{parent{Child: &parent{Child: 1}}, `{"Name":"","Child":{"Name":"","Child":1}}`},
		{slog.GroupValue(slog.Any("w", panicValuer{})), `{"w":"%!w(PANIC in LogValue: no value)"}`},
	} {
		if got := render(JSON(nil), record0("", "v", test.v)); got != `{"level":"INFO","msg":"","v":`+test.want+"}" {
			t.Errorf("%T:\ngot  %s\nwant %s", test.v, got, test.want)
		}
	}
}

// What encoding/json would refuse or write is not refused here.
func TestJSONDepths(t *testing.T) {
	list := func(n int) (v any) {
		for range n {
			v = []any{v}
		}
		return v
	}
	type node struct {
		Next *node `json:",omitempty"`
	}
	chain := func(n int) *node {
		v := &node{}
		for range n {
			v = &node{v}
		}
		return v
	}
	for name, test := range map[string]struct {
		v    any
		deep bool
	}{
		"nil": {nil, false}, "shallow": {list(200), false}, "deep": {list(600), true}, "a chain": {chain(200), false}, "a long chain": {chain(600), true},
		"long": {make([]any, maxJSONNodes/3), false}, "too long": {make([]any, maxJSONNodes+1), true}, "long and flat": {make([]int, 2*maxJSONNodes), false},
		"a pointer to a pointer": {new(*int), false}, "flat": {map[string][]struct{ A [2]*int }{"a": {{}}}, false},
		"a marshaler": {json.RawMessage(strings.Repeat("[", 600) + strings.Repeat("]", 600)), true}, "text": {strings.Repeat("[", 600), false},
		"quoted": {json.RawMessage(`"\"` + strings.Repeat("[", 600) + `"`), false},
	} {
		line := render(JSON(nil), record0("m", "v", test.v))
		checkJSON(t, name, line)
		if deep := strings.Contains(line, "%!v(nested too deep)") || strings.Contains(line, "%!v(too many values)"); deep != test.deep {
			t.Errorf("%s is too deep: %v", name, deep)
		}
	}
}

func TestBigJSON(t *testing.T) {
	msg := strings.Repeat("the message\n", 1<<20/12)
	if got := render(JSON(nil), record0(msg)); got != `{"level":"INFO","msg":"`+strings.ReplaceAll(msg, "\n", `\n`)+`"}` {
		t.Errorf("a long message became %.100q, %d bytes", got, len(got))
	}
	deep, f := slog.Int("k", 1), JSON(nil)
	for range 10_000 {
		deep = slog.Attr{Key: "g", Value: slog.GroupValue(deep)}
	}
	for i := range 2000 {
		f = f.WithGroup(fmt.Sprintf("g%d", i))
	}
	line := render(f, record0("m", deep))
	checkJSON(t, "deep groups", line)
	if !strings.Contains(line, `"g511":{`) || strings.Contains(line, `"g512":{`) || !strings.Contains(line, "groups nested too deep") {
		t.Errorf("deep groups became %.200s", line)
	}
	many := make([]slog.Attr, maxGroupAttrs+5)
	for i := range many {
		many[i] = slog.Int("k", 1)
	}
	line = render(JSON(nil), record0("m", slog.Attr{Key: "g", Value: slog.GroupValue(many...)}, "next", slog.GroupValue(many[:5]...)))
	checkJSON(t, "many attrs", line)
	if n := strings.Count(line, `"k":1`); n != maxGroupAttrs+5 || !strings.Contains(line, `"%!g(too many attrs)"`) {
		t.Errorf("%d attrs, %s", n, line[len(line)-100:])
	}
}

// Append adds to the buffer, within its room or beyond.
func TestJSONKeepsTheBuffer(t *testing.T) {
	for name, opts := range map[string]*Options{"default": nil, "fields": {Fields: []string{"asctime", "attrs", "message"}}, "duplicates": {Duplicates: DuplicatesLast}} {
		f := JSON(opts).WithLoggerName("logger", "app").WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("g")
		r := newRecord(slog.LevelInfo, "a longer\nmessage", "k", "v", "k", "v", "l", []int{1}, "e", errBench, Exc(errBench))
		want := "before " + render(f, r)
		for room := range 300 {
			buf := append(make([]byte, 0, 7+room), "before "...)
			if got := string(f.Append(buf, nil, r)); got != want {
				t.Fatalf("%s with room for %d: got %q, want %q", name, room, got, want)
			}
			if string(buf) != "before " {
				t.Fatalf("%s: the buffer became %q", name, buf)
			}
		}
	}
}

// One Formatter serves many goroutines; none sees another's record, and siblings
// share nothing.
func TestJSONConcurrently(t *testing.T) {
	for _, opts := range []*Options{nil, {Duplicates: DuplicatesLast}} {
		f := JSON(opts).WithLoggerName("logger", "app").WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("g")
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				buf := make([]byte, 0, 256)
				for i := range 300 {
					r := at(utcTime, slog.LevelInfo, "m", "k", i, "list", []int{g}, "e", errBench)
					r.Time = r.Time.AddDate(0, 0, i%3) // seconds come and go
					child := f.WithAttrs([]slog.Attr{slog.Int("c", g)})
					buf = child.Append(buf[:0], nil, r)
					want := fmt.Sprintf(`{"time":"%s","level":"INFO","msg":"m","logger":"app","w":1,"g":{"c":%d,"k":%d,"list":[%d],"e":"no route to host"}}`, r.Time.Format("2006-01-02T15:04:05.999Z"), g, i, g)
					if string(buf) != want {
						t.Errorf("got  %s\nwant %s", buf, want)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// Formatting allocates nothing, whatever the everyday shape of the record.
func TestJSONAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	names := new(LevelNames)
	for name, test := range map[string]struct {
		opts  *Options
		with  []slog.Attr
		attrs []slog.Attr
		ctx   []slog.Attr
		some  bool
	}{
		"message": {}, "five attrs": {attrs: fiveAttrs}, "ten with and two": {with: tenContext, attrs: fiveAttrs[:2]}, "context": {ctx: fiveAttrs, attrs: fiveAttrs, with: tenContext},
		"a group": {attrs: []slog.Attr{slog.Group("g", "a", 1, "b", "x\n", "f", 1.5)}}, "escapes": {attrs: []slog.Attr{slog.String("k\n", "é\x00\xff\u2028")}},
		"options":   {opts: &Options{Keys: map[string]string{"msg": "message"}, DateFmt: "%H:%M", EscapeControls: true, Levels: names}, attrs: fiveAttrs},
		"unit":      {opts: &Options{TimeUnit: 1e6}, attrs: fiveAttrs},
		"source":    {opts: &Options{Source: true}, attrs: fiveAttrs},
		"fields":    {opts: &Options{Fields: []string{"asctime", "name", "levelname", "levelno", "created", "lineno", "message"}}, attrs: fiveAttrs},
		"a control": {attrs: []slog.Attr{slog.Any("map", map[string]int{"a": 1, "b": 2})}, some: true},
	} {
		f := JSON(test.opts).WithLoggerName("logger", "app").WithAttrs(test.with).WithGroup("open")
		r := newRecord(slog.LevelInfo, benchMessage)
		r.PC = benchPC
		r.AddAttrs(test.attrs...)
		buf := make([]byte, 0, 4096)
		got := testing.AllocsPerRun(500, func() {
			r.Time = r.Time.Add(3e8)
			buf = f.Append(buf[:0], test.ctx, r)
		})
		if (got > 0) != test.some {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}

// benchPC is a place in this package.
var benchPC = func() uintptr {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	return pcs[0]
}()
