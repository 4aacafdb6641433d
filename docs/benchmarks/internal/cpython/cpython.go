// Package cpython finds the Python that is measured beside us.
package cpython

import (
	"cmp"
	"os"
	"os/exec"
	"strings"
)

// Find returns a Python and its version, "" if there is none. PYTHON may name one.
func Find() (python, version string) {
	python = cmp.Or(os.Getenv("PYTHON"), "python3")
	out, err := exec.Command(python, "-c", "import platform; print(platform.python_version())").Output()
	if err != nil {
		return "", ""
	}
	return python, strings.TrimSpace(string(out))
}
