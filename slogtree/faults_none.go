//go:build !slogtree_mutant_noretry && !slogtree_mutant_nolevel && !slogtree_mutant_norebind && !slogtree_yield

package slogtree

// Faults that a build tag puts in, to prove that TestSwap finds them.
const (
	faultNoRetry  = false // a record does not look again after announcing itself
	faultNoLevel  = false // a record's level is not checked a second time
	faultNoRebind = false // derived loggers keep the targets that they first had
	faultYield    = false // no fault: yields where a fault would show, for the others to be found soon
)
