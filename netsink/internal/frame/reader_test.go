package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"
)

// frameOf returns a frame of n bytes.
func frameOf(n int) []byte {
	b := Begin(nil)
	for i := range n {
		b = append(b, byte(i%251))
	}
	End(b, 0)
	return b
}

// announced returns the length of a frame, and n bytes of it.
func announced(length uint32, n int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, length), make([]byte, n)...)
}

func TestFrame(t *testing.T) {
	b := []byte("before")
	b = append(Begin(b), "body"...)
	End(b, 6)
	if string(b) != "before\x00\x00\x00\x04body" {
		t.Errorf("got %q", b)
	}
	if n := Len(b[6:]); n != 8 {
		t.Errorf("Len = %d", n)
	}
	if n := Len(b[6:9]); n != 0 {
		t.Errorf("Len of three bytes = %d", n)
	}
}

// Every length near those at which the Reader does something else, behind another frame
// and before another, whole and byte by byte.
func TestLengths(t *testing.T) {
	for _, around := range []int{0, minOwn, 2 * minOwn, maxOwn, 2 * maxOwn, 4 * maxOwn} {
		for n := max(0, around-6); n < around+3; n++ {
			in := [][]byte{frameOf(3), frameOf(n), frameOf(5000), frameOf(n), frameOf(0)}
			all := bytes.Join(in, nil)
			for name, r := range map[string]io.Reader{
				"whole":         bytes.NewReader(all),
				"few bytes":     &chunks{rest: slices.Collect(slices.Chunk(all, 1+n/2000))},
				"with the end":  iotest.DataErrReader(bytes.NewReader(all)),
				"by the frames": &chunks{rest: in},
			} {
				got, err := readAll(r, 5*maxOwn)
				want, _ := cutUp(all, 5*maxOwn)
				if err != io.EOF || !equal(got, want) {
					t.Errorf("%d bytes, %s: %d frames, %v", n, name, len(got), err)
				}
			}
		}
	}
}

func TestTooLong(t *testing.T) {
	_, err := readAll(bytes.NewReader(append(frameOf(10), frameOf(11)...)), 10)
	tooLong := (*TooLongError)(nil)
	if !errors.As(err, &tooLong) || tooLong.Len != 11 || tooLong.Max != 10 {
		t.Errorf("got %v", err)
	}
	if _, err := readAll(bytes.NewReader(announced(1<<32-1, 5)), 1<<30); !errors.As(err, &tooLong) || tooLong.Len != 1<<32-1 {
		t.Errorf("got %v", err)
	}
}

// An error of the stream is returned as it is, wherever it comes, and a stream that
// gives nothing is given up.
func TestStreamFails(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{0, 2, 4, 20, 104, 104 + maxOwn, 104 + maxOwn + 50} {
		in := append(frameOf(100), frameOf(2*maxOwn)...)[:n]
		if _, err := readAll(io.MultiReader(bytes.NewReader(in), iotest.ErrReader(broken)), 1<<20); err != broken {
			t.Errorf("after %d bytes: %v", n, err)
		}
		if _, err := readAll(io.MultiReader(bytes.NewReader(in), nothing{}), 1<<20); err != io.ErrNoProgress {
			t.Errorf("after %d bytes and then nothing: %v", n, err)
		}
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// Memory grows with what comes, and not with what is announced.
func TestMemory(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct{ comes, most int }{
		{0, minOwn}, {100, minOwn}, {minOwn, 2 * minOwn}, {maxOwn - 10, maxOwn}, {maxOwn - HeaderLen, 3 * maxOwn}, {3 * maxOwn, 8 * maxOwn},
	} {
		for cap(*longs.Get().(*[]byte)) > 0 { // what other tests have left
		}
		r := NewReader(bytes.NewReader(announced(mib, c.comes)), mib)
		if _, err := r.Next(); err != ErrShortBody {
			t.Fatal(err)
		}
		have := cap(r.own)
		if r.long != nil {
			have += cap(*r.long)
		}
		if have > c.most {
			t.Errorf("%d bytes came of a frame of %d: the memory has %d, more than %d", c.comes, mib, have, c.most)
		}
	}
}

// What has been read of a long frame is given back with the next frame, or by Release.
func TestLongFrameGoes(t *testing.T) {
	r := NewReader(bytes.NewReader(bytes.Join([][]byte{frameOf(3 * maxOwn), frameOf(1), frameOf(3 * maxOwn)}, nil)), 1<<20)
	next := func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if next(); r.long == nil {
		t.Error("a long frame has no memory of its own")
	}
	if next(); r.long != nil || cap(r.buf) > maxOwn {
		t.Error("the memory of a long frame is still there")
	}
	next()
	if r.Release(); r.long != nil || cap(r.buf) > maxOwn || r.Buffered() != 0 {
		t.Error("Release has left something")
	}
}

// A budget remembers what was asked for.
type budget struct {
	log string
	err error
}

func (b *budget) Take(n int64) error { b.log += fmt.Sprint(" take ", n); return b.err }
func (b *budget) Give(n int64)       { b.log += fmt.Sprint(" give ", n) }

// The budget is asked once for each long frame whose first 64 KiB have come, and for no
// other.
func TestBudget(t *testing.T) {
	long := frameOf(100_000)
	b := &budget{}
	r := NewReader(bytes.NewReader(bytes.Join([][]byte{frameOf(5), long, frameOf(maxOwn - HeaderLen), long, announced(1<<20, maxOwn-HeaderLen-1)}, nil)), 1<<20)
	r.UseBudget(b)
	for range 4 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Next(); err != ErrShortBody {
		t.Error(err)
	}
	r.Release()
	if want := " take 100004 give 100004 take 100004 give 100004"; b.log != want {
		t.Errorf("got %q, want %q", b.log, want)
	}

	b = &budget{err: errors.New("no")}
	r = NewReader(bytes.NewReader(long), 1<<20)
	r.UseBudget(b)
	if _, err := r.Next(); err != b.err {
		t.Errorf("Next returned %v", err)
	}
	if r.Release(); b.log != " take 100004" {
		t.Errorf("got %q: what was not given must not be returned", b.log)
	}
}

// A loop is a stream without end.
type loop struct {
	p  []byte
	at int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.p[l.at:])
	if l.at += n; l.at == len(l.p) {
		l.at = 0
	}
	return n, nil
}

func TestAllocs(t *testing.T) {
	for _, n := range []int{0, 300, 5000, maxOwn - HeaderLen, maxOwn, 300_000} {
		r := NewReader(&loop{p: append(frameOf(n), frameOf(300)...)}, 1<<20)
		got := testing.AllocsPerRun(200, func() {
			for range 4 {
				if _, err := r.Next(); err != nil {
					t.Fatal(err)
				}
			}
		})
		if got > 0 && !raceEnabled { // the pool drops things then
			t.Errorf("frames of %d bytes: %v allocations", n, got)
		}
	}
}

// FuzzReader reads any bytes, in any chunks, and compares with what cutting them up
// at once gives.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01a\x00\x00\x00\x00\x00\x00"), uint64(1), 100)
	f.Add(announced(1<<31, 3), uint64(3), 1<<20)
	f.Fuzz(func(t *testing.T, all []byte, seed uint64, max int) {
		max &= 1<<20 - 1
		got, err := readAll(&chunks{rest: cut(all, rand.New(rand.NewPCG(seed, 0)))}, max)
		want, wantErr := cutUp(all, max)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || !equal(got, want) {
			t.Errorf("%d frames, %v; want %d, %v", len(got), err, len(want), wantErr)
		}
	})
}

// cut returns all in pieces.
func cut(all []byte, r *rand.Rand) (pieces [][]byte) {
	for len(all) > 0 {
		n := min(len(all), 1<<r.IntN(20)-r.IntN(2))
		pieces = append(pieces, all[:n])
		all = all[n:]
	}
	return pieces
}

// cutUp is what a Reader does, for what is there at once.
func cutUp(all []byte, max int) (frames [][]byte, err error) {
	for ; ; all = all[Len(all):] {
		switch n := Len(all); {
		case len(all) == 0:
			return frames, io.EOF
		case n == 0:
			return frames, ErrShortHeader
		case n-HeaderLen > max:
			return frames, &TooLongError{Len: int64(n - HeaderLen), Max: int64(max)}
		case n > len(all):
			return frames, ErrShortBody
		default:
			frames = append(frames, all[HeaderLen:n])
		}
	}
}
