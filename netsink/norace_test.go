//go:build !race

package netsink

const raceEnabled = false
