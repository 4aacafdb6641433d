//go:build !unix || solaris || illumos || aix

package rotate

import (
	"errors"
	"fmt"
	"runtime"
)

// canShare returns why files can't be shared on this system.
func canShare() error {
	return fmt.Errorf("%s has no flock: %w", runtime.GOOS, errors.ErrUnsupported)
}
