package handlers

import (
	"reflect"
	"testing"
)

// TestSamplerIsSmall has all that a Sample keeps within 64 KiB.
func TestSamplerIsSmall(t *testing.T) {
	if n := reflect.TypeFor[sampler]().Size(); n > 64<<10 {
		t.Errorf("%d bytes", n)
	}
}
