package formatters

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// braceScript renders each case of stdin as pythonScript does, with str.format,
// and says too whether logging accepts the format.
const braceScript = `
import json, logging, sys
make = {"int": int, "float": float, "str": str, "bool": lambda s: s == "1", "none": lambda s: None, "list": json.loads}
for line in sys.stdin:
    fmt, kind, text = json.loads(line)
    try:
        logging.Formatter(fmt, style="{")
        valid = True
    except ValueError:
        valid = False
    try:
        out = fmt.format(v=make[kind](text), w=7, p="3", name="root", message="it's\n\u00e9", lineno=12, f=2.5)
    except Exception as e:
        out = None
    print(json.dumps({"valid": valid, "out": out}))
`

type braceResult struct {
	Valid bool
	Out   *string
}

// randomSpec makes a format spec that is mostly good for the kind of value.
func randomSpec(rng *rand.Rand, kind string) string {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	rarely := func(options ...string) string { return pick(append(make([]string, 3*len(options)), options...)...) }
	if kind == "none" || kind == "list" {
		return rarely(">9")
	}
	align := rarely("<", ">", "^", "<", ">", "^", "=")
	if align != "" {
		align = pick("", "*", "0", " ", "é", "😀", "<", "+", "%") + align
	}
	width := pick("", "", "1", "7", "25", "12", "٣", "{w}", "{p}")
	prec := rarely(".0", ".1", ".3", ".5", ".17", ".30", ".{p}", ".{w}")
	if rng.IntN(12) == 0 {
		kind = pick("str", "int", "float")
	}
	zero := rarely("0")
	switch kind {
	case "str":
		return strings.Replace(align, "=", ">", 1) + zero + width + prec + rarely("s", "s", "s", "S", "d")
	case "float":
		typ := pick("", "", pick("e", "E", "f", "F", "g", "G", "n", "%"), pick("f", "g", "%"))
		return align + rarely("+", "-", " ") + rarely(rarely("z")) + rarely("#") + zero + width + rarely(",", "_") + prec + typ
	}
	typ := pick("", "", pick("d", "b", "o", "x", "X", "n"), pick("d", "x", "c"), pick("f", "e", "G", "%"), rarely("i", "z"))
	if typ != "" && strings.Contains("feG%", typ) {
		typ = prec + typ
	}
	return align + rarely("+", "-", " ") + rarely("#") + zero + width + rarely(pick(",", "_", "_", ",_")) + typ
}

func randomBraceFormat(rng *rand.Rand, kind string) string {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	name, conv := "v", ""
	if rng.IntN(8) == 0 {
		name = map[string]string{
			"list": pick("v[0]", "v[0]", "v[1]", "v[4]", "v[4][k]", "v[3][1]", "v[k]", "v[-1]", "v[9]", "v[3][1].imag", "v[0][0]"),
			"str":  pick("v[0]", "v[0]", "v[3]", "v[k]", "v[99]"),
		}[kind]
		if name == "" {
			name = pick("v.real", "v.imag", "v.numerator", "v.denominator.real", "v[0]", "v.nosuch")
		}
	}
	if rng.IntN(4) == 0 {
		conv, kind = pick("!r", "!s", "!a", "!z", "!"), "str"
	}
	f := "{" + name + conv + pick("", ":", ":", ":", ":", ":", ":", ":") + "}"
	f = strings.Replace(f, ":", ":"+randomSpec(rng, kind), 1)
	if rng.IntN(10) == 0 {
		at := rng.IntN(len(f) + 1)
		for at < len(f) && f[at]&0xC0 == 0x80 {
			at++
		}
		f = f[:at] + pick("{", "}", "!", ":", ".", "[", "]", "0", "-", "{{", "}}", "{w}", "v", "\n") + f[at:]
	}
	return "[" + pick("", "", "", "{{", "}}", "{name}", "{message!a:>9}") + f + "]"
}

// Any value with any spec prints as the python3 here prints it, what its
// logging refuses is refused, and what it renders is not.
func TestBraceAgreesWithPython(t *testing.T) {
	atLength(t)
	rng := rand.New(rand.NewPCG(15, 16))
	cases := make([]pyCase, 40_000)
	for i := range cases {
		cases[i] = randomCase(rng)
		cases[i].format = randomBraceFormat(rng, cases[i].kind)
	}
	rendered, failed, refused := 0, 0, 0
	for i, want := range python[braceResult](t, braceScript, cases) {
		c := cases[i]
		_, err := Brace(c.format, nil)
		switch {
		case !want.Valid && err == nil:
			t.Errorf("%q: Python's logging refuses it", c.format)
		case want.Valid && want.Out != nil && err != nil:
			t.Errorf("%q: Python renders it, got %v", c.format, err)
		case err != nil:
			refused++
		}
		r := record0("it's\né", "v", c.value, "w", 7, "p", "3", "f", 2.5)
		r.AddAttrs((&Origin{LineNo: 12}).Attr())
		got := render(Must(Brace(c.format, &Options{NoValidate: true, Strict: true, Raw: true})), r)
		switch {
		case want.Out == nil:
			failed++
			if !strings.Contains(got, "%!") {
				t.Errorf("%q of %s %q: Python fails, got %q", c.format, c.kind, c.text, got)
			}
		default:
			rendered++
			if got != *want.Out {
				t.Errorf("%q of %s %q: got %q, want %q", c.format, c.kind, c.text, got, *want.Out)
			}
		}
		if t.Failed() {
			text, _ := json.Marshal(c)
			t.Fatalf("case %d: %s", i, text)
		}
	}
	if rendered < 15_000 || failed < 5000 || refused < 5000 {
		t.Errorf("%d cases rendered, %d failed, %d refused: the cases prove too little", rendered, failed, refused)
	}
	t.Logf("%d rendered as Python does, %d fail in both; %d refused", rendered, failed, refused)
}
