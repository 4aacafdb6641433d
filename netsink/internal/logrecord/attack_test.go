package logrecord

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Parts of pickles, for attacks.
func text(s string) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{'X'}, uint32(len(s))), s...)
}

func join(parts ...any) (p []byte) {
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			p = append(p, part...)
		case []byte:
			p = append(p, part...)
		}
	}
	return p
}

func many(part any, n int) []byte { return bytes.Repeat(join(part), n) }

// recordWith has an extra, and what comes before the dict.
func recordWith(before, extra []byte) []byte {
	return join(before, "}(", text("msg"), text("m"), text("levelno"), "K\x14", text("x"), extra, "u.")
}

// merged has a msg with args.
func merged(msg string, args []byte) []byte {
	return join("}(", text("msg"), text(msg), text("args"), args, text("levelno"), "K\x14", "u.")
}

// attacks are frames of up to a megabyte, each after something that could cost more than in proportion.
func attacks() map[string][]byte {
	const quarter = 256 << 10
	long := strings.Repeat("a", quarter)
	memoized := join(text(long), "q\x000")
	digits := "L" + strings.Repeat("7", 4300) + "L\n"
	var keys, distinct, jsonKeys []byte
	for i := range 40_000 {
		keys = append(append(keys, text(fmt.Sprint("key", i))...), "K\x01"...)
		distinct = fmt.Appendf(distinct, "(I%d\nh\x00t", i+2)
		jsonKeys = fmt.Appendf(jsonKeys, `,"key%d":%d`, i, i)
	}
	laughs := join(text("lol"), "q\x000")
	for i := range byte(8) {
		laughs = join(laughs, "](", many([]byte{'h', i}, 9), "e", []byte{'q', i + 1}, "0")
	}
	return map[string][]byte{
		"a text as the key of many tuples":    recordWith(memoized, join("\x8f(", distinct, "\x90")),
		"a text encoded again and again":      recordWith(memoized, join("N", many("c_codecs\nencode\n(h\x00X\x06\x00\x00\x00latin1tR0", 20_000))),
		"a text as bytearrays":                recordWith(join("B", binary.LittleEndian.AppendUint32(nil, quarter), long, "q\x000"), join("N", many("cbuiltins\nbytearray\n(h\x00tR0", 20_000))),
		"a path of many parts":                recordWith(memoized, join("cpathlib\nPosixPath\n(", many("h\x00", 90_000), "tR")),
		"a zone with a long key":              recordWith(memoized, join("czoneinfo\nZoneInfo._unpickle\n(h\x00K\x01tRq\x01", many("0h\x01", 90_000))),
		"objects with a long name":            recordWith(nil, join("](c", strings.Repeat("m", 120), "\n", strings.Repeat("n", 120), "\nq\x01", many("h\x01", 90_000), "e")),
		"a long number again and again":       recordWith(join(digits, "q\x000"), join("](", many("h\x00", 90_000), "e")),
		"many long numbers":                   recordWith(nil, join("](", many(digits, 200), "e")),
		"many long fractions":                 recordWith(nil, join("](", many(join("cfractions\nFraction\n(", "L"+strings.Repeat("7", 2000)+"L\n", "L"+strings.Repeat("3", 2000)+"L\n", "tR"), 200), "e")),
		"lists of lists of lists":             recordWith(nil, join(laughs, "h\x04")),
		"lists that hold themselves":          recordWith(nil, join("]q\x20(]q\x21(", many("h\x20h\x21", 20), "e", many("h\x21", 20), "e")),
		"many extras":                         join("}(", text("msg"), text("m"), text("levelno"), "K\x14", keys, "u."),
		"a field of each extra":               merged(strings.Repeat("%(key7)s", 40_000), join("}(", keys, "u")),
		"fields that are cut":                 merged(strings.Repeat("%(k).0s", 60_000), join("}", text("k"), text(long), "s")),
		"fields that are cut, of a container": merged(strings.Repeat("%(k).0r", 60_000), join("}", text("k"), "](", many(text("aa"), 20_000), "es")),
		"wide fields":                         merged(strings.Repeat("%99999d", 90_000), join("(", many("K\x01", 90_000), "t")),
		"precise fields":                      merged(strings.Repeat("%.9999f", 90_000), join("(", many("K\x01", 90_000), "t")),
		"nested JSON":                         []byte(`{"msg":"m","x":` + strings.Repeat(`{"a":`, quarter) + "1" + strings.Repeat("}", quarter+1)),
		"JSON of many keys":                   join(`{"msg":"m"`, jsonKeys, "}"),
		"JSON of one key":                     join(`{"msg":"m"`, many(`,"a":1`, 100_000), "}"),
		"JSON of escapes":                     join(`{"msg":"`, many(`\u0000`, 150_000), `"}`),
		"control characters":                  recordWith(nil, text(strings.Repeat("\x01", 1<<20-100))),
		"line breaks in an exception":         join("}(", text("msg"), text("m"), text("exc_text"), text(strings.Repeat("\n", 1<<20-100)), text("levelno"), "K\x14u."),
		"a memo of many":                      recordWith(nil, join("N", many("\x94", 1<<20-100))),
		"nested sets":                         recordWith(nil, join("N", many("\x85", 60), many("q\x05(h\x05\x91h\x05\x860", 15_000))),
	}
}

// TestAttacks: time and memory, printing included, are in proportion to the frame.
func TestAttacks(t *testing.T) {
	for name, p := range attacks() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		length, err := logged(NewDecoder(usual), p)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%-36s %7d bytes: %8d of text, %6d KB, %8v, %.90v", name, len(p), length, used>>10, took.Round(time.Millisecond), err)
		if most := uint64(64<<20 + 64*len(p)); used > most {
			t.Errorf("%s: %d bytes cost %d of memory", name, len(p), used)
		}
		if took > 10*time.Second {
			t.Errorf("%s: %d bytes took %v", name, len(p), took)
		}
	}
}
