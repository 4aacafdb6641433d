//go:build slogtree_mutant_noretry

package slogtree

const (
	faultNoRetry  = true
	faultNoLevel  = false
	faultNoRebind = false
	faultYield    = true
)
