package rotate

import "time"

// Stats are what a [File] has done since it was opened, in this process.
type Stats struct {
	Records   uint64 // written: handed to the operating system, or in the buffer of Buffered
	Bytes     uint64 // of these records
	Rotations uint64 // done by this process
	PutOff    uint64 // rotations, compressions and deletions that had to wait for another process
	Errors    uint64 // of any kind, as told to Options.OnError
	Lost      uint64 // records that were not written
	Syncs     uint64 // of Durable: fewer than records, if several writers wait at once
	Unsynced  uint64 // of Records, those whose sync failed, as Write has returned: a power cut may lose them
	Degraded  uint64 // records written without the lock, because a rotating process had stopped
}

// Lost tells what was lost between two records that were written.
type Lost struct {
	Records     uint64
	Bytes       uint64
	First, Last time.Time // when the first and the last of them were to be written
	Err         error     // why the last one was not
}
