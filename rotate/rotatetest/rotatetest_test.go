package rotatetest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// lines returns lines from first to last of a writer.
func lines(writer string, first, last uint64) []byte {
	var b []byte
	for n := first; n <= last; n++ {
		b = rotatetest.AppendLine(b, writer, n, 120)
	}
	return b
}

func write(t *testing.T, name string, parts ...[]byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, bytes.Join(parts, nil), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func verify(t *testing.T, c rotatetest.Check, files ...string) *rotatetest.Report {
	t.Helper()
	r, err := c.Verify(files...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// without returns b without n bytes from at.
func without(b []byte, at, n int) []byte { return append(b[:at:at], b[at+n:]...) }

func swapped(a, b []byte) []byte { return append(b[:len(b):len(b)], a...) }

// Each class of faults is told, and nothing else is.
func TestVerifyTells(t *testing.T) {
	ok := lines("a", 1, 10)
	line := func(n uint64) []byte { return lines("a", n, n) }
	acked := func(last uint64, failed ...rotatetest.Range) map[string]rotatetest.Ack {
		return map[string]rotatetest.Ack{"a": {Last: last, Failed: failed}}
	}
	marker := []byte("rotate: 3 records (360 bytes) lost from 2026-01-02T15:04:05Z to 2026-01-02T15:04:06Z: no space left on device\n")
	for _, c := range []struct {
		name  string
		file  []byte
		check rotatetest.Check
		want  string // of Err, without its beginning; "" is nil
	}{
		{"whole", ok, rotatetest.Check{}, ""},
		{"empty", nil, rotatetest.Check{}, ""},
		{"a line lost", without(ok, 240, 120), rotatetest.Check{}, "1 lost"},
		{"the first lost", ok[120:], rotatetest.Check{}, "1 lost"},
		{"the first deleted with old files", ok[120:], rotatetest.Check{Pruned: true}, ""},
		{"one lost after the first that is left", without(ok[120:], 240, 120), rotatetest.Check{Pruned: true}, "1 lost"},
		{"the last lost, and nobody knows", ok[:1080], rotatetest.Check{}, ""},
		{"the last lost", ok[:1080], rotatetest.Check{Acks: acked(10)}, "1 lost"},
		{"the last not acknowledged", ok[:1080], rotatetest.Check{Acks: acked(9)}, ""},
		{"the last written and not acknowledged", ok, rotatetest.Check{Acks: acked(9)}, ""},
		{"all lost", nil, rotatetest.Check{Acks: acked(7)}, "7 lost"},
		{"one failed", without(ok, 240, 120), rotatetest.Check{Acks: acked(10, rotatetest.Range{First: 3, Last: 3})}, ""},
		{"one failed and is there", ok, rotatetest.Check{Acks: acked(10, rotatetest.Range{First: 3, Last: 3})}, "1 there though their Write returned an error"},
		{"one failed and may be there", ok, rotatetest.Check{Acks: acked(10, rotatetest.Range{First: 3, Last: 3}), Doubtful: true}, ""},
		{"others failed", without(ok, 240, 120), rotatetest.Check{Acks: acked(10, rotatetest.Range{First: 11, Last: 12})}, "1 lost"},
		{"doubled", append(ok[:1200:1200], line(4)...), rotatetest.Check{}, "1 doubled"},
		{"out of order", swapped(lines("a", 1, 2), lines("a", 3, 4)), rotatetest.Check{}, "2 out of order"},
		{"in any order", swapped(lines("a", 1, 2), lines("a", 3, 4)), rotatetest.Check{AnyOrder: true}, ""},
		{"torn", without(ok, 300, 30), rotatetest.Check{}, "1 lost, 1 torn (0 allowed)"},
		{"torn, and that was a kill", append(line(1)[:50:50], '\n'), rotatetest.Check{Acks: acked(0), Torn: 1}, ""},
		{"torn twice, and there was one kill", bytes.Repeat(append(line(1)[:50:50], '\n'), 2), rotatetest.Check{Acks: acked(0), Torn: 1}, "2 torn (1 allowed)"},
		{"torn after the first byte", append([]byte("\n"), ok...), rotatetest.Check{}, "1 torn (0 allowed)"},
		{"torn at the end", ok[:1190], rotatetest.Check{}, "1 torn (0 allowed)"},
		{"no line break at the end", ok[:1199], rotatetest.Check{}, "1 torn (0 allowed)"},
		{"glued", append(line(2)[:50:50], line(1)...), rotatetest.Check{Acks: acked(1), Torn: 9}, "1 lost"},
		{"two lines without a break", append(line(1)[:119:119], line(2)...), rotatetest.Check{Acks: acked(0), Torn: 1}, ""},
		{"a letter changed", append(append(line(1)[:60:60], 'z'), line(1)[61:]...), rotatetest.Check{Acks: acked(0)}, "1 torn (0 allowed)"},
		{"one line's end after another's beginning", append(line(1)[:60:60], line(2)[60:]...), rotatetest.Check{Acks: acked(0)}, "1 torn (0 allowed)"},
		{"a hole", append(append(ok[:120:120], make([]byte, 120)...), ok[240:]...), rotatetest.Check{}, "2 lost, 1 torn (0 allowed)"},
		{"a marker", append(ok[:1200:1200], marker...), rotatetest.Check{}, ""},
		{"a marker after a piece", append(line(11)[:50:50], marker...), rotatetest.Check{}, "1 torn (0 allowed)"},
		{"a piece of a marker", marker[:40], rotatetest.Check{}, "1 torn (0 allowed)"},
		{"a foreign line", []byte("hello\n"), rotatetest.Check{}, "1 torn (0 allowed)"},
		{"a foreign line that may be", []byte("hello\n"), rotatetest.Check{Foreign: func(b []byte) bool { return string(b) == "hello" }}, ""},
		{"a piece is never foreign", append(line(1)[:50:50], '\n'), rotatetest.Check{Acks: acked(0), Foreign: func([]byte) bool { return true }}, "1 torn (0 allowed)"},
		{"a line longer than any", append(bytes.Repeat([]byte("x"), 3*rotatetest.MaxLine), '\n'), rotatetest.Check{}, "1 torn (0 allowed)"},
		{"a line longer than any, without an end", append(ok[:1200:1200], bytes.Repeat([]byte("x"), 2*rotatetest.MaxLine)...), rotatetest.Check{}, "1 torn (0 allowed)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := verify(t, c.check, write(t, "app.log", c.file))
			got := ""
			if err := r.Err(); err != nil {
				got = strings.TrimPrefix(err.Error(), "rotatetest: lines: ")
			}
			if got != c.want {
				t.Errorf("Err is %q, want %q\n%v", got, c.want, r)
			}
		})
	}
}

// The numbers of the report are those of the files.
func TestReport(t *testing.T) {
	marker := []byte("rotate: 3 records (360 bytes) lost from then to now: disk full\n")
	first := write(t, "app.log.1", lines("a", 1, 4), lines("b", 1, 1), lines("a", 7, 8), marker, []byte("hi\n"))
	second := write(t, "app.log", lines("b", 2, 2), lines("a", 12, 12), lines("b", 2, 2), lines("a", 13, 13)[:30], lines("b", 3, 3))
	r := verify(t, rotatetest.Check{
		Acks:    map[string]rotatetest.Ack{"a": {Last: 11, Failed: []rotatetest.Range{{First: 5, Last: 5}}}, "c": {Last: 2}},
		Foreign: func(b []byte) bool { return string(b) == "hi" },
	}, first, second)
	got := fmt.Sprintf("%+v", *r)
	want := "{Files:2 Bytes:1416 Lines:10 Writers:[" +
		"{Name:a Lines:7 First:1 Last:12 Acked:11 Unacked:1 Failed:1 Lost:4 Missing:[{First:6 Last:6} {First:9 Last:11}] Doubled:0 Disordered:0 Denied:0 Torn:0} " +
		"{Name:b Lines:3 First:1 Last:2 Acked:0 Unacked:0 Failed:0 Lost:0 Missing:[] Doubled:1 Disordered:0 Denied:0 Torn:0} " +
		"{Name:c Lines:0 First:0 Last:0 Acked:2 Unacked:0 Failed:0 Lost:2 Missing:[{First:1 Last:2}] Doubled:0 Disordered:0 Denied:0 Torn:0}] " +
		"Torn:1 Allowed:0 Glued:1 Markers:1 Marked:3 Foreign:1 Samples:["
	if !strings.HasPrefix(got, want) {
		t.Errorf("report is\n%s\nwant\n%s", got, want)
	}
	for i, s := range []string{"doubled " + second + ":3", "glued " + second + ":4"} {
		if got := fmt.Sprintf("%s %s:%d", r.Samples[i].Kind, r.Samples[i].File, r.Samples[i].Line); got != s {
			t.Errorf("sample %d is %s, want %s", i, got, s)
		}
	}
	for _, s := range []string{"a misses 6 9-11", "c misses 1-2", "6 lost, 1 doubled, 1 torn (1 glued; 0 allowed), 1 foreign, 1 markers of 3 lost"} {
		if !strings.Contains(r.String(), s) {
			t.Errorf("no %q in\n%v", s, r)
		}
	}
}

// A writer goes on in the next file: order is of one file alone, and files come
// in any.
func TestVerifyFiles(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(lines("a", 1, 5))
	z.Close()
	for name, b := range map[string][]byte{"app.log.1.gz": zipped.Bytes(), "app.log.2": lines("a", 6, 7), "app.log": lines("a", 8, 9), "app.log.lock": []byte("17")} {
		if err := os.WriteFile(path(name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(path("app.log"), path("app.log.current")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path("app.log*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("glob finds %v, %v", files, err)
	}
	r := verify(t, rotatetest.Check{Acks: map[string]rotatetest.Ack{"a": {Last: 9}}}, files...)
	if err := r.Err(); err != nil || r.Files != 3 || r.Lines != 9 {
		t.Errorf("%v, %d files, %d lines, want 3 and 9", err, r.Files, r.Lines)
	}
}

func TestVerifyUnreadable(t *testing.T) {
	half := write(t, "app.log.gz", []byte("\x1f\x8bnot gzip"))
	for _, name := range []string{half, filepath.Join(t.TempDir(), "missing"), t.TempDir()} {
		if r, err := rotatetest.Verify(name); err == nil {
			t.Errorf("%s: no error, but %v", name, r)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
}

func TestAckFile(t *testing.T) {
	dir := t.TempDir()
	a, err := rotatetest.OpenAckFile(dir, "w-1")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	want := func(want string) {
		t.Helper()
		acks, err := rotatetest.ReadAcks(dir)
		if got := fmt.Sprint(acks); err != nil || got != want {
			t.Fatalf("acknowledged %s, %v, want %s", got, err, want)
		}
	}
	want("map[w-1:{0 []}]")
	for n := uint64(1); n <= 20; n++ {
		do := a.Wrote
		if n == 3 || n >= 7 && n < 11 {
			do = a.Failed
		}
		if err := do(n); err != nil {
			t.Fatal(err)
		}
		if n == 8 {
			want("map[w-1:{6 [{3 3} {7 8}]}]")
		}
	}
	want("map[w-1:{20 [{3 3} {7 10}]}]")
	if _, err := rotatetest.OpenAckFile(dir, "w-1"); err == nil {
		t.Error("a writer that is there already was taken")
	}
	if allocs := testing.AllocsPerRun(100, func() { a.Wrote(21) }); allocs > 0 {
		t.Errorf("an acknowledgement allocates %v times", allocs)
	}
}

func TestReadAcksRefuses(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"a b", "1\n"}, {"a", ""}, {"a", "x\n"}, {"a", "1\n2\n"}, {"a", "9\n4-3\n"}, {"a", "9\n4-5\n5-6\n"}, {"a", "9\n0-1\n"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, c.name), []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if acks, err := rotatetest.ReadAcks(dir); err == nil {
			t.Errorf("file %q with %q was read as %v", c.name, c.text, acks)
		}
	}
}

func TestAppendLinePanics(t *testing.T) {
	for _, c := range []struct {
		writer string
		seq    uint64
	}{{"a", 0}, {"", 1}, {"a b", 1}, {".", 1}, {"a/b", 1}, {strings.Repeat("a", 65), 1}, {"é", 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("line %d of %q did not panic", c.seq, c.writer)
				}
			}()
			rotatetest.AppendLine(nil, c.writer, c.seq, 100)
		}()
	}
}

// Ten million lines take seconds, and no more memory than their bitmap.
func TestVerifyIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	var b []byte
	const n = 200_000
	for i := uint64(1); i <= n/4; i++ {
		for _, w := range []string{"w1", "w2", "w3", "w4"} {
			b = rotatetest.AppendLine(b, w, i, 120)
		}
	}
	name := write(t, "app.log", b)
	start := time.Now()
	r := verify(t, rotatetest.Check{}, name)
	d := time.Since(start)
	if r.Lines != n || r.Err() != nil {
		t.Errorf("%d lines, %v", r.Lines, r.Err())
	}
	t.Logf("%.1f million lines/s", float64(n)/1e6/d.Seconds())
	if d > 10*time.Second { // it is 0.02 s; a busy machine or the race detector takes longer
		t.Errorf("%d lines took %v", n, d)
	}
}

func BenchmarkVerify(b *testing.B) {
	var text []byte
	for i := uint64(1); i <= 100_000; i++ {
		text = rotatetest.AppendLine(text, fmt.Sprint("w", i%4), (i+3)/4, 120)
	}
	name := filepath.Join(b.TempDir(), "app.log")
	if err := os.WriteFile(name, text, 0o666); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := rotatetest.Verify(name); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkAppendLine(b *testing.B) {
	var buf []byte
	for n := uint64(1); b.Loop(); n++ {
		buf = rotatetest.AppendLine(buf[:0], "w1", n, 120)
	}
}
