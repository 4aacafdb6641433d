// Package rotatetest tells whether a log file has all that was written to it:
// nothing lost, doubled or torn, through rotations, kills and full disks, of
// package rotate or of any other.
//
// It works on numbered lines. Each writer has a name and writes what
// [AppendLine] makes of its numbers 1, 2, 3 and so on; all that stands in a line is
// derived from the two, so that a line that was cut, mixed with another or
// written twice shows. [Verify] then reads the files, in another process best
// of all, and says what became of each number:
//
//	report, err := rotatetest.Verify("app.log", "app.log.1", "app.log.2.gz")
//	if err == nil {
//		err = report.Err() // 0 lost, 0 doubled, 0 torn
//	}
//
// A writer that may be killed says in an [AckFile] which of its lines were
// acknowledged: those that Write returned from. A [Check] with these
// acknowledgements knows what a killed writer may have left unwritten, and finds
// what is missing at the end of a file.
//
// The program rotate/cmd/verify does the same for a shell.
package rotatetest
