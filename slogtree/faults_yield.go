//go:build slogtree_yield

package slogtree

const (
	faultNoRetry  = false
	faultNoLevel  = false
	faultNoRebind = false
	faultYield    = true
)
