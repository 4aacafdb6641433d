package literal

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pythontest"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

const literalScript = `
import ast, base64, json, sys

def tag(v):
    t = type(v)
    if v is None or t in (bool, int): return v
    if t is float: return {"$float": repr(v)}
    if t is complex: return {"$complex": [repr(v.real), repr(v.imag)]}
    if t is str: return {"$str": [ord(c) for c in v]} if any(0xd800 <= ord(c) < 0xe000 for c in v) else v
    if t is bytes: return {"$bytes": base64.b64encode(v).decode()}
    if t is list: return [tag(x) for x in v]
    if t is tuple: return {"$tuple": [tag(x) for x in v]}
    if t is set: return {"$set": [tag(x) for x in v]}
    if t is dict: return {"$dict": [[tag(k), tag(x)] for k, x in v.items()]}
    raise ValueError(t)

for line in sys.stdin:
    try:
        print(json.dumps({"ok": True, "value": tag(ast.literal_eval(json.loads(line)))}))
    except Exception as e:
        print(json.dumps({"ok": False, "error": repr(e)}))
`

type evaluated struct {
	OK    bool
	Value json.RawMessage
	Error string
}

// Random expressions have the values that ast.literal_eval gives them, in each
// Python of now, and those that it refuses are refused.
func TestPythonLiteral(t *testing.T) {
	exprs := make([]string, 6000)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range exprs {
		exprs[i] = damage(rng, randomLiteral(rng, 0))
	}
	pythontest.Each(t, func(t *testing.T, python string) {
		pythontest.Since(t, python, 12) // set(), white space before the text, NUL
		understood := 0
		for i, want := range pythontest.Lines[string, evaluated](t, python, literalScript, exprs) {
			got, err := Parse(exprs[i], Limits{})
			if want.OK != (err == nil) {
				t.Errorf("%q: got %v, %v; want %s %s", exprs[i], got, err, want.Value, want.Error)
			}
			if want.OK && err == nil {
				understood++
				sameValue(t, exprs[i], got, want.Value)
			}
		}
		if understood < len(exprs)/5 {
			t.Errorf("only %d of %d were literals", understood, len(exprs))
		}
	})
}

func sameValue(t *testing.T, expr string, got Value, data []byte) {
	t.Helper()
	v, err := oracle.Decode(data)
	if err == nil {
		v, err = fromOracle(v)
	}
	if err != nil {
		t.Fatalf("%q: %v", expr, err)
	}
	if want := (Value{V: v}); !Equal(sortSets(got), sortSets(want)) {
		t.Errorf("%q = %v, want %v", expr, got, want)
	}
}

// atoms are literals, and a few pieces that are none.
var atoms = []string{
	"0", "00", "1", "0_0", "1_000", "-7", "- 1", "+3", "0x1F", "0X_f", "0o17", "0b101", "9999999999999999999999", "-9223372036854775808", "9223372036854775808", "010", "01.5", "0e1", "010j",
	"1.5", ".5", "5.", "1e3", "1E-3", "1_0.0_1", "1e400", "-0.0", "1e16", "1e-5", "1j", "1+2j", "-1-2j", "-0.0-0j", "0-0j", "(1)+(2j)", "-(1)", "1 - 2.5J", "1e400j",
	"'a'", `"b"`, `'''c"'''`, `"""d'e"""`, "r'\\d'", "R'\\''", "u'x'", "b'x'", "Rb'\\x'", `'\n\t\\\'\"\x41\u00e9\U0001f600\101\0\a\q'`, `b'\x80\377\u1234'`, "'é中😀'", `'\ud800'`, `'\ud83d\ude00'`, "''", "'a\\\nb'", "'''a\nb'''",
	"'a' 'b'", "b'a' b'b'", "'a' r'b' '''c'''", `'a' '\udfff'`, "\"it's\"", `'\N{BULLET}'`, `'\777'`, "None", "True", "False", "()", "[]", "{}", "set()",
}

// randomLiteral writes an expression that is a literal, or one of little else.
func randomLiteral(rng *rand.Rand, depth int) string {
	if depth > 3 || rng.IntN(3) > 0 {
		return atoms[rng.IntN(len(atoms))]
	}
	items := make([]string, rng.IntN(4))
	pairs := rng.IntN(2) == 0
	form := []string{"()", "[]", "{}", ""}[rng.IntN(4)]
	for i := range items {
		items[i] = randomLiteral(rng, depth+1)
		if form == "{}" && pairs {
			items[i] += ": " + randomLiteral(rng, depth+1)
		}
	}
	text := strings.Join(items, []string{",", ", ", " ,\n"}[rng.IntN(3)])
	if text != "" && rng.IntN(2) == 0 {
		text += ","
	}
	if form == "" {
		return text
	}
	return form[:1] + text + form[1:]
}

// damage changes a third of the expressions in one place.
func damage(rng *rand.Rand, expr string) string {
	if rng.IntN(3) > 0 {
		return expr
	}
	runes := []rune(expr)
	at := rng.IntN(len(runes) + 1)
	with := []string{"", " ", "\n", "\t", "(", ")", "]", "}", ",", ":", "'", `"`, "\\", "#", "_", "0", "e", "j", ".", "-", "+", "~", "*", "x", "b", " is ", "\x00", "\u00a0", "$", "f", "\f", "\r"}
	end := min(at+rng.IntN(2), len(runes))
	return string(runes[:at]) + with[rng.IntN(len(with))] + string(runes[end:])
}

const constantScript = `
import json, logging, logging.handlers, sys
for line in sys.stdin:
    print(json.dumps(eval(json.loads(line), vars(logging))))
`

// The names that stand for numbers have the numbers that they have in Python.
func TestPythonConstants(t *testing.T) {
	names := Constants()
	pythontest.Each(t, func(t *testing.T, python string) {
		pythontest.Since(t, python, 9) // the facilities of syslog
		for i, want := range pythontest.Lines[string, int64](t, python, constantScript, names) {
			if got, err := Parse(names[i], Limits{}); err != nil || got.V != want {
				t.Errorf("%s = %v, %v; want %d", names[i], got, err, want)
			}
		}
	})
}

const nameScript = `
import json, sys, unicodedata
for line in sys.stdin:
    print(json.dumps(unicodedata.name(json.loads(line), "")))
`

// Characters are found by the names that Python gives them.
func TestPythonNames(t *testing.T) {
	chars := []string{"•", "가", "힣", "각", "뷁", "中", "\u3400", "\U00020000", "é", "😀", "\u00a0", "ﬁ"}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		chars = append(chars, string(rune(0xa0+rng.IntN(0x20000))))
	}
	pythontest.Each(t, func(t *testing.T, python string) {
		known := 0
		for i, name := range pythontest.Lines[string, string](t, python, nameScript, chars) {
			if name == "" || strings.HasPrefix(name, "CJK COMPATIBILITY") || strings.HasPrefix(name, "TANGUT IDEOGRAPH") {
				continue
			}
			known++
			if got, err := Parse(fmt.Sprintf(`'\N{%s}'`, strings.ToLower(name)), Limits{}); err != nil || got.V != chars[i] {
				t.Errorf("%s is %v, %v; want %q", name, got, err, chars[i])
			}
		}
		if known < len(chars)/10 {
			t.Errorf("only %d names", known)
		}
	})
}
