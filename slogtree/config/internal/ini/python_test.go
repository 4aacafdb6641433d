package ini_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pythontest"
)

const iniScript = `
import configparser, io, json, sys

def error(e):
    return {"Class": type(e).__name__, "Text": str(e)}

def get(cp, s, k):
    v = {"Raw": cp.get(s, k, raw=True)}
    try:
        v["Value"] = cp.get(s, k)
    except Exception as e:
        v["Error"] = error(e)
    return v

for line in sys.stdin:
    cp = configparser.ConfigParser()
    try:
        cp.read_file(io.StringIO(json.loads(line), newline=None), source="logging.conf")
        out = {"Order": cp.sections(), "Default": dict(cp.defaults()), "Sections": {s: {k: get(cp, s, k) for k in cp.options(s)} for s in cp.sections()}}
    except Exception as e:
        out = {"Error": error(e)}
    print(json.dumps(out))
`

// Random documents give what ConfigParser gives, of each
// Python of now. Of errors the class is compared, as texts are not the same in all versions.
func TestPythonINI(t *testing.T) {
	texts := make([]string, 3000)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range texts {
		texts[i] = randomINI(rng)
	}
	pythontest.Each(t, func(t *testing.T, python string) {
		pythontest.Since(t, python, 10) // a header goes on to the last bracket
		read := 0
		for i, want := range pythontest.Lines[string, pyFile](t, python, iniScript, texts) {
			v := iniVector{ID: python, Text: texts[i], Expect: want}
			if want.Error == nil {
				read++
				compare(t, v)
			} else if got := parseError(texts[i]); got == nil || got.Class != want.Error.Class {
				t.Errorf("%q: got %v, want %v", texts[i], got, want.Error)
			}
			if t.Failed() {
				return
			}
		}
		if read < len(texts)/5 {
			t.Errorf("only %d documents of %d could be read", read, len(texts))
		}
	})
}

// randomINI puts together pieces that matter to the reader.
func randomINI(rng *rand.Rand) string {
	pieces := []string{
		"[a]", "[b]", "[DEFAULT]", "x", "y", "Σ", "ΑΣ", "İ", " ", "  ", "\t", "\u00a0", "\x1f", "=", ":", "\n", "\n", "\n", "\n  ", "\r\n", "\r", "#", ";", "[", "]",
		"%(x)s", "%(y)s", "%%", "%", "(", ")s", "1", "é", "\u2028", "\u0085", "\v", "\f", "'", `"`, `\`, "\x00", "\u00ad", "\n x=1", "\nx=1", "\ny=2", "\nz : 3",
	}
	var b strings.Builder
	if rng.IntN(4) > 0 {
		b.WriteString("[s]\n")
	}
	for range rng.IntN(16) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}
