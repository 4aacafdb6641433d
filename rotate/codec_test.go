package rotate

import (
	"bytes"
	"io"
	"testing"
)

// What is written in any pieces is read again, and a reader that is cut off says so.
func FuzzGzip(f *testing.F) {
	f.Add([]byte("text\n"), uint16(2), uint16(3))
	f.Add(bytes.Repeat([]byte("x"), 70_000), uint16(65_535), uint16(10))
	f.Fuzz(func(t *testing.T, text []byte, piece, cut uint16) {
		var packed bytes.Buffer
		w, err := Gzip.NewWriter(&packed)
		must(t, err)
		for rest := text; len(rest) > 0; {
			n := min(len(rest), int(piece)+1)
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		must(t, w.Close())
		must(t, w.Close()) // a second one does nothing
		if _, err := w.Write([]byte("late")); err == nil {
			t.Error("written after Close")
		}
		read := func(b []byte) ([]byte, error) {
			r, err := Gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			return io.ReadAll(r)
		}
		if got, err := read(packed.Bytes()); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q comes back as %q, %v", text, got, err)
		}
		if got, err := read(packed.Bytes()[:int(cut)%packed.Len()]); err == nil {
			t.Errorf("cut off, it is read as %q", got)
		}
	})
}
