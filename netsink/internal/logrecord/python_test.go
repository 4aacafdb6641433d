package logrecord

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// pythons are python3 and every python3.x that PATH has and that runs, each only once.
var pythons = sync.OnceValue(func() (found []string) {
	seen := map[string]bool{}
	for i := range 31 {
		name := "python3"
		if i > 0 {
			name = fmt.Sprintf("python3.%d", i-1)
		}
		out, err := exec.Command(name, "-c", "import logging.handlers, sys; print(sys.version)").Output()
		if err == nil && !seen[string(out)] {
			seen[string(out)] = true
			found = append(found, name)
		}
	}
	return found
})

// eachPython runs a test with each of pythons.
func eachPython(t *testing.T, test func(t *testing.T, python string)) {
	if len(pythons()) == 0 {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal("REQUIRE_PYTHON is set and there is no python3 that runs")
		}
		t.Skip("no python3; with REQUIRE_PYTHON=1 this fails")
	}
	for _, python := range pythons() {
		t.Run(python, func(t *testing.T) { test(t, python) })
	}
}

// runPython returns what a script prints.
func runPython(t *testing.T, python string, in []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(python, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pickleAgain makes a LogRecord of each frame of standard input, a pickle, and writes what SocketHandler makes of it.
// After it comes a frame of JSON; the LogRecord that Python makes of that must be the same, as far as JSON goes.
const pickleAgain = `
import json, logging, logging.handlers, math, pickle, struct, sys
handler = logging.handlers.SocketHandler('localhost', 0)
def plain(v):
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    if isinstance(v, dict): return {str(k): plain(x) for k, x in v.items()}
    if isinstance(v, float) and not math.isfinite(v): return str(v)
    return v
def frame():
    head = sys.stdin.buffer.read(4)
    return head and sys.stdin.buffer.read(struct.unpack('>L', head)[0])
while True:
    body = frame()
    if not body: break
    record = logging.makeLogRecord(pickle.loads(body))
    out = handler.makePickle(record)
    said = logging.makeLogRecord(json.loads(frame()))
    a, b = plain(record.__dict__), said.__dict__
    if a != b or [type(v) for v in a.values()] != [type(v) for v in b.values()] or list(a) != list(b):
        for k in list(a):
            if k in b and repr(a[k]) == repr(b[k]): del a[k], b[k]
        out = ('JSON: %r\npickle: %r' % (b, a)).encode('utf-8', 'backslashreplace')
        out = struct.pack('>L', len(out)) + out
    sys.stdout.buffer.write(out)
`

// frames returns the frames of records, each as a pickle and as JSON if that is set.
func frames(records []*sent, json bool) (out []byte) {
	for _, s := range records {
		for _, json := range []bool{false, true}[:1+b2i(json)] {
			start := len(out)
			out = s.encoder(json, 1<<24).Append(frame.Begin(out), s.ctx, &s.record)
			frame.End(out, start)
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func randomRecords(seed uint64, distinct bool, n int) []*sent {
	m := &maker{rand.New(rand.NewPCG(seed, 0)), distinct}
	records := make([]*sent, n)
	for i := range records {
		records[i] = m.sent()
	}
	return records
}

// CPython makes the same bytes of the record that it makes of ours, when it has no text twice.
func TestPickleIsCPythons(t *testing.T) {
	records := append(randomRecords(uint64(time.Now().UnixNano()), true, 1500), everydayRecords()...)
	in := frames(records, true)
	eachPython(t, func(t *testing.T, python string) {
		out := frame.NewReader(bytes.NewReader(runPython(t, python, in, "-c", pickleAgain)), 1<<24)
		same := 0
		for i, s := range records {
			got, err := out.Next()
			if err != nil {
				t.Fatal(err)
			}
			if want := s.encode(false); !bytes.Equal(got, want) {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				from := max(at-60, 0)
				t.Fatalf("record %d: from byte %d our pickle is\n%.300q\nCPython's\n%.300q", i, at, want[from:], got[from:])
			}
			same++
		}
		t.Logf("%d records are the same bytes", same)
	})
}

// The comparison sees a difference in what means the same.
func TestComparisonSees(t *testing.T) {
	one := randomRecords(1, true, 1)
	whole := frames(one, true)
	n := frame.Len(whole)
	p := bytes.Replace(whole[frame.HeaderLen:n], []byte("q\x01"), nil, 1) // a text without its number
	in := append(frame.Begin(nil), p...)
	frame.End(in, 0)
	in = append(in, whole[n:]...)
	eachPython(t, func(t *testing.T, python string) {
		out, err := frame.NewReader(bytes.NewReader(runPython(t, python, in, "-c", pickleAgain)), 1<<24).Next()
		if err != nil || bytes.Equal(out, p) {
			t.Errorf("a pickle without a number passes: %v", err)
		}
	})
}

// What CPython has only once, empty texts and those of one character, stands in ours as often as it
// comes. It is the same record.
func TestPythonReadsPickles(t *testing.T) {
	records := randomRecords(uint64(time.Now().UnixNano()), false, 1500)
	in := frames(records, true)
	eachPython(t, func(t *testing.T, python string) {
		out := frame.NewReader(bytes.NewReader(runPython(t, python, in, "-c", pickleAgain)), 1<<24)
		for i, s := range records {
			got, err := out.Next()
			if err != nil {
				t.Fatal(err)
			}
			logger, r, err := NewDecoder(usual).Decode(got)
			if err != nil {
				t.Fatalf("record %d: %v: %.300q", i, err, got)
			}
			wantLogger, want, err := NewDecoder(usual).Decode(s.encode(false))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := describe(logger, r), describe(wantLogger, want); got != want {
				t.Fatalf("record %d:\ngot  %s\nwant %s", i, got, want)
			}
		}
	})
}

// A checkedFrame is what check_frames.py says of a frame.
type checkedFrame struct {
	Error, Problems any
	Opcodes         []string
	Dict            []([2]oracle.Value)
	Formatted       oracle.Value
}

// check_frames.py, which refuses all that looks up a global, has nothing to say against ours.
func TestCheckFrames(t *testing.T) {
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(root, "testdata", "oracle", "gen", "check_frames.py")
	records := append(randomRecords(uint64(time.Now().UnixNano()), false, 500), everydayRecords()...)
	in := frames(records, false)
	eachPython(t, func(t *testing.T, python string) {
		lines := bufio.NewScanner(bytes.NewReader(runPython(t, python, in, script)))
		lines.Buffer(nil, 1<<24)
		n := 0
		for ; lines.Scan(); n++ {
			var c checkedFrame
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			if c.Error != nil || c.Problems != nil || len(c.Dict) < 21 {
				t.Fatalf("record %d: %v %v: %d", n, c.Error, c.Problems, len(c.Dict))
			}
			sameDict(t, records[n], c.Dict)
		}
		if lines.Err() != nil || n != len(records) {
			t.Errorf("%d of %d records, %v", n, len(records), lines.Err())
		}
	})
}

// sameDict compares plain values with those that were logged.
func sameDict(t *testing.T, s *sent, dict [][2]oracle.Value) {
	t.Helper()
	got := map[any]any{}
	for _, item := range dict {
		got[item[0].V] = item[1].V
	}
	check := func(key string, want any) {
		if text, ok := want.(string); ok {
			want = validText(text)
		}
		if got[validText(key)] != want {
			t.Errorf("%q is %v, want %v", key, got[key], want)
		}
	}
	check("name", s.name)
	check("msg", s.record.Message)
	last := map[string]slog.Value{}
	count := map[string]int{}
	prefix := ""
	for i, attrs := range s.with {
		for _, a := range attrs {
			count[prefix+a.Key]++
		}
		if s.groups[i] != "" {
			prefix += s.groups[i] + "."
		}
	}
	s.record.Attrs(func(a slog.Attr) bool {
		key := prefix + a.Key
		last[key] = a.Value
		count[key]++
		return true
	})
	for key, v := range last {
		if isField(key) {
			key = "attr." + key
		}
		switch v.Kind() {
		case slog.KindInt64, slog.KindBool, slog.KindString:
			check(key, v.Any())
		case slog.KindFloat64:
			if v.Float64() == v.Float64() {
				check(key, v.Any())
			}
		}
	}
}

// everydayRecords have what programs log every day.
func everydayRecords() (records []*sent) {
	at := time.Date(2024, 2, 29, 12, 30, 45, 678901234, time.UTC)
	for _, level := range []slog.Level{-4, 0, 4, 8, 12} {
		s := &sent{name: "app.db", record: slog.NewRecord(at, level, "served", testSites[0])}
		s.record.Add("method", "GET", "path", "/api/v1/items", "status", 200, "took", 1500*time.Microsecond, "size", 18231)
		records = append(records, s)
	}
	return records
}
