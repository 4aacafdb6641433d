package httpattrs_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// remoteOf returns the address that is logged.
func remoteOf(t *testing.T, header, peer string, lines ...string) string {
	t.Helper()
	rec := handlertest.NewRecorder(nil)
	var proxies []netip.Prefix
	for _, p := range []string{"10.0.0.0/8", "192.0.2.7/32", "2001:db8:1::/48"} {
		proxies = append(proxies, netip.MustParsePrefix(p))
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = peer
	r.Header.Set("X-Forwarded-For", "6.6.6.6") // unless it is the one
	r.Header.Set("Forwarded", "for=6.6.6.6")
	r.Header[header] = lines
	o := httpattrs.Options{Logger: slog.New(rec), Proxies: proxies, ProxyHeader: strings.ToLower(header)}
	httpattrs.Middleware(http.NotFoundHandler(), o).ServeHTTP(httptest.NewRecorder(), r)
	if d := handlertest.Diff(lines, r.Header[header]); d != "" {
		t.Errorf("the header was changed: %s", d)
	}
	return fmt.Sprint(rec.Records()[0].Attrs["remote"])
}

func TestForwardedFor(t *testing.T) {
	const proxy = "10.0.0.1:1234"
	for _, c := range []struct {
		peer  string
		lines []string
		want  string
	}{
		{"203.0.113.9:80", []string{"1.2.3.4"}, "203.0.113.9"}, // no proxy: nothing is read
		{proxy, nil, "10.0.0.1"},
		{proxy, []string{"1.2.3.4"}, "1.2.3.4"},
		{proxy, []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
		{proxy, []string{"6.6.6.6, 1.2.3.4 ,10.9.9.9,	10.1.1.1"}, "1.2.3.4"},
		{proxy, []string{"6.6.6.6", "1.2.3.4", "10.9.9.9"}, "1.2.3.4"},
		{proxy, []string{"10.2.2.2, 10.3.3.3"}, "10.2.2.2"},
		{proxy, []string{"6.6.6.6, junk, 10.3.3.3"}, "10.3.3.3"},
		{proxy, []string{"6.6.6.6,, 10.3.3.3"}, "10.3.3.3"},
		{proxy, []string{"junk"}, "10.0.0.1"},
		{proxy, []string{""}, "10.0.0.1"},
		{proxy, []string{"1.2.3.4:5678"}, "1.2.3.4"},
		{proxy, []string{"2001:db8::1"}, "2001:db8::1"},
		{proxy, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{proxy, []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		{proxy, []string{"[1.2.3.4]"}, "10.0.0.1"},
		{proxy, []string{"::ffff:1.2.3.4"}, "1.2.3.4"},
		{proxy, []string{"1.2.3.4, ::ffff:10.0.0.5"}, "1.2.3.4"},
		{proxy, []string{"fe80::1%\nevil"}, "fe80::1"},
		{"[::ffff:10.0.0.1]:80", []string{"1.2.3.4"}, "1.2.3.4"},
		{"[2001:db8:1::5%eth0]:80", []string{"1.2.3.4"}, "1.2.3.4"},
		{"192.0.2.7:1", []string{"1.2.3.4"}, "1.2.3.4"},
		{"192.0.2.8:1", []string{"1.2.3.4"}, "192.0.2.8"},
		{"@", []string{"1.2.3.4"}, "@"},
		{"", []string{"1.2.3.4"}, ""},
		{proxy, []string{"6.6.6.6" + strings.Repeat(", 10.0.0.2", 1000)}, "10.0.0.2"}, // bounded
	} {
		if got := remoteOf(t, "X-Forwarded-For", c.peer, c.lines...); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.peer, c.lines, got, c.want)
		}
	}
}

func TestForwarded(t *testing.T) {
	const proxy = "10.0.0.1:1234"
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"for=1.2.3.4"}, "1.2.3.4"},
		{[]string{`For="1.2.3.4:80"`}, "1.2.3.4"},
		{[]string{`for="[2001:db8::1]:80";proto=https;by=10.0.0.1`}, "2001:db8::1"},
		{[]string{`for=[2001:db8::1]:80`}, "2001:db8::1"}, // not quoted, as it should be
		{[]string{`proto=http;host="a,b;c";for=1.2.3.4`}, "1.2.3.4"},
		{[]string{"for=6.6.6.6, for=1.2.3.4 , for=10.2.2.2"}, "1.2.3.4"},
		{[]string{"for=6.6.6.6", "for=1.2.3.4", "for=10.2.2.2"}, "1.2.3.4"},
		{[]string{"for=6.6.6.6, for=unknown, for=10.2.2.2"}, "10.2.2.2"},
		{[]string{"for=6.6.6.6, for=_hidden"}, "10.0.0.1"},
		{[]string{"for=6.6.6.6, proto=http"}, "10.0.0.1"},
		{[]string{"for=1.2.3.4;for=6.6.6.6"}, "10.0.0.1"},
		{[]string{`for="\1.2.3.4"`}, "1.2.3.4"},
		{[]string{`for="6.6.6.6, for=1.2.3.4`}, "10.0.0.1"}, // an open quote swallows what a proxy added
		{[]string{`for=6.6.6.6;by=", for="[2001:db8::1]:80"`}, "10.0.0.1"},
		{[]string{`for="6.6.6.6,1.2.3.4"`}, "10.0.0.1"},
		{[]string{"for="}, "10.0.0.1"},
		{[]string{"for"}, "10.0.0.1"},
		{[]string{"for 1.2.3.4"}, "10.0.0.1"},
		{[]string{""}, "10.0.0.1"},
		{nil, "10.0.0.1"},
		{[]string{"junk;;=", "for=1.2.3.4"}, "1.2.3.4"},
		{[]string{"for=6.6.6.6", "\x00", "for=10.2.2.2"}, "10.2.2.2"},
	} {
		if got := remoteOf(t, "Forwarded", proxy, c.lines...); got != c.want {
			t.Errorf("%q: %s, want %s", c.lines, got, c.want)
		}
	}
}

// FuzzRemote says that whatever a client puts before what proxies added, the
// client's address is the one that they saw, or nothing further left than a proxy's.
func FuzzRemote(f *testing.F) {
	for _, seed := range []string{"", "6.6.6.6", `for="`, `for=6.6.6.6;by="`, `\`, `",for=6.6.6.6,x="`, "a=b;"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, sent string, oneLine bool) {
		for header, added := range map[string]string{"X-Forwarded-For": "1.2.3.4, 10.5.5.5", "Forwarded": "for=1.2.3.4, for=10.5.5.5"} {
			lines := []string{sent, added}
			if oneLine {
				lines = []string{sent + ", " + added}
			}
			got := remoteOf(t, header, "10.0.0.1:1", lines...)
			if got == "1.2.3.4" || oneLine && header == "Forwarded" && got == "10.0.0.1" {
				continue // the latter where an open quote makes the line unreadable
			}
			t.Errorf("%s %q: %s", header, lines, got)
		}
	})
}
