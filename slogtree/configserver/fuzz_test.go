package configserver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"
)

// chunked gives its text in pieces, and notes what it was asked for.
type chunked struct {
	text    []byte
	chunk   int
	given   int
	most    int  // the largest room that there was for an answer
	greedy  bool // there was more room than fits what had come by then
	waiting int  // times that a read was bounded
}

func (c *chunked) Read(p []byte) (int, error) {
	c.most = max(c.most, cap(p))
	c.greedy = c.greedy || cap(p) > 2*c.given+1024
	if c.given == len(c.text) {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.chunk)], c.text[c.given:])
	c.given += n
	return n, nil
}

// What the frame reader reads is what a second reading of the whole text finds in it, in whatever pieces it
// comes; it reads nothing beyond, and makes no room for what has not come.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x03docmore"), 10, 1)
	f.Add([]byte("\x00\x00\x00\x0bdocument"), 10, 3)
	f.Add([]byte("\xff\xff\xff\xff"), 1<<31-1, 4)
	f.Add([]byte("\x7f\xff\xff\xffx"), 1<<31-1, 100)
	f.Add([]byte("\x00\x00"), 0, 2)
	f.Add([]byte{}, 0, 1)
	f.Fuzz(func(t *testing.T, text []byte, limit, chunk int) {
		limit, chunk = max(limit, 0), max(chunk, 1)
		r := &chunked{text: text, chunk: chunk}
		got, err := frameReader{r: r, max: limit, deadline: func(time.Time) { r.waiting++ }}.read()
		want, used, ok := wholeFrame(text, limit)
		if (err == nil) != ok || !bytes.Equal(got, want) || ok && got == nil {
			t.Errorf("%q is %q, %v; want %q, %v", text, got, err, want, ok)
		}
		if errors.Is(err, errNothing) != (len(text) == 0) {
			t.Errorf("%q: %v", text, err)
		}
		if r.given != used {
			t.Errorf("of %q %d bytes were read, want %d", text, r.given, used)
		}
		if r.greedy || r.most > 2*limit+1024 {
			t.Errorf("room for %d bytes, of %d with a limit of %d", r.most, len(text), limit)
		}
		if whole := used > headerLen || ok; r.waiting < 1 || whole && r.waiting != 2 {
			t.Errorf("%d deadlines", r.waiting)
		}
		if framed, err := appendFrame(nil, want); ok && (err != nil || !bytes.Equal(framed, text[:used])) {
			t.Errorf("%q was written as %q, %v", want, framed, err)
		}
	})
}

// wholeFrame finds the document in all that a peer sends until it closes, and how much of that is needed.
func wholeFrame(text []byte, limit int) (document []byte, used int, ok bool) {
	if len(text) < 4 {
		return nil, len(text), false
	}
	n := int64(binary.BigEndian.Uint32(text))
	if n > int64(limit) {
		return nil, 4, false
	}
	if int64(len(text)) < 4+n {
		return nil, len(text), false
	}
	return text[4 : 4+n], int(4 + n), true
}

// Whatever a server says, a sender has a reply whose words can be shown, or an error; and what was understood
// is sent and read again as the same.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"applied":true,"report":{"handlers":[{"name":"h","action":"open"}],"ignored":[{"reason":"x"},null]}}` + "\n"))
	f.Add([]byte(`{"applied":false,"errors":[{"file":"d","line":1,"column":2,"path":"p","value":"v","reason":"r","suggestion":"s"},null]}` + "\nmore"))
	f.Add([]byte(`{"unknown":true,"errors":[{"reason":"\ud800"}]}` + "\r\n"))
	f.Add([]byte("null\n"))
	f.Add([]byte(`{"applied":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &chunked{text: text, chunk: 1000}
		reply, err := readReply(r)
		if r.given > maxReply+4096 {
			t.Errorf("%d bytes were read", r.given)
		}
		if line, _, ok := bytes.Cut(text, []byte("\n")); err == nil && !ok {
			t.Errorf("%q was cut short", line)
		}
		if err != nil {
			if !reflect.DeepEqual(reply, Reply{}) {
				t.Errorf("%v, but %+v", err, reply)
			}
			return
		}
		_ = (&RefusedError{reply}).Error()
		if reply.Report != nil {
			_ = reply.Report.String()
		}
		line := reply.line()
		again, err := readReply(bytes.NewReader(line))
		if err != nil || bytes.Count(line, []byte("\n")) != 1 || again.Applied != reply.Applied || again.Unknown != reply.Unknown {
			t.Errorf("%q: %+v, %v", line, again, err)
		}
		if len(line) < maxReply/2 && !bytes.Equal(again.line(), line) {
			t.Errorf("%q became %q", line, again.line())
		}
	})
}

// No envelope is taken twice, whatever the clock does; with a clock that goes right, one of a new nonce that was
// sent just now is taken.
func FuzzNonces(f *testing.F) {
	f.Add([]byte{1, 0, 0, 1, 0, 0, 1, 0, 10, 1, 128, 10})
	f.Add([]byte{1, 0, 0, 2, 3, 200, 1, 0, 200, 1, 0, 0})
	f.Fuzz(func(t *testing.T, steps []byte) {
		start := time.Unix(1_700_000_000, 0)
		s := newNonces(time.Minute, start)
		type sent struct {
			nonce nonce
			milli int64 // both are signed
		}
		taken, nonces, latest := map[sent]bool{}, map[nonce]bool{}, start
		for ; len(steps) >= 3; steps = steps[3:] {
			now := start.Add(time.Duration(steps[2]) * time.Second)
			e := at(int(steps[0]), now.Add(time.Duration(int8(steps[1]))*time.Second))
			err := s.admit(e, now)
			if err == nil && taken[sent{e.nonce, e.milli}] {
				t.Fatalf("%x of %d was taken twice", e.nonce, e.milli)
			}
			if off := int8(steps[1]); off == 0 && !now.Before(latest) && !nonces[e.nonce] && err != nil || (off > 60 || off < -60) && err == nil {
				t.Errorf("%d s after the start, sent %d s before: %v", steps[2], off, err)
			}
			if err == nil {
				taken[sent{e.nonce, e.milli}], nonces[e.nonce] = true, true
			}
			if now.After(latest) {
				latest = now
			}
		}
	})
}
