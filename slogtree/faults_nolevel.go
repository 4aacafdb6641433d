//go:build slogtree_mutant_nolevel

package slogtree

const (
	faultNoRetry  = false
	faultNoLevel  = true
	faultNoRebind = false
	faultYield    = true
)
