//go:build !race

package contextattrs_test

const raceEnabled = false
