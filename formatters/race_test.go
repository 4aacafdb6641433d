//go:build race

package formatters

const raceEnabled = true
