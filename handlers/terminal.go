package handlers

import (
	"io"
	"syscall"

	"golang.org/x/term"

	"github.com/slogsuite/slogsuite/formatters"
)

// forWriter returns f, or if it is a Formatter that wants to know whether w is a
// terminal, such as [formatters.Console], one that knows.
func forWriter(f formatters.Formatter, w io.Writer) formatters.Formatter {
	t, ok := f.(interface {
		WithTerminal(terminal bool) formatters.Formatter
	})
	if !ok {
		return f
	}
	return t.WithTerminal(isTerminal(w))
}

// isTerminal reports whether w writes to a terminal. An [os.File] is asked
// through its SyscallConn, since its method Fd makes a pipe blocking.
func isTerminal(w io.Writer) (is bool) {
	switch f := w.(type) {
	case syscall.Conn:
		conn, err := f.SyscallConn()
		if err != nil {
			return false
		}
		err = conn.Control(func(fd uintptr) { is = term.IsTerminal(int(fd)) })
		return is && err == nil
	case interface{ Fd() uintptr }:
		return term.IsTerminal(int(f.Fd()))
	}
	return false
}
