package handlertest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleParseText() {
	maps, err := handlertest.ParseText([]byte(`time=2026-01-02 03:04:05,678 level=INFO msg="hello there" a=1 g.h.b="x y"`))
	fmt.Println(maps, err)
	// Output:
	// [map[a:1 g:map[h:map[b:x y]] level:INFO msg:hello there time:2026-01-02 03:04:05,678]] <nil>
}

func TestParseText(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", "[]"},
		{"\n", "[map[]]"},
		{`time="" level=INFO msg=""`, "[map[level:INFO msg:]]"},
		{"msg=two words a=1\nmsg= b=\n", "[map[a:1 msg:two words] map[b: msg:]]"},
		{`"k k"=v "=="="a\nb"`, "[map[==:a\nb k k:v]]"},
		{`a.b=1 a.c=2`, "[map[a:map[b:1 c:2]]]"},
		{`a=1 a.c=2`, "[map[a:map[c:2]]]"},
	} {
		maps, err := handlertest.ParseText([]byte(test.in))
		if got := fmt.Sprint(maps); err != nil || got != test.want {
			t.Errorf("ParseText(%q) = %s, %v; want %s", test.in, got, err, test.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		parse func([]byte) ([]map[string]any, error)
		in    string
		want  string
		maps  int
	}{
		{handlertest.ParseText, "a=1\nnonsense", `line 2: column 1: no key=value pair at "nonsense"`, 1},
		{handlertest.ParseText, `a="x"y`, `line 1: column 6: no key=value pair at "y"`, 0},
		{handlertest.ParseText, `"a" b=1`, `line 1: column 1: no key=value pair`, 0},
		{handlertest.ParseJSON, "{\"a\":1}\n{", "object 2: unexpected EOF", 1},
		{handlertest.ParseJSON, "[1]", "object 1:", 0},
	} {
		maps, err := test.parse([]byte(test.in))
		if err == nil || !strings.Contains(err.Error(), test.want) || len(maps) != test.maps {
			t.Errorf("%q: %v, %v; want %d maps and an error with %q", test.in, maps, err, test.maps, test.want)
		}
	}
}

// FuzzParseText has slog's text handler write what ParseText must read back.
func FuzzParseText(f *testing.F) {
	f.Add("hello", "key", "value", "group")
	f.Add("", "k k", "a=b \"c\" \x00\n", "g=")
	f.Add("msg=x", "=", "=", " ")
	f.Fuzz(func(t *testing.T, msg, key, value, group string) {
		if key == "" || group == "" || strings.Contains(key+group, ".") {
			return // text can't tell it from a path
		}
		taken := []string{slog.TimeKey, slog.LevelKey, slog.MessageKey}
		if group == key || slices.Contains(taken, key) || slices.Contains(taken, group) {
			return
		}
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info(msg, key, value, slog.Group(group, key, value))
		got, err := handlertest.ParseText(buf.Bytes())
		if err != nil || len(got) != 1 {
			t.Fatalf("%d lines of %q: %v", len(got), &buf, err)
		}
		delete(got[0], slog.TimeKey)
		want := map[string]any{"level": "INFO", "msg": msg, key: value, group: map[string]any{key: value}}
		if d := handlertest.Diff(want, got[0]); d != "" {
			t.Errorf("%q: %s", &buf, d)
		}
	})
}
