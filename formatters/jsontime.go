package formatters

import (
	"encoding/binary"
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
