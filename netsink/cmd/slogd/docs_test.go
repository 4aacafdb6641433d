//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The session in docs/configserver.md is one that took place: slogd begins with a file, refuses one that is wrong, and
// takes another. Ports are replaced by those that are written there.
func TestPageSlogd(t *testing.T) {
	python := python3(t)
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(root, "examples", "configserver", "send_signed.py"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key := strings.Repeat("0f", 32)
	for name, text := range map[string]string{
		"send_signed.py": string(script), "key": key + "\n",
		"logging.conf": conf("all.log", "%(message)s"),
		"wrong.conf":   strings.Replace(conf("all.log", "%(message)s"), "handlers=h\n[", "level=WARNIN\nhandlers=file\n[", 1),
		"new.conf":     conf("shop.log", "%(asctime)s %(name)s %(message)s"),
	} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := launch(t, dir, 1, "-listen", "127.0.0.1:0", "-config", "logging.conf", "-configserver", "127.0.0.1:0", "-config-root", "logs", "-config-key", "key", "-admin", "127.0.0.1:0")
	server := strings.TrimPrefix(p.await("slogd: configserver on "), "slogd: configserver on 127.0.0.1:")
	admin := strings.TrimPrefix(p.await("slogd: admin on "), "slogd: admin on ")
	var b strings.Builder
	b.WriteString("```text\n$ openssl rand -hex 32 > key; mkdir logs\n" +
		"$ slogd -config logging.conf -configserver 127.0.0.1:9030 -config-root logs -config-key key -admin 127.0.0.1:9021 &\n" +
		"slogd: listening on 127.0.0.1:9020\nslogd: configserver on 127.0.0.1:9030\nslogd: admin on http://127.0.0.1:9021/\n")
	send := func(file string) {
		t.Helper()
		cmd := exec.Command(python, "send_signed.py", file, "127.0.0.1", server)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "KEY="+key)
		out, err := cmd.CombinedOutput()
		if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "$ KEY=$(cat key) python3 send_signed.py %s 127.0.0.1 9030; echo $?\n%s%d\n", file, out, cmd.ProcessState.ExitCode())
	}
	send("wrong.conf")
	send("new.conf")
	resp, err := http.Get(admin + "explain?name=shop.cart")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "$ curl 'http://127.0.0.1:9021/explain?name=shop.cart'\n%s```\n", strings.ReplaceAll(string(text), dir+"/", ""))
	oracle.CheckSection(t, filepath.Join("docs", "configserver.md"), "slogd", b.String())
	p.terminate()
}
