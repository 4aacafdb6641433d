//go:build linux && !race

// The programs that are started here are not built with the race detector.

package netsink_test

import (
	"context"
	"flag"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

var tortureSeed = flag.Uint64("torture.seed", 0, "seed of TestTorture; 0 is another one each time")

// The short form of make torture-network: slogd is ended and started again, killed and stopped, connections are cut, and
// what is not there is where it may be. See netsink/cmd/torture.
func TestTorture(t *testing.T) {
	if testing.Short() {
		t.Skip("takes up to a minute")
	}
	seed := *tortureSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "torture")
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/torture").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "-short", "-dir", dir, "-seed", strconv.FormatUint(seed, 10))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("torture: %v; go test ./netsink -run TestTorture -torture.seed %d has the same random numbers", err, seed)
	}
}
