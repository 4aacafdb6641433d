//go:build !unix

package logrecord

import "time"

// processorTime is not measured here.
func processorTime() time.Duration { return 0 }
