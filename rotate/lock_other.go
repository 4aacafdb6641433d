//go:build !unix || solaris || illumos || aix

package rotate

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

const lockTogether, lockAlone, lockNot = 1, 2, 8

// canShare returns why files can't be shared on this system.
func canShare() error {
	return fmt.Errorf("%s has no flock: %w", runtime.GOOS, errors.ErrUnsupported)
}

func tryFlock(*os.File, int) (bool, error) { return false, canShare() }

func (o *osFile) flock(int) bool { return false }
