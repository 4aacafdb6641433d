package logrecord

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"
)

// everydayJSON are frames of JSON that are read fast: the records of some pickles, one with attrs, what Python's
// json makes of it, and what slog writes.
func everydayJSON(tb testing.TB) map[string][]byte {
	frames := map[string][]byte{"attrs.json": everydayRecords()[1].encode(true), "slog.json": slogFrame(tb)}
	for _, name := range []string{"plain", "exception"} {
		logger, r, err := NewDecoder(usual).Decode(load(tb, name+".pickle"))
		if err != nil {
			tb.Fatal(err)
		}
		frames[name+".json"] = NewEncoder(true, 1<<20).WithLoggerName(logger).Append(nil, nil, &r)
	}
	return frames
}

func slogFrame(tb testing.TB) []byte {
	var b bytes.Buffer
	r := slog.NewRecord(time.Unix(1_700_000_000, 123_456_789).UTC(), slog.LevelWarn, "served", 0)
	r.Add("logger", "orders.api", "route", "/api/v1/orders", "status", 200, "took", 1.5, "ok", true)
	if err := slog.NewJSONHandler(&b, nil).Handle(tb.Context(), r); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// TestJSONIsReadFast: everyday JSON is read fast, as it is and with the space and the escapes that Python's json
// writes, and is the record that it is slowly.
func TestJSONIsReadFast(t *testing.T) {
	for name, p := range everydayJSON(t) {
		var indented bytes.Buffer
		if err := json.Indent(&indented, p, " ", "\t"); err != nil {
			t.Fatal(err)
		}
		escaped := bytes.ReplaceAll(p, []byte("served"), []byte(`s\u00e9rv\ud83d\ude00d\n`))
		for _, p := range [][]byte{p, indented.Bytes(), escaped} {
			if !sameFast(t, NewDecoder(usual), p) {
				t.Errorf("%s is read slowly: %s", name, p)
			}
		}
	}
}

// TestRandomJSON: whatever records an Encoder writes, they are the same fast and slowly.
func TestRandomJSON(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	m := &maker{rand.New(rand.NewPCG(seed, 3)), false}
	d, fast := NewDecoder(usual), 0
	const n = 5000
	for range n {
		s := m.sent()
		if sameFast(t, d, s.encode(true)) {
			fast++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if fast < n/10 {
		t.Errorf("only %d of %d were read fast", fast, n)
	}
}

// sameFast reports whether a frame is read fast, and compares it then.
func sameFast(t *testing.T, d *Decoder, p []byte) bool {
	t.Helper()
	var r slog.Record
	logger, ok := d.decodeFast(p, &r)
	if !ok {
		return false
	}
	wantLogger, want, err := d.decodeSlow(p)
	if err != nil {
		t.Errorf("%s: slowly it is %v", p, err)
		return true
	}
	if got, want := describe(logger, r), describe(wantLogger, want); got != want {
		t.Errorf("%s is fast\n%s\nslowly\n%s", p, got, want)
	}
	return true
}

// TestFastRoom: the room for escaped texts has a bound.
func TestFastRoom(t *testing.T) {
	d := NewDecoder(usual)
	p := bytes.Replace(slogFrame(t), []byte("served"), bytes.Repeat([]byte(`\n`), 1<<20), 1)
	if _, r, err := d.Decode(p); err != nil || len(r.Message) != 1<<20 || cap(d.room) > maxFastRoom {
		t.Errorf("%v, a msg of %d bytes, a room of %d", err, len(r.Message), cap(d.room))
	}
}
