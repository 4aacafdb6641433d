// Package incoming judges what a peer sends along with a request and what may get
// from there into records.
package incoming

import (
	"crypto/rand"
	"log/slog"
	"strings"
)

// Bounds, in bytes.
const (
	maxID    = 128
	maxLevel = 16
)

// ID returns the one id that was sent, if there is one, it is valid and to be
// taken; else what make returns, if that is valid; else a random one.
func ID(sent []string, take bool, make func() string) string {
	if take && len(sent) == 1 && ValidID(sent[0]) {
		return sent[0]
	}
	if make != nil {
		if id := make(); ValidID(id) {
			return id
		}
	}
	return rand.Text()
}

// ValidID reports whether id has 1 to 128 characters that are harmless everywhere.
func ValidID(id string) bool {
	for i := range len(id) {
		if !IsIDByte(id[i]) {
			return false
		}
	}
	return 0 < len(id) && len(id) <= maxID
}

// IsIDByte reports whether an id may have c.
func IsIDByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~+/=:@", c) >= 0
}

// Level returns the level whose name was sent once. It knows slog's names and
// Python's, in any case.
func Level(sent []string) (level slog.Level, ok bool) {
	if len(sent) != 1 || len(sent[0]) > maxLevel {
		return 0, false
	}
	switch name := strings.ToUpper(sent[0]); name {
	case "WARNING":
		return slog.LevelWarn, true
	case "CRITICAL":
		return slog.LevelError + 4, true
	default:
		err := level.UnmarshalText([]byte(name))
		return level, err == nil
	}
}

// Cut returns text, or its first limit bytes and a mark that there were more.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "... (cut)"
}
