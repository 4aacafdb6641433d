package rotate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// tidy is for a backup that is there both plain and compressed: a process was killed
// before it deleted the plain one. If they are the same it does that, else both are
// left.
func (m *mill) tidy(s slot) error {
	plain, packed := s.files[0], s.files[1]
	codec := m.codecOf(packed.ext)
	if codec == nil || len(s.files) > 2 {
		return fmt.Errorf("%q and %q are both there: %w", plain.path, packed.path, errBlocked)
	}
	c := &compression{m: m, codec: codec, ext: packed.ext, path: plain.path}
	defer c.close()
	if err := c.open(plain); err != nil {
		return err
	}
	made, err := os.Open(packed.path)
	if isMissing(err) {
		return errGone
	}
	if err != nil {
		return err
	}
	defer made.Close()
	if c.made, err = made.Stat(); err != nil {
		return err
	}
	same, err := c.isSame(made)
	if errors.Is(err, errEnding) {
		return err
	}
	if err != nil || !same {
		return fmt.Errorf("%q and %q differ: %w", plain.path, packed.path, errBlocked)
	}
	if !renamesOpen {
		made.Close()
	}
	if err := syncDir(dirOf(c.path)); err != nil {
		return err
	}
	return c.follow(c.dropPlain)
}

// codecOf returns the codec whose names end in ext, nil if we have none.
func (m *mill) codecOf(ext string) Codec {
	for _, c := range []Codec{m.f.o.Compress, Gzip} {
		if c.Ext() == ext {
			return c
		}
	}
	return nil
}

// isSame reports whether made, compressed, is the backup.
func (c *compression) isSame(made io.Reader) (bool, error) {
	r, err := c.codec.NewReader(made)
	if err != nil {
		return false, err
	}
	defer r.Close()
	a, b := make([]byte, pieceSize), make([]byte, pieceSize)
	for {
		if err := c.m.breathe(); err != nil {
			return false, err
		}
		n, err := readFull(c.src, a)
		if err != nil {
			return false, err
		}
		m, err := readFull(r, b)
		if err != nil || !bytes.Equal(a[:n], b[:m]) {
			return false, err
		}
		if n == 0 {
			return true, nil
		}
		runtime.Gosched()
	}
}

// readFull fills p, unless r ends before. That is no error, unlike what io.ReadFull
// makes of it: there it can't be told from compressed data that were cut off.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}
