package formatters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// pythonScript renders each case of stdin, [format, type, text], as a list of
// one text, or null if that fails.
const pythonScript = `
import json, sys
make = {"int": int, "float": float, "str": str, "bool": lambda s: s == "1", "none": lambda s: None, "list": json.loads}
for line in sys.stdin:
    fmt, kind, text = json.loads(line)
    try:
        out = [fmt % {"v": make[kind](text)}]
    except Exception as e:
        out = None
    print(json.dumps(out))
`

// A pyCase is one value with one conversion, for both languages.
type pyCase struct {
	format, kind, text string
	value              any
}

func (c pyCase) MarshalJSON() ([]byte, error) {
	return json.Marshal([]string{c.format, c.kind, c.text})
}

// randomCase makes a case in which conversion and value mostly fit.
func randomCase(rng *rand.Rand) pyCase {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	var c pyCase
	convs := "sradiuoxXeEfFgGc"
	switch rng.IntN(6) {
	case 0:
		n := new(big.Int).Rsh(new(big.Int).SetUint64(rng.Uint64()), uint(rng.IntN(64)))
		n.Mul(n, big.NewInt(rng.Int64N(1<<40)*int64(rng.IntN(3)-1)))
		c.kind, c.text, c.value = "int", n.String(), n
	case 1, 2:
		f := math.Float64frombits(rng.Uint64())
		if rng.IntN(2) == 0 {
			f = math.Trunc(rng.Float64()*1e6) / math.Pow10(rng.IntN(12))
		}
		c.kind, c.text, c.value = "float", string(appendFloatRepr(nil, f)), f
	case 3:
		s := pick("", "x", "it's", `say "hi"`, `'"`, "é日本😀", "a\nb\t\x00\x7f", "\u2028\u00ad", strings.Repeat("long ", 9))
		c.kind, c.text, c.value, convs = "str", s, s, "srasrac"
	case 4:
		n := rng.IntN(1 << rng.IntN(21))
		c.kind, c.text, c.value = "int", fmt.Sprint(n), n
	default:
		c = []pyCase{
			{kind: "bool", text: "1", value: true},
			{kind: "none", value: nil},
			{kind: "list", text: `["a", 1, null, [true, 1.5, "it's"], {"k": []}]`, value: []any{"a", 1, nil, []any{true, 1.5, "it's"}, map[string]any{"k": []int{}}}},
		}[rng.IntN(3)]
	}
	flags := strings.Repeat(pick("-", "0", "+", " ", "#"), rng.IntN(2)) + strings.Repeat(pick("-", "0", "+", " ", "#"), rng.IntN(2))
	c.format = "[%(v)" + flags + pick("", "", "1", "7", "25") + pick("", "", ".", ".0", ".1", ".5", ".17", ".30") + string(convs[rng.IntN(len(convs))]) + "]"
	return c
}

// needPython is for a test that can't go on without something. It fails if
// that is asked for, and else says so and skips.
func needPython(t *testing.T, reason any) {
	t.Helper()
	if os.Getenv("REQUIRE_PYTHON") != "" {
		t.Fatal(reason)
	}
	t.Skipf("%v; with REQUIRE_PYTHON=1 this fails", reason)
}

// python runs the script, and returns what it prints for each of the cases.
// Both are JSON, one on a line.
func python[Out, Case any](t *testing.T, script string, cases []Case) []Out {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		needPython(t, err)
	}
	var in bytes.Buffer
	for _, c := range cases {
		if err := json.NewEncoder(&in).Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(path, "-c", script)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	results := make([]Out, len(cases))
	d := json.NewDecoder(bytes.NewReader(out))
	for i := range results {
		if err := d.Decode(&results[i]); err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
	}
	return results
}

// Any value with any conversion prints as the python3 here prints it.
func TestConversionsAgreeWithPython(t *testing.T) {
	atLength(t)
	rng := rand.New(rand.NewPCG(7, 8))
	cases := make([]pyCase, 20_000)
	for i := range cases {
		cases[i] = randomCase(rng)
	}
	rendered, failed := 0, 0
	for i, want := range python[[]string](t, pythonScript, cases) {
		c := cases[i]
		f := Must(Percent(c.format, &Options{NoValidate: true, Strict: true, Raw: true}))
		got := render(f, record0("", "v", c.value))
		switch {
		case want == nil:
			failed++
			if !strings.HasPrefix(got, "[%!v(") {
				t.Errorf("%s of %s: Python fails, got %q", c.format, c.text, got)
			}
		case strings.ContainsRune(want[0], '\uFFFD') && c.kind == "int": // a lone surrogate, as JSON has it
		default:
			rendered++
			if got != want[0] {
				t.Errorf("%s of %s %s: got %q, want %q", c.format, c.kind, c.text, got, want[0])
			}
		}
		if t.Failed() {
			return
		}
	}
	if rendered < 10_000 || failed < 1000 {
		t.Errorf("%d cases rendered, %d failed: the cases prove too little", rendered, failed)
	}
	t.Logf("%d rendered as Python does, %d fail in both", rendered, failed)
}
