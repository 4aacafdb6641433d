//go:build linux && rotate_failpoints

package main

import "github.com/slogsuite/slogsuite/rotate"

// failpointNames are the places where a writer of this build can be stopped.
var failpointNames = rotate.Failpoints
