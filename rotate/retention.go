package rotate

import (
	"os"
	"time"
)

// lookAgain bounds how long the mill trusts the clock when it waits for backups to
// grow old: the clock may be set.
const lookAgain = time.Hour

// retain deletes the backups that are not to be kept.
func (m *mill) retain(slots []slot) {
	for _, s := range m.settledSurplus(slots) {
		m.drop(s)
	}
	if m.f.o.MaxAge > 0 {
		m.dropOld(slots)
	}
}

// settledSurplus returns the slots that are too many. Where rotations rename backups
// one may be seen twice, so there it looks again while none can be under way.
func (m *mill) settledSurplus(slots []slot) []slot {
	n := m.surplus(slots)
	if n == 0 || !m.f.o.shifts() {
		return slots[:n]
	}
	ok := m.try(trouble{op: "look"}, func() error {
		return m.exclusively(func() (err error) {
			slots, _, err = m.f.names.slots()
			return err
		})
	})
	if !ok {
		return nil
	}
	return slots[:m.surplus(slots)]
}

// surplus returns how many of the oldest are too many, by number and by size.
func (m *mill) surplus(slots []slot) int {
	n, o := 0, &m.f.o
	if o.BackupCount > 0 && !o.shifts() && m.counts.Load() { // else the rotation removes them
		n = max(0, len(slots)-o.BackupCount)
	}
	if o.MaxTotalBytes == 0 {
		return n
	}
	var total int64
	for i := len(slots) - 1; i >= n; i-- {
		if i == len(slots)-1 && m.willShrink(slots[i]) {
			continue // it counts when that is done
		}
		if total += slots[i].size(); total > o.MaxTotalBytes {
			return i + 1
		}
	}
	return n
}

func (m *mill) dropOld(slots []slot) {
	now := m.f.o.now()
	for _, s := range slots {
		left := s.lastWrite().Add(m.f.o.MaxAge).Sub(now)
		if left <= 0 {
			m.drop(s)
		} else {
			m.wakeIn(min(left, lookAgain))
		}
	}
}

// size returns what the slot takes on the disk.
func (s slot) size() (n int64) {
	for _, b := range s.files {
		n += b.info.Size()
	}
	return n
}

// lastWrite returns when the slot's last record was written.
func (s slot) lastWrite() (t time.Time) {
	for _, b := range s.files {
		if at := b.info.ModTime(); at.After(t) {
			t = at
		}
	}
	return t
}

// drop deletes what is in a slot.
func (m *mill) drop(s slot) {
	for _, b := range s.files {
		m.try(trouble{"delete", fileID(b)}, func() error { return m.exclusively(func() error { return m.delete(b) }) })
	}
}

// delete deletes a backup, if its name still leads to it. If not, a rotation has
// renamed it, and woken the mill.
func (m *mill) delete(b backup) error {
	there, err := os.Lstat(b.path)
	switch {
	case isMissing(err):
		return nil
	case err != nil:
		return err
	case !os.SameFile(there, b.info):
		return errLater
	}
	if err := m.f.remove(b.path); !isMissing(err) {
		return err
	}
	return nil
}
