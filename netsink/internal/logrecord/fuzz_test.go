package logrecord

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// describe tells all of a record, so that equal texts mean equal records.
func describe(logger string, r slog.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %v %v %q", logger, r.Time.UnixNano(), r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		if o, ok := a.Value.Any().(*formatters.Origin); ok {
			fmt.Fprintf(&b, "\n%#v", *o)
		} else {
			fmt.Fprintf(&b, "\n%q %v %s", a.Key, a.Value.Kind(), pickle.AppendText(nil, a.Value.Any(), true))
		}
		return true
	})
	return b.String()
}

// FuzzFast: what is read fast is what is read slowly, also when the Decoder remembers the texts
// from another time. It is so of pickles and of JSON.
func FuzzFast(f *testing.F) {
	for _, v := range oracle.Load[pickleVector](f, "pickles") {
		if p := v.payload(); p != nil && len(p) < 4<<10 {
			f.Add(p)
		}
	}
	for _, name := range []string{"plain.pickle", "extra.pickle", "exception.pickle"} {
		p := load(f, name)
		f.Add(p)
		f.Add(bytes.Replace(p, []byte("MainThread"), []byte("Main\xffhread"), 1))
		for _, again := range []string{"msg", "pathname", "tenant"} { // a key that came before
			f.Add(append(bytes.Clone(p[:len(p)-2]), string(text(again))+string(text("two"))+"u."...))
		}
	}
	for _, p := range everydayJSON(f) {
		f.Add(p)
		for _, change := range [][2]string{
			{`":`, `" : `}, {`,"`, ",\n\t\""}, {`,"`, `,,"`}, {`}`, `,}`}, {`}`, `} `}, {`}`, `}}`}, {`"msg"`, `"m\u0073g"`}, {`"msg":"`, `"msg":"\ud83d\ude00\/\b\f\r\"\\`},
			{`"msg":"`, `"msg":"\ud83d`}, {`"msg":"`, `"msg":"\ud83d\u0041`}, {`"msg":"`, `"msg":"\u00g0`}, {`"msg":"`, `"msg":"\x`}, {`"msg":"`, "\"msg\":\"\x00"},
			{`"msg":"`, "\"msg\":\"\xff"}, {`"msg":"`, `"msg":"中\u4e2d`}, {`}`, `,"msg":"two"}`}, {`}`, `,"x":1,"x":2}`}, {`}`, `,"x":{}}`}, {`}`, `,"attr.msg":1}`},
			{`}`, `,"x":-0}`}, {`}`, `,"x":-0.0}`}, {`}`, `,"x":01}`}, {`}`, `,"x":01.5}`}, {`}`, `,"x":1.}`}, {`}`, `,"x":1e400}`}, {`}`, `,"x":-12E-3}`},
			{`}`, `,"x":9223372036854775808}`}, {`}`, `,"lineno":1.0}`}, {`}`, `,"created":1700000000}`}, {`}`, `,"x":tru}`}, {`}`, `,"levelno":20}`}, {`}`, `,"level":"INFO"}`}, {`}`, `,"time":"x"}`},
		} {
			f.Add(bytes.Replace(p, []byte(change[0]), []byte(change[1]), 1))
		}
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		d := NewDecoder(usual)
		var first, fast slog.Record
		_, firstOK := d.decodeFast(p, &first)
		logger, ok := d.decodeFast(p, &fast)
		if ok != firstOK {
			t.Errorf("first it is read fast: %v, then: %v", firstOK, ok)
		}
		if !ok {
			return
		}
		slowLogger, slow, err := d.decodeSlow(p)
		if err != nil {
			t.Fatalf("fast it is %s; slowly %v", describe(logger, fast), err)
		}
		if a, b := describe(logger, fast), describe(slowLogger, slow); a != b {
			t.Errorf("fast it is\n%s\nslowly\n%s", a, b)
		}
	})
}

// FuzzDecode: whatever comes, there is a record that prints in proportion, or an error. Nothing
// of the record refers to what it came from.
func FuzzDecode(f *testing.F) {
	for _, v := range oracle.Load[hostileVector](f, "hostile_pickles") {
		if p := v.payload(); len(p) < 4<<10 {
			f.Add(p)
		}
	}
	for _, text := range jsonSeeds {
		f.Add([]byte(text))
	}
	limits := Limits{Depth: 20, Nodes: 1000, Digits: 100}
	f.Fuzz(func(t *testing.T, p []byte) {
		d := NewDecoder(limits)
		q := bytes.Clone(p)
		logger, r, err := d.Decode(q)
		if err != nil {
			return
		}
		before := describe(logger, r)
		clear(q)
		if after := describe(logger, r); after != before {
			t.Errorf("it was\n%s\nand became\n%s", before, after)
		}
		length, err := logged(d, p)
		if most := 64*textAllowed(p) + 512*limits.Nodes; err != nil || length > most {
			t.Errorf("%d bytes print as %d, %v", len(p), length, err)
		}
	})
}

var jsonSeeds = []string{
	`{"name":"a","msg":"m","args":null,"levelname":"INFO","levelno":20,"created":1700000000.25,"msecs":250,"x":[1,2.5,null,true,{"y":18446744073709551616}]}`,
	`{"time":"2024-01-02T03:04:05.123456789Z","level":"INFO+2","msg":"m","logger":"a.b","source":{"function":"main.f","file":"/x/y.go","line":7},"g":{"h":{"i":1}}}`,
	`{"levelno":20}`, `{"msg":"\ud800"}`, `{"level":null,"msg":[]}`, `{"msg":1e999,"levelno":-0}`, `{`, `{"a"`, `{"msg":"a"}x`, `{"msg":"a","msg":"b"}`,
}

// FuzzJSON: a dict in JSON is the record that its pickle is.
func FuzzJSON(f *testing.F) {
	f.Add("a.b", "hello", int64(20), 1700000000.123456, "key", "value")
	f.Add("", "\x00\u2028\\", int64(-5), 0.5, "name", "\n")
	f.Add("root", "%s", int64(1<<40), -1.5, "attr.msg", "'")
	d := NewDecoder(usual)
	f.Fuzz(func(t *testing.T, name, msg string, level int64, created float64, key, value string) {
		if !utf8.ValidString(name + "." + msg + "." + key + "." + value) {
			return
		}
		dict := map[string]any{"name": name, "msg": msg, "levelno": level, "created": created, key: value}
		text, err := json.Marshal(dict)
		if err != nil {
			return // created is no number that JSON has
		}
		_, hasTime := dict["created"].(float64)
		logger, r, err := d.Decode(text)
		wantLogger, want, wantErr := d.Decode(pickled(dict))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: %v, and as a pickle %v", text, err, wantErr)
		}
		if err != nil || !hasTime || !isTime(created) {
			return
		}
		if got, want := describe(logger, r), describe(wantLogger, want); got != want {
			t.Errorf("%s is\n%s\nand as a pickle\n%s", text, got, want)
		}
	})
}

// pickled returns a pickle of a dict of texts and numbers, in the order that encoding/json has.
func pickled(dict map[string]any) []byte {
	text := func(dst []byte, s string) []byte {
		return append(binary.LittleEndian.AppendUint32(append(dst, 'X'), uint32(len(s))), s...)
	}
	p := []byte("}(")
	for _, key := range slices.Sorted(maps.Keys(dict)) {
		p = text(p, key)
		switch v := dict[key].(type) {
		case string:
			p = text(p, v)
		case int64:
			p = fmt.Appendf(p, "L%dL\n", v)
		case float64:
			p = binary.BigEndian.AppendUint64(append(p, 'G'), math.Float64bits(v))
		}
	}
	return append(p, "u."...)
}
