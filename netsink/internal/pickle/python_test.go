package pickle

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// python runs a script with python3, or skips the test without one.
func python(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("python3", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.Output()
	switch {
	case err == nil:
		return out
	case os.Getenv("REQUIRE_PYTHON") != "":
		t.Fatal("REQUIRE_PYTHON is set: ", err)
	}
	t.Skipf("%v; with REQUIRE_PYTHON=1 this fails", err)
	return nil
}

// TestAgainstPython mutates honest pickles, and makes random ones, and compares with CPython's own
// unpickler, in a script that refuses every name: what that refuses is refused here, and what both take is
// equal.
func TestAgainstPython(t *testing.T) {
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	var bases [][]byte
	for _, v := range oracle.Load[pickleVector](t, "pickles") {
		if p, err := v.payload(); err == nil && v.Needs == "nothing" && p != nil && len(p) < 1000 {
			bases = append(bases, p)
		}
	}
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	cases := make([][]byte, 3000)
	var stdin []byte
	for i := range cases {
		cases[i] = mutant(rng, bases)
		stdin = append(base64.StdEncoding.AppendEncode(stdin, cases[i]), '\n')
	}
	out := python(t, stdin, filepath.Join("testdata", "refuse.py"), filepath.Join(root, "testdata", "oracle", "gen"))
	n, both := 0, 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); n++ {
		var answer pythonAnswer
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		got, err := Load(cases[n], usual)
		switch {
		case err != nil || answer.Error != nil && (answer.Error.isNarrow() || answer.Error.isOld()):
		case answer.Error != nil:
			t.Errorf("seed %d: %q is %v, but CPython says %s: %s", seed, cases[n], got, answer.Error.Class, answer.Error.Text)
		case answer.OK != nil:
			both++
			if err := sameTop(got, answer.OK.V); err != nil {
				t.Errorf("seed %d: %q: %v", seed, cases[n], err)
			}
		}
	}
	if n != len(cases) || both == 0 {
		t.Errorf("seed %d: %d answers for %d pickles, %d taken by both", seed, n, len(cases), both)
	}
	t.Logf("%d of %d are taken by both", both, n)
}

type pythonAnswer struct {
	OK    *oracle.Value
	Error *pythonError
}

type pythonError struct{ Class, Text string }

// isNarrow reports whether CPython refused 8-bit text that is not ASCII, which is what it does
// unless it is told that Python 2 sent it.
func (e *pythonError) isNarrow() bool {
	return e.Class == "UnicodeDecodeError" && strings.HasPrefix(e.Text, "'ascii' codec")
}

// sameTop compares what is no dict, too, in which cycles count from the top.
func sameTop(got, want any) error {
	if strings.Contains(str(got), "...") { // perhaps a cycle
		return nil
	}
	return same(got, want)
}

// mutant returns a changed or random pickle.
func mutant(rng *rand.Rand, bases [][]byte) []byte {
	p := bytes.Clone(bases[rng.IntN(len(bases))])
	at := rng.IntN(len(p))
	switch rng.IntN(6) {
	case 0:
		for range 1 + rng.IntN(3) {
			p[rng.IntN(len(p))] = byte(rng.Uint32())
		}
	case 1:
		p = append(p[:at], p[min(at+1+rng.IntN(4), len(p)):]...)
	case 2:
		q := bases[rng.IntN(len(bases))]
		p = append(p[:at], q[rng.IntN(len(q)):]...)
	case 3:
		p = append(append(bytes.Clone(p[:at]), randomOps(rng, 1+rng.IntN(3))...), p[at:]...)
	default: // a record with extras of random opcodes
		p = p[:bytes.LastIndexByte(p[:len(p)-1], 'u')+1]
		p = append(p, "X\x01\x00\x00\x00x"...)
		p = append(p, randomOps(rng, 2+rng.IntN(20))...)
		p = append(p, "s."...)
	}
	return p
}

// randomOps returns opcodes, of which some fit together.
func randomOps(rng *rand.Rand, n int) (p []byte) {
	ops := []string{"(", "0", "1", "2", "N", "a", "d", "}", "e", "l", "]", "s", "t", ")", "u", "\x85", "\x86", "\x87", "\x88", "\x89", "\x8f", "\x90", "\x91", "\x94",
		"X\x01\x00\x00\x00k", "X\x01\x00\x00\x00v", "K\x05", "h\x50", "q\x50", "q\x51", "h\x51", "I01\n", "I7\n", "L-5L\n", "G?\xf0\x00\x00\x00\x00\x00\x00", "U\x01z", "\x8c\x01y", "C\x01b",
		"\x8a\x02\xff\x00", "p80\n", "g80\n", "F1.5\n", "V\\u0041\n", "S'q'\n", "J\xff\xff\xff\xff", "M\x01\x02", "]q\x50h\x50a", "(K\x01K\x02t", "}(K\x01K\x02u", "](K\x01K\x02e"}
	for range n {
		p = append(p, ops[rng.IntN(len(ops))]...)
	}
	return p
}

// isOld reports whether a CPython before 3.8 refused what protocol 5 has.
func (e *pythonError) isOld() bool {
	return strings.Contains(e.Text, "unsupported pickle protocol: 5") || strings.Contains(e.Text, `invalid load key, '\x96'`)
}

// TestPythonObjects reads what the python3 that is there makes of values of many classes, by each
// protocol: values of known classes print the same, and others tell their class.
func TestPythonObjects(t *testing.T) {
	n := 0
	for lines := bufio.NewScanner(bytes.NewReader(python(t, nil, filepath.Join("testdata", "objects.py")))); lines.Scan(); n++ {
		var v struct {
			Kind, Class, Str, Repr string
			Protocol               int
			Pickle                 []byte
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		got, err := Load(v.Pickle, usual)
		if err != nil {
			t.Errorf("protocol %d, %s: %v", v.Protocol, v.Repr, err)
			continue
		}
		x, _ := got.(Dict).Get("x")
		s, repr := str(x), string(AppendText(nil, x, true))
		switch {
		case v.Kind == "other" && strings.Contains(repr, v.Class):
		case v.Kind == "known" && s == v.Str && repr == v.Repr:
		default:
			t.Errorf("protocol %d: %s %s, want %s %s %s", v.Protocol, s, repr, v.Class, v.Str, v.Repr)
		}
	}
	if n < 300 {
		t.Errorf("only %d values", n)
	}
}
