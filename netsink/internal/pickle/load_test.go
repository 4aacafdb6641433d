package pickle

import (
	"errors"
	"strings"
	"testing"
)

// TestNames: what a pickler would make of a name and a call is a value, a placeholder, or refused.
func TestNames(t *testing.T) {
	const args = "(X\x02\x00\x00\x00idq\x01tq\x02"
	for _, test := range []struct{ p, want string }{
		{"c__main__\nPlain\nq\x00.", "<__main__.Plain>"},
		{"c__main__\nPlain\n.", "no number in the memo"},
		{"c__main__\nPlain\nq\x00" + args + "Rq\x03.", "<__main__.Plain('id')>"},
		{"c__main__\nPlain\nq\x00" + args + "R.", "no number in the memo"},
		{"c__main__\nPlain\nq\x00" + args + "Rq\x03}b.", "<__main__.Plain('id') {}>"},
		{"c__main__\nPlain\nq\x00" + args + "\x81q\x03.", "<__main__.Plain('id')>"},
		{"(X\x02\x00\x00\x00idi__main__\nPlain\nq\x03.", "<__main__.Plain('id')>"},
		{"(c__main__\nPlain\nq\x00X\x02\x00\x00\x00idoq\x03.", "<__main__.Plain('id')>"},
		{"c__main__\nPlain\nq\x00" + args + "Rq\x03](K\x01K\x02e1.", "no MARK"},
		{"c__main__\nPlain\nq\x00" + args + "Rq\x03K\x01a.", "<__main__.Plain('id') [1]>"},
		{"c__main__\nPlain\nq\x00" + args + "Rq\x03K\x01K\x02s.", "<__main__.Plain('id') {1: 2}>"},
		{"cre\n_compile\nq\x00(X\x02\x00\x00\x00a+K\x20tRq\x01.", "<re._compile('a+', 32)>"},
		{"cmy.app\nErr\xc3\xb6r\nq\x00.", "<my.app.Errör>"},
		{"cos\nsystem\nq\x00" + args + "Rq\x03.", "os.system is in Python's standard library"},
		{"cposix\nsystem\nq\x00.", "posix.system is in Python's standard library"},
		{"csubprocess\nPopen\nq\x00" + args + "\x81q\x03.", "subprocess.Popen is in Python's standard library"},
		{"c__builtin__\neval\nq\x00" + args + "Rq\x03.", "builtins.eval is in Python's standard library"},
		{"cimportlib.util\nx\nq\x00.", "importlib.util.x is in Python's standard library"},
		{"csubprocess\nTimeoutExpiredError\nq\x00" + args + "Rq\x03.", "<subprocess.TimeoutExpiredError('id')>"},
		{"c__builtin__\nlen\nq\x00.", "<built-in function len>"},
		{"c__builtin__\nlen\nq\x00" + args + "Rq\x03.", "builtins.len is not called"},
		{"c_codecs\nencode\nq\x00.", "_codecs.encode is left uncalled"},
		{"c__builtin__\ngetattr\nq\x00(cos\npath\n.", "os.path is in Python's standard library"},
		{"c__builtin__\ngetattr\nq\x00(X\x02\x00\x00\x00idX\x01\x00\x00\x00xtR.", "such arguments for getattr"},
		{"c__builtin__\ngetattr\nq\x00(c__main__\nA\nX\x01\x00\x00\x00BtRq\x01.", "<__main__.A.B>"},
		{"c__main__\n" + strings.Repeat("x", 300) + "\nq\x00.", "is no name"},
		{"c\nx\nq\x00.", "is no name"},
		{"c__main__\nx y\nq\x00.", "is no name"},
	} {
		v, err := Load([]byte(test.p), usual)
		if got := str(v); err == nil && got != test.want || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q is %s, %v; want %s", test.p, got, err, test.want)
		}
	}
}

// TestCycles: what holds itself prints as in CPython, also in another place.
func TestCycles(t *testing.T) {
	for p, want := range map[string]string{
		"]q\x00h\x00a.":                                     "[[...]]",
		"}q\x00K\x01h\x00s.":                                "{1: {...}}",
		"(]q\x00(h\x00t0](h\x00h\x00ee1.":                   "",
		"]q\x00]q\x01h\x00aa(h\x00h\x01t.":                  "([[[...]]], [[[...]]])",
		"]q\x00(h\x00tq\x01a](h\x01h\x00e.":                 "[([(...)],), [([...],)]]",
		"]q\x00(K\x01K\x02e](h\x00h\x00e.":                  "[[1, 2], [1, 2]]",
		"]q\x00](h\x00h\x00eq\x01a.":                        "[[[...], [...]]]",
		"]q\x00](K\x07h\x00eq\x01a](h\x01h\x01h\x00eq\x02.": "[[7, [[...]]], [7, [[...]]], [[7, [...]]]]",
	} {
		v, err := Load([]byte(p), usual)
		if got := str(v); err != nil && want != "" || err == nil && got != want {
			t.Errorf("%q is %s, %v; want %s", p, got, err, want)
		}
	}
}

// TestLimits: each is exact, but for digits of bytes, which may be fewer by one than they seem.
func TestLimits(t *testing.T) {
	limits := Limits{Depth: 5, Nodes: 20, Digits: 30}
	for _, test := range []struct {
		p  string
		ok bool
	}{
		{strings.Repeat("]", 5) + "aaaa.", true},
		{strings.Repeat("]", 6) + "aaaaa.", false},
		{"N" + strings.Repeat("\x85", 5) + ".", true},
		{"N" + strings.Repeat("\x85", 6) + ".", false},
		{"N\x85\x85q\x000](]h\x00aq\x01h\x01e.", true},
		{"N\x85\x85\x85q\x000](]h\x00aq\x01h\x01e.", true},
		{"N\x85\x85\x85\x85q\x000](]h\x00aq\x01h\x01e.", false},
		{"](" + strings.Repeat("N", 18) + "e.", true},
		{"](" + strings.Repeat("N", 19) + "e.", false},
		{"NNN\x87q\x00h\x00h\x00\x87q\x00h\x00\x86.", false}, // 27 values of 9 pushes
		{"NNN\x87q\x00h\x00\x86q\x00h\x00\x86.", true},       // 19
		{"L" + strings.Repeat("7", 30) + "L\n.", true},
		{"L" + strings.Repeat("7", 31) + "L\n.", false},
		{"\x8a\x0c" + strings.Repeat("\x7f", 12) + ".", true},
		{"\x8a\x0e" + strings.Repeat("\x7f", 14) + ".", false},
	} {
		if v, err := Load([]byte(test.p), limits); (err == nil) != test.ok {
			t.Errorf("%q is %v, %v", test.p, str(v), err)
		}
	}
}

// TestErrorTellsWhere names the opcode and where it is.
func TestErrorTellsWhere(t *testing.T) {
	for p, want := range map[string]Error{
		"NN.x":             {},
		"":                 {Offset: 0, Op: "", Reason: "the pickle has no end"},
		"NN":               {Offset: 2, Op: "", Reason: "the pickle has no end"},
		"NX\x05\x00\x00":   {Offset: 1, Op: "BINUNICODE", Reason: "the pickle ends within it"},
		"}]K\x01s.":        {Offset: 4, Op: "SETITEM", Reason: "a list is no key"},
		"\x80\x07.":        {Offset: 0, Op: "PROTO", Reason: "protocol 7 is not known"},
		"NPid\n.":          {Offset: 1, Op: "PERSID", Reason: "persistent ids mean nothing here"},
		"N\xff.":           {Offset: 1, Op: "0xff", Reason: "there is no such opcode"},
		"K\x05h\x09.":      {Offset: 2, Op: "BINGET", Reason: "the memo has no 9"},
		"Nq\x00(N0h\x00b.": {Offset: 8, Op: "BUILD", Reason: "nothing is left on the stack for it"},
	} {
		_, err := Load([]byte(p), usual)
		var got *Error
		if !errors.As(err, &got) {
			got = &Error{}
		}
		if *got != want {
			t.Errorf("%q: %+v, want %+v", p, *got, want)
		}
	}
}
