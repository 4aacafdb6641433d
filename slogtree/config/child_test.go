package config

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// childEnv says what a test's child does.
const childEnv = "SLOGTREE_CONFIG_TEST_CHILD"

// children are what a child may do. What it prints is for the test.
var children = map[string]func(){
	"levels": printLevels,
	"apply":  applyForEver,
}

// child returns a command that runs one of children, with more variables.
func child(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe, "-test.run=^TestChild$")
	cmd.Env = append(append(os.Environ(), childEnv+"="+what), env...)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestChild is no test, but what a child of one runs.
func TestChild(t *testing.T) {
	if run := children[os.Getenv(childEnv)]; run != nil {
		run()
		os.Exit(0)
	}
}

func printLevels() {
	if _, err := FromEnv(context.Background(), slogtree.Default()); err != nil {
		fmt.Println(err)
	}
	for _, name := range []string{"root", "app", "app.db"} {
		fmt.Println(name, slogtree.Get(name).EffectiveLevel())
	}
}
