package formatters

import (
	"log/slog"
	"math"
	"strconv"
	"sync/atomic"
	"time"
)

// A clock writes %(asctime)s. It keeps the text of the last second it wrote.
// It may be used by several goroutines at once.
type clock struct {
	layout *timeLayout    // nil for the default
	loc    *time.Location // nil for time.Local
	cache  secondCache
}

// append appends t, and msecs in the default layout.
func (c *clock) append(dst []byte, t time.Time, msecs int64) []byte {
	dst = c.appendSecond(dst, t)
	if c.layout != nil {
		return dst
	}
	dst = append(dst, ',')
	if 0 <= msecs && msecs <= 999 {
		return append(dst, '0'+byte(msecs/100), '0'+byte(msecs/10%10), '0'+byte(msecs%10))
	}
	s := spec{zero: true, width: 3, prec: -1, conv: 'd'}
	return s.appendInt(dst, intNumber(msecs))
}

func (c *clock) appendSecond(dst []byte, t time.Time) []byte {
	loc := c.loc
	if loc == nil {
		loc = time.Local // read each time, as programs may set it
	}
	unix := t.Unix()
	start := len(dst)
	if dst = c.cache.append(dst, unix, loc); len(dst) > start {
		return dst
	}
	t = t.In(loc)
	if c.layout != nil {
		dst = c.layout.append(dst, t)
	} else {
		dst = appendDateTime(dst, t)
	}
	c.cache.store(dst[start:], unix, loc)
	return dst
}

// appendDateTime appends t as "%Y-%m-%d %H:%M:%S". Unlike Go's own layouts,
// strftime does not pad years.
func appendDateTime(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = strconv.AppendInt(dst, int64(year), 10)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, ' '), hour)
	dst = appendTwo(append(dst, ':'), minute)
	return appendTwo(append(dst, ':'), second)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

// A secondCache holds the text of one second. Nobody waits: a reader that
// meets a writer misses, and of two writers one goes without. The zero value
// is empty.
//
// Writers make version odd, store, and make it even again; a reader believes
// what it loaded if version was even and the same before and after.
type secondCache struct {
	version atomic.Uint64
	unix    atomic.Int64
	loc     atomic.Pointer[time.Location]
	words   [8]atomic.Uint64 // length in the first byte, then the text
}

const maxCached = 8*8 - 1

// append appends the text of the second, or nothing if it isn't there.
func (c *secondCache) append(dst []byte, unix int64, loc *time.Location) []byte {
	version := c.version.Load()
	if version&1 != 0 || c.unix.Load() != unix || c.loc.Load() != loc {
		return dst
	}
	start := len(dst)
	word := c.words[0].Load()
	n := int(word & 0xFF)
	for i := range min(n, 7) {
		dst = append(dst, byte(word>>(8*(i+1))))
	}
	for at := 7; at < n; at += 8 {
		dst = appendWord(dst, c.words[(at+1)/8].Load(), n-at)
	}
	if c.version.Load() != version {
		return dst[:start]
	}
	return dst
}

// appendWord appends the first n bytes of word, 8 at most.
func appendWord(dst []byte, word uint64, n int) []byte {
	dst = append(dst, byte(word), byte(word>>8), byte(word>>16), byte(word>>24),
		byte(word>>32), byte(word>>40), byte(word>>48), byte(word>>56))
	return dst[:len(dst)-8+min(n, 8)]
}

// store keeps text, unless it is empty, too long, or someone else is storing.
func (c *secondCache) store(text []byte, unix int64, loc *time.Location) {
	version := c.version.Load()
	if len(text) == 0 || len(text) > maxCached || version&1 != 0 || !c.version.CompareAndSwap(version, version+1) {
		return
	}
	c.unix.Store(unix)
	c.loc.Store(loc)
	word := uint64(len(text))
	for i, b := range text {
		at := i + 1
		word |= uint64(b) << (8 * (at % 8))
		if at%8 == 7 || i == len(text)-1 {
			c.words[at/8].Store(word)
			word = 0
		}
	}
	c.version.Store(version + 2)
}

// The times of CPython's that localtime accepts: years that fit a C int.
const (
	minCreated = -67768040609740800
	maxCreated = 67768036191676799
)

// createdTime returns the time that an Origin's Created stands for, to the
// second, rounded down.
func createdTime(created float64) (time.Time, bool) {
	if !(created >= minCreated && created <= maxCreated) {
		return time.Time{}, false
	}
	return time.Unix(int64(math.Floor(created)), 0), true
}

// appendAsctime appends %(asctime)s, or returns why it can't.
func (c *clock) appendAsctime(dst []byte, r *slog.Record, o *Origin) (_ []byte, reason string) {
	if !o.hasTime() {
		if r.Time.IsZero() {
			return dst, ""
		}
		return c.append(dst, r.Time, int64(r.Time.Nanosecond()/1e6)), ""
	}
	t, ok := createdTime(o.Created)
	if !ok {
		return dst, "created is out of range: " + strconv.FormatFloat(o.Created, 'g', -1, 64)
	}
	if c.layout != nil {
		return c.append(dst, t, 0), ""
	}
	msecs := o.MSecs
	if !(math.Abs(msecs) < 1<<53) {
		return dst, "msecs is out of range: " + strconv.FormatFloat(msecs, 'g', -1, 64)
	}
	return c.append(dst, t, int64(msecs)), ""
}
