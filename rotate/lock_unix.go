//go:build unix && !solaris && !illumos && !aix

package rotate

// canShare returns why files can't be shared on this system.
func canShare() error { return nil }
