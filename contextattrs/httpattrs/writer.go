package httpattrs

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A writer notes what becomes of a response on its way to the server's writer.
type writer struct {
	to       http.ResponseWriter
	head     bool // bodies are not sent
	status   int  // 0 until it is sent
	bytes    int64
	hijacked bool
}

func (w *writer) Header() http.Header { return w.to.Header() }

// Unwrap is for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.to }

// WriteHeader notes the first final status: 1xx come before it, but for 101.
func (w *writer) WriteHeader(status int) {
	w.to.WriteHeader(status) // panics if there is no such status
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.sent(status)
	}
}

func (w *writer) sent(status int) {
	if w.status == 0 && !w.hijacked {
		w.status = status
	}
}

// wrote notes n bytes of the body, which imply the status.
func (w *writer) wrote(n int64) {
	w.sent(http.StatusOK)
	if !w.head {
		w.bytes += n
	}
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.wrote(int64(n))
	return n, err
}

// WriteString saves a copy where the server's writer has it too.
func (w *writer) WriteString(s string) (int, error) {
	n, err := io.WriteString(w.to, s)
	w.wrote(int64(n))
	return n, err
}

// What follows are the abilities that a server's writer may have.
type (
	flusher    struct{ w *writer }
	hijacker   struct{ w *writer }
	readerFrom struct{ w *writer }
	pusher     struct{ w *writer }
)

func (f flusher) Flush() { _ = f.FlushError() }

// FlushError is what [http.ResponseController] asks for.
func (f flusher) FlushError() error {
	f.w.sent(http.StatusOK)
	if to, ok := f.w.to.(interface{ FlushError() error }); ok {
		return to.FlushError()
	}
	f.w.to.(http.Flusher).Flush()
	return nil
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := h.w.to.(http.Hijacker).Hijack()
	if err == nil {
		h.w.hijacked = true
	}
	return conn, rw, err
}

func (r readerFrom) ReadFrom(from io.Reader) (int64, error) {
	n, err := r.w.to.(io.ReaderFrom).ReadFrom(from)
	if n > 0 { // else the server has written no header, and an error can still be answered
		r.w.wrote(n)
	}
	return n, err
}

func (p pusher) Push(target string, o *http.PushOptions) error {
	return p.w.to.(http.Pusher).Push(target, o)
}

// wrap returns w with the abilities that the server's writer has, and no others:
// a flat switch over all of their sets.
func (w *writer) wrap() http.ResponseWriter {
	const (
		flushes = 1 << iota
		hijacks
		reads
		pushes
	)
	has := 0
	if _, ok := w.to.(http.Flusher); ok {
		has |= flushes
	}
	if _, ok := w.to.(http.Hijacker); ok {
		has |= hijacks
	}
	if _, ok := w.to.(io.ReaderFrom); ok {
		has |= reads
	}
	if _, ok := w.to.(http.Pusher); ok {
		has |= pushes
	}
	f, h, r, p := flusher{w}, hijacker{w}, readerFrom{w}, pusher{w}
	switch has {
	case flushes:
		return struct {
			*writer
			flusher
		}{w, f}
	case hijacks:
		return struct {
			*writer
			hijacker
		}{w, h}
	case flushes | hijacks:
		return struct {
			*writer
			flusher
			hijacker
		}{w, f, h}
	case reads:
		return struct {
			*writer
			readerFrom
		}{w, r}
	case flushes | reads:
		return struct {
			*writer
			flusher
			readerFrom
		}{w, f, r}
	case hijacks | reads:
		return struct {
			*writer
			hijacker
			readerFrom
		}{w, h, r}
	case flushes | hijacks | reads:
		return struct {
			*writer
			flusher
			hijacker
			readerFrom
		}{w, f, h, r}
	case pushes:
		return struct {
			*writer
			pusher
		}{w, p}
	case flushes | pushes:
		return struct {
			*writer
			flusher
			pusher
		}{w, f, p}
	case hijacks | pushes:
		return struct {
			*writer
			hijacker
			pusher
		}{w, h, p}
	case flushes | hijacks | pushes:
		return struct {
			*writer
			flusher
			hijacker
			pusher
		}{w, f, h, p}
	case reads | pushes:
		return struct {
			*writer
			readerFrom
			pusher
		}{w, r, p}
	case flushes | reads | pushes:
		return struct {
			*writer
			flusher
			readerFrom
			pusher
		}{w, f, r, p}
	case hijacks | reads | pushes:
		return struct {
			*writer
			hijacker
			readerFrom
			pusher
		}{w, h, r, p}
	case flushes | hijacks | reads | pushes:
		return struct {
			*writer
			flusher
			hijacker
			readerFrom
			pusher
		}{w, f, h, r, p}
	}
	return w
}
