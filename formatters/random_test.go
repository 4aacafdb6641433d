package formatters

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var brkTexts = []string{"", "a", "1", "true", "<nil>", "k=v", "a b", "\n", "x\n2024-01-01 INFO forged", "\x1b[31m", "\u2028", "\u202e", "\u0085", "\u200e", "\xff", "\xc3", "a\xe2\x80", "\"", `\n`, `\`, `a\nb`, "\t", "日本", "name", "message", "level", "msg", "time", "logger", "exc_info", "g", "err", "a.b", "%!x(y)", "{", "}", "{x}", "%(x)s", "\x00", "\x01", "\r\n", "\x7f", strings.Repeat("x", 15), strings.Repeat("x", 16), strings.Repeat("x", 17), strings.Repeat("é", 8), strings.Repeat("x", 15) + "\n", "\n" + strings.Repeat("x", 31), "\ufeff", "\U000e0001", "\u061c", "#2", "msg#2"}

func pick[T any](r *rand.Rand, xs []T) T { return xs[r.IntN(len(xs))] }

type brkErr struct{ s string }

func (e brkErr) Error() string { return e.s }

type brkStack struct{ s string }

func (e brkStack) Error() string      { return e.s }
func (e brkStack) StackTrace() string { return e.s + "\n" + e.s }

type brkPanicErr struct{}

func (brkPanicErr) Error() string     { panic("e\n\x1b") }
func (brkPanicErr) Unwrap() error     { panic("u") }
func (brkPanicErr) StackTrace() []int { panic("s\n") }

type brkCyc struct{}

func (c *brkCyc) Error() string   { return "cyc" }
func (c *brkCyc) Unwrap() []error { return []error{c, nil, c} }

type brkFormatErr struct{}

func (brkFormatErr) Error() string              { return "f" }
func (brkFormatErr) Format(s fmt.State, v rune) { fmt.Fprintf(s, "f\n\x1b2024 forged\n") }

type brkRaw string

func (b brkRaw) MarshalJSON() ([]byte, error) { return []byte(b), nil }

type brkLV struct{ v slog.Value }

func (l brkLV) LogValue() slog.Value { return l.v }

type brkText string

func (b brkText) MarshalText() ([]byte, error) { return []byte(b), nil }

func brkErrOf(r *rand.Rand) error {
	switch r.IntN(7) {
	case 0:
		return nil
	case 1:
		return brkStack{pick(r, brkTexts)}
	case 2:
		return brkPanicErr{}
	case 3:
		return &brkCyc{}
	case 4:
		return brkFormatErr{}
	case 5:
		return errors.Join(brkErr{pick(r, brkTexts)}, fmt.Errorf("w %w", brkErr{pick(r, brkTexts)}))
	}
	return (*brkCyc)(nil)
}

func brkValue(r *rand.Rand, depth int) slog.Value {
	switch r.IntN(22) {
	case 0, 1, 2:
		return slog.StringValue(pick(r, brkTexts))
	case 3:
		return slog.IntValue(r.IntN(2))
	case 4:
		return slog.Uint64Value(uint64(r.IntN(2)))
	case 5:
		return slog.Float64Value(pick(r, []float64{0, math.Copysign(0, -1), 1, math.NaN(), math.Float64frombits(0x7ff8000000000002), math.Inf(1), 1e300, 1e-7}))
	case 6:
		return slog.BoolValue(r.IntN(2) == 0)
	case 7:
		return slog.DurationValue(time.Duration(pick(r, []int64{0, 1, math.MinInt64, math.MaxInt64, 1e9})))
	case 8:
		return slog.TimeValue(brkTime(r))
	case 9, 10:
		if depth > 3 {
			return slog.GroupValue()
		}
		var as []slog.Attr
		for range r.IntN(4) {
			as = append(as, slog.Attr{Key: pick(r, brkTexts), Value: brkValue(r, depth+1)})
		}
		return slog.GroupValue(as...)
	case 11:
		return slog.AnyValue(brkLV{brkValue(r, depth+1)})
	case 12:
		return slog.AnyValue(brkErr{pick(r, brkTexts)})
	case 13:
		return slog.AnyValue(brkErrOf(r))
	case 14:
		return slog.AnyValue(brkRaw(pick(r, []string{"", "{", `{"a":1,"a":2}`, `[1,`, "\n[ 1 ]\n", `"\ud800"`, "\"\xff\"", "\"\u0085\"", "nul", "1e999", "\"\u2028\"", `{"a":{"a":[{"b":1,"b":{}}]}}`})))
	case 15:
		return slog.AnyValue(brkText(pick(r, brkTexts)))
	case 16:
		return slog.AnyValue([]any{pick(r, brkTexts), map[any]any{pick(r, brkTexts): math.NaN(), 1: nil}})
	case 17:
		return slog.AnyValue(map[string]any{pick(r, brkTexts): pick(r, brkTexts), "b": []byte(pick(r, brkTexts))})
	case 18:
		return slog.AnyValue((*panics)(nil))
	case 19:
		return slog.AnyValue(&panics{})
	case 20:
		return slog.AnyValue(&slog.Source{File: pick(r, brkTexts), Line: r.IntN(2), Function: pick(r, brkTexts)})
	}
	return slog.AnyValue(struct{ A, B any }{pick(r, brkTexts), make(chan int)})
}

var brkZones = []*time.Location{time.UTC, time.Local, time.FixedZone("A\nB", 3600), time.FixedZone("", -86399), time.FixedZone("\x1b", math.MaxInt>>30), time.FixedZone("CET", 3600)}

func brkTime(r *rand.Rand) time.Time {
	return time.Unix(pick(r, []int64{0, 1, 1700000000, 1700000000, 253402300800, -62167219201, math.MaxInt64, math.MinInt64, -1e15, 1e15}), int64(pick(r, []int{0, 1, 999999999, 120000000}))).In(pick(r, brkZones))
}

func brkOrigin(r *rand.Rand) *Origin {
	x := func() string { return pick(r, brkTexts) }
	f := func() float64 {
		return pick(r, []float64{0, 1, -1, math.NaN(), math.Inf(1), 1e300, 1700000000.5, 999.9, 1000})
	}
	return &Origin{1, x(), x(), x(), x(), 2, x(), f(), f(), f(), 1, x(), 1, x(), x(), x(), x()}
}

func brkAttr(r *rand.Rand) slog.Attr {
	switch r.IntN(25) {
	case 0:
		return Exc(brkErrOf(r))
	case 1:
		return brkOrigin(r).Attr()
	case 2:
		return slog.Attr{}
	case 3:
		return slog.Any(pick(r, brkTexts), (*Origin)(nil))
	}
	return slog.Attr{Key: pick(r, brkTexts), Value: brkValue(r, 0)}
}

func brkAttrs(r *rand.Rand, n int) []slog.Attr {
	var as []slog.Attr
	for range r.IntN(n) {
		as = append(as, brkAttr(r))
	}
	return as
}

func brkOptions(r *rand.Rand) *Options {
	o := &Options{}
	b := func() bool { return r.IntN(4) == 0 }
	o.NoValidate = r.IntN(2) == 0
	o.Strict, o.Source, o.EscapeControls = b(), b(), b()
	if b() {
		o.DateFmt = pick(r, []string{"%Z", "%c %z", "%H:%M", "%", "%%", "%#Z%^Z", "%s", "%1024d"})
	}
	if b() {
		o.Location = pick(r, []*time.Location{time.UTC, time.FixedZone("CET", 3600), time.FixedZone("", math.MaxInt>>30)})
	}
	if b() {
		o.Levels = new(LevelNames)
		o.Levels.Add(0, pick(r, brkTexts))
		o.Levels.Add(4, pick(r, brkTexts))
	}
	if b() {
		o.Defaults = map[string]any{pick(r, brkTexts): brkValue(r, 0), "a.b": 1, "v": pick(r, brkTexts)}
	}
	if b() {
		k := r.IntN(5)
		o.ReplaceAttr = func(g []string, a slog.Attr) slog.Attr {
			switch k {
			case 0:
				panic("r\n\x1b")
			case 1:
				return slog.Group("new\n", a, "lv", brkLV{slog.GroupValue(a)})
			case 2:
				return Exc(brkErr{"re\n"})
			case 3:
				return slog.Any(a.Key+"\n", brkLV{a.Value})
			}
			return slog.Attr{}
		}
	}
	if b() {
		for range 1 + r.IntN(6) {
			o.Fields = append(o.Fields, pick(r, []string{"asctime", "attrs", "message", "msg", "levelname", "name", "created", "msecs", "lineno", "exc_info", "stack_info", "message", "nosuch", "args", "taskName", "funcName", "pathname", "relativeCreated", "thread"}))
		}
	}
	if b() {
		o.Keys = map[string]string{"msg": pick(r, brkTexts), "message": pick(r, brkTexts), "level": pick(r, brkTexts), "time": pick(r, brkTexts), "source": pick(r, brkTexts), "logger": pick(r, brkTexts), "asctime": pick(r, brkTexts), "exc_info": pick(r, brkTexts)}
	}
	if b() {
		o.TimeUnit = pick(r, []time.Duration{-1, 1, time.Second, math.MinInt64, math.MaxInt64, time.Hour})
	}
	o.Duplicates = Duplicates(r.IntN(4))
	o.Color = Color(r.IntN(3))
	return o
}

var brkFormats = []string{"%(message)s", "%(asctime)s %(levelname)s %(name)s %(message)s", "%(v)s %(message)s %(a.b)r %(attrs)s", "%(name)-5.3s|%(levelname)9.2s|%(v)c|%(v)d|%(g)s%(threadName)s%(exc_text)s%(module)s%(exc_info)s", "%s %(message)s",
	"{message}", "{asctime:>30} {levelname:^9} {name!r} {v:%Z%c} {a.b:>9} {attrs!a}", "{v[0]}{v[k]}{g.x!s}{v:{message}}{lineno}", "{v:{v}}{name:{levelname}}", "$message $v ${a.b} $attrs $lineno", "$v$g", "{msg:{lineno}}"}

func brkMake(r *rand.Rand, o *Options, which int) (f Formatter, raw bool) {
	switch which % 4 {
	case 0:
		return JSON(o), false
	case 1:
		return Logfmt(o), false
	case 2:
		return Console(o), false
	}
	format := brkFormats[(which/4)%len(brkFormats)]
	c := constructors[format[:1]]
	f, err := c(format, o)
	if err != nil {
		p := *o
		p.NoValidate = true
		f = Must(c(format, &p))
	}
	return f, false
}

func brkWith(r *rand.Rand, f Formatter) Formatter {
	for range r.IntN(4) {
		switch r.IntN(3) {
		case 0:
			f = f.WithAttrs(brkAttrs(r, 3))
		case 1:
			f = f.WithGroup(pick(r, brkTexts))
		case 2:
			f = f.WithLoggerName(pick(r, brkTexts), pick(r, brkTexts))
		}
	}
	return f
}

func brkRecord(r *rand.Rand) slog.Record {
	tm := brkTime(r)
	if r.IntN(5) == 0 {
		tm = time.Time{}
	}
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	rec := slog.NewRecord(tm, slog.Level(pick(r, []int{0, 4, 8, 12, -4, 1, math.MaxInt, math.MinInt, -100})), pick(r, brkTexts), pcs[0])
	rec.AddAttrs(brkAttrs(r, 5)...)
	return rec
}

func TestRandomRecordsInRandomFormatters(t *testing.T) {
	deadline := time.Now().Add(2 * time.Second)
	bad := 0
	for seed := uint64(0); time.Now().Before(deadline) && bad < 12; seed++ {
		func() {
			r := rand.New(rand.NewPCG(seed, 1))
			o := brkOptions(r)
			which := r.IntN(1000)
			var f Formatter
			defer func() {
				if p := recover(); p != nil {
					bad++
					buf := make([]byte, 1500)
					t.Errorf("seed %d: %T PANIC %v\n%s", seed, f, p, buf[:runtime.Stack(buf, false)])
				}
			}()
			f, _ = brkMake(r, o, which)
			f = brkWith(r, f)
			rec := brkRecord(r)
			ctx := brkAttrs(r, 3)
			room := r.IntN(200)
			dst := append(make([]byte, 0, room+6), "before"...)
			start := time.Now()
			line := string(f.Append(dst, ctx, rec))
			if d := time.Since(start); d > time.Second {
				t.Errorf("seed %d: %v", seed, d)
			}
			if !strings.HasPrefix(line, "before") {
				bad++
				t.Errorf("seed %d: prefix", seed)
			}
			line = line[6:]
			again := string(f.Append(nil, ctx, rec))
			if again != line {
				bad++
				t.Errorf("seed %d %T: differs\n%q\n%q", seed, f, line, again)
			}
			if n, ok := f.(interface{ NeedsSource() bool }); ok && !n.NeedsSource() {
				rec0 := rec.Clone()
				rec0.PC = 0
				if x := string(f.Append(nil, ctx, rec0)); x != line {
					bad++
					t.Errorf("seed %d %T: source matters\n%q\n%q", seed, f, line, x)
				}
			}
			if _, ok := f.(*jsonFormatter); ok {
				if !json.Valid([]byte(line)) || !utf8.ValidString(line) || strings.ContainsAny(line, "\n\r") {
					bad++
					t.Errorf("seed %d: JSON %q", seed, line)
				}
				return
			}
			for i, l := range strings.Split(line, "\n") {
				if i > 0 && !strings.HasPrefix(l, "    ") {
					bad++
					t.Errorf("seed %d %T: forged %q", seed, f, line)
				}
			}
			clean := line
			if _, ok := f.(*consoleFormatter); ok {
				for _, s := range []style{styleFaint, styleError, styleReset, levelDebug, levelInfo, levelWarning, levelError, levelCritical} {
					clean = strings.ReplaceAll(clean, string(s), "")
				}
			}
			for _, c := range clean {
				if c < ' ' && c != '\t' && c != '\n' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x2028 || c == 0x202e {
					bad++
					t.Errorf("seed %d %T: %U in %q", seed, f, c, line)
					break
				}
			}
			if !utf8.ValidString(line) {
				bad++
				t.Errorf("seed %d %T: UTF-8 %q", seed, f, line)
			}
			if _, ok := f.(*logfmt); ok && strings.Contains(line, "\n") {
				bad++
				t.Errorf("seed %d logfmt: %q", seed, line)
			}
		}()
		if seed%100000 == 0 {
			t.Log(seed)
		}
	}
}

func TestRandomKeys(t *testing.T) {
	deadline := time.Now().Add(2 * time.Second)
	bad, hits := 0, 0
	saved := brkTexts
	defer func() { brkTexts = saved }()
	brkTexts = []string{"", "a", "v", "1", "g", "a.b", "\n", "b", `"`, "x y", "true", "0"}
	for seed := uint64(0); time.Now().Before(deadline) && bad < 8; seed++ {
		r := rand.New(rand.NewPCG(seed, 2))
		which := r.IntN(1000)
		o := brkOptions(r)
		o.ReplaceAttr, o.Levels, o.Defaults = nil, nil, nil
		base, _ := brkMake(r, o, which)
		byKey := map[any]Formatter{}
		var recs []slog.Record
		for range 4 {
			recs = append(recs, brkRecord(r))
		}
		ctx := brkAttrs(r, 2)
		for range 60 {
			f := base
			if r.IntN(8) == 0 {
				o2 := *o
				f, _ = brkMake(r, &o2, which)
			}
			f = brkWith(r, f)
			g, ok := byKey[f.Key()]
			if !ok {
				byKey[f.Key()] = f
				continue
			}
			if g == f {
				continue
			}
			hits++
			for _, rec := range recs {
				if x, y := string(f.Append(nil, ctx, rec)), string(g.Append(nil, ctx, rec)); x != y {
					bad++
					t.Errorf("seed %d %T: equal keys\n%.600q\n%.600q\n%+v", seed, f, x, y, *o)
					break
				}
			}
		}
	}
	t.Log(hits)
}
