package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Errors tell where they are, by the text and by keys, all at once and in the order of the document.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.json", `{"version": 2}`, `a.json:1:13: version: 2: the version must be 1 or "slogsuite/1"`},
		{"a.json", "{\n  \"version\": 1,\n  \"version\": 1}", `a.json:3:3: version: "version": the key is there twice`},
		{"a.json", "{\"version\": 1,\n \"é\": 0, \"root\": {\"level\": \"DEBIG\"}}", `a.json:2:28: root.level: "DEBIG": the level is not known; did you mean "DEBUG"?`},
		{"a.json", `{"version": 1, "root": [1]}`, `a.json:1:24: root: a list of 1: it must be a table`},
		{"a.json", `{"version": 1`, `a.json:1:14: this is no JSON: the document ends too early`},
		{"a.json", `{"version": 1} x`, `a.json:1:16: there is more text after the document's end`},
		{"a.json", `[]`, `a.json:1:1: a list of 0: the document must be a table, as {"version": 1}`},
		{"a.yml", "version: 1\nversion: 1\n", `a.yml:2:1: version: "version": the key is there twice`},
		{"a.yml", "version: 1\nloggers:\n  a b: {propagate: maybe}\n", `a.yml:3:20: loggers["a b"].propagate: "maybe": it must be true or false`},
		{"a.yml", "version: slogsuite/1\nlogers: {}\n", `a.yml:2:1: logers: the key is not known; did you mean "loggers"?`},
		{"a.yml", "version: 1\nformatters: {f: {format: no fields}}\n", `a.yml:2:14: formatters.f: "f": `},
		{"", "", "config: this is no YAML: "},
		{"a.json", `{"version": 1, "handlers": {"a": {"class": "memory", "capacity": 1, "target": "b"}, "b": {"class": "memory", "capacity": 1, "target": "a"}}}`, `a.json:1:85: handlers.b: "b": handlers that feed each other: it needs "a", which needs it`},
	} {
		_, err := ParseDict([]byte(c.text), Options{Filename: c.name})
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s\ngives %v\nwant  %s", c.text, err, c.want)
		}
	}
}

// A document with thousands of mistakes has a hundred told, and how many more there are.
func TestManyErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nloggers:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  a%d: {level: LOUD}\n", i)
	}
	_, err := ParseDict([]byte(b.String()), Options{})
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxProblems+1 || !strings.Contains(lines[maxProblems], "900 more errors") {
		t.Errorf("%d lines, the last %s", len(lines), lines[len(lines)-1])
	}
}

func TestNearest(t *testing.T) {
	known := []string{"level", "filename", "logging.StreamHandler"}
	for name, want := range map[string]string{"levle": "level", "LEVEL": "level", "fielname": "filename", "logging.StreamHandlr": "logging.StreamHandler", "x": "", "something": "", "": ""} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
