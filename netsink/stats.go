package netsink

import "fmt"

// Stats tell what a Handler and all derived from it have done. Records is always Sent
// + Dropped + Queued.
type Stats struct {
	Records     uint64 // that Handle was called for, at or above the level
	Sent        uint64 // handed to the system, whole
	Dropped     uint64 // for want of room or time, or when closed
	Queued      uint64 // in the buffer, or being written
	QueuedBytes uint64 // their frames
	Unconfirmed uint64 // of Sent: may be lost with connections that broke
	Markers     uint64 // records of our own, "N records dropped", that are in none of the above
	Refused     uint64 // by Options.FailDown, in none of the above
	Connects    uint64 // connections made
	Errors      uint64 // that OnError was, or would be, told of
	Connected   bool   // there is a connection now
}

// An UnconfirmedError tells that a connection broke while the peer may not have read all
// that was sent. SocketHandler's wire has no acknowledgements, so it can't be known. The
// records that are lost, if any, are among those from First to Last, counted from 1 in
// the order in which they were sent.
type UnconfirmedError struct {
	First, Last uint64
	Err         error // what broke the connection
}

// Error tells which records these are, and why.
func (e *UnconfirmedError) Error() string {
	return fmt.Sprintf("the connection broke, and of %d records, %d to %d, nobody knows whether they arrived: %v", e.Last-e.First+1, e.First, e.Last, e.Err)
}

// Unwrap returns Err.
func (e *UnconfirmedError) Unwrap() error { return e.Err }
