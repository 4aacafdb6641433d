package config

import (
	"fmt"
	"strings"
	"testing"
)

// numbered returns n texts, with commas between them.
func numbered(n int, format string) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(texts, ",")
}

// What takes more time or memory than a document's size is bounded. Most of these took minutes or gigabytes.
func TestLimits(t *testing.T) {
	if raceEnabled {
		t.Skip("memory and time are the race detector's")
	}
	pad := strings.Repeat("x", 50)
	var doubling, ways, chain strings.Builder
	for i := range 95 {
		fmt.Fprintf(&doubling, `"k%d":"cfg://V.u.k%d.u.k%d",`, i, i+1, i+1)
		fmt.Fprintf(&ways, `"h%d":{"class":"failover","handlers":["h%d","h%d"]},`, i, i+1, i+1)
	}
	for i := range maxFeeding {
		fmt.Fprintf(&chain, `"h%d":{"class":"recover","target":"h%d"},`, i, i+1)
	}
	large := "(?:" + strings.Repeat("a", 100) + "){1000}"
	for name, c := range map[string]struct{ doc, want string }{
		"references that double": {`"V":{"u":{` + doubling.String() + `"k95":"cfg://V"}},"root":{"level":"cfg://V.u.k0"}`, "the document's references lead through too much"},
		"names like others":      {`"handlers":{` + numbered(500, `"`+pad+`%010d":{"class":"null"}`) + `},"root":{"handlers":[` + numbered(600, `"`+pad+`y%09d"`) + `]}`, "did you mean"},
		"filters":                {`"filters":{` + numbered(maxParts+1, `"f%d":{}`) + `}`, "filters: there are 5001, more than 5000"},
		"ways":                   {`"handlers":{` + ways.String() + `"h95":{"class":"null"}}`, "more than 100000 ways"},
		"one after the other":    {`"handlers":{` + chain.String() + fmt.Sprintf(`"h%d":{"class":"null"}}`, maxFeeding), "more than 100 handlers feed each other"},
		"a logger's name":        {`"loggers":{"` + strings.Repeat("a.", 1_000_000) + `b":{}}`, "the name has 1000001 parts"},
		"names of loggers":       {`"loggers":{` + numbered(300, `"%d`+strings.Repeat(".a", 900)+`":{}`) + `}`, "their names have 270300 parts"},
		"patterns":               {`"handlers":{"n":{"class":"null"},"r":{"class":"redact","target":"n","patterns":["` + large + `","` + large + `"]}}`, "too large together"},
		"patterns of handlers":   {`"handlers":{"n":{"class":"null"},` + numbered(2, `"r%d":{"class":"redact","target":"n","patterns":["`+large+`"]}`) + `}`, "too large together"},
		"classes of characters":  {`"handlers":{"n":{"class":"null"},"r":{"class":"redact","target":"n","patterns":["` + strings.Repeat(`\\pL`, 1000) + `"]}}`, "too large together"},
	} {
		text := `{"version":1,` + c.doc + `}`
		refuse(t, name, text, false)
		if _, err := ParseDict([]byte(text), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.300v; want %q", name, err, c.want)
		}
	}
	// Just within.
	within := `{"version":1,"handlers":{` + strings.Replace(chain.String(), `"h0":{"class":"recover","target":"h1"},`, "", 1) + fmt.Sprintf(`"h%d":{"class":"null"},"r":{"class":"redact","target":"h%[1]d","patterns":["%s"]}}}`, maxFeeding, large)
	if _, err := ParseDict([]byte(within), Options{}); err != nil {
		t.Errorf("within the bounds: %v", err)
	}
}
