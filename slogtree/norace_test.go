//go:build !race

package slogtree

const raceEnabled = false
