package zstd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/rotate"
)

var _ rotate.Codec = Codec{}

func pack(t testing.TB, c Codec, text []byte, piece int) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := c.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	for rest := text; len(rest) > 0; {
		n := min(len(rest), piece)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	r, err := Codec{}.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// What is written in any pieces, at any level, is read again; what is cut off is an
// error, or nothing at all.
func FuzzCodec(f *testing.F) {
	f.Add([]byte("text\n"), uint16(2), uint16(3), uint8(0))
	f.Add([]byte{}, uint16(0), uint16(1), uint8(3))
	f.Add(bytes.Repeat([]byte("x"), 70_000), uint16(65_535), uint16(10), uint8(22))
	f.Fuzz(func(t *testing.T, text []byte, piece, cut uint16, level uint8) {
		packed := pack(t, Codec{Level: int(level % 23)}, text, int(piece)+1)
		if got, err := unpack(packed); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q comes back as %q, %v", text, got, err)
		}
		if len(packed) == 0 {
			t.Fatal("nothing was written")
		}
		if got, err := unpack(packed[:int(cut)%len(packed)]); err == nil && len(got) > 0 {
			t.Errorf("cut off, it is read as %q", got)
		}
	})
}

func TestLevel(t *testing.T) {
	for _, level := range []int{-1, 23} {
		if _, err := (Codec{Level: level}).NewWriter(io.Discard); err == nil {
			t.Errorf("level %d was taken", level)
		}
	}
	var text bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&text, "2026-01-02T15:04:05 INFO request %d took %d ms\n", i, i*i%977)
	}
	if fast, small := len(pack(t, Codec{Level: 1}, text.Bytes(), 1<<15)), len(pack(t, Codec{Level: 19}, text.Bytes(), 1<<15)); small >= fast {
		t.Errorf("%d bytes at level 19, %d at level 1", small, fast)
	}
}

// Neither a writer nor a reader has goroutines, even if nobody closes it.
func TestNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	w, err := Codec{}.NewWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 4<<20)); err != nil {
		t.Fatal(err)
	}
	r, err := Codec{}.NewReader(bytes.NewReader(pack(t, Codec{}, make([]byte, 4<<20), 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 3<<20)); err != nil {
		t.Fatal(err)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines more", n-before)
	}
}

// A file that rotates has backups that end in ".zst".
func TestFile(t *testing.T) {
	dir := t.TempDir()
	f, err := rotate.Open(filepath.Join(dir, "app.log"), rotate.Options{Upward: true, Compress: Codec{}, OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := strings.Repeat("line\n", 1000)
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := f.Rotate(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(dir, "app.log.1"))
	packed, err := os.ReadFile(filepath.Join(dir, "app.log.1.zst"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unpack(packed); err != nil || string(got) != text {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// waitFor waits until a file is gone.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for t.Context().Err() == nil {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return
		}
		runtime.Gosched()
	}
}
