package spool

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// numbered returns a frame of n bytes, header included, that carries a number.
func numbered(i, n int) []byte {
	p := frame.Begin(nil)
	p = binary.BigEndian.AppendUint64(p, uint64(i))
	p = append(p, make([]byte, max(0, n-len(p)))...)
	frame.End(p, 0)
	return p
}

const least = frame.HeaderLen + 8 // bytes of a numbered frame

// A reader is the sender of a Spool. It checks that each frame comes in its place, and that
// each gap is as wide as what is missing.
type reader struct {
	t    *testing.T
	s    *Spool
	next int // the frame that has to come
	gaps int
}

// take takes what there is, and sends up to so many frames of it.
func (r *reader) take(frames int) {
	gap, p := r.s.Take()
	if gap.N > 0 {
		r.next += int(gap.N)
		r.gaps++
		if gap.At.IsZero() || gap.Name == "" {
			r.t.Fatalf("a gap without a time or a name: %+v", gap)
		}
		r.s.Told()
	}
	for ; len(p) > 0 && frames > 0; frames-- {
		n := frame.Len(p)
		if i := int(binary.BigEndian.Uint64(p[frame.HeaderLen:])); i != r.next {
			r.t.Fatalf("frame %d comes where %d has to", i, r.next)
		}
		r.next++
		r.s.Done(n, 1)
		p = p[n:]
	}
}

// fail finds that the first frame can't be sent.
func (r *reader) fail() {
	r.take(0)
	if _, p := r.s.Take(); len(p) > 0 {
		r.s.Failed(frame.Len(p), "sender")
	}
}

func (r *reader) all() {
	for r.s.head != nil || r.s.lost.N > 0 || r.s.taken != nil {
		r.take(1 << 30)
	}
}

// memory is what a Spool's chunks occupy.
func (s *Spool) memory() (n int) {
	for c := s.head; c != nil; c = c.next {
		n += cap(c.buf)
	}
	if s.taken != nil {
		n += cap(s.taken.buf)
	}
	return n
}

func (s *Spool) check(t *testing.T, most int) {
	t.Helper()
	c := s.Counts()
	if c.Put != c.Sent+c.Dropped+c.Queued {
		t.Fatalf("%+v: put is not sent, dropped and queued", c)
	}
	if c.QueuedBytes > uint64(s.size) || s.size > s.max || s.size < 0 {
		t.Fatalf("%d bytes queued, %d of %d used", c.QueuedBytes, s.size, s.max)
	}
	if (c.Queued == 0) != (c.QueuedBytes == 0) {
		t.Fatalf("%+v: bytes without frames, or the reverse", c)
	}
	// The chunk that takes frames may be almost empty, and so may one that was dropped from, and
	// one that the sender has.
	if m := s.memory(); m > s.max+3*max(s.chunk, most) {
		t.Fatalf("%d bytes of memory, where %d are allowed", m, s.max)
	}
}

// run runs what the bytes say.
func run(t *testing.T, policy Policy, program []byte) (gaps int) {
	const most = 700
	s := New(4<<10, policy, -1, nil)
	r := &reader{t: t, s: s}
	put := 0
	for len(program) >= 2 {
		op, n := program[0], int(program[1])
		program = program[2:]
		switch op % 8 {
		default:
			size := least + n*(most-least)/255
			err := s.Put(numbered(put, size), "caller")
			if err != nil && err != ErrFull || err != nil && policy == DropOld && s.taken == nil {
				t.Fatalf("frame %d: %v", put, err)
			}
			put++
		case 4:
			r.take(n % 16)
		case 5:
			if n%2 == 0 { // what was taken was not sent, nor its gap told
				s.Take()
			}
			s.Untake()
		case 6:
			r.fail()
		case 7:
			r.take(1 << 30)
		}
		s.check(t, most)
	}
	s.Untake()
	r.all()
	s.check(t, most)
	if r.next != put {
		t.Fatalf("%d of %d frames were sent, or were in gaps", r.next, put)
	}
	if c := s.Counts(); c.Put != uint64(put) || c.Queued != 0 || s.size != 0 {
		t.Fatalf("at the end: %+v, %v", c, s)
	}
	return r.gaps
}

// Whatever is done, each frame comes in its place, or is in a gap that is there.
func TestGaps(t *testing.T) {
	random := rand.NewPCG(1, 2)
	for _, policy := range []Policy{Block, DropNew, DropOld} {
		gaps := 0
		for range 300 {
			program := make([]byte, 2*(1+random.Uint64()%500))
			for i := range program {
				program[i] = byte(random.Uint64())
			}
			gaps += run(t, policy, program)
		}
		if gaps < 100 {
			t.Errorf("policy %d: %d gaps are too few to show anything", policy, gaps)
		}
	}
}

func FuzzGaps(f *testing.F) {
	f.Add(uint8(1), []byte{0, 255, 0, 255, 0, 255, 4, 1, 5, 0, 0, 255, 7, 0})
	f.Fuzz(func(t *testing.T, policy uint8, program []byte) {
		run(t, Policy(policy%3), program[:min(len(program), 4000)])
	})
}

// A frame as long as the whole has room when nothing else is there.
func TestLargest(t *testing.T) {
	for _, policy := range []Policy{Block, DropNew, DropOld} {
		s := New(4<<10, policy, -1, nil)
		r := &reader{t: t, s: s}
		for i := range 10 {
			if err := s.Put(numbered(i, 4<<10), ""); err != nil {
				t.Fatal(err)
			}
			r.take(1)
		}
		for i := range 10 {
			if err := s.Put(numbered(10+i, least), ""); err != nil {
				t.Fatal(err)
			}
		}
		if policy != DropOld {
			r.all()
		}
		if err := s.Put(numbered(20, 4<<10), "x"); err != nil {
			t.Errorf("policy %d: %v", policy, err)
		}
		r.all()
	}
}

// The gap has the name of the first, and the time of the last.
func TestGapTellsWho(t *testing.T) {
	s := New(4<<10, DropNew, 0, nil)
	for s.Put(numbered(0, 500), "") == nil {
	}
	if err := s.Put(numbered(0, 500), "second"); err != ErrFull {
		t.Fatal(err)
	}
	s.Take()
	s.Done(len(s.taken.rest()), 1)
	before := time.Now()
	if err := s.Put(numbered(0, 5000), "third"); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	s.Untake()
	for s.head != nil {
		s.Take()
		s.Done(len(s.taken.rest()), 1)
	}
	gap, p := s.Take()
	if gap.N != 3 || gap.Name != "" || gap.At.Before(before) || len(p) > 0 {
		t.Errorf("%+v and %d bytes", gap, len(p))
	}
	s.Told()
	if gap, p := s.Take(); gap.N != 0 || p != nil {
		t.Errorf("%+v and %d bytes are left", gap, len(p))
	}
}

// A sender that awaits is woken once, however many come.
func TestWakes(t *testing.T) {
	s := New(4<<10, DropNew, 0, nil)
	woken := func() bool {
		select {
		case <-s.Ready():
			return true
		default:
			return false
		}
	}
	put := func() { _ = s.Put(numbered(0, 100), "") }
	put()
	if woken() {
		t.Error("woken without waiting")
	}
	s.Take()
	_ = s.Put(numbered(0, 5000), "")
	if woken() {
		t.Error("woken by a gap without waiting")
	}
	s.Untake()
	if !s.Await(1) {
		t.Error("what is there is not seen")
	}
	s.Take()
	s.Done(100, 1)
	s.Take()
	s.Told()
	for _, c := range []struct{ await, puts int }{{1, 1}, {100, 1}, {101, 2}, {300, 3}} {
		if s.Await(c.await) {
			t.Fatalf("%d bytes in an empty queue", c.await)
		}
		for i := range c.puts {
			if woken() {
				t.Errorf("waiting for %d bytes: woken by %d frames", c.await, i)
			}
			put()
		}
		put()
		if !woken() || woken() {
			t.Errorf("waiting for %d bytes: not woken once", c.await)
		}
		for s.head != nil {
			s.Take()
			s.Done(len(s.taken.rest()), 1)
		}
	}
	if s.Await(1000) {
		t.Fatal("an empty queue")
	}
	put()
	s.Flush()
	if !woken() || !s.Await(1000) {
		t.Error("a flush does not wake")
	}
}
