package frame

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A framesVector is a stream as a peer sends it.
type framesVector struct {
	ID, Label string
	Max_frame int
	Chunks    [][]byte
	Expect    struct {
		Delivered []int
		After_bad []int
		End       string
	}
}

// frames returns how many frames the stream has, those with a bad pickle included. In a vector at
// most one is bad.
func (v *framesVector) frames() int {
	n := len(v.Expect.Delivered)
	if v.Expect.End == "bad_pickle" {
		n += 1 + len(v.Expect.After_bad)
	}
	return n
}

// end returns how the stream ends for who does not look into frames. Behind a bad pickle
// there is anything.
func (v *framesVector) end(err error) string {
	tooLong := (*TooLongError)(nil)
	switch {
	case v.Expect.End == "bad_pickle":
		return "bad_pickle"
	case err == io.EOF:
		return "clean"
	case err == ErrShortHeader:
		return "short_header"
	case err == ErrShortBody:
		return "short_body"
	case errors.As(err, &tooLong):
		return "too_large"
	}
	return err.Error()
}

// TestOracleFrames reads each stream in the vector's chunks, and cut in two at each
// place. The frames must be the same. Package receiver replays what is in them.
func TestOracleFrames(t *testing.T) {
	for _, v := range oracle.Load[framesVector](t, "frames") {
		all := bytes.Join(v.Chunks, nil)
		want, err := readAll(&chunks{rest: v.Chunks}, v.Max_frame)
		if got := v.end(err); got != v.Expect.End || len(want) != v.frames() {
			t.Errorf("%s %s: %d frames, then %s; want %d, %s", v.ID, v.Label, len(want), got, v.frames(), v.Expect.End)
			continue
		}
		for cut := range len(all) + 1 {
			if n, gotErr, same := compare(&chunks{rest: [][]byte{all[:cut], all[cut:]}}, v.Max_frame, want); !same || n != len(want) || v.end(gotErr) != v.end(err) {
				t.Errorf("%s %s cut at %d: %d frames, %v; want %d, %v", v.ID, v.Label, cut, n, gotErr, len(want), err)
			}
		}
	}
}

// chunks is a reader that returns one at a time, and uses them up.
type chunks struct{ rest [][]byte }

func (c *chunks) Read(p []byte) (n int, err error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n = copy(p, c.rest[0])
	if c.rest[0] = c.rest[0][n:]; len(c.rest[0]) == 0 {
		c.rest = c.rest[1:]
	}
	return n, nil
}

// readAll returns copies of all frames, and the error at the end.
func readAll(r io.Reader, max int) (all [][]byte, err error) {
	for fr := NewReader(r, max); ; {
		p, err := fr.Next()
		if err != nil {
			return all, err
		}
		all = append(all, bytes.Clone(p))
	}
}

// compare returns how many frames there are, whether they are the same as those wanted, and
// the error at the end.
func compare(r io.Reader, max int, want [][]byte) (n int, end error, same bool) {
	for fr := NewReader(r, max); ; n++ {
		p, err := fr.Next()
		if err != nil {
			return n, err, true
		}
		if n >= len(want) || !bytes.Equal(p, want[n]) {
			return n, nil, false
		}
	}
}

func equal(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
