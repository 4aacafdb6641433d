//go:build race

package slogtree

const raceEnabled = true
