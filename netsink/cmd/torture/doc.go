// Torture tries to make netsink and slogd lose a record, tear or double one, hang or grow, and
// fails if it succeeds, or if it has not tried hard enough.
//
//	torture [flags] [SCENARIO...]    by default all scenarios
//	torture send OPTIONS             a sender, as the scenarios start them
//
// Its senders are processes of their own, which number their records, and so is slogd. What is
// in the files is judged by rotate/rotatetest; what a sender says of the records that nobody knows
// of, by *netsink.UnconfirmedError, is where records may be missing if slogd was killed. The
// controls judge what has to be found wrong, so that it is known that it would be.
//
// It needs Linux. The scenario with Python's senders is left out without python3, or fails if the
// environment has REQUIRE_PYTHON.
package main
