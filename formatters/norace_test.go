//go:build !race

package formatters

const raceEnabled = false
