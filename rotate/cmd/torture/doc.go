// Torture tries to make files of package rotate lose a record, and fails if one of
// them does, or if it has not tried hard enough.
//
//	torture [flags] [SCENARIO...]    by default all scenarios
//	torture write [flags]            one writer, as the scenarios start them
//
// Its writers are processes of their own, which number their lines and note what
// was acknowledged. A third program, rotate/cmd/verify, reads the files afterwards.
// Scenarios with controls let it read files that must be broken, so that it is known
// to see that.
//
// It needs Linux. Some scenarios need root, strace, or mkfs.ext4; without these
// they are left out, or fail if the environment has REQUIRE_TOOLS.
package main
