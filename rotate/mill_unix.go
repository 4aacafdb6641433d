//go:build unix

package rotate

import "syscall"

// fileID returns what tells a backup from all others, also after it was renamed.
func fileID(b backup) any {
	st, ok := b.info.Sys().(*syscall.Stat_t)
	if !ok {
		return b.path
	}
	return [3]uint64{uint64(st.Dev), uint64(st.Ino), uint64(b.info.ModTime().UnixNano())}
}
