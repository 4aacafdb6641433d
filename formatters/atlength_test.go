package formatters

import "testing"

// atLength skips, with -short, a test that takes seconds and in which nothing runs beside anything else: the race
// detector, which makes it take minutes, has nothing to find there.
func atLength(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds; -short")
	}
}
