package oracle

import (
	"compress/gzip"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	big1, _ := new(big.Int).SetString("18446744073709551616", 10)
	for _, test := range []struct {
		in   string
		want any
	}{
		{`null`, nil},
		{`true`, true},
		{`"x"`, "x"},
		{`-9223372036854775808`, int64(math.MinInt64)},
		{`18446744073709551616`, big1},
		{`{"$float":"-1.5"}`, -1.5},
		{`{"$float":"-inf"}`, math.Inf(-1)},
		{`{"$complex":["1.0","inf"]}`, complex(1, math.Inf(1))},
		{`[1,"a"]`, List{int64(1), "a"}},
		{`{"$tuple":[1,{"$tuple":[]}]}`, Tuple{int64(1), Tuple{}}},
		{`{"$dict":[["k",1],[2,null]]}`, Dict{{"k", int64(1)}, {int64(2), nil}}},
		{`{"$bytes":"AP8="}`, Bytes("\x00\xff")},
		{`{"$bytearray":""}`, Bytearray{}},
		{`{"$set":[1]}`, Set{int64(1)}},
		{`{"$frozenset":[]}`, Frozenset{}},
		{`{"$str":[97,55296]}`, Surrogates{'a', 0xD800}},
		{`{"$repeat":["ab",3,"a"]}`, "abababa"},
		{`{"$cycle":2}`, Cycle(2)},
		{`{"$obj":"m.C","str":"s","repr":"r"}`, Object{"m.C", "s", "r"}},
	} {
		got, err := Decode([]byte(test.in))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("Decode(%s) = %#v, %v; want %#v", test.in, got, err, test.want)
		}
	}
	if got, err := Decode([]byte(`{"$float":"nan"}`)); err != nil || !math.IsNaN(got.(float64)) {
		t.Errorf("nan decodes to %v, %v", got, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, in := range []string{
		``, `1 2`, `1.5`, `{}`, `{"a":1}`, `{"$nosuch":[]}`, `{"$nosuch":"x"}`, `{"$float":"x"}`, `{"$bytes":"?"}`,
		`{"$dict":[1]}`, `{"$dict":[[1]]}`, `{"$complex":["1.0"]}`, `{"$complex":[1,2]}`, `{"$str":["a"]}`, `{"$repeat":["a",-1,""]}`,
		`{"$repeat":["a"]}`, `[{"x":1}]`, `{"$float":"1.5","$tuple":[]}`,
	} {
		if got, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%s) = %#v, no error", in, got)
		}
	}
}

func TestAttributesKeepOrder(t *testing.T) {
	var a Attributes
	if err := a.UnmarshalJSON([]byte(`{"z":1,"a":{"$float":"2.0"},"m":null}`)); err != nil {
		t.Fatal(err)
	}
	if want := (Attributes{{"z", int64(1)}, {"a", 2.0}, {"m", nil}}); !reflect.DeepEqual(a, want) {
		t.Errorf("got %v, want %v", a, want)
	}
	if v, ok := a.Get("a"); v != 2.0 || !ok {
		t.Errorf("Get(a) = %v, %v", v, ok)
	}
	if v, ok := a.Get("b"); v != nil || ok {
		t.Errorf("Get(b) = %v, %v", v, ok)
	}
	if err := a.UnmarshalJSON([]byte(`[]`)); err == nil {
		t.Error("an array passes as attributes")
	}
}

type anyVector struct {
	ID string `json:"id"`
}

func TestLoadOwnFiles(t *testing.T) {
	t.Setenv(DirEnv, "")
	for name, want := range map[string]int{"percent_format": 700, "brace_format": 520, "dollar_format": 260, "time_format": 600, "exc_format": 200, "message_args": 400, "tree": 370, "rotation": 265, "rollover_times": 1037, "pickles": 261, "hostile_pickles": 959, "config": 290, "hostile_configs": 28} {
		if got := Load[anyVector](t, name); len(got) != want || got[0].ID == "" {
			t.Errorf("%s holds %d vectors, want %d with ids", name, len(got), want)
		}
	}
}

func TestLoadFromEnvironment(t *testing.T) {
	dir := t.TempDir()
	text := "{\"id\":\"one\u2028line\"}\n{\"id\":\"two\"}\n"
	if err := os.WriteFile(filepath.Join(dir, "plain.jsonl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "small.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(DirEnv, dir)
	for _, name := range []string{"plain", "small"} {
		if got := Load[anyVector](t, name); len(got) != 2 || got[0].ID != "one\u2028line" || got[1].ID != "two" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRelativeDirCountsFromRoot(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	for env, want := range map[string]string{"": "testdata/oracle", "some/where": "some/where", "/abs": ""} {
		t.Setenv(DirEnv, env)
		if want = filepath.Join(root, want); env == "/abs" {
			want = env
		}
		if got, err := Dir(); got != want || err != nil {
			t.Errorf("%s=%q: %s, %v; want %s", DirEnv, env, got, err, want)
		}
	}
}

func TestTallyRow(t *testing.T) {
	c := NewTally("some_file")
	if got, want := c.Row(), "| some_file | 0 | 0 | none |"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for range 3 {
		c.Replayed()
	}
	c.SetAside("rare")
	c.SetAside("common")
	c.SetAside("common")
	if got, want := c.Row(), "| some_file | 6 | 3 | common (2); rare (1) |"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPutRow(t *testing.T) {
	page := "a\n" + tableBegin + tableEnd + "\nz\n"
	for _, row := range []string{"| b | 1 | 1 | none |", "| a | 2 | 2 | none |", "| b | 3 | 3 | none |"} {
		var err error
		if page, err = putRow(page, strings.Fields(row)[1], row); err != nil {
			t.Fatal(err)
		}
	}
	want := "a\n" + tableBegin + tableHead + "| a | 2 | 2 | none |\n| b | 3 | 3 | none |\n" + tableEnd + "\nz\n"
	if page != want {
		t.Errorf("got\n%s\nwant\n%s", page, want)
	}
	if _, err := putRow("no markers", "a", "| a |"); err == nil {
		t.Error("a page without markers passes")
	}
}
