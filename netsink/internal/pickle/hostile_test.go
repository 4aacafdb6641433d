package pickle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

type hostileVector struct {
	ID, Category, Label, Must string
	Segments                  []segment `json:"payload_segments"`
	CPython                   struct {
		OK *oracle.Value
	}
}

// check returns how what Load does with a payload differs from what it must do.
func (v *hostileVector) check() error {
	p, err := unpack(v.Segments)
	if err != nil {
		return err
	}
	if v.Must == "reject_every_prefix" {
		for n := range len(p) {
			if _, err := Load(p[:n], usual); err == nil {
				return fmt.Errorf("the first %d of %d bytes pass", n, len(p))
			}
		}
		return v.verdict(p)
	}
	return v.verdict(p)
}

// verdict also prints what passes, as text and as JSON.
func (v *hostileVector) verdict(p []byte) error {
	got, err := Load(p, usual)
	if err != nil {
		var typed *Error
		if !errors.As(err, &typed) || typed.Offset < 0 || typed.Offset > len(p) || typed.Reason == "" {
			return fmt.Errorf("the error %v tells no offset", err)
		}
		if v.Must == "accept" {
			return err
		}
		return nil
	}
	text := AppendText(nil, got, true)
	out, err := json.Marshal(got)
	if most := 16*len(p) + 16*usual.Nodes; err != nil || len(text) > most || len(out) > most {
		return fmt.Errorf("%d bytes print as %d, and as %d of JSON, %v", len(p), len(text), len(out), err)
	}
	d, isDict := got.(Dict)
	switch {
	case v.Must == "reject" && isDict:
		return fmt.Errorf("it passes as %.200v", got)
	case v.CPython.OK == nil || v.Must == "reject":
		return nil
	}
	return same(d, v.CPython.OK.V)
}

const hostileEnv = "PICKLE_HOSTILE_CHILD"

// TestOracleHostilePickles replays each payload in a child process with little memory, in an empty
// directory that has to stay empty.
func TestOracleHostilePickles(t *testing.T) {
	vectors := oracle.Load[hostileVector](t, "hostile_pickles")
	if os.Getenv(hostileEnv) != "" {
		hostileChild(t, vectors)
		return
	}
	const canary = "/tmp/PWNED_BY_PICKLE" // what the payloads would touch
	if _, err := os.Stat(canary); err == nil {
		t.Fatalf("%s is there before the test", canary)
	}
	tally := oracle.NewTally("hostile_pickles")
	verdicts := runChild(t)
	for _, v := range vectors {
		tally.Replayed()
		if verdict, ok := verdicts[v.ID]; !ok || verdict != "" {
			t.Errorf("%s %s %q must %s: %v %s", v.ID, v.Category, v.Label, v.Must, ok, verdict)
		}
	}
	if _, err := os.Stat(canary); err == nil {
		t.Errorf("%s came to be", canary)
	}
	tally.Report(t)
}

// runChild returns what a child says of each vector. One that it does not come to the end of, is
// the last that it names.
func runChild(t *testing.T) map[string]string {
	dir, err := oracle.Dir()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOracleHostilePickles$", "-test.v")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), hostileEnv+"=1", oracle.DirEnv+"="+dir, "GOMEMLIMIT=256MiB", "TMPDIR="+cmd.Dir, "GOCOVERDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	verdicts := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if id, verdict, ok := strings.Cut(lines.Text(), " verdict: "); ok {
			verdicts[id] = verdict
		}
	}
	if err != nil {
		t.Errorf("the child: %v, after %d vectors\n%s", err, len(verdicts), out[max(0, len(out)-2000):])
	}
	if left, err := filepath.Glob(filepath.Join(cmd.Dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("the child left %v", left)
	}
	return verdicts
}

// hostileChild says of each vector what is wrong, and bounds what it costs: memory is allocated in
// proportion to the payload, beside what the bound on values allows.
func hostileChild(t *testing.T, vectors []hostileVector) {
	limitMemory(t)
	for _, v := range vectors {
		p, err := unpack(v.Segments)
		if err != nil {
			t.Fatal(err)
		}
		runs := uint64(1)
		if v.Must == "reject_every_prefix" {
			runs += uint64(len(p))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		err = v.check()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err == nil && used > runs*(64<<20+16*uint64(len(p))) {
			err = fmt.Errorf("%d bytes cost %d bytes", len(p), used)
		}
		if most := time.Duration(runs) * 5 * time.Second; err == nil && took > most {
			err = fmt.Errorf("%d bytes took %v", len(p), took)
		}
		fmt.Printf("%s verdict: %s\n", v.ID, oneLine(err))
	}
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(fmt.Sprint(err), "\n", "; ")
}

// TestNothingIsRun: what reads pickles can neither start a program nor load code.
func TestNothingIsRun(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		switch name {
		case "os/exec", "plugin", "net", "syscall/js":
			t.Errorf("it depends on %s", name)
		}
	}
	if !strings.Contains(string(out), "math/big\n") {
		t.Errorf("it does not even depend on math/big: %s", out)
	}
}
