//go:build unix

package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/configserver"
)

// conf is a logging.conf whose root writes to a file, in a format.
func conf(file, format string) string {
	return "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nhandlers=h\n" +
		"[handler_h]\nclass=handlers.RotatingFileHandler\nformatter=f\nargs=('" + file + "',)\n[formatter_f]\nformat=" + format + "\n"
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file says where records go. SIGHUP reads it again, and one that is wrong changes nothing.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "logging.conf")
	write(t, file, conf("one.log", "%(name)s 1 %(message)s"))
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-config", "logging.conf")
	c := p.dial(0)
	send(t, c, record("first"))
	grown(t, filepath.Join(dir, "one.log"), 1)

	write(t, file, conf("two.log", "%(nosuch)q"))
	p.signal(syscall.SIGHUP)
	p.await("slogd: the configuration is as before")
	send(t, c, record("second"))
	if got := grown(t, filepath.Join(dir, "one.log"), 2); got != "app.part 1 first\napp.part 1 second\n" {
		t.Errorf("%q", got)
	}

	write(t, file, conf("two.log", "%(name)s 2 %(message)s"))
	p.signal(syscall.SIGHUP)
	p.await("slogd: configured by logging.conf")
	send(t, c, record("third"))
	if got := grown(t, filepath.Join(dir, "two.log"), 1); got != "app.part 2 third\n" {
		t.Errorf("%q", got)
	}

	// The same file again opens what logrotate has moved.
	if err := os.Rename(filepath.Join(dir, "two.log"), filepath.Join(dir, "two.log.1")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.await("slogd: configured by logging.conf")
	send(t, c, record("fourth"))
	grown(t, filepath.Join(dir, "two.log"), 1)
	c.Close()
	if counts := p.terminate(); counts["records"] != "4" || counts["lost"] != "0" {
		t.Error(counts)
	}
}

// Files that do not rotate are opened anew too, those below wrappers as well. One that does
// not open stays as it is.
func TestConfigReopensFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "logging.json"), `{"version": 1, "formatters": {"f": {"format": "%(message)s"}},
		"handlers": {"h": {"class": "logging.FileHandler", "formatter": "f", "filename": "sub/one.log"},
			"m": {"class": "logging.handlers.MemoryHandler", "capacity": 1, "target": "h"}},
		"root": {"handlers": ["m"]}}`)
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-config", "logging.json")
	c := p.dial(0)
	file := filepath.Join(dir, "sub", "one.log")
	send(t, c, record("first"))
	grown(t, file, 1)
	if err := os.Rename(filepath.Join(dir, "sub"), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sub"), "") // no directory: the old file stays in use
	p.signal(syscall.SIGHUP)
	p.await("slogd: handlers: sub/one.log: ")
	p.await("slogd: configured by logging.json") // or the next await would take this one for that of the next signal
	send(t, c, record("second"))
	grown(t, filepath.Join(dir, "moved", "one.log"), 2)
	if err := os.Remove(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.await("slogd: configured by logging.json")
	send(t, c, record("third"))
	if got := grown(t, file, 1); got != "third\n" {
		t.Errorf("%q", got)
	}
	c.Close()
	if counts := p.terminate(); counts["records"] != "3" || counts["lost"] != "0" {
		t.Error(counts)
	}
}

// Another program configures it, below a directory and with a key, and a browser looks at it.
func TestConfigserver(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "logging.conf"), conf("one.log", "%(message)s"))
	write(t, filepath.Join(dir, "key"), strings.Repeat("0f", 32)+"\n")
	if err := os.Mkdir(filepath.Join(dir, "root"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-config", "logging.conf", "-configserver", "127.0.0.1:0", "-config-root", "root", "-config-key", "key", "-admin", "127.0.0.1:0")
	addr := strings.TrimPrefix(p.await("slogd: configserver on "), "slogd: configserver on ")
	page := strings.TrimPrefix(p.await("slogd: admin on "), "slogd: admin on ")
	key := &configserver.HMAC{Key: []byte(strings.Repeat("\x0f", 32))}
	try := func(document string, o configserver.SendOptions, want string) {
		t.Helper()
		var refused *configserver.RefusedError
		if _, err := configserver.Send(t.Context(), "tcp", addr, []byte(document), o); want != "" {
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		} else if err != nil {
			t.Error(err)
		}
	}
	try(conf("two.log", "%(message)s"), configserver.SendOptions{}, "no HMAC envelope")
	try(conf("../two.log", "%(message)s"), configserver.SendOptions{HMAC: key}, "root")
	try(conf("two.log", "2 %(message)s"), configserver.SendOptions{HMAC: key}, "")
	p.await("slogd: configuration applied peer=127.0.0.1:")
	send(t, p.dial(0), record("here"))
	if got := grown(t, filepath.Join(dir, "root", "two.log"), 1); got != "2 here\n" {
		t.Errorf("%q", got)
	}
	resp, err := http.Get(page + "loggers")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), `"root"`) {
		t.Errorf("%d %q %v", resp.StatusCode, text, err)
	}
	// What the page refuses is told here, and is no record of those that come.
	change, err := http.Post(page+"loggers/root", "application/json", strings.NewReader(`{"configuredLevel":"DEBUG"}`))
	if err != nil {
		t.Fatal(err)
	}
	change.Body.Close()
	p.await("slogd: level change refused name=root remote=127.0.0.1:")
	send(t, p.dial(0), record("there"))
	if got := grown(t, filepath.Join(dir, "root", "two.log"), 2); got != "2 here\n2 there\n" {
		t.Errorf("%q", got)
	}
	p.terminate()
}

// What is wrong with the flags or their files is told, and nothing is begun.
func TestBadConfig(t *testing.T) {
	dir := t.TempDir()
	good, bad, key := filepath.Join(dir, "good.conf"), filepath.Join(dir, "bad.conf"), filepath.Join(dir, "key")
	write(t, good, strings.NewReplacer("one.log", filepath.Join(dir, "one.log")).Replace(conf("one.log", "%(message)s")))
	write(t, bad, "[loggers]\n")
	write(t, key, "xyz")
	for args, want := range map[string]string{
		"-config /nosuch":              "/nosuch",
		"-config " + bad:               "bad.conf",
		"-config " + good + " -file x": "-file and -console exclude it",
		"-config " + good + " -json":   "-level exclude it",
		"-configserver 127.0.0.1:0":    "-configserver is for -config",
		"-admin 127.0.0.1:0":           "-admin is for -config",
		"-config-root x":               "-config-root is for -configserver",
		"-config-key x":                "-config-key is for -configserver",
		"-config " + good + " -configserver udp:localhost:0":                  "not HOST:PORT or unix:PATH",
		"-config " + good + " -configserver 0.0.0.0:0":                        "-config-key is Options.HMAC",
		"-config " + good + " -configserver :0 -config-key " + key:            "it is not hexadecimal digits",
		"-config " + good + " -admin 0.0.0.0:0":                               "-admin 0.0.0.0:0 is refused",
		"-config " + good + " -configserver 127.0.0.1:0 -config-root /nosuch": "Options.Config.Root: ",
		"-config " + good + " -admin unix:x":                                  "is refused",
	} {
		if _, errs := output(t, exitUsage, strings.Fields("-listen 127.0.0.1:0 "+args)...); !strings.Contains(errs, want) {
			t.Errorf("%s: %s, want %q", args, errs, want)
		}
	}
}
