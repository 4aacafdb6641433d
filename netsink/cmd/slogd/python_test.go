//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python3 returns the path of python3. Without one the test is skipped, unless REQUIRE_PYTHON is
// set, which makes that an error.
func python3(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	switch {
	case err == nil:
		return path
	case os.Getenv("REQUIRE_PYTHON") != "":
		t.Fatal("REQUIRE_PYTHON is set and there is no python3: ", err)
	}
	t.Skip("no python3 to receive from")
	return ""
}

const pythonSender = `
import logging, logging.handlers, sys
root = logging.getLogger()
root.setLevel(1)
root.addHandler(logging.handlers.SocketHandler('127.0.0.1', int(sys.argv[1])))
root.addHandler(logging.handlers.DatagramHandler('127.0.0.1', int(sys.argv[2])))
log = logging.getLogger('app.part')
log.info('%s has %d things', 'Zoë', 3)
log.log(5, 'quiet', extra={'user': 'u1'})
try:
    1 / 0
except ZeroDivisionError:
    log.exception('failed')
logging.shutdown()
`

// CPython's own handlers send, by both networks, and what is printed is what CPython would have
// printed.
func TestPython(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, 2, "-listen", "127.0.0.1:0", "-listen", "udp:127.0.0.1:0", "-file", "all.log",
		"-format", "%(name)s %(levelname)s %(levelno)d %(filename)s:%(lineno)d %(funcName)s %(message)s")
	port := func(i int) string { return p.addrs[i][strings.LastIndex(p.addrs[i], ":")+1:] }
	cmd := exec.Command(python3(t), "-c", pythonSender, port(0), port(1))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	path := filepath.Join(dir, "all.log")
	grown(t, path, 2*6) // by UDP nothing else tells that all has come
	counts := p.terminate()
	got := read(t, path)
	for _, want := range []string{
		"app.part INFO 20 <string>:8 <module> Zoë has 3 things\n",
		"app.part Level 5 5 <string>:9 <module> quiet user=u1\n",
		"app.part ERROR 40 <string>:13 <module> failed\n    Traceback (most recent call last):\n      File \"<string>\", line 11, in <module>\n",
		"\n    ZeroDivisionError: division by zero\n", // and between them what 3.13 shows of the source
	} {
		if strings.Count(got, want) != 2 {
			t.Errorf("%q is not there twice", want)
		}
	}
	if counts["records"] != "6" || counts["errors"] != "0" {
		t.Errorf("%v", counts)
	}
	if t.Failed() {
		t.Log(got)
	}
}
