package formatters

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// pythonTimeScript renders each case of stdin: [zone, seconds, format].
const pythonTimeScript = `
import json, os, sys, time
for line in sys.stdin:
    zone, seconds, fmt = json.loads(line)
    if os.environ.get("TZ") != zone:
        os.environ["TZ"] = zone
        time.tzset()
    print(json.dumps(time.strftime(fmt, time.localtime(seconds))))
`

type pyTimeCase struct {
	zone    string
	seconds int64
	format  string
}

// randomTimeCase uses what C89 and C99 have, and glibc's flags.
func randomTimeCase(rng *rand.Rand) pyTimeCase {
	c := pyTimeCase{zone: []string{"UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"}[rng.IntN(4)]}
	c.seconds = rng.Int64N(4_000_000_000) - 500_000_000
	for range 1 + rng.IntN(4) {
		flag := []string{"", "", "", "-", "_", "0", "^", "#"}[rng.IntN(8)]
		width := []string{"", "", "", "4", "12"}[rng.IntN(5)]
		conv := "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYZ%fvLJKN"[rng.IntN(46)]
		if conv == 's' || conv == '%' || conv == 'n' || conv == 't' {
			flag, width = "", ""
		}
		c.format += "%" + flag + width + string(conv) + []string{"", " ", ":", "é"}[rng.IntN(4)]
	}
	return c
}

func (c pyTimeCase) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{c.zone, c.seconds, c.format})
}

// Times print as the python3 here prints them, if its C library copies unknown
// directives and has zones, as glibc does.
func TestTimesAgreeWithPython(t *testing.T) {
	atLength(t)
	probe := []pyTimeCase{{"America/New_York", 0, "%-d %f %Z"}}
	if got := python[string](t, pythonTimeScript, probe)[0]; got != "31 %f EST" {
		needPython(t, "the python3 here has no glibc, or no time zones")
	}
	rng := rand.New(rand.NewPCG(11, 12))
	cases := make([]pyTimeCase, 20_000)
	for i := range cases {
		cases[i] = randomTimeCase(rng)
	}
	formatters := map[string]Formatter{}
	for i, want := range python[string](t, pythonTimeScript, cases) {
		c := cases[i]
		key := fmt.Sprint(c.zone, c.format)
		if formatters[key] == nil {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			formatters[key] = Must(Percent("%(asctime)s", &Options{DateFmt: c.format, Location: zone, Raw: true}))
		}
		got := string(formatters[key].Append(nil, nil, newRecordAt(c.seconds)))
		if got != want {
			t.Fatalf("%q of %d in %s: got %q, want %q", c.format, c.seconds, c.zone, got, want)
		}
	}
	if len(formatters) < 1000 || strings.Count(cases[0].format, "%") == 0 {
		t.Errorf("%d formats prove too little", len(formatters))
	}
}
