package pickle

import (
	"encoding/binary"
	"math"
)

// Limits bound what a pickle may make us do. Whatever they are, memory and time stay
// proportional to the pickle's length, by its texts.
type Limits struct {
	Depth  int // how deep values may be nested
	Nodes  int // how many values there may be, each counted as often as it would be printed
	Digits int // how many digits a whole number may have
}

// Load returns the value of a pickle. It executes nothing: what a pickle would import or call is
// one of a few classes whose values are known, such as datetime.datetime, or becomes an [Object], or is refused:
//
//   - any name in Python's standard library that is not known to be data (os.system,
//     functools.partial), as no logger sends such a thing;
//   - what no pickler makes: a name, or an object that is no known value, without a number in the memo. CPython
//     numbers each before it goes on; what is made by hand for an attack mostly is not;
//   - persistent ids, extension codes and buffers outside of the pickle, which say nothing by themselves.
//
// A str with lone surrogates has each as \udcNN, visibly. The 8-bit strings of Python 2 are latin-1, but have to be
// UTF-8, and if they are not ASCII the pickle's first string has to be one, as it is in what Python 2 sends. What stands after
// the pickle's end is ignored, as CPython does. The error is an *[Error].
func Load(p []byte, limits Limits) (any, error) {
	limits.Nodes = min(limits.Nodes, math.MaxInt32) // as a size counts no further
	r := reader{p: p, limits: limits, work: textAllowed(p)}
	v, err := r.run()
	if err != nil {
		return nil, err
	}
	return r.finish(v)
}

// textAllowed returns how many bytes the texts of a pickle's values may have in all, each counted as
// often as it would be printed: a pickle of 140 KB can hold a text of 100 KB 20,000 times. A size can hold it.
func textAllowed(p []byte) int { return allowed(int64(len(p))) }

func allowed(length int64) int { return int(min(4*length+64<<10, math.MaxInt32)) }

// A reader is the stack machine that a pickle is a program for.
type reader struct {
	p      []byte
	at     int
	op     byte // being executed
	opAt   int
	limits Limits

	stack []any
	marks []int // how long the stack was when each MARK came
	memo  memo

	pushed int  // values, which is no more than Nodes
	work   int  // bytes that may still be copied or compared
	owed   bool // the next opcode has to number the top of the stack
	first  textKind
	narrow int // strings of 8 bits that are no text, not used up

	frameEnd int // of the last frame

	nans       int
	identities map[*node]int
}

// spend counts n bytes of work that the pickle's length does not bound.
func (r *reader) spend(n int) error {
	if r.work -= n; r.work < 0 {
		return r.fail("the pickle uses its texts too often")
	}
	return nil
}

func (r *reader) push(v any) error {
	if r.pushed++; r.pushed > r.limits.Nodes {
		return r.fail("more than %d values", r.limits.Nodes)
	}
	r.stack = append(r.stack, v)
	return nil
}

// fence returns where the part of the stack begins that opcodes may take from: behind
// the last MARK.
func (r *reader) fence() int {
	if len(r.marks) == 0 {
		return 0
	}
	return r.marks[len(r.marks)-1]
}

func (r *reader) top() (any, error) {
	if len(r.stack) <= r.fence() {
		return nil, r.underflow()
	}
	return r.stack[len(r.stack)-1], nil
}

func (r *reader) pop() (any, error) {
	v, err := r.top()
	if err == nil {
		r.stack = r.stack[:len(r.stack)-1]
	}
	return v, err
}

// popN takes n values, in their order. They are good until the next push.
func (r *reader) popN(n int) ([]any, error) {
	if len(r.stack)-n < r.fence() {
		return nil, r.underflow()
	}
	items := r.stack[len(r.stack)-n:]
	r.stack = r.stack[:len(r.stack)-n]
	return items, nil
}

// popMark takes what came since the last MARK, and the MARK. It is good until the next push.
func (r *reader) popMark() ([]any, error) {
	if len(r.marks) == 0 {
		return nil, r.fail("no MARK is there")
	}
	items := r.stack[r.fence():]
	r.stack = r.stack[:r.fence()]
	r.marks = r.marks[:len(r.marks)-1]
	return items, nil
}

// take returns the next n bytes.
func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.p)-r.at) {
		return nil, r.truncated()
	}
	p := r.p[r.at : r.at+int(n)]
	r.at += int(n)
	return p, nil
}

// line returns what stands before the next line break.
func (r *reader) line() (string, error) {
	for i := r.at; i < len(r.p); i++ {
		if r.p[i] == '\n' {
			line := r.p[r.at:i]
			r.at = i + 1
			return string(line), nil
		}
	}
	return "", r.truncated()
}

// number returns an unsigned number of so many bytes, little-endian.
func (r *reader) number(bytes uint64) (n uint64, err error) {
	p, err := r.take(bytes)
	for i, b := range p {
		n |= uint64(b) << (8 * i)
	}
	return n, err
}

// counted returns as many bytes as the number before them says.
func (r *reader) counted(bytes uint64) ([]byte, error) {
	n, err := r.number(bytes)
	if err != nil {
		return nil, err
	}
	return r.take(n)
}

// float returns a double, which is big-endian.
func (r *reader) float() (float64, error) {
	p, err := r.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.BigEndian.Uint64(p)), nil
}

// run executes the pickle and returns what is on top of the stack at its end.
func (r *reader) run() (any, error) {
	for r.at < len(r.p) {
		r.op, r.opAt = r.p[r.at], r.at
		r.at++
		if r.owed && !isPut(r.op) {
			return nil, r.fail("what came before has no number in the memo, so no pickler made it")
		}
		r.owed = false
		if r.op == opStop {
			if r.narrow > 0 {
				return nil, r.fail("%s", notUTF8)
			}
			return r.pop()
		}
		if err := r.step(); err != nil {
			return nil, err
		}
		if r.opAt < r.frameEnd && r.at > r.frameEnd && r.op != opFrame {
			return nil, r.fail("it is cut by the end of a frame")
		}
	}
	r.op, r.opAt = 0, len(r.p)
	return nil, &Error{Offset: r.opAt, Reason: "the pickle has no end"}
}
