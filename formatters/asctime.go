package formatters

import (
	"encoding/binary"
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
	raw    bool           // what the layout makes, a zone's name too, is not escaped
	cache  secondCache
}

// append appends t, and msecs in the default layout.
func (c *clock) append(dst []byte, t time.Time, msecs int) []byte {
	unix, loc := t.Unix(), c.loc
	if loc == nil {
		loc = time.Local // read each time, as programs may set it
	}
	if c.layout == nil && 0 <= msecs && msecs <= 999 {
		if head, middle, end, ok := c.cache.short(unix, loc); ok {
			// The last word has room for ",mmm" after its three bytes of text.
			end |= ','<<24 | uint64('0'+msecs/100)<<32 | uint64('0'+msecs/10%10)<<40 | uint64('0'+msecs%10)<<48
			dst = binary.LittleEndian.AppendUint64(dst, head)
			dst = binary.LittleEndian.AppendUint64(dst, middle)
			return binary.LittleEndian.AppendUint64(dst, end)[:len(dst)+secondText-16+len(",mmm")]
		}
	}
	start := len(dst)
	if dst = c.cache.append(dst, unix, loc); len(dst) == start {
		dst = c.appendSecond(dst, t.In(loc))
		c.cache.store(dst[start:], unix, loc)
	}
	if c.layout != nil {
		return dst
	}
	s := spec{zero: true, width: 3, prec: -1, conv: 'd'}
	return s.appendInt(append(dst, ','), intNumber(int64(msecs)))
}

// appendSecond appends t to the second.
func (c *clock) appendSecond(dst []byte, t time.Time) []byte {
	if c.layout == nil {
		return appendDateTime(dst, t)
	}
	start := len(dst)
	if dst = c.layout.append(dst, t); c.raw {
		return dst
	}
	return escapeTail(dst, start)
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

// appendMillis is appendStamp in the clock's location, or else t's own, with the
// text up to the second from the cache.
func (c *clock) appendMillis(dst []byte, t time.Time) []byte {
	if c.loc != nil {
		t = t.In(c.loc)
	}
	unix, loc, start := t.Unix(), t.Location(), len(dst)
	if dst = c.cache.append(dst, unix, loc); len(dst) > start {
		ms := t.Nanosecond() / 1e6
		b := dst[start+len("2006-01-02T15:04:05."):]
		b[0], b[1], b[2] = '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10)
		return dst
	}
	dst = appendStamp(dst, t)
	if year := t.Year(); 0 <= year && year <= 9999 { // others have another length
		c.cache.store(dst[start:], unix, loc)
	}
	return dst
}

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
	length  atomic.Int64
	words   [8]atomic.Uint64 // the text, little-endian
}

// append appends the text of the second, or nothing if it isn't there.
func (c *secondCache) append(dst []byte, unix int64, loc *time.Location) []byte {
	version := c.version.Load()
	if version&1 != 0 || c.unix.Load() != unix || c.loc.Load() != loc {
		return dst
	}
	start, n := len(dst), int(c.length.Load())
	if n <= 4*8 && cap(dst)-start >= 4*8 { // most are, and have
		text := dst[start : start+4*8]
		binary.LittleEndian.PutUint64(text, c.words[0].Load())
		binary.LittleEndian.PutUint64(text[8:], c.words[1].Load())
		binary.LittleEndian.PutUint64(text[16:], c.words[2].Load())
		binary.LittleEndian.PutUint64(text[24:], c.words[3].Load())
		dst = dst[:start+n]
	} else {
		for i := range (n + 7) / 8 {
			dst = binary.LittleEndian.AppendUint64(dst, c.words[i&7].Load())
		}
		dst = dst[:start+n]
	}
	if c.version.Load() != version {
		return dst[:start]
	}
	return dst
}

// secondText is the length of a text such as "2006-01-02 15:04:05".
const secondText = 19

// short returns the words of a text of that length, with zeros after it.
func (c *secondCache) short(unix int64, loc *time.Location) (head, middle, end uint64, ok bool) {
	version := c.version.Load()
	ok = version&1 == 0 && c.unix.Load() == unix && c.loc.Load() == loc && c.length.Load() == secondText
	head, middle, end = c.words[0].Load(), c.words[1].Load(), c.words[2].Load()
	return head, middle, end, ok && c.version.Load() == version
}

// store keeps text, unless it is empty, too long, or someone else is storing.
func (c *secondCache) store(text []byte, unix int64, loc *time.Location) {
	version := c.version.Load()
	if len(text) == 0 || len(text) > 8*len(c.words) || version&1 != 0 || !c.version.CompareAndSwap(version, version+1) {
		return
	}
	c.unix.Store(unix)
	c.loc.Store(loc)
	c.length.Store(int64(len(text)))
	for i := 0; len(text) > 0; i++ {
		var word [8]byte
		text = text[copy(word[:], text):]
		c.words[i].Store(binary.LittleEndian.Uint64(word[:]))
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

// appendAsctime appends %(asctime)s of a record of time t, or returns why it
// can't.
func (c *clock) appendAsctime(dst []byte, t time.Time, o *Origin) (_ []byte, reason string) {
	if !o.hasTime() {
		if t.IsZero() {
			return dst, ""
		}
		return c.append(dst, t, t.Nanosecond()/1e6), ""
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
	return c.append(dst, t, int(msecs)), ""
}
