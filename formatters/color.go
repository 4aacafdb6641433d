package formatters

import (
	"log/slog"
	"os"
)

// A style is a sequence of SGR, Select Graphic Rendition of ECMA-48.
type style string

// Of the sixteen colours, bright red, bright blue and bright magenta alone can be
// read on dark and on light whichever terminal's they are: see the test in
// docs/console. So a warning is yellow behind black letters. An error is the
// background's colour on red, which is as clear as red is on it. What stands
// back is faint and not bright black, which is the background's own colour in
// Solarized.
const (
	styleFaint    style = "\x1b[2m"
	styleError    style = "\x1b[91m"
	styleReset    style = "\x1b[0m"
	levelDebug    style = "\x1b[2m"
	levelInfo     style = "\x1b[94m"
	levelWarning  style = "\x1b[30;43m"
	levelError    style = "\x1b[7;91m"
	levelCritical style = "\x1b[1;7;91m"
)

func levelStyle(l slog.Level) style {
	switch {
	case l < slog.LevelInfo:
		return levelDebug
	case l < slog.LevelWarn:
		return levelInfo
	case l < slog.LevelError:
		return levelWarning
	case l < LevelCritical:
		return levelError
	}
	return levelCritical
}

// style returns s, or nothing without colours.
func (f *consoleFormatter) style(s style) string {
	if !f.colored {
		return ""
	}
	return string(s)
}

func (f *consoleFormatter) reset() string { return f.style(styleReset) }

// wantsColor reports whether the environment wants colours: NO_COLOR as
// https://no-color.org has it, FORCE_COLOR and TERM as CPython has them, but
// that a FORCE_COLOR of 0 forces nothing.
func wantsColor(terminal bool) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if force := os.Getenv("FORCE_COLOR"); force != "" && force != "0" {
		return true
	}
	return terminal && os.Getenv("TERM") != "dumb"
}
