//go:build slogtree_mutant_norebind

package slogtree

const (
	faultNoRetry  = false
	faultNoLevel  = false
	faultNoRebind = true
	faultYield    = true
)
