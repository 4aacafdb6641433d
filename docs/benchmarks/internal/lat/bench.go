package lat

import (
	"flag"
	"strings"
	"testing"
)

// AtLeast returns how much to do in a benchmark that does not loop by b.N: so much at least, so
// that what only happens now and then does happen, unless -benchtime is a number of iterations.
func AtLeast(b *testing.B, n int) int {
	if strings.HasSuffix(flag.Lookup("test.benchtime").Value.String(), "x") {
		return b.N
	}
	return max(b.N, n)
}
