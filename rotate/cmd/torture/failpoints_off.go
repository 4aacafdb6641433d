//go:build linux && !rotate_failpoints

package main

// failpointNames are the places where a writer of this build can be stopped.
var failpointNames []string
