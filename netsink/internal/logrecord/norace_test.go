//go:build !race

package logrecord

const raceEnabled = false
