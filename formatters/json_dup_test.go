package formatters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestJSONDuplicates(t *testing.T) {
	const head = `{"level":"INFO","msg":"m"`
	none := func(f Formatter) Formatter { return f }
	for name, test := range map[string]struct {
		with         func(Formatter) Formatter
		args         []any
		last, rename string
	}{
		"none":              {none, []any{"a", 1, "b", "x,{}[]\"\\"}, `,"a":1,"b":"x,{}[]\"\\"}`, `,"a":1,"b":"x,{}[]\"\\"}`},
		"twice":             {none, []any{"a", 1, "b", 2, "a", 3}, `,"a":3,"b":2}`, `,"a":1,"b":2,"a#2":3}`},
		"three times":       {none, []any{"a", 1, "a", 2, "a", 3}, `,"a":3}`, `,"a":1,"a#2":2,"a#3":3}`},
		"a literal later":   {none, []any{"a", 1, "a", 2, "a#2", 3}, `,"a":2,"a#2":3}`, `,"a":1,"a#3":2,"a#2":3}`},
		"literals twice":    {none, []any{"a#2", 1, "a", 2, "a", 3, "a#2", 4}, `,"a#2":4,"a":3}`, `,"a#2":1,"a":2,"a#3":3,"a#2#2":4}`},
		"a field":           {none, []any{"msg", 1, "k", 2, "msg", 3}, `,"msg#2":3,"k":2}`, `,"msg#2":1,"k":2,"msg#3":3}`},
		"a field's literal": {none, []any{"msg", 1, "msg#2", 2}, `,"msg#3":1,"msg#2":2}`, `,"msg#3":1,"msg#2":2}`},
		"in a group":        {none, []any{slog.Group("g", "a", 1, "msg", 2, "a", 3)}, `,"g":{"a":3,"msg":2}}`, `,"g":{"a":1,"msg":2,"a#2":3}}`},
		"groups":            {none, []any{slog.Group("g", "a", 1, "b", 2), "k", 3, slog.Group("g", "b", 4, "c", 5)}, `,"g":{"a":1,"b":4,"c":5},"k":3}`, `,"g":{"a":1,"b":2},"k":3,"g#2":{"b":4,"c":5}}`},
		"inlined":           {none, []any{"a", 1, slog.Group("", "a", 2)}, `,"a":2}`, `,"a":1,"a#2":2}`},
		"maps":              {none, []any{"g", map[string]int{"a": 1}, "g", map[string]int{"b": 2}}, `,"g":{"b":2}}`, `,"g":{"a":1},"g#2":{"b":2}}`},
		"a group and a map": {none, []any{slog.Group("g", "a", 1), "g", map[string]int{"b": 2}}, `,"g":{"b":2}}`, `,"g":{"a":1},"g#2":{"b":2}}`},
		"a group and text":  {none, []any{slog.Group("g", "a", 1), "g", "x"}, `,"g":"x"}`, `,"g":{"a":1},"g#2":"x"}`},
		"in a MarshalJSON": {none, []any{"r", json.RawMessage(`[{"a":1,"\u0061":[{},{"b":2,"b":"]}"}]},[],"{"]`)},
			`,"r":[{"a":[{},{"b":"]}"}]},[],"{"]}`, `,"r":[{"a":1,"\u0061#2":[{},{"b":2,"b#2":"]}"}]},[],"{"]}`},
		"no UTF-8":       {none, []any{"\xff", 1, "\xfe", 2, "\ufffd", 3}, `,"\ufffd":3}`, `,"\ufffd":1,"\ufffd#2":2,"` + "\ufffd" + `#3":3}`},
		"escaped":        {none, []any{"\n\"", 1, "\n\"", 2}, `,"\n\"":2}`, `,"\n\"":1,"\n\"#2":2}`},
		"an empty key":   {none, []any{"", 1, "", 2}, `,"":2}`, `,"":1,"#2":2}`},
		"an exception":   {none, []any{"exc_info", 1, Exc(errors.New("e"))}, `,"exc_info#2":1,"exc_info":"error: e"}`, `,"exc_info#2":1,"exc_info":"error: e"}`},
		"two exceptions": {none, []any{Exc(errors.New("e")), Exc(errors.New("f"))}, `,"exc_info#2":"e","exc_info":"error: f"}`, `,"exc_info#2":"e","exc_info":"error: f"}`},
		"With": {func(f Formatter) Formatter {
			return f.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 2)}).WithGroup("h").WithLoggerName("a", "name")
		}, []any{"a", 3, "a", 4}, `,"a":"name","a#2":1,"g":{"a":2,"h":{"a":4}}}`, `,"a":"name","a#2":1,"g":{"a":2,"h":{"a":3,"a#2":4}}}`},
		"a group's attr and an open group": {func(f Formatter) Formatter {
			return f.WithAttrs([]slog.Attr{slog.Group("g", "a", 1, "b", 2)}).WithGroup("g")
		}, []any{"a", 3}, `,"g":{"a":3,"b":2}}`, `,"g":{"a":1,"b":2},"g#2":{"a":3}}`},
		"a name like a field": {func(f Formatter) Formatter { return f.WithLoggerName("msg", "n") }, []any{"msg", 1}, `,"msg#2":"n","msg#3":1}`, `,"msg#2":"n","msg#3":1}`},
	} {
		for mode, want := range map[Duplicates]string{DuplicatesLast: test.last, DuplicatesRename: test.rename} {
			f := test.with(JSON(&Options{Duplicates: mode}))
			for range 2 { // what With was given must stay as it is
				if got := render(f, record0("m", test.args...)); got != head+want {
					t.Errorf("%s, %d:\ngot  %s\nwant %s", name, mode, got, head+want)
				}
			}
		}
	}
}

// A context's attrs come first.
func TestJSONDuplicatesOfContexts(t *testing.T) {
	f := JSON(&Options{Duplicates: DuplicatesLast, Fields: []string{"message", "attrs", "levelname"}}).WithAttrs([]slog.Attr{slog.Int("k", 1)})
	got := string(f.Append([]byte("before"), []slog.Attr{slog.Int("k", 2), slog.Int("levelname", 3), slog.Int("message", 4)}, record0("m", "x", 5)))
	if want := `before{"message":"m","k":1,"levelname#2":3,"message#2":4,"x":5,"levelname":"INFO"}`; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

// duplicate returns a name that an object in line has twice.
func duplicate(line string) (name string, found bool) {
	type object struct {
		names map[string]bool // nil for an array
		value bool            // a value comes next
	}
	var open []*object
	for d := json.NewDecoder(strings.NewReader(line)); ; {
		tok, err := d.Token()
		if err == io.EOF {
			return "", false
		}
		if err != nil {
			panic(err)
		}
		delim, isDelim := tok.(json.Delim)
		if isDelim && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 && open[len(open)-1].names != nil {
			top := open[len(open)-1]
			if top.value = !top.value; top.value {
				key := tok.(string)
				if top.names[key] {
					return key, true
				}
				top.names[key] = true
				continue
			}
		}
		if isDelim {
			o := &object{}
			if delim == '{' {
				o.names = map[string]bool{}
			}
			open = append(open, o)
		}
	}
}

// members returns how many members all objects in line have.
func members(line string) (n int) {
	var count func(v any)
	count = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			n += len(v)
			for _, x := range v {
				count(x)
			}
		case []any:
			for _, x := range v {
				count(x)
			}
		}
	}
	var v any
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		panic(err)
	}
	count(v)
	return n
}

func (m *jsonMaker) options() *Options {
	b := m.byte()
	o := &Options{Duplicates: Duplicates(b % 3), EscapeControls: b&4 != 0, Strict: b&8 != 0, Location: fuzzZones[b>>4&3]}
	if b = m.byte(); b&1 != 0 {
		o.Fields = []string{"attrs", "message", "asctime", "exc_info", "stack_info", "levelname", "name", "created", m.string(), "msecs", "lineno"}[b>>1&3:]
	}
	if b&8 != 0 {
		o.Keys = map[string]string{m.string(): m.string(), "msg": m.string(), "level": m.string(), "message": m.string(), "logger": m.string()}
	}
	if b&16 != 0 {
		o.TimeUnit = time.Duration(m.uint64())
	}
	if b&32 != 0 {
		o.DateFmt = "%H" + m.string() + "%c"
	}
	if b&64 != 0 {
		o.Levels = new(LevelNames)
		o.Levels.Add(0, m.string())
	}
	if b&128 != 0 {
		text := m.string()
		o.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(a.Key)%3 == 0 {
				return slog.String(text, a.Key)
			}
			return a
		}
	}
	return o
}

// allOptions checks what every line of JSON has to be.
func allOptions(t *testing.T, data []byte) (settled int) {
	t.Helper()
	render := func(duplicates bool) (string, *Options) {
		m := newJSONMaker(data)
		o := m.options()
		if !duplicates {
			o.Duplicates = DuplicatesKeep
		}
		f := withSteps(JSON(o).WithLoggerName(m.string(), m.string()), m.steps())
		r := m.record()
		if m.byte()%4 == 0 {
			r.AddAttrs(Exc(errors.New(m.string())), (&Origin{StackInfo: m.string(), ExcText: m.string(), LevelName: m.string(), Created: math.Float64frombits(m.uint64())}).Attr())
		}
		ctx := m.attrs(0)
		r.AddAttrs(m.attrs(0)...)
		r.AddAttrs(Exc(jsonError{m.string()}))
		line := string(f.Append([]byte("start"), ctx, r))
		line, ok := strings.CutPrefix(line, "start")
		if !ok {
			t.Fatalf("the buffer became %q", line)
		}
		checkJSON(t, fmt.Sprintf("%+v", *o), line)
		if o.EscapeControls && strings.ContainsFunc(line, isControl) {
			t.Fatalf("controls in %q", line)
		}
		return line, o
	}
	line, o := render(true)
	kept, _ := render(false)
	if o.Duplicates == DuplicatesKeep {
		return 0
	}
	if key, ok := duplicate(line); ok {
		t.Fatalf("%+v: %q is twice in %q", *o, key, line)
	}
	if key, ok := duplicate(kept); !ok && kept != line {
		t.Fatalf("without duplicates %q became %q", kept, line)
	} else if _ = key; ok {
		settled = 1
	}
	colons := func(s string) int { return len(stripStrings(s)) }
	if o.Duplicates == DuplicatesRename && (members(line) != colons(kept) || colons(line) != colons(kept)) {
		t.Fatalf("members are lost:\n%q\n%q", kept, line)
	}
	return settled
}

// stripStrings returns the colons in line that stand in no string.
func stripStrings(line string) (colons []byte) {
	for quoted, i := false, 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			quoted = !quoted
		case '\\':
			i++
		case ':':
			if !quoted {
				colons = append(colons, ':')
			}
		}
	}
	return colons
}

// With whatever options, a line is JSON, and has the names that it should.
func FuzzJSONOptions(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		f.Add(randomBytes(rng, 400))
	}
	f.Fuzz(func(t *testing.T, data []byte) { allOptions(t, data) })
}

func TestJSONWithAllOptions(t *testing.T) {
	rng, n, settled := rand.New(rand.NewPCG(7, 8)), 4000, 0
	for range n {
		settled += allOptions(t, randomBytes(rng, rng.IntN(500)))
	}
	if settled < n/10 {
		t.Errorf("only %d of %d lines had duplicates to settle", settled, n)
	}
}

// Ten thousand attrs of one name, in a moment.
func TestJSONManyDuplicates(t *testing.T) {
	var args []any
	for i := range 10_000 {
		args = append(args, "k", i, "k#2", i, slog.Group("g", "k", i))
	}
	r := record0("m", args...)
	for mode, want := range map[Duplicates]int{DuplicatesKeep: 40_002, DuplicatesLast: 6, DuplicatesRename: 40_002} {
		line := render(JSON(&Options{Duplicates: mode}), r)
		if got := len(stripStrings(line)); got != want {
			t.Errorf("%d: %d members, want %d", mode, got, want)
		}
	}
	if !bytes.HasSuffix([]byte(render(JSON(&Options{Duplicates: DuplicatesLast}), r)), []byte(`"k":9999,"k#2":9999,"g":{"k":9999}}`)) {
		t.Error("the last ones are not there")
	}
}
