package config

import (
	"log/slog"
	"math"

	"github.com/slogsuite/slogsuite/formatters"
)

// pythonLevels are the names that CPython knows, of which case matters.
var pythonLevels = map[string]slog.Level{
	"NOTSET": formatters.LevelNotSet, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn,
	"WARNING": slog.LevelWarn, "ERROR": slog.LevelError, "CRITICAL": formatters.LevelCritical, "FATAL": formatters.LevelCritical,
}

var levelNames = []string{"NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}

// levelOf returns the level that v is, by CPython's rules, or what is wrong. A document of
// ours may have the names in any case, and slog's, as "INFO+2".
func levelOf(v *value, suite bool) (slog.Level, string) {
	switch v.kind {
	case boolean:
		if v.boolean {
			return formatters.FromPythonLevel(1), ""
		}
		return formatters.LevelNotSet, ""
	case integer:
		n := min(max(v.integer, math.MinInt32), math.MaxInt32)
		return formatters.FromPythonLevel(int(n)), ""
	case text:
		if l, ok := pythonLevels[v.text]; ok {
			return l, ""
		}
		if l, err := formatters.ParseLevel(v.text); suite && err == nil {
			return l, ""
		}
		return 0, "the level is not known"
	}
	return 0, "a level must be a name or a whole number"
}

// levelText returns a level as a document of ours has it.
func levelText(l slog.Level) string { return formatters.LevelName(l) }
