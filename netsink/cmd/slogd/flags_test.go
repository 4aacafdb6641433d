//go:build unix

package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
)

// output runs slogd, which has to exit with code.
func output(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the code says it
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%q exited with %d, not %d: %s", args, got, code, errs.String())
	}
	return out.String(), errs.String()
}

// The help names each flag where it is explained, and none that there is not.
func TestHelp(t *testing.T) {
	out, errs := output(t, exitDone, "-h")
	if out != usage || errs != "" {
		t.Errorf("got %q, %q", out, errs)
	}
	known := map[string]bool{"h": true}
	flagSet(new(texts)).VisitAll(func(f *flag.Flag) {
		known[f.Name] = true
		if !strings.Contains(usage, "\n  -"+f.Name+" ") {
			t.Errorf("-%s is not explained", f.Name)
		}
	})
	for _, m := range regexp.MustCompile(`[ \n]-([a-z][a-z-]*)`).FindAllStringSubmatch(usage, -1) {
		if !known[m[1]] {
			t.Errorf("there is no -%s", m[1])
		}
	}
	for _, text := range []string{defaultListen, defaultFormat, defaultBackups + " by default", "every 100 ms"} {
		if !strings.Contains(usage, text) {
			t.Errorf("the help does not say %q", text)
		}
	}
	for line := range strings.Lines(usage) {
		if len(line) > 110 {
			t.Errorf("a line is too long: %s", line)
		}
	}
}

// All that is wrong is told, and nothing is begun.
func TestBadFlags(t *testing.T) {
	_, errs := output(t, exitUsage, "-nosuch", "-listen", "nowhere", "-listen", "unix:", "-listen", "x:nosuchport", "-max-bytes", "12Q", "-interval", "-1", "-backups", "x",
		"-compress", "zip", "-level", "LOUD", "-stats", "fast", "-json", "-format", "%(message)s", "-tls-cert", "c", "-tls-client-ca", "a", "stray")
	for _, want := range []string{"-nosuch", `-listen "nowhere"`, `-listen "unix:"`, `-listen "x:nosuchport"`, `-max-bytes "12Q"`, `-interval "-1"`, `-backups "x"`,
		`-compress "zip"`, `-level "LOUD"`, `-stats "fast"`, "-json and -format", "-tls-cert and -tls-key", "-max-bytes and -when are for a -file", `"stray"`} {
		if !strings.Contains(errs, want) {
			t.Errorf("%s is not told", want)
		}
	}
	for line := range strings.Lines(errs) {
		if !strings.HasPrefix(line, "slogd: ") {
			t.Errorf("a line without the program's name: %q", line)
		}
	}
	for args, want := range map[string]string{
		"-format %(nosuch)q":                        "-format, -datefmt: ",
		"-datefmt 15:04":                            "-format, -datefmt: ",
		"-file " + os.DevNull + "/x":                "/x",
		"-file a -max-bytes 1 -backups 0":           "would never rotate",
		"-file a -backups 3":                        "nothing rotates",
		"-file a -compress gzip":                    "nothing rotates",
		"-file a -interval 3":                       "-interval is for -when",
		"-file a -when Tuesday":                     "Tuesday",
		"-direct":                                   "-direct is for a -file",
		"-tls-client-ca x":                          "-tls-client-ca is for",
		"-tls-cert /nosuch -tls-key /nosuch":        "/nosuch",
		"-listen 127.0.0.1:1 -listen 127.0.0.1:1":   "-listen 127.0.0.1:1: ", // root may, once
		"-listen unix:/nosuch/dir/s -file made.log": "-listen unix:/nosuch/dir/s: ",
	} {
		if _, errs := output(t, exitUsage, strings.Fields(args)...); !strings.Contains(errs, want) {
			t.Errorf("%s: %s, want %q", args, errs, want)
		}
	}
}

// What is no flag's name is told, once, and so is what follows it.
func TestBadSyntax(t *testing.T) {
	for args, want := range map[string]string{
		"-=x":                 "bad flag syntax: -=x",
		"---x":                "bad flag syntax: ---x",
		"-json -=x":           "bad flag syntax: -=x",
		"-=x ---x -level FEW": "bad flag syntax: -=x\nbad flag syntax: ---x\n-level \"FEW\": ",
		"-nosuch -=x -no":     "flag provided but not defined: -nosuch\nbad flag syntax: -=x\nflag provided but not defined: -no",
		"-=x stray":           "bad flag syntax: -=x\n\"stray\" is no flag",
	} {
		_, err := parse(strings.Fields(args))
		if got := fmt.Sprint(err); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != strings.Count(want, "\n") {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

// An address that others reach is refused, whatever it is called.
func TestRefused(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0", "192.0.2.1:0", "udp::0", "udp:0.0.0.0:0", "tcp::0", "[fe80::1]:0", "no.such.host.invalid:0"} {
		_, errs := output(t, exitUsage, "-listen", "127.0.0.1:0", "-listen", addr)
		if !strings.Contains(errs, "is refused: ") || !strings.Contains(errs, "-insecure") || strings.Contains(errs, "listening") {
			t.Errorf("%s: %s", addr, errs)
		}
	}
	for _, l := range []listen{{"tcp", "127.0.0.1:0"}, {"tcp", "127.1.2.3:0"}, {"tcp", "[::1]:0"}, {"tcp", "localhost:0"}, {"unix", "/x"}, {"udp", "127.0.0.1:0"}, {"tcp", "[::ffff:127.0.0.1]:0"}} {
		if local, why := l.isLocal(); !local {
			t.Errorf("%s is refused: %s", l, why)
		}
	}
	withTLS, insecure := &options{tls: tlsFiles{cert: "c"}}, &options{insecure: true}
	if err := withTLS.refuse(listen{"tcp", ":1"}); err != nil {
		t.Error(err)
	}
	if err := withTLS.refuse(listen{"udp", ":1"}); err == nil {
		t.Error("datagrams without TLS are taken from anybody")
	}
	if err := insecure.refuse(listen{"udp", ":1"}); err != nil {
		t.Error(err)
	}
	p := launch(t, t.TempDir(), 1, "-listen", "0.0.0.0:0", "-insecure")
	if _, port, _ := net.SplitHostPort(p.addrs[0]); port == "" || port == "0" {
		t.Errorf("it listens on %q", p.addrs)
	}
	p.terminate()
}

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1": 1, "100MB": 100e6, "64MiB": 64 << 20, "64m": 64 << 20, "1.5 KB": 1500, "2gb": 2e9, "3K": 3072, "7B": 7, "1TiB": 1 << 40} {
		if got, err := parseBytes(text); got != want || err != nil {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "-1", "x", "MB", "1e30", "nan", "inf", "1MBit", "0.5"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	for text, want := range map[string]slog.Level{"": formatters.LevelNotSet, "WARNING": slog.LevelWarn, "error": slog.LevelError, "20": slog.LevelInfo, "INFO+2": 2} {
		if got, err := parseLevel(text); got != want || err != nil {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]listen{
		"127.0.0.1:9020": {"tcp", "127.0.0.1:9020"}, "tcp:[::1]:9020": {"tcp", "[::1]:9020"}, "udp:localhost:1": {"udp", "localhost:1"},
		"unix:/run/x:y": {"unix", "/run/x:y"}, ":9020": {"tcp", ":9020"}, "tcp:80": {"tcp", "tcp:80"}, "tcp::80": {"tcp", ":80"},
	} {
		got, err := parseListen(text)
		if got != want || err != nil {
			t.Errorf("%q is %v, %v", text, got, err)
		}
		if again, err := parseListen(got.String()); again != got || err != nil {
			t.Errorf("%v prints as %q", got, got)
		}
	}
}

// Errors beyond what a reader can bear are counted, and nothing steers a terminal.
func TestTrouble(t *testing.T) {
	var b strings.Builder
	d := &daemon{stderr: &b}
	for i := range 30 {
		d.trouble(fmt.Errorf("error %d\n\x1b[2J", i))
	}
	d.rest()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != maxTold+1 || lines[0] != `slogd: error 0; \x1b[2J` || lines[maxTold] != "slogd: 20 errors were not told" {
		t.Errorf("%q", lines)
	}
}

// A listener that can't be had leaves nothing open, and no socket behind.
func TestStartFails(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	output(t, exitUsage, "-listen", "unix:"+socket, "-listen", "unix:/nosuch/dir/s")
	if _, err := os.Stat(socket); err == nil {
		t.Error("the socket is still there")
	}
}
