package rotate

import (
	"os"
	"sync"
)

// A syncer has the records of [Durable] on the disk, those of all writers that wait at
// the same time by one sync: who comes while one is under way waits for the
// next.
type syncer struct {
	mu   sync.Mutex
	cond sync.Cond
	file *os.File
	cur  *batch // what is written and not yet being synced
	busy bool
	n    uint64 // syncs
	tell func(error)
}

// A batch is what one sync is for.
type batch struct {
	done bool
	err  error
}

// newSyncer returns a syncer that tells of each sync that fails, once.
func newSyncer(tell func(error)) *syncer {
	s := &syncer{cur: &batch{}, tell: tell}
	s.cond.L = &s.mu
	return s
}

// ticket returns the batch of what has just been written. The File is locked.
func (s *syncer) ticket() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cur
}

// use names the file that records go into from now on. The File is locked, and all
// of the one before was called.
func (s *syncer) use(f *os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file = f
}

// wait waits until b is on the disk.
func (s *syncer) wait(b *batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !b.done {
		if s.busy {
			s.cond.Wait()
		} else { // then b is the current one
			s.lead()
		}
	}
	return b.err
}

// all waits until all that was written is on the disk. The File is locked.
func (s *syncer) all() error {
	return s.wait(s.ticket())
}

// lead syncs the current batch. s.mu is held, but not meanwhile.
func (s *syncer) lead() {
	b, file := s.cur, s.file
	s.cur, s.busy = &batch{}, true
	s.mu.Unlock()
	err := syncFile(file)
	if err != nil {
		s.tell(err)
	}
	s.mu.Lock()
	b.done, b.err, s.busy = true, err, false
	s.n++
	s.cond.Broadcast()
}

func syncFile(f *os.File) error {
	if f == nil {
		return nil
	}
	return pathError("sync", f.Name(), syncData(f))
}

func (s *syncer) count() uint64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}
