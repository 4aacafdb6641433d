package examples

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// consoleOutput is what the example writes, without the times.
const consoleOutput = `INFO     listening                                addr=:8080
DEBUG    shop.cart: cart loaded                   items=2 took=1.3ms
INFO     shop.cart: item added                    user=ada item.sku=A-17 item.price=9.5 item.note="a gift"
WARNING  shop.cart: cart is nearly full           items=99
ERROR    shop.payments: charge failed             order=1250 err="dial tcp 10.0.0.7:443: connection refused"
ERROR    shop.payments: order lost                order=1250
    err=
        dial tcp 10.0.0.7:443: connection refused
        the queue is full
ERROR    shop.payments: order lost
    error: order 1250: dial tcp 10.0.0.7:443: connection refused
    caused by error: dial tcp 10.0.0.7:443: connection refused
CRITICAL shop.payments: out of money\nthis can't forge a line balance=-3
`

// environment sets what decides on colours.
func environment(t *testing.T, noColor, forceColor, term string) {
	t.Helper()
	t.Setenv("NO_COLOR", noColor)
	t.Setenv("FORCE_COLOR", forceColor)
	t.Setenv("TERM", term)
}

func TestConsole(t *testing.T) {
	environment(t, "", "", "xterm")
	plain := terminal(t, "console")
	lines(t, "console", plain, `^(\d\d:\d\d:\d\d\.\d{3} [A-Z]+ |    ).*$`)
	var texts []string
	for line := range strings.Lines(plain) {
		texts = append(texts, strings.TrimLeft(line, "0123456789:."))
		if !strings.HasPrefix(line, "    ") {
			texts[len(texts)-1] = strings.TrimPrefix(texts[len(texts)-1], " ")
		}
	}
	if got := strings.Join(texts, ""); got != consoleOutput {
		t.Errorf("got\n%s\nwant\n%s", got, consoleOutput)
	}
	environment(t, "", "1", "dumb")
	if forced := terminal(t, "console"); !strings.Contains(forced, "\x1b[94mINFO\x1b[0m") {
		t.Errorf("FORCE_COLOR colours nothing:\n%s", forced)
	}
}

// The example in a real terminal, a pseudoterminal of script's.
func TestConsoleInTerminal(t *testing.T) {
	if version, err := exec.Command("script", "--version").Output(); err != nil || !strings.Contains(string(version), "util-linux") {
		t.Skip("there is no script of util-linux to make a terminal")
	}
	for _, c := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		environment(t, c.noColor, "", c.term)
		out, err := command(t.Context(), t.TempDir(), "script", "-q", "-e", "-c", filepath.Join(binaries, "console"), "/dev/null").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := strings.Contains(string(out), "\x1b["); got != c.want || !strings.Contains(string(out), "cart loaded") {
			t.Errorf("%+v: coloured is %v\n%s", c, got, out)
		}
	}
}
