package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	acks := filepath.Join(dir, "acks")
	good, bad := filepath.Join(dir, "good.log"), filepath.Join(dir, "bad.log")
	line := func(n uint64) []byte { return rotatetest.AppendLine(nil, "w", n, 80) }
	for name, parts := range map[string][][]byte{
		good: {line(1), line(2)},
		bad:  {line(1), line(2)[:40], {'\n'}, []byte("hi\n")},
	} {
		if err := os.WriteFile(name, bytes.Join(parts, nil), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(acks, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(acks, "w"), []byte("2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		text string // in what is printed
	}{
		{"GOOD", 0, "0 lost, 0 doubled, 0 torn"},
		{"-acks ACKS GOOD", 0, "0 lost, 0 doubled, 0 torn"},
		{"BAD", 1, "2 torn (0 allowed)"},
		{"-torn 1 -foreign ^hi$ BAD", 0, "1 foreign"},
		{"-acks ACKS -torn 2 BAD", 1, "1 lost"},
		{"-acks ACKS", 1, "2 lost"},
		{"", 2, "usage: verify"},
		{"-foreign ( GOOD", 2, "-foreign"},
		{"-acks MISSING GOOD", 2, "MISSING"},
		{"MISSING", 2, "MISSING"},
		{"-nonsense", 2, "nonsense"},
	} {
		args := strings.NewReplacer("GOOD", good, "BAD", bad, "ACKS", acks).Replace(c.args)
		var out bytes.Buffer
		if code := run(strings.Fields(args), &out, &out); code != c.code || !strings.Contains(out.String(), c.text) {
			t.Errorf("verify %s exits with %d, want %d, and %q in\n%s", c.args, code, c.code, c.text, &out)
		}
	}
}

func TestRunJSON(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(name, rotatetest.AppendLine(nil, "w", 1, 80), 0o666); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"-json", name}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	var r rotatetest.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Lines != 1 || r.Writers[0].Name != "w" {
		t.Errorf("%+v, %v", r, err)
	}
}
