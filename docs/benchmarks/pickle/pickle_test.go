// Package pickle measures reading the records that CPython's SocketHandler
// sends. Ours is not here but in netsink/internal/logrecord, which this module must not
// import: BenchmarkDecode there has the same names, and reads the same files.
package pickle

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	ogorek "github.com/kisielk/og-rek"
	gopickle "github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
)

// files are real records of CPython 3.13: a plain one, one with extras and one with
// a traceback.
var files = []string{"plain.pickle", "extra.pickle", "exception.pickle"}

func load(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("../../../netsink/internal/logrecord/testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func withOgorek(data []byte) (any, error) {
	return ogorek.NewDecoder(bytes.NewReader(data)).Decode()
}

// withOgorekPyDict keeps Python's own dict semantics.
func withOgorekPyDict(data []byte) (any, error) {
	return ogorek.NewDecoderWithConfig(bytes.NewReader(data), &ogorek.DecoderConfig{PyDict: true, StrictUnicode: true}).Decode()
}

func withGopickle(data []byte) (any, error) {
	u := gopickle.NewUnpickler(bytes.NewReader(data))
	return u.Load()
}

var decoders = []struct {
	name   string
	decode func([]byte) (any, error)
}{
	{"og-rek", withOgorek},
	{"og-rek-pydict", withOgorekPyDict},
	{"gopickle", withGopickle},
}

// asMap makes a Go map of each library's dictionary.
func asMap(v any) map[string]any {
	m := map[string]any{}
	switch d := v.(type) {
	case map[any]any:
		for k, v := range d {
			m[k.(string)] = v
		}
	case ogorek.Dict:
		d.Iter()(func(k, v any) bool {
			m[k.(string)] = v
			return true
		})
	case *types.Dict:
		for _, e := range *d {
			m[e.Key.(string)] = e.Value
		}
	}
	return m
}

// Every decoder understands the records, and the lower bound walks through them.
func TestSame(t *testing.T) {
	for _, file := range files {
		data := load(t, file)
		for _, d := range decoders {
			v, err := d.decode(data)
			if err != nil {
				t.Errorf("%s %s: %v", file, d.name, err)
			} else if m := asMap(v); m["name"] != "orders.api.http" || len(m) < 20 {
				t.Errorf("%s %s: %v", file, d.name, m)
			}
		}
		if scan(data) == 0 {
			t.Errorf("%s: scan does not understand it", file)
		}
	}
}

// BenchmarkDecode reads one record.
func BenchmarkDecode(b *testing.B) {
	for _, file := range files {
		data := load(b, file)
		v, err := withOgorek(data)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file+"/limit-scan", func(b *testing.B) { limitScan(b, data) })
		b.Run(file+"/limit-map", func(b *testing.B) { limitMap(b, asMap(v)) })
		for _, d := range decoders {
			each(b, file+"/"+d.name, func() error { _, err := d.decode(data); return err })
		}
		stream := ogorek.NewDecoder(&repeating{data: data})
		each(b, file+"/og-rek-stream", func() error { _, err := stream.Decode(); return err })
		jsonMap(b, file, v)
	}
}

func each(b *testing.B, name string, decode func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		defer lat.Meter(b)()
		for b.Loop() {
			if err := decode(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// repeating is a stream of the same bytes without end, for a decoder that is
// kept for the whole connection.
type repeating struct {
	data []byte
	at   int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.at == len(r.data) {
		r.at = 0
	}
	n := copy(p, r.data[r.at:])
	r.at += n
	return n, nil
}

// jsonMap reads the same content as JSON, as a measure of what is ordinary.
func jsonMap(b *testing.B, file string, v any) {
	text, err := json.Marshal(plain(v))
	if err != nil {
		b.Fatal(err)
	}
	each(b, file+"/stdlib-json-map", func() error {
		var m map[string]any
		return json.Unmarshal(text, &m)
	})
}

// plain makes a decoded value acceptable to encoding/json.
func plain(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := map[string]any{}
		for k, e := range v {
			m[k.(string)] = plain(e)
		}
		return m
	case ogorek.Tuple:
		return plainList(v)
	case []any:
		return plainList(v)
	case ogorek.None:
		return nil
	}
	return v
}

func plainList(l []any) []any {
	out := make([]any, len(l))
	for i, e := range l {
		out[i] = plain(e)
	}
	return out
}
