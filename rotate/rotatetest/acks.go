package rotatetest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// An Ack is what became of the lines of one writer, by its own account.
type Ack struct {
	// Last is the greatest number whose Write has returned without an error, 0 for
	// none. All before it were acknowledged too, but for those in Failed.
	Last uint64

	// Failed are the numbers whose Write has returned an error: those lines have to
	// be missing, but for Check.Doubtful. The ranges ascend.
	Failed []Range
}

// An AckFile keeps an [Ack] in a file, by one system call for each line, so that
// neither kill -9 nor the end of the writer's disk leaves it behind: what it
// says of a line it says before the next one is written. Put it on another disk
// than the one that is tested.
//
// It is a text. First comes Last in 20 digits, then a line "first-last" for each
// range of Failed; so a shell can make one by `echo 1000 >acks/web-1`.
//
// Use [OpenAckFile]; the zero value is not usable. One goroutine may use it.
type AckFile struct {
	f      *os.File
	buf    []byte
	slots  int64 // ranges in the file
	failed Range // the last of them
}

const (
	ackLen   = 20 + 1          // Last and a line break
	rangeLen = 20 + 1 + 20 + 1 // a range and a line break
)

// OpenAckFile creates the file of a writer in a directory, with nothing
// acknowledged yet. A file that is there already is an error: what a writer does
// after a restart it does by another name, since nobody knows what became
// of the line that it was at.
func OpenAckFile(dir, writer string) (*AckFile, error) {
	if !isWriter(writer) {
		return nil, fmt.Errorf("rotatetest: a writer can't be called %q", writer)
	}
	f, err := os.OpenFile(filepath.Join(dir, writer), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("rotatetest: acknowledgements: %w", err)
	}
	a := &AckFile{f: f}
	return a, a.Wrote(0)
}

// Wrote notes that line seq, and every one before it that is not noted as failed,
// was acknowledged.
func (a *AckFile) Wrote(seq uint64) error {
	return a.put(append(appendPadded(a.buf[:0], seq), '\n'), 0)
}

// Failed notes that the Write of line seq returned an error. Numbers have to
// ascend.
func (a *AckFile) Failed(seq uint64) error {
	if a.slots > 0 && seq == a.failed.Last+1 {
		a.failed.Last = seq
	} else {
		a.failed = Range{seq, seq}
		a.slots++
	}
	b := append(appendPadded(a.buf[:0], a.failed.First), '-')
	return a.put(append(appendPadded(b, a.failed.Last), '\n'), ackLen+(a.slots-1)*rangeLen)
}

func (a *AckFile) put(b []byte, at int64) error {
	a.buf = b
	if _, err := a.f.WriteAt(b, at); err != nil {
		return fmt.Errorf("rotatetest: acknowledgements: %w", err)
	}
	return nil
}

// Close closes the file.
func (a *AckFile) Close() error { return a.f.Close() }

func appendPadded(dst []byte, n uint64) []byte {
	for i := digits(n); i < 20; i++ {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, n, 10)
}

// ReadAcks reads all files of a directory, which are called as their writers are,
// for [Check].
func ReadAcks(dir string) (map[string]Ack, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("rotatetest: acknowledgements: %w", err)
	}
	acks := map[string]Ack{}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("rotatetest: acknowledgements: %w", err)
		}
		ack, err := parseAck(text)
		if err == nil && !isWriter(e.Name()) {
			err = fmt.Errorf("a writer can't be called %q", e.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("rotatetest: acknowledgements: file %q: %w", name, err)
		}
		acks[e.Name()] = ack
	}
	return acks, nil
}

func parseAck(text []byte) (ack Ack, err error) {
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if ack.Last, err = strconv.ParseUint(string(lines[0]), 10, 64); err != nil {
		return ack, err
	}
	for _, line := range lines[1:] {
		first, last, _ := bytes.Cut(line, []byte("-"))
		var r Range
		if r.First, err = strconv.ParseUint(string(first), 10, 64); err != nil {
			return ack, err
		}
		if r.Last, err = strconv.ParseUint(string(last), 10, 64); err != nil {
			return ack, err
		}
		ack.Failed = append(ack.Failed, r)
	}
	return ack, checkRanges(ack.Failed)
}

func checkRanges(ranges []Range) error {
	after := uint64(0)
	for _, r := range ranges {
		if r.First <= after || r.Last < r.First {
			return fmt.Errorf("range %d-%d does not come after %d", r.First, r.Last, after)
		}
		after = r.Last
	}
	return nil
}
