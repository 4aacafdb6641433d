package pickle

import (
	"fmt"
	"strings"
	"time"
)

// A timedelta is normalised as Python has it: only days are negative.
type timedelta struct{ days, seconds, micros int64 }

func makeTimedelta(r *reader, args []any) (any, error) {
	if len(args) == 3 {
		days, ok1 := args[0].(int64)
		seconds, ok2 := args[1].(int64)
		micros, ok3 := args[2].(int64)
		const most = 999_999_999 // days
		if ok1 && ok2 && ok3 && -most <= days && days <= most && 0 <= seconds && seconds < 86400 && 0 <= micros && micros < 1e6 {
			return timedelta{days, seconds, micros}, nil
		}
	}
	return r.badArgs("timedelta")
}

func (d timedelta) text() Text {
	s := fmt.Sprintf("%d:%02d:%02d", d.seconds/3600, d.seconds/60%60, d.seconds%60) + fraction(d.micros)
	switch d.days {
	case 0:
	case 1, -1:
		s = fmt.Sprintf("%d day, ", d.days) + s
	default:
		s = fmt.Sprintf("%d days, ", d.days) + s
	}
	return Text{"datetime.timedelta", s, d.repr()}
}

func (d timedelta) repr() string {
	var parts []string
	for _, part := range []struct {
		name  string
		value int64
	}{{"days", d.days}, {"seconds", d.seconds}, {"microseconds", d.micros}} {
		if part.value != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", part.name, part.value))
		}
	}
	if parts == nil {
		parts = []string{"0"}
	}
	return "datetime.timedelta(" + strings.Join(parts, ", ") + ")"
}

// fraction returns the microseconds after a dot, if there are any.
func fraction(micros int64) string {
	if micros == 0 {
		return ""
	}
	return fmt.Sprintf(".%06d", micros)
}

// A tzinfo is what a time can have: a timezone, or a zone.
type tzinfo interface {
	texter
	suffix() string // of the str of a time that has it
}

// A timezone is a datetime.timezone.
type timezone struct {
	offset timedelta
	name   any // nil or a string
}

func makeTimezone(r *reader, args []any) (any, error) {
	if len(args) == 0 || len(args) > 2 {
		return r.badArgs("timezone")
	}
	offset, ok := args[0].(timedelta)
	if !ok || offset.days < -1 || offset.days > 0 || offset == (timedelta{days: -1}) {
		return r.badArgs("timezone")
	}
	z := timezone{offset: offset}
	if len(args) == 2 {
		name, ok := args[1].(string)
		if !ok {
			return r.badArgs("timezone")
		}
		z.name = name
		return z, r.spend(2 * len(name))
	}
	return z, nil
}

// suffix returns the offset as isoformat has it.
func (z timezone) suffix() string {
	sign, micros := "+", (z.offset.days*86400+z.offset.seconds)*1e6+z.offset.micros
	if micros < 0 {
		sign, micros = "-", -micros
	}
	seconds := micros / 1e6
	s := fmt.Sprintf("%s%02d:%02d", sign, seconds/3600, seconds/60%60)
	if micros%60e6 != 0 {
		s += fmt.Sprintf(":%02d", seconds%60) + fraction(micros%1e6)
	}
	return s
}

func (z timezone) text() Text {
	s, repr := "UTC"+z.suffix(), "datetime.timezone("+z.offset.repr()
	switch name, named := z.name.(string); {
	case named:
		s = name
		repr += ", " + string(appendQuoted(nil, name)) + ")"
	case z.offset == timedelta{}:
		s, repr = "UTC", "datetime.timezone.utc"
	default:
		repr += ")"
	}
	return Text{"datetime.timezone", s, repr}
}

// A zone is a zoneinfo.ZoneInfo. Its offset is not looked up, since that would open a file of
// a name that a peer chose.
type zone struct{ key string }

// makeZone is ZoneInfo._unpickle(key, from_cache).
func makeZone(r *reader, args []any) (any, error) {
	if len(args) != 2 {
		return r.badArgs("ZoneInfo")
	}
	key, ok := args[0].(string)
	if !ok {
		return r.badArgs("ZoneInfo")
	}
	return zone{key}, r.spend(len(key))
}

func (z zone) suffix() string { return "[" + z.key + "]" }

func (z zone) text() Text {
	return Text{"zoneinfo.ZoneInfo", z.key, "zoneinfo.ZoneInfo(key=" + string(appendQuoted(nil, z.key)) + ")"}
}

// packed returns the bytes that a date or time is made of, of that length, and the tzinfo after
// them. Python 2 has the bytes as a string of 8 bits.
func (r *reader) packed(args []any, length int) (p []byte, zone tzinfo, ok bool) {
	if len(args) == 0 || len(args) > 2 {
		return nil, nil, false
	}
	switch v := args[0].(type) {
	case []byte:
		p = v
	case string:
		p, _ = toLatin1(v[:min(len(v), 4*length)])
	case *narrow:
		p = v.bytes
		if !v.used {
			v.used = true
			r.narrow--
		}
	}
	if len(args) == 2 {
		if zone, ok = args[1].(tzinfo); !ok && args[1] != nil {
			return nil, nil, false
		}
	}
	return p, zone, len(p) == length
}

func makeDate(r *reader, args []any) (any, error) {
	p, _, ok := r.packed(args, 4)
	if !ok || len(args) != 1 || !isDate(p) {
		return r.badArgs("date")
	}
	y, m, d := yearOf(p), p[2], p[3]
	return Text{"datetime.date", fmt.Sprintf("%04d-%02d-%02d", y, m, d), fmt.Sprintf("datetime.date(%d, %d, %d)", y, m, d)}, nil
}

func makeDatetime(r *reader, args []any) (any, error) {
	p, zone, ok := r.packed(args, 10)
	if !ok {
		return r.badArgs("datetime")
	}
	date, clock, fold := [4]byte(p), p[4:], p[2]>>7
	date[2] &= 0x7F
	if !isDate(date[:]) || !isClock(clock) {
		return r.badArgs("datetime")
	}
	y, m, d := yearOf(p), date[2], date[3]
	return r.moment("datetime.datetime", fmt.Sprintf("%04d-%02d-%02d ", y, m, d), fmt.Sprintf("%d, %d, %d, ", y, m, d), clock, fold, zone)
}

func makeTime(r *reader, args []any) (any, error) {
	p, zone, ok := r.packed(args, 6)
	if !ok {
		return r.badArgs("time")
	}
	clock := [6]byte(p)
	clock[0] &= 0x7F
	if !isClock(clock[:]) {
		return r.badArgs("time")
	}
	return r.moment("datetime.time", "", "", clock[:], p[0]>>7, zone)
}

// moment returns a time, or a date with one: date is what stands before it in its str, fields in its repr.
func (r *reader) moment(class, date, fields string, clock []byte, fold byte, zone tzinfo) (any, error) {
	micros := microsOf(clock)
	s := date + fmt.Sprintf("%02d:%02d:%02d", clock[0], clock[1], clock[2]) + fraction(micros)
	repr := class + "(" + fields + fmt.Sprintf("%d, %d", clock[0], clock[1])
	if clock[2] != 0 || micros != 0 {
		repr += fmt.Sprintf(", %d", clock[2])
	}
	if micros != 0 {
		repr += fmt.Sprintf(", %d", micros)
	}
	if fold != 0 {
		repr += ", fold=1"
	}
	if zone != nil {
		s += zone.suffix()
		repr += ", tzinfo=" + zone.text().Repr
	}
	return Text{class, s, repr + ")"}, r.spend(len(s) + len(repr))
}

func yearOf(p []byte) int { return int(p[0])<<8 | int(p[1]) }

func microsOf(clock []byte) int64 {
	return int64(clock[3])<<16 | int64(clock[4])<<8 | int64(clock[5])
}

func isDate(p []byte) bool {
	y, m, d := yearOf(p), time.Month(p[2]), int(p[3])
	return 1 <= y && y <= 9999 && 1 <= m && m <= 12 && 1 <= d && d <= time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func isClock(p []byte) bool {
	return p[0] < 24 && p[1] < 60 && p[2] < 60 && microsOf(p) < 1e6
}
