package configserver

import (
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// pythons are the CPythons that are there, each once.
var pythons = sync.OnceValue(func() (found []string) {
	paths := make([]string, 16)
	var looking sync.WaitGroup
	for i := range paths {
		name := "python3"
		if i > 0 {
			name = "python3." + strconv.Itoa(i)
		}
		looking.Go(func() { // one that is missing may take its time to say so
			if _, err := exec.LookPath(name); err == nil {
				out, _ := exec.Command(name, "-c", "import hmac, json, sys; print(sys.executable)").Output()
				paths[i] = strings.TrimSpace(string(out))
			}
		})
	}
	looking.Wait()
	seen := map[string]bool{}
	for _, path := range paths {
		if real, err := filepath.EvalSymlinks(path); path != "" && err == nil && !seen[real] {
			seen[real] = true
			found = append(found, path)
		}
	}
	return found
})

// eachPython runs a test with each of pythons, or skips it without one, which is an error if
// REQUIRE_PYTHON is set.
func eachPython(t *testing.T, test func(t *testing.T, python string)) {
	if len(pythons()) == 0 {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal("REQUIRE_PYTHON is set and there is no python3 that runs")
		}
		t.Skip("no python3; with REQUIRE_PYTHON=1 this fails")
	}
	for _, python := range pythons() {
		t.Run(filepath.Base(python), func(t *testing.T) { test(t, python) })
	}
}

// runPython runs a script, which has to exit with code, and returns its output.
func runPython(t *testing.T, code int, env, python string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, args...)
	cmd.Env = append(os.Environ(), env, "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

func portOf(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// The cookbook's sender, unmodified, closes without reading its reply. Nothing that it sends is
// lost, and no trouble is told of.
func TestPythonSender(t *testing.T) {
	dir, err := oracle.Dir()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "cookbook", "04-configuration-server", "document", "send_config.py")
	file := filepath.Join(t.TempDir(), "x.conf")
	document := strings.Repeat("a line of the document\n", 20_000)
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	eachPython(t, func(t *testing.T, python string) {
		var docs sink
		taken := make(chan Reply, 10)
		f := serve(t, listenTCP(t), Options{OnDocument: func(r Reply) { taken <- r }}, docs.apply)
		for range 3 {
			if out := runPython(t, 0, "", python, script, file, portOf(f.l)); out != "connecting...\nsending config...\ncomplete\n" {
				t.Errorf("%q", out)
			}
			if r := <-taken; !r.Applied {
				t.Error(r.reason())
			}
		}
		f.end()
		if got := docs.got(); !reflect.DeepEqual(got, []string{document, document, document}) {
			t.Errorf("%d documents came", len(got))
		}
		if errs := f.log.all(); len(errs) > 0 {
			t.Error(errs)
		}
	})
}

// The example's sender in Python makes envelopes that are taken, and reads the reply.
func TestPythonEnvelope(t *testing.T) {
	script := filepath.Join("..", "..", "examples", "configserver", "send_signed.py")
	file := filepath.Join(t.TempDir(), "x.conf")
	if err := os.WriteFile(file, []byte("the document\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	eachPython(t, func(t *testing.T, python string) {
		var docs sink
		f := serve(t, listenTCP(t), Options{HMAC: &HMAC{Key: testKey, Audience: "billing@host1"}}, docs.apply)
		key := "KEY=" + hex.EncodeToString(testKey)
		if out := runPython(t, 0, key, python, script, file, "127.0.0.1", portOf(f.l), "billing@host1"); out != "" {
			t.Error(out)
		}
		if out := runPython(t, 1, key, python, script, file, "127.0.0.1", portOf(f.l), "billing@host2"); !strings.Contains(out, "its HMAC is wrong") {
			t.Error(out)
		}
		f.end()
		if got := docs.got(); !reflect.DeepEqual(got, []string{"the document\n"}) {
			t.Errorf("%q", got)
		}
	})
}
