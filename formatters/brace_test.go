package formatters

import (
	"errors"
	"log/slog"
	"math/big"
	"net/netip"
	"testing"
	"time"
)

// A styleTest is a format with what it makes of the message hello.
type styleTest struct {
	format string
	args   []any
	want   string
}

// testStyle tests formats with the options, in a WARNING of the logger app.db.
func testStyle(t *testing.T, style string, opts Options, tests []styleTest) {
	t.Helper()
	opts.Location = time.UTC
	for _, test := range tests {
		f, err := constructors[style](test.format, &opts)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := render(f.WithLoggerName("", "app.db"), newRecord(slog.LevelWarn, "hello", test.args...)); got != test.want {
			t.Errorf("%s with %v:\n got %q\nwant %q", test.format, test.args, got, test.want)
		}
	}
}

func TestBraceFields(t *testing.T) {
	group := slog.Group("req", "ip", "::1", "n", 2)
	testStyle(t, "{", Options{}, []styleTest{
		{"", nil, "hello"},
		{"{asctime} {name} {levelname} {message}", nil, "2023-11-14 22:13:20,123 app.db WARNING hello"},
		{"{name:8}|{levelname:>10}|{levelno:05}", nil, "app.db  |   WARNING|00030"},
		{"{{{message}}}", nil, "{hello}"},
		{"{message}\n", []any{"k", 1}, "hello k=1\n"},
		{"{attrs}: {message}", []any{"k", 1, "s", "x"}, "k=1 s=x: hello"},
		{"{attrs:>12}|", []any{"k", 1, "s", "x"}, "     k=1 s=x|"},
		{"{ip} {message}", []any{"ip", "::1", "k", 1}, "::1 hello k=1"},
		{"{req.ip} {req.n:03}", []any{group}, "::1 002"},
		{"{req}", []any{group}, "{'ip': '::1', 'n': 2}"},
		{"{nosuch:>9} {message}", nil, "%!nosuch(MISSING) hello"},
		{"{message!r:>9}", nil, "  'hello'"},
		{"{u!a} {u:.1}", []any{"u", "é\n"}, `'\xe9\n' é`},
		{"{message:{w}.{p}}|", []any{"w", 5, "p", 3}, "hel  |"},
		{"{message:{name}}|", nil, `%!message(no format spec: "app.db")|`},
		{"{message:{w}}|", []any{"w", 1 << 21}, "%!message(width too big: the limit is 1048576)|"},
		{"{message:{nosuch}}|", nil, `%!message(no format spec: "%!nosuch(MISSING)")|`},
		{"{v:>9}", []any{"v", []int{1}}, "%!v(a format spec needs text or a number, not []int: write !s before it)"},
		{"{v!s:>5}", []any{"v", []int{1}}, "  [1]"},
		{"{v:>9}", []any{"v", nil}, "%!v(a format spec needs text or a number, not None: write !s before it)"},
		{"{v:x}", []any{"v", 1.5}, "%!v(type 'x' is for integers, not for floats)"},
		{"{v:.3}", []any{"v", 1}, "%!v(a precision is not for integers)"},
		{"{v:c}", []any{"v", '\n'}, `\n`},
		{"{args} {args!r:>3}", nil, "()  ()"},
	})
}

// {x[0]} shows a part, so the attr stays in the tail; {req.ip} is an attr whole.
func TestBraceLookups(t *testing.T) {
	list, info := []any{"zero", 1, []string{"a"}}, map[string]any{"k": "v", "m": map[any]any{1: "one", 2.0: "two"}}
	group := slog.Group("g", "k", "v", "h", slog.GroupValue(slog.Int("n", 7)))
	testStyle(t, "{", Options{Strict: true}, []styleTest{
		{"{v[0]} {v[1]:03} {v[2][0]}", []any{"v", list}, "zero 001 a"},
		{"{v[3]}", []any{"v", list}, "%!v[3](index out of range)"},
		{"{v[k]}", []any{"v", list}, "%!v[k](no [k] in []interface {})"},
		{"{v[-1]}", []any{"v", list}, "%!v[-1](no [-1] in []interface {})"},
		{"{v[k]} {v[m][1]} {v[m][2]} {v[m][3]}", []any{"v", info}, "v one two %!v[m][3](MISSING)"},
		{"{v[7]} {v[8]}", []any{"v", map[int8]string{7: "seven"}}, "seven %!v[8](MISSING)"},
		{"{v[300]}", []any{"v", map[int8]string{44: "wrong"}}, "%!v[300](MISSING)"},
		{"{v[a b]}", []any{"v", map[stringer]int{}}, "%!v[a b](MISSING)"},
		{"{v[1]}", []any{"v", "héllo"}, "é"},
		{"{v[1]}", []any{"v", [2]int{5, 6}}, "6"},
		{"{v[1]}", []any{"v", &[]int{5, 6}}, "6"},
		{"{v[1]:c}", []any{"v", []byte("xy")}, "y"},
		{"{g[k]} {g[h][n]} {g.h[n]:02}", []any{group}, "v 7 07"},
		{"{g[nosuch]}", []any{group}, "%!g[nosuch](MISSING)"},
		{"{v[0]}", []any{"v", 5}, "%!v[0](no [0] in Int64)"},
		{"{name[0]}{name[4]}", nil, "ad"},
		{"{name[9]}", nil, "%!name[9](index out of range)"},
		{"{levelname[0]}{asctime[3]}", nil, "W3"},
		{"{created.real:.0f} {lineno.imag} {levelno.numerator} {levelno.denominator} {levelno.real.imag}", nil, "1700000000 0 30 1 0"},
		{"{v.real} {v.imag}", []any{"v", 2.5}, "2.5 0.0"},
		{"{v.real}", []any{"v", true}, "1"},
		{"{v.real} {v.other}", []any{slog.Group("v", "real", "r", "other", "o")}, "r o"},
		{"{v.numerator}", []any{"v", 2.5}, "%!v.numerator(no .numerator in Float64)"},
		{"{v[1].real}", []any{"v", list}, "1"},
		{"{name.real}", []any{slog.Group("name", "real", "r")}, "r"},
	})
	testStyle(t, "{", Options{}, []styleTest{
		{"{v[0]}", []any{"v", list}, `zero v="[zero 1 [a]]"`},
		{"{v[0]} {v}", []any{"v", []int{1}}, "1 [1]"},
		{"{v} {v[0]}", []any{"v", []int{1}}, "[1] 1"},
		{"{g[k]}", []any{group}, "v g.k=v g.h.n=7"},
		{"{g.k}", []any{group}, "v g.h.n=7"},
		{"{v.real}", []any{slog.Group("v", "real", "r", "other", "o")}, "r v.other=o"},
		{"{v[0]}", []any{"v", []int{1}, "v", []int{2}}, "2 v=[1] v=[2]"},
	})
	testStyle(t, "{", Options{Defaults: map[string]any{"d": []int{5}, "w": 4}}, []styleTest{{"{d[0]:{w}} {w.real}", nil, "   5 4"}})
}

type level int

func (l level) String() string { return [...]string{"low", "high"}[l] }

// Values with a text of their own are text, unless a type asks for the number.
func TestBraceValues(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 30, 45, 0, time.FixedZone("A\nB", 3600))
	testStyle(t, "{", Options{Strict: true}, []styleTest{
		{"{v}|{v:>6}|{v:.3f}|{v:<6.2}|", []any{"v", 1500 * time.Millisecond}, "1.5s|  1.5s|1.500|1.    |"},
		{"{v:d}", []any{"v", time.Second}, "%!v(type 'd' is for integers, not for floats)"},
		{"{v}|{v:6}|{v:d}|", []any{"v", level(1)}, "high|high  |1|"},
		{"{v:>5}", []any{"v", errors.New("e\n")}, `  e\n`},
		{"{v:>5}", []any{"v", netip.MustParseAddr("::1")}, "  ::1"},
		{"{v:,}", []any{"v", big.NewInt(12345)}, "12,345"},
		{"{v:5}|{v!s:5}|", []any{"v", true}, "    1|True |"},
		{"{v:>5}", []any{"v", struct{}{}}, "%!v(a format spec needs text or a number, not struct {}: write !s before it)"},
		{"{v:>26}", []any{"v", at}, " 2024-02-29T12:30:45.000+01:00"[1:]},
		{"{v:d}", []any{"v", at}, "%!v(type 'd' is for numbers, not for text)"},
	})
	testStyle(t, "{", Options{Strict: true, NoValidate: true}, []styleTest{
		{"{v:%H:%M %Z}", []any{"v", at}, `12:30 A\nB`},
		{"{v:%H:%M}", []any{"v", 5}, `%!v(no format spec: "%H:%M")`},
		{"{v:z.1f} {v:+z.1f}", []any{"v", -0.01}, "0.0 +0.0"},
		{"{v:z}", []any{"v", 1}, "%!v(z is not for integers)"},
		{"{user-id} {message}", []any{"user-id", 5}, "5 hello"},
	})
}

func TestBraceErrors(t *testing.T) {
	testErrors(t, "{", []errorTest{
		{"no fields", "", 0, "has no field such as {message}"},
		{"{{message}}", "", 0, "has no field"},
		{"é {message:d}", "{message:d}", 3, "type 'd' is for numbers"},
		{"{message} {asctime:,}", "{asctime:,}", 11, ", is for numbers"},
		{"{message:=9}", "{message:=9}", 1, "= is for numbers"},
		{"{message:+}", "{message:+}", 1, "a sign is for numbers"},
		{"{message:#}", "{message:#}", 1, "# is for numbers"},
		{"{message:S}", "{message:S}", 1, "no format spec"},
		{"{levelno:s}", "{levelno:s}", 1, "type 's' is for text"},
		{"{lineno:.3}", "{lineno:.3}", 1, "a precision is not for integers"},
		{"{lineno:,x}", "{lineno:,x}", 1, "type 'x' takes no ,"},
		{"{lineno:_n}", "{lineno:_n}", 1, "type 'n' takes no _"},
		{"{created:d}", "{created:d}", 1, "type 'd' is for integers"},
		{"{created!r:.1f}", "{created!r:.1f}", 1, "type 'f' is for numbers"},
		{"{user:s,}", "{user:s,}", 1, "no format spec"},
		{"{user:,s}", "{user:,s}", 1, ", is for numbers"},
		{"{user:z}", "{user:z}", 1, "no format spec"},
		{"{user:%H}", "{user:%H}", 1, "no format spec"},
		{"{user:{w}{p}}", "{user:{w}{p}}", 1, "no format spec"},
		{"{user:{0}}", "{user:{0}}", 1, "in its spec: {0}: a number"},
		{"{args:5}", "{args:5}", 1, "args is a tuple"},
		{"{args[0]}", "{args[0]}", 1, "args has no elements"},
		{"{attrs[0]}", "{attrs[0]}", 1, "attrs has no elements"},
		{"{lineno[0]}", "{lineno[0]}", 1, "there is no [0] in lineno"},
		{"{name[x]}", "{name[x]}", 1, "there is no [x] in name"},
		{"{x[0].y}", "{x[0].y}", 1, "write [y] for a key"},
		{"{} {message}", "{}", 1, "write {message}"},
		{"{message} {0}", "{0}", 11, "positional"},
		{"{message!z}", "{message!z}", 1, "unknown conversion 'z'"},
		{"{message!rr} {name}", "{message!rr}", 1, "no : or }"},
		{"{user-id}", "{user-id}", 1, "no field name"},
		{"{ message}", "{ message}", 1, "no field name"},
		{"{message} {name", "{name", 11, "no } at its end"},
		{"{message {name}", "{message", 1, "no } at its end"},
		{"{message} {", "{", 11, "write {{ for a brace"},
		{"{message}}", "}", 10, "write }} for a brace"},
		{"{message:1048577}", "{message:1048577}", 1, "width too big"},
		{"{created:.1048577f}", "{created:.1048577f}", 1, "precision too big"},
		{"{message:99999999999999999999}", "{message:99999999999999999999}", 1, "too many digits"},
		{"%(message)s", "", 0, "has no field"},
	})
	for _, format := range []string{"{message:.99999999999}", "{created:.1048577g}", "{user:%}", "{user:,}", "{naïve}", "{a.b.c[0][k]}", "{x:}", "{message:{lineno}}"} {
		if _, err := Brace(format, nil); err != nil {
			t.Error(err)
		}
	}
}

func TestBraceNoValidate(t *testing.T) {
	testStyle(t, "{", Options{NoValidate: true, Strict: true}, []styleTest{
		{"no fields", nil, "no fields"},
		{"{message:d} {name}", nil, "%!message(type 'd' is for numbers, not for text) app.db"},
		{"{message {name}", nil, "%!message(a { in the name: no } at its end; write {{ for a brace) app.db"},
		{"{message", nil, "%!message(no } at its end; write {{ for a brace)"},
		{"} {message}", nil, "%!}(a single }: write }} for a brace) hello"},
		{"{message!} {name}", nil, "%!message!(no : or } after the conversion) app.db"},
		{"{} {name}", nil, "%!}(no key: write {message} for the message) app.db"},
		{"{message:\n<7}", nil, "hello\n\n"},
		{"{message:{x:{w}}}", nil, "%!message(in its spec: {x:{w}}: a field in the spec of a field in a spec)"},
		{"{message:>{w:02}}|", []any{"w", 7}, "00hello|"},
		{"{message:{w:>3}}|", []any{"w", 17}, "%!message(a sign is for numbers, not for text)|"},
	})
}

func TestDollarFields(t *testing.T) {
	group := slog.Group("req", "ip", "::1", "n", 2)
	testStyle(t, "$", Options{}, []styleTest{
		{"", nil, "hello"},
		{"$asctime $name ${levelname} $message", nil, "2023-11-14 22:13:20,123 app.db WARNING hello"},
		{"$$$message$$", nil, "$hello$"},
		{"${message}s $message.", []any{"k", 1}, "hellos hello. k=1"},
		{"$attrs: $message", []any{"k", 1}, "k=1: hello"},
		{"${req.ip} $req.ip", []any{group}, "::1 {'ip': '::1', 'n': 2}.ip"},
		{"$nosuch $messagex", nil, "%!nosuch(MISSING) %!messagex(MISSING; did you mean message?)"},
		{"$messageé", nil, "helloé"},
		{"$levelno $created $args $taskName", nil, "30 1700000000.1234567 () None"},
	})
	testStyle(t, "$", Options{NoValidate: true, Strict: true}, []styleTest{
		{"no fields", nil, "no fields"},
		{"$ $message", nil, "%!$(a bare $: write $$ for a dollar sign) hello"},
		{"${message $name", nil, "%!message(no key of ASCII letters, digits and underscores and a } after ${; write $$ for a dollar sign) app.db"},
		{"${message:>9} $name", nil, "%!message:>9(no key of ASCII letters, digits and underscores and a } after ${; write $$ for a dollar sign) app.db"},
	})
}

func TestDollarErrors(t *testing.T) {
	testErrors(t, "$", []errorTest{
		{"no fields", "", 0, "has no field such as ${message}"},
		{"$$message", "", 0, "has no field"},
		{"é $message $", "$", 12, "write $$ for a dollar sign"},
		{"$message $1", "$", 10, "a bare $"},
		{"$message $é", "$", 10, "a bare $"},
		{"$message ${}", "${}", 10, "no key"},
		{"${message:>10}", "${message:>10}", 1, "no key of ASCII letters"},
		{"${message", "${message", 1, "and a } after"},
		{"${a..b}", "${a..b}", 1, "no key"},
		{"${user-id}", "${user-id}", 1, "no key"},
		{"{message}", "", 0, "has no field"},
	})
}
