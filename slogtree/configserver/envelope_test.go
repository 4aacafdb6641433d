package configserver

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

// The vector was made by Python: see TestPythonEnvelope for the program.
func TestEnvelopeVector(t *testing.T) {
	h := &HMAC{Key: testKey, Audience: "billing@host1"}
	n := nonce{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	const want = "slogsuite-hmac-sha256 1700000000123 000102030405060708090a0b0c0d0e0f " + vectorMAC + "\n[loggers]\nkeys=root\n"
	if got := string(h.sealAs([]byte("[loggers]\nkeys=root\n"), 1700000000123, n)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

const vectorMAC = "4d6ec4749ab9e3e68e8db0232c06d6ce037dd20132b044efc939d73d334a9619"

// A change of any byte of an envelope is noticed, and so are another key, another audience and what
// is cut off.
func TestEnvelopeChanged(t *testing.T) {
	h := &HMAC{Key: testKey, Audience: "a"}
	sealed := h.seal([]byte("document\nof lines"), time.Now())
	if e, err := h.open(sealed); err != nil || string(e.document) != "document\nof lines" {
		t.Fatalf("%q, %v", e.document, err)
	}
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			if _, err := h.open(changed); err == nil {
				t.Errorf("byte %d was changed, to %q", i, changed)
			}
		}
		if _, err := h.open(sealed[:i]); err == nil {
			t.Errorf("taken with %d bytes", i)
		}
	}
	for _, other := range []*HMAC{{Key: testKey[:31], Audience: "a"}, {Key: testKey, Audience: "b"}, {Key: testKey}} {
		if _, err := other.open(sealed); err == nil || !strings.Contains(err.Error(), "its HMAC is wrong") {
			t.Errorf("%+v: %v", other, err)
		}
	}
	for _, bare := range []string{"", "\n", "{}", "[loggers]\nkeys=root\n", "slogsuite-hmac-sha256\n", "slogsuite-hmac-sha256 1 2 3 4\n", strings.Repeat("x", 1<<20)} {
		if _, err := h.open([]byte(bare)); err == nil {
			t.Errorf("%.40q was taken", bare)
		}
	}
}

func TestHMACCheck(t *testing.T) {
	for _, c := range []struct {
		h    HMAC
		want string
	}{
		{HMAC{}, "HMAC.Key has 0 bytes"},
		{HMAC{Key: testKey[:15]}, "HMAC.Key has 15 bytes"},
		{HMAC{Key: testKey, Audience: "a\nb"}, "is more than a line"},
		{HMAC{Key: testKey, Window: -1}, "HMAC.Window is negative"},
		{HMAC{Key: testKey[:16]}, "<nil>"},
	} {
		if got := fmt.Sprint(c.h.check()); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %s, want %s", c.h, got, c.want)
		}
	}
}

// What opens is exactly what sealing its parts makes: there is one way to write an envelope.
func FuzzEnvelope(f *testing.F) {
	h := &HMAC{Key: testKey, Audience: "x y"}
	f.Add([]byte("document"), int64(1), []byte("n"), []byte("slogsuite-hmac-sha256 1 2 3\n{}"))
	f.Add(h.seal([]byte("{}"), time.Unix(1, 0)), int64(-1), []byte{}, h.seal([]byte("x"), time.Unix(1, 0)))
	f.Fuzz(func(t *testing.T, document []byte, milli int64, n []byte, raw []byte) {
		var id nonce
		copy(id[:], n)
		sealed := h.sealAs(document, milli, id)
		e, err := h.open(sealed)
		if valid := 0 <= milli && milli < 1e15; valid != (err == nil) {
			t.Errorf("of %d: %v", milli, err)
		} else if valid && (!bytes.Equal(e.document, document) || e.milli != milli || e.nonce != id) {
			t.Errorf("%q became %+v", sealed, e)
		}
		if e, err := h.open(raw); err == nil && !bytes.Equal(h.sealAs(e.document, e.milli, e.nonce), raw) {
			t.Errorf("%q was taken, which is not how it is written", raw)
		}
	})
}

// at returns an envelope that was sent then.
func at(id int, sent time.Time) envelope {
	return envelope{milli: sent.UnixMilli(), nonce: nonce{byte(id), byte(id >> 8)}}
}

func TestNonces(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	s := newNonces(time.Minute, start)
	try := func(id int, sent, now time.Time, want string) {
		t.Helper()
		if got := fmt.Sprint(s.admit(at(id, sent), now)); !strings.Contains(got, want) {
			t.Errorf("sent %v after the start, at %v: %s, want %s", sent.Sub(start), now.Sub(start), got, want)
		}
	}
	after := func(d time.Duration) time.Time { return start.Add(d) }
	try(1, after(-time.Millisecond), start, "can't tell from a replay") // it may have come to a server before this one
	try(1, start, start, "<nil>")
	try(1, start, start, "is a replay")
	try(1, after(time.Second), after(time.Second), "is a replay")
	try(1, start, after(time.Minute), "is a replay")
	try(2, start, after(time.Minute), "<nil>")
	try(3, start, after(time.Minute+time.Millisecond), "has expired")
	try(4, after(2*time.Minute), after(time.Minute), "<nil>") // it is remembered until it expires
	try(4, after(2*time.Minute), after(3*time.Minute), "is a replay")
	try(5, after(2*time.Minute), after(time.Minute-time.Millisecond), "from the future")
	try(6, after(3*time.Minute), after(3*time.Minute), "<nil>")
	try(1, after(time.Minute), after(time.Minute), "can't tell from a replay") // the clock was set back, and 1 is forgotten
	if len(s.seen) != 2 {
		t.Errorf("%d are remembered", len(s.seen))
	}
}

// The memory has a bound, beyond which nothing is taken, and recovers.
func TestNoncesBound(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	s := newNonces(time.Minute, start)
	for i := range maxNonces - 1 {
		s.seen[at(i, start).nonce] = start.UnixMilli()
	}
	if err := s.admit(at(50_000, start), start); err != nil {
		t.Error(err)
	}
	if err := s.admit(at(60_000, start), start); err == nil || !strings.Contains(err.Error(), "no more are taken") {
		t.Error(err)
	}
	if err := s.admit(at(60_000, start.Add(time.Hour)), start.Add(time.Hour)); err != nil || len(s.seen) != 1 {
		t.Error(err, len(s.seen))
	}
}
