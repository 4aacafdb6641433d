package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink"
)

// A Format says how the records of a batch stand in a request's body.
type Format int

const (
	// Lines ends each record by a newline: JSON Lines, as application/x-ndjson.
	Lines Format = iota

	// Array is one JSON array, as application/json.
	Array
)

// Options say how a [Handler] sends. The zero value sends JSON lines, at most 500
// records or 512 KiB at once, within a second.
type Options struct {
	// Level is the lowest level that is sent, nil for all. A slog.LevelVar changes
	// it at any time.
	Level slog.Leveler

	// Formatter makes a record's text, which must be one line and, for Array, JSON. Nil
	// is formatters.JSON.
	Formatter formatters.Formatter

	// Format says how records stand in the body.
	Format Format

	// ContentType is the body's type, "" that of Format.
	ContentType string

	// Header is sent with each request, such as Authorization. What it holds is never in
	// an error.
	Header http.Header

	// Gzip compresses bodies, and says so by Content-Encoding.
	Gzip bool

	// BatchRecords and BatchBytes bound what is sent at once; a longer record is sent alone. 0 is
	// 500 and 512 KiB, and half of BufferBytes at most: there must be room for what comes while
	// a batch is being sent.
	BatchRecords, BatchBytes int

	// Interval is how long a record may wait for others to be sent with. 0 is a second.
	Interval time.Duration

	// BufferBytes is how much memory may hold records that the server has not taken. 0
	// is 4 MiB, or twice BatchBytes if that is more.
	BufferBytes int

	// Overflow says what becomes of a record that comes while the buffer is full.
	Overflow netsink.Overflow

	// MaxWait is how long callers wait in all, with netsink.Block, since there last was
	// room. 0 is a second; less than 0 does not wait.
	MaxWait time.Duration

	// RetryMin is the pause after a request failed, RetryMax the longest one; each is
	// twice the one before, less a random part of up to a fifth. 0 is 1 and 30 seconds.
	// If a server asks for a longer one by Retry-After it gets it, up to
	// RetryAfterMax. 0 is five minutes.
	RetryMin, RetryMax, RetryAfterMax time.Duration

	// MaxAttempts is how often a batch is sent before it is dropped. 0 is as often as it takes.
	MaxAttempts int

	// RequestTimeout bounds a request, its answer included. 0 is 10 seconds.
	RequestTimeout time.Duration

	// CloseTimeout bounds Flush, and Close if its context has no deadline. 0 is 5 seconds.
	CloseTimeout time.Duration

	// Client sends requests, nil a client of its own that uses the proxies of the
	// environment. Its CheckRedirect is not used: see [Handler].
	Client *http.Client

	// OnError is told of requests that failed and of records dropped, by the goroutine
	// that sends, which sends nothing meanwhile. It must not call Flush or Close, which would wait
	// for it, and must not log through this Handler; a panic in it is dropped. Nil is nobody:
	// Stats and Close tell too.
	OnError func(error)
}

// withDefaults returns a copy of o with its defaults in it, or all that is wrong with it.
func (o Options) withDefaults(target string) (Options, *url.URL, error) {
	u, err := parseURL(target)
	for name, d := range map[string]time.Duration{
		"Interval": o.Interval, "RetryMin": o.RetryMin, "RetryMax": o.RetryMax, "RetryAfterMax": o.RetryAfterMax,
		"RequestTimeout": o.RequestTimeout, "CloseTimeout": o.CloseTimeout,
	} {
		if d < 0 {
			err = errors.Join(err, fmt.Errorf("%s %v is less than 0", name, d))
		}
	}
	for name, n := range map[string]int{
		"BatchRecords": o.BatchRecords, "BatchBytes": o.BatchBytes, "BufferBytes": o.BufferBytes, "MaxAttempts": o.MaxAttempts,
	} {
		if n < 0 {
			err = errors.Join(err, fmt.Errorf("%s %d is less than 0", name, n))
		}
	}
	if o.Format != Lines && o.Format != Array {
		err = errors.Join(err, wrong("Format %d is none", o.Format))
	}
	if o.Overflow < netsink.Block || o.Overflow > netsink.DropOld {
		err = errors.Join(err, wrong("Overflow %d is none", o.Overflow))
	}
	o.fill()
	if o.Format == Array && !writesJSON(o.Formatter) {
		err = errors.Join(err, wrong("Format is Array, and Formatter does not write JSON"))
	}
	return o, u, err
}

// writesJSON reports whether a record comes out of f as a JSON value.
func writesJSON(f formatters.Formatter) bool {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "a message", 0)
	return json.Valid(formatters.AppendRecord(f, nil, nil, &r))
}

// parseURL does not repeat target in an error: it may have a password in it.
func parseURL(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, errors.New("the URL can't be parsed")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the URL's scheme %q is not http or https", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("the URL's port %s is not from 1 to 65535", port)
		}
	}
	return u, nil
}

func (o *Options) fill() {
	if o.Formatter == nil {
		o.Formatter = formatters.JSON(nil)
	}
	if o.ContentType == "" {
		o.ContentType = map[Format]string{Lines: "application/x-ndjson", Array: "application/json"}[o.Format]
	}
	o.Header = o.Header.Clone()
	setDefault(&o.BatchRecords, 500)
	setDefault(&o.BatchBytes, 512<<10)
	setDefault(&o.BufferBytes, max(4<<20, 2*o.BatchBytes))
	o.BatchBytes = max(min(o.BatchBytes, o.BufferBytes/2), 1)
	setDefault(&o.Interval, time.Second)
	setDefault(&o.MaxWait, time.Second)
	setDefault(&o.RetryMin, time.Second)
	setDefault(&o.RetryMax, max(30*time.Second, o.RetryMin))
	setDefault(&o.RetryAfterMax, 5*time.Minute)
	setDefault(&o.RequestTimeout, 10*time.Second)
	setDefault(&o.CloseTimeout, 5*time.Second)
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// secrets returns what must not be in an error.
func secrets(u *url.URL, header http.Header) []string {
	var all []string
	if password, ok := u.User.Password(); ok {
		all = append(all, password)
	}
	all = append(all, u.User.Username(), u.RawQuery)
	for values := range maps.Values(u.Query()) {
		all = append(all, values...)
	}
	for values := range maps.Values(header) {
		all = append(all, values...)
	}
	return all
}

// wrong is what is wrong with an option, which the text begins with.
func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }
