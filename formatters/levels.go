package formatters

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// The levels that Python has and slog lacks.
const (
	// LevelCritical is Python's CRITICAL, 50.
	LevelCritical = slog.Level(12)

	// LevelNotSet is Python's NOTSET, 0: a logger that has it inherits its
	// level. Everything is at or above it.
	LevelNotSet = slog.Level(math.MinInt)
)

// PythonLevel returns l on Python's scale, 20 + 2.5 × l, truncated toward
// zero: INFO is 20, WARNING 30, LevelNotSet 0. Numbers that would not fit an
// int are limited to what fits.
func PythonLevel(l slog.Level) int {
	if l == LevelNotSet {
		return 0
	}
	const limit = (math.MaxInt - 40) / 5
	return (40 + 5*min(max(int(l), -limit), limit)) / 2
}

// FromPythonLevel returns the lowest level whose number on Python's scale is
// at least n, so that a threshold of 21 does not let 20 pass. 0 is
// LevelNotSet. Numbers too large to convert are limited to what fits.
func FromPythonLevel(n int) slog.Level {
	if n == 0 {
		return LevelNotSet
	}
	const limit = math.MaxInt / 4
	n = 2*min(max(n, -limit), limit) - 40
	q := n / 5
	if n%5 > 0 {
		q++
	}
	return slog.Level(q)
}

// LevelName returns Python's name of l: DEBUG, INFO, WARNING, ERROR,
// CRITICAL or NOTSET, and between them slog's form, such as INFO+2.
func LevelName(l slog.Level) string { return (*LevelNames)(nil).Name(l) }

// ParseLevel is the inverse of [LevelName]. It ignores case, and knows WARN
// and FATAL too.
func ParseLevel(s string) (slog.Level, error) { return (*LevelNames)(nil).Parse(s) }

// LevelNames gives levels names of your own beside Python's five, as
// logging.addLevelName does. The zero value has the five, and so has a nil
// pointer, to which none can be added. All methods may be called from several
// goroutines at once; a LevelNames must not be copied after its first use.
type LevelNames struct {
	mu    sync.Mutex // serialises Add
	table atomic.Pointer[levelTable]
}

// levelTable is immutable.
type levelTable struct {
	names  map[slog.Level]string
	levels map[string]slog.Level // aliases included
}

var standardLevels = &levelTable{
	names: map[slog.Level]string{
		LevelNotSet:     "NOTSET",
		slog.LevelDebug: "DEBUG",
		slog.LevelInfo:  "INFO",
		slog.LevelWarn:  "WARNING",
		slog.LevelError: "ERROR",
		LevelCritical:   "CRITICAL",
	},
	levels: map[string]slog.Level{
		"NOTSET":   LevelNotSet,
		"DEBUG":    slog.LevelDebug,
		"INFO":     slog.LevelInfo,
		"WARN":     slog.LevelWarn,
		"WARNING":  slog.LevelWarn,
		"ERROR":    slog.LevelError,
		"CRITICAL": LevelCritical,
		"FATAL":    LevelCritical,
	},
}

// custom returns the table in force, nil if nobody added a name.
func (n *LevelNames) custom() *levelTable {
	if n == nil {
		return nil
	}
	return n.table.Load()
}

// Add names level. It needs a LevelNames that is not nil. A name that the level had before goes on being
// understood by Parse.
func (n *LevelNames) Add(level slog.Level, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	old := n.table.Load()
	if old == nil {
		old = standardLevels
	}
	t := &levelTable{names: maps.Clone(old.names), levels: maps.Clone(old.levels)}
	t.names[level] = name
	t.levels[name] = level
	n.table.Store(t)
}

// Levels returns the levels that have a name, but NOTSET, the least severe first.
func (n *LevelNames) Levels() []slog.Level {
	t := n.custom()
	if t == nil {
		t = standardLevels
	}
	named := slices.Sorted(maps.Keys(t.names))
	return slices.DeleteFunc(named, func(l slog.Level) bool { return l == LevelNotSet })
}

// Name returns the level's name: the one added for it, else as [LevelName].
func (n *LevelNames) Name(level slog.Level) string {
	if t := n.custom(); t != nil {
		if name, ok := t.names[level]; ok {
			return name
		}
	}
	if base, offset := standardName(level); offset == 0 {
		return base
	}
	return string(n.Append(nil, level))
}

// Append appends the level's name to dst.
func (n *LevelNames) Append(dst []byte, level slog.Level) []byte {
	if t := n.custom(); t != nil {
		if name, ok := t.names[level]; ok {
			return append(dst, name...)
		}
	}
	base, offset := standardName(level)
	dst = append(dst, base...)
	if offset > 0 {
		dst = append(dst, '+')
	}
	if offset != 0 {
		dst = strconv.AppendInt(dst, int64(offset), 10)
	}
	return dst
}

// standardName returns the standard name at or below level, and how far
// level is from it.
func standardName(level slog.Level) (name string, offset slog.Level) {
	switch {
	case level == LevelNotSet:
		return "NOTSET", 0
	case level < slog.LevelInfo:
		return "DEBUG", level - slog.LevelDebug
	case level < slog.LevelWarn:
		return "INFO", level - slog.LevelInfo
	case level < slog.LevelError:
		return "WARNING", level - slog.LevelWarn
	case level < LevelCritical:
		return "ERROR", level - slog.LevelError
	}
	return "CRITICAL", level - LevelCritical
}

// Parse returns the level that s names: a name as it was added, or in another
// case, else one of
// [ParseLevel]'s in any case, with an optional offset such as INFO+2.
func (n *LevelNames) Parse(s string) (slog.Level, error) {
	if t := n.custom(); t != nil {
		if l, ok := t.levels[s]; ok {
			return l, nil
		}
		for _, name := range slices.Sorted(maps.Keys(t.levels)) {
			if strings.EqualFold(name, s) {
				return t.levels[name], nil
			}
		}
	}
	name, offset := strings.ToUpper(s), 0
	if i := strings.IndexAny(name, "+-"); i > 0 {
		var err error
		if offset, err = strconv.Atoi(name[i:]); err != nil {
			return 0, fmt.Errorf("formatters: level %q: %q is no whole number", s, name[i:])
		}
		name = name[:i]
	}
	l, ok := standardLevels.levels[name]
	if !ok || l == LevelNotSet && offset != 0 {
		return 0, fmt.Errorf("formatters: unknown level %q; known are DEBUG, INFO, WARNING, ERROR, CRITICAL, NOTSET and forms such as INFO+2", s)
	}
	sum := l + slog.Level(offset)
	if offset > 0 && sum < l || offset < 0 && sum > l || offset != 0 && sum == LevelNotSet {
		return 0, fmt.Errorf("formatters: level %q is out of range", s)
	}
	return sum, nil
}

// appendSlogLevel appends level as slog's Level.String has it.
func appendSlogLevel(dst []byte, level slog.Level) []byte {
	base, offset := "ERROR", level-slog.LevelError
	switch {
	case level < slog.LevelInfo:
		base, offset = "DEBUG", level-slog.LevelDebug
	case level < slog.LevelWarn:
		base, offset = "INFO", level-slog.LevelInfo
	case level < slog.LevelError:
		base, offset = "WARN", level-slog.LevelWarn
	}
	dst = append(dst, base...)
	if offset > 0 {
		dst = append(dst, '+')
	}
	if offset != 0 {
		dst = strconv.AppendInt(dst, int64(offset), 10)
	}
	return dst
}
