//go:build !rotate_failpoints

package rotate

// failpoint is where a test may stop or kill the process, see failpoint_on.go.
func failpoint(string) {}
