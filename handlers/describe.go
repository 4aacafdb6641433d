package handlers

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/slogsuite/slogsuite/formatters"
)

// describe says in a few words what v is: its String, else its type.
func describe(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return printable(fmt.Sprint(s)) // Sprint outlives a String that panics
	}
	return fmt.Sprintf("%T", v)
}

// describeWriter names the standard streams and whatever has a name.
func describeWriter(w io.Writer) string {
	switch w {
	case os.Stderr:
		return "stderr"
	case os.Stdout:
		return "stdout"
	}
	if n, ok := w.(interface{ Name() string }); ok {
		return printable(n.Name())
	}
	return fmt.Sprintf("%T", w)
}

// withLevel appends the level to what, if there is one.
func withLevel(what string, level slog.Leveler) string {
	if level == nil {
		return what
	}
	return what + " level " + formatters.LevelName(level.Level())
}

// printable quotes s if it has anything that could forge or break a line.
func printable(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}
