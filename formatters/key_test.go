package formatters

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Equal arguments and equal With calls of basic values give equal keys.
func TestEqualKeys(t *testing.T) {
	made := func() Formatter {
		f := Must(Percent("%(asctime)s %(name)s %(ip)s %(g.n)d %(message)s", &Options{
			DateFmt: "%H:%M", Location: time.UTC, Defaults: map[string]any{"a": 1, "b": "x", "c": 1.5, "d": nil, "e": true}, Strict: true, Raw: true,
		}))
		return f.WithLoggerName("logger", "app").WithAttrs([]slog.Attr{
			slog.String("ip", "::1"), slog.Int("i", 1), slog.Float64("f", 2.5), slog.Bool("b", true), slog.Duration("d", 3), slog.Time("t", testTime),
		}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("n", 7), slog.Group("h", "k", "v")})
	}
	if a, b := made().Key(), made().Key(); a != b {
		t.Errorf("keys differ:\n%#v\n%#v", a, b)
	}
	for style, format := range map[string]string{"%": "%(message)s", "{": "{message}", "$": "${message}"} {
		if a, b := Must(constructors[style]("", nil)), Must(constructors[style](format, &Options{})); a.Key() != b.Key() {
			t.Errorf("the default format is another than %s", format)
		}
	}
	made = func() Formatter {
		return Must(Brace("{ip:>9}{x[0]}{x.real}{message:{w}}", nil)).WithAttrs([]slog.Attr{slog.String("ip", "::1"), slog.Int("x", 1), slog.Int("w", 9)})
	}
	if a, b := made().Key(), made().Key(); a != b {
		t.Errorf("keys differ:\n%#v\n%#v", a, b)
	}
}

// ReplaceAttr sees open groups one by one: a dot in a name is not one between two.
func TestKeysTellGroupsApart(t *testing.T) {
	f := Must(Percent("%(message)s", &Options{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		return slog.String(a.Key, strings.Join(groups, "|"))
	}}))
	one, two := f.WithGroup("a.b"), f.WithGroup("a").WithGroup("b")
	r := record0("m", "k", 1)
	if x, y := render(one, r), render(two, r); x != "m a.b.k=a.b" || y != "m a.b.k=a|b" {
		t.Fatalf("got %q and %q", x, y)
	}
	if one.Key() == two.Key() {
		t.Error("keys are equal, and lines are not")
	}
	if one.Key() != f.WithGroup("a.b").Key() || f.WithGroup(`a" "b`).Key() == two.Key() {
		t.Error("equal groups have other keys, or other groups the same")
	}
}

// Any single difference makes another key.
func TestUnequalKeys(t *testing.T) {
	keys := map[any][]string{}
	names := new(LevelNames)
	keep := func(_ []string, a slog.Attr) slog.Attr { return a }
	base := Must(Percent("%(message)s %(slot)s", nil))
	for name, f := range map[string]Formatter{
		"base":           base,
		"brace":          Must(Brace("%(message)s %(slot)s", &Options{NoValidate: true})),
		"dollar":         Must(Dollar("%(message)s %(slot)s", &Options{NoValidate: true})),
		"format":         Must(Percent("%(message)s  %(slot)s", nil)),
		"DateFmt":        Must(Percent("%(message)s %(slot)s", &Options{DateFmt: "%H"})),
		"Location":       Must(Percent("%(message)s %(slot)s", &Options{Location: time.UTC})),
		"Levels":         Must(Percent("%(message)s %(slot)s", &Options{Levels: names})),
		"Levels 2":       Must(Percent("%(message)s %(slot)s", &Options{Levels: new(LevelNames)})),
		"Defaults":       Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": 1}})),
		"Defaults 2":     Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": "1"}})),
		"Defaults 3":     Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": 1.0}})),
		"Defaults 4":     Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": true}})),
		"Defaults any":   Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": []int{1}}})),
		"Defaults any 2": Must(Percent("%(message)s %(slot)s", &Options{Defaults: map[string]any{"slot": []int{1}}})),
		"Strict":         Must(Percent("%(message)s %(slot)s", &Options{Strict: true})),
		"Raw":            Must(Percent("%(message)s %(slot)s", &Options{Raw: true})),
		"NoValidate":     Must(Percent("%(message)s %(slot)s", &Options{NoValidate: true})),
		"ReplaceAttr":    Must(Percent("%(message)s %(slot)s", &Options{ReplaceAttr: keep})),
		"ReplaceAttr 2":  Must(Percent("%(message)s %(slot)s", &Options{ReplaceAttr: keep})),
		"name":           base.WithLoggerName("logger", "x"),
		"group":          base.WithGroup("g"),
		"attr":           base.WithAttrs([]slog.Attr{slog.Int("k", 1)}),
		"attr 2":         base.WithAttrs([]slog.Attr{slog.Int("k", 2)}),
		"attr in group":  base.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("k", 1)}),
		"slot":           base.WithAttrs([]slog.Attr{slog.Int("slot", 1)}),
		"slot 2":         base.WithAttrs([]slog.Attr{slog.String("slot", "1")}),
		"slot any":       base.WithAttrs([]slog.Attr{slog.Any("slot", []int{1})}),
		"slot any 2":     base.WithAttrs([]slog.Attr{slog.Any("slot", []int{1})}),
		"origin":         base.WithAttrs([]slog.Attr{(&Origin{}).Attr()}),
		"origin 2":       base.WithAttrs([]slog.Attr{(&Origin{LevelName: "X"}).Attr()}),
		"exc":            base.WithAttrs([]slog.Attr{Exc(errBench)}),
		"exc 2":          base.WithAttrs([]slog.Attr{Exc(errBench)}),
	} {
		keys[f.Key()] = append(keys[f.Key()], name)
	}
	for _, names := range keys {
		if len(names) > 1 {
			t.Errorf("equal keys: %v", names)
		}
	}
}

// A field of the { style may print the name of a time's zone.
func TestKeysTellZonesApart(t *testing.T) {
	in := func(zone string) (with, byDefault Formatter) {
		at := testTime.In(time.FixedZone(zone, 3600))
		f := Must(Brace("{at:%Z}", &Options{NoValidate: true}))
		return f.WithAttrs([]slog.Attr{slog.Time("at", at)}), Must(Brace("{at:%Z}", &Options{NoValidate: true, Defaults: map[string]any{"at": at}}))
	}
	a, defaultA := in("AAA")
	b, defaultB := in("BBB")
	for _, pair := range [][2]Formatter{{a, b}, {defaultA, defaultB}} {
		if x, y := render(pair[0], record0("")), render(pair[1], record0("")); x != "AAA" || y != "BBB" {
			t.Fatalf("got %q and %q", x, y)
		}
		if pair[0].Key() == pair[1].Key() {
			t.Error("keys are equal, and lines are not")
		}
	}
}

// randomFormatter makes a Formatter from few choices, so that equal ones come up.
func randomFormatter(rng *rand.Rand) (Formatter, string) {
	formats := []string{"%(message)s", "%(message)s %(k)s", "%(k)r|%(attrs)s", "%(g.k)s %(levelname)s", "%(name)s %(message)s", "%(asctime)s",
		"{message}", "{k:>5}{k[0]}", "{g[k]}{g.k.real}", "{message:{k}}", "$message", "${g.k}$name"}
	pick := func(n int) int { return rng.IntN(n) }
	opts := &Options{Strict: pick(6) == 0, Raw: pick(6) == 0, Location: []*time.Location{time.UTC, time.UTC, time.FixedZone("x", 3600)}[pick(3)]}
	if pick(4) == 0 {
		opts.Defaults = map[string]any{"k": []any{1, "1", 1.0, "\n"}[pick(4)]}
	}
	format := formats[pick(len(formats))]
	f := Must(constructors[format[:1]](format, opts))
	for range pick(4) {
		switch pick(4) {
		case 0:
			f = f.WithGroup([]string{"g", "h", "g.k"}[pick(3)])
		case 1:
			f = f.WithLoggerName("", []string{"a", "a.b", "root"}[pick(3)])
		default:
			values := []slog.Value{slog.IntValue(1), slog.StringValue("1"), slog.Float64Value(1), slog.BoolValue(true), slog.GroupValue(slog.Int("k", 1)),
				slog.DurationValue(1), slog.TimeValue(testTime), slog.TimeValue(testTime.UTC()), slog.AnyValue(errBench), slog.AnyValue([]int{1})}
			f = f.WithAttrs([]slog.Attr{{Key: []string{"k", "g", "x"}[pick(3)], Value: values[pick(len(values))]}})
		}
	}
	return f, fmt.Sprintf("%+v", f.Key())
}

// Equal keys promise equal bytes.
func TestEqualKeysEqualBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	records := []slog.Record{
		newRecord(slog.LevelInfo, "m"),
		newRecord(slog.LevelWarn, "a\nb", "k", 5, "g", 6),
		newRecord(slog.LevelInfo, "m", slog.Group("g", "k", "v")),
	}
	seen, shared := map[any][]string{}, 0
	for range 20_000 {
		f, _ := randomFormatter(rng)
		var lines []string
		for _, r := range records {
			lines = append(lines, render(f, r))
		}
		key := f.Key()
		if old, ok := seen[key]; ok {
			shared++
			if fmt.Sprint(old) != fmt.Sprint(lines) {
				t.Fatalf("key %+v gives\n%q and\n%q", key, old, lines)
			}
		}
		seen[key] = lines
	}
	if shared < 1000 {
		t.Errorf("only %d keys came up again", shared)
	}
}

// Each option makes another key, for each formatter: what it changes may show.
func TestEachOptionIsInTheKey(t *testing.T) {
	values := map[string]any{
		"DateFmt": "%H", "Location": time.UTC, "Levels": new(LevelNames), "Defaults": map[string]any{"a": 1}, "Strict": true, "Raw": true, "NoValidate": true,
		"ReplaceAttr": func(_ []string, a slog.Attr) slog.Attr { return a }, "Source": true, "Fields": []string{"message"}, "Keys": map[string]string{"msg": "m"},
		"TimeUnit": time.Second, "Duplicates": DuplicatesLast, "EscapeControls": true, "Color": ColorAlways,
	}
	makers := map[string]func(*Options) Formatter{
		"percent": func(o *Options) Formatter { return Must(Percent("", o)) }, "brace": func(o *Options) Formatter { return Must(Brace("", o)) },
		"dollar": func(o *Options) Formatter { return Must(Dollar("", o)) }, "json": JSON, "logfmt": Logfmt, "console": Console,
	}
	fields := reflect.TypeFor[Options]()
	for i := range fields.NumField() {
		v, ok := values[fields.Field(i).Name]
		if !ok {
			t.Fatalf("no value for %s", fields.Field(i).Name)
		}
		opts := reflect.New(fields)
		opts.Elem().Field(i).Set(reflect.ValueOf(v))
		for name, of := range makers {
			if of(nil).Key() == of(opts.Interface().(*Options)).Key() {
				t.Errorf("%s: %s is not in the key", name, fields.Field(i).Name)
			}
		}
	}
}
