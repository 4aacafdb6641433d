package formatters

import (
	"encoding/binary"
	"log/slog"
	"math/big"
	"strconv"
	"time"
)

// badYear is what slog.JSONHandler writes for a year that RFC 3339 has no
// room for.
const badYear = `"!ERROR:time.Time year outside of range [0,9999]"`

// appendJSONTime appends t as slog.JSONHandler writes times, in quotes.
func appendJSONTime(dst []byte, t time.Time) []byte {
	_, offset := t.Zone()
	second := t.Unix() + int64(offset)
	if second < firstStamp || second > lastStamp || offset%60 != 0 {
		return appendOddTime(dst, t)
	}
	n := len(dst)
	dst = append(dst, `"yyyy-mm-ddThh:mm:ss.nnnnnnnnn`...)
	text := dst[n:]
	putSecond(text[1:], second)
	end := stampSecond
	if nanos := t.Nanosecond(); nanos != 0 {
		end += 1 + putFraction(text[stampSecond+1:], nanos)
	}
	return append(appendOffset(dst[:n+end], offset), '"')
}

// appendOddTime is appendJSONTime for any time.
func appendOddTime(dst []byte, t time.Time) []byte {
	if year := t.Year(); year < 0 || year > 9999 {
		return append(dst, badYear...)
	}
	return append(t.AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

// appendFraction appends a dot and the nanoseconds without the zeros at their
// end, or nothing.
func appendFraction(dst []byte, nanos int) []byte {
	if nanos == 0 {
		return dst
	}
	n := len(dst)
	dst = append(dst, ".nnnnnnnnn"...)
	return dst[:n+1+putFraction(dst[n+1:], nanos)]
}

// putFraction writes the nanoseconds, which are not 0, to dst, and returns how many
// of the nine digits are left without the zeros at their end.
func putFraction(dst []byte, nanos int) int {
	n := uint32(nanos)
	_ = dst[8]
	putTwo(dst, int(n/1e7))
	putTwo(dst[2:], int(n/1e5%100))
	putTwo(dst[4:], int(n/1e3%100))
	putTwo(dst[6:], int(n/10%100))
	dst[8] = '0' + byte(n%10)
	left := 9
	for ; n%10 == 0; n /= 10 {
		left--
	}
	return left
}

// appendTime appends the record's time as the options have it.
func (j *jsonFormatter) appendTime(dst []byte, t time.Time) []byte {
	c := &j.cfg.clock
	if c.loc != nil {
		t = t.In(c.loc)
	}
	switch {
	case j.cfg.timeUnit > 0:
		return appendUnits(dst, t, j.cfg.timeUnit)
	case c.layout != nil:
		return j.appendLayout(dst, t)
	}
	return c.cache.appendStamp(dst, t)
}

// appendLayout appends t as DateFmt has it.
func (j *jsonFormatter) appendLayout(dst []byte, t time.Time) []byte {
	c, unix, loc := &j.cfg.clock, t.Unix(), t.Location()
	dst = append(dst, '"')
	start := len(dst)
	if dst = c.cache.append(dst, unix, loc); len(dst) == start {
		dst = c.layout.append(dst, t)
		c.cache.store(dst[start:], unix, loc)
	}
	return append(escapeJSONTail(dst, start, j.cfg.escapeControls), '"')
}

// The texts in a cache of stamps: a quote, the second and a dot in three
// words, then the zone, a quote and the length of both in one.
const (
	stampSecond = len(`"2006-01-02T15:04:05`)
	stampZone   = 24
	stampRoom   = stampSecond + len(".123456789") + 8
)

// appendStamp is appendJSONTime with the second from the cache.
func (c *secondCache) appendStamp(dst []byte, t time.Time) []byte {
	n := len(dst)
	version := c.version.Load()
	if version&1 != 0 || c.unix.Load() != t.Unix() || c.loc.Load() != t.Location() || cap(dst)-n < stampRoom {
		return c.appendNewStamp(dst, t)
	}
	text := dst[n : n+stampRoom]
	binary.LittleEndian.PutUint64(text, c.words[0].Load())
	binary.LittleEndian.PutUint64(text[8:], c.words[1].Load())
	binary.LittleEndian.PutUint64(text[16:], c.words[2].Load())
	zone := c.words[3].Load()
	if c.version.Load() != version {
		return c.appendNewStamp(dst, t)
	}
	end := stampSecond
	if nanos := t.Nanosecond(); nanos != 0 {
		end += 1 + putFraction(text[stampSecond+1:], nanos)
	}
	binary.LittleEndian.PutUint64(text[end:], zone)
	return dst[:n+end+int(zone>>56)]
}

// appendNewStamp is appendStamp for a second that the cache does not have.
func (c *secondCache) appendNewStamp(dst []byte, t time.Time) []byte {
	start := len(dst)
	dst = appendJSONTime(dst, t)
	if dst[start+1] == '!' {
		return dst
	}
	var text [stampZone + 8]byte
	copy(text[:], dst[start:start+stampSecond])
	text[stampSecond] = '.'
	zone := dst[len(dst)-len(`Z"`):]
	if zone[0] != 'Z' {
		zone = dst[len(dst)-len(`+00:00"`):]
	}
	copy(text[stampZone:], zone)
	text[len(text)-1] = byte(len(zone))
	c.store(text[:], t.Unix(), t.Location())
	return dst
}

// appendUnits appends how many units have passed from 1970 to t, rounded down.
func appendUnits(dst []byte, t time.Time, unit time.Duration) []byte {
	const limit = 9_223_372_036 // seconds, in nanoseconds still an int64
	if sec := t.Unix(); -limit < sec && sec < limit {
		n, d := t.UnixNano(), int64(unit)
		q := n / d
		if n%d < 0 {
			q--
		}
		return appendDecimal(dst, q)
	}
	n := new(big.Int).Mul(big.NewInt(t.Unix()), big.NewInt(1e9))
	n.Add(n, big.NewInt(int64(t.Nanosecond())))
	return n.Div(n, big.NewInt(int64(unit))).Append(dst, 10) // Div rounds down for d > 0
}

// appendSlogLevel appends level as slog's Level.String has it.
func appendSlogLevel(dst []byte, level slog.Level) []byte {
	base, offset := "ERROR", level-slog.LevelError
	switch {
	case level < slog.LevelInfo:
		base, offset = "DEBUG", level-slog.LevelDebug
	case level < slog.LevelWarn:
		base, offset = "INFO", level-slog.LevelInfo
	case level < slog.LevelError:
		base, offset = "WARN", level-slog.LevelWarn
	}
	dst = append(dst, base...)
	if offset > 0 {
		dst = append(dst, '+')
	}
	if offset != 0 {
		dst = strconv.AppendInt(dst, int64(offset), 10)
	}
	return dst
}
