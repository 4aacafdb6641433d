//go:build !unix

package rotate

// fileID returns what tells a backup from all others.
func fileID(b backup) any { return b.path }
