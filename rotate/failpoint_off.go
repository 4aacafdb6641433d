//go:build !rotate_failpoints || !linux

package rotate

// failpoint is where a test may stop or kill the process, see failpoint_on.go.
func failpoint(string) {}
