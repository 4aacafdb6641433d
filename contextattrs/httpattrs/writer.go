package httpattrs

import (
	"bufio"
	"errors"
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
func (w *writer) Unwrap() http.ResponseWriter { return inner{w.to, w} }

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

// An inner is the server's writer for those who look for what it wraps in turn: flushing
// and hijacking by that has to be noted too.
type inner struct {
	http.ResponseWriter
	w *writer
}

func (i inner) Unwrap() http.ResponseWriter { return i.ResponseWriter }

func (i inner) FlushError() error {
	err := http.NewResponseController(i.ResponseWriter).Flush()
	if !errors.Is(err, http.ErrNotSupported) {
		i.w.sent(http.StatusOK)
	}
	return err
}

func (i inner) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(i.ResponseWriter).Hijack()
	if err == nil {
		i.w.hijacked = true
	}
	return conn, rw, err
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

// wrap returns w with the abilities that the server's writer has, and no others: there is a
// type for each set of them.
func (w *writer) wrap() http.ResponseWriter {
	_, flushes := w.to.(http.Flusher)
	_, hijacks := w.to.(http.Hijacker)
	_, reads := w.to.(io.ReaderFrom)
	_, pushes := w.to.(http.Pusher)
	switch {
	case reads && pushes:
		return w.wrapBoth(flushes, hijacks)
	case reads:
		return w.wrapReader(flushes, hijacks)
	case pushes:
		return w.wrapPusher(flushes, hijacks)
	}
	return w.wrapPlain(flushes, hijacks)
}

// wrapPlain is wrap for one that neither reads nor pushes.
func (w *writer) wrapPlain(flushes, hijacks bool) http.ResponseWriter {
	f, h := flusher{w}, hijacker{w}
	switch {
	case flushes && hijacks:
		return struct {
			*writer
			flusher
			hijacker
		}{w, f, h}
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
	}
	return w
}

// wrapReader is wrap for one that reads.
func (w *writer) wrapReader(flushes, hijacks bool) http.ResponseWriter {
	f, h, r := flusher{w}, hijacker{w}, readerFrom{w}
	switch {
	case flushes && hijacks:
		return struct {
			*writer
			flusher
			hijacker
			readerFrom
		}{w, f, h, r}
	case flushes:
		return struct {
			*writer
			flusher
			readerFrom
		}{w, f, r}
	case hijacks:
		return struct {
			*writer
			hijacker
			readerFrom
		}{w, h, r}
	}
	return struct {
		*writer
		readerFrom
	}{w, r}
}

// wrapPusher is wrap for one that pushes.
func (w *writer) wrapPusher(flushes, hijacks bool) http.ResponseWriter {
	f, h, p := flusher{w}, hijacker{w}, pusher{w}
	switch {
	case flushes && hijacks:
		return struct {
			*writer
			flusher
			hijacker
			pusher
		}{w, f, h, p}
	case flushes:
		return struct {
			*writer
			flusher
			pusher
		}{w, f, p}
	case hijacks:
		return struct {
			*writer
			hijacker
			pusher
		}{w, h, p}
	}
	return struct {
		*writer
		pusher
	}{w, p}
}

// wrapBoth is wrap for one that reads and pushes.
func (w *writer) wrapBoth(flushes, hijacks bool) http.ResponseWriter {
	f, h, r, p := flusher{w}, hijacker{w}, readerFrom{w}, pusher{w}
	switch {
	case flushes && hijacks:
		return struct {
			*writer
			flusher
			hijacker
			readerFrom
			pusher
		}{w, f, h, r, p}
	case flushes:
		return struct {
			*writer
			flusher
			readerFrom
			pusher
		}{w, f, r, p}
	case hijacks:
		return struct {
			*writer
			hijacker
			readerFrom
			pusher
		}{w, h, r, p}
	}
	return struct {
		*writer
		readerFrom
		pusher
	}{w, r, p}
}
