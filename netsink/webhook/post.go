package webhook

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxRedirects bounds those that are followed.
const maxRedirects = 5

// newClient returns a copy of c that leaves no host.
func newClient(c *http.Client) *http.Client {
	if c == nil {
		transport := http.DefaultTransport
		if t, ok := transport.(*http.Transport); ok {
			transport = t.Clone()
		}
		c = &http.Client{Transport: transport}
	}
	own := *c
	own.CheckRedirect = checkRedirect
	return &own
}

// checkRedirect refuses what would send records to another host, in the clear, or not at all.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; len(via) > maxRedirects || r.Method != http.MethodPost || r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return http.ErrUseLastResponse // its status is the answer
	}
	return nil
}

// An answerError is an answer that is no 2xx.
type answerError struct {
	status     int
	retryAfter time.Duration
}

func (e *answerError) Error() string {
	text := fmt.Sprintf("the server answered %d %s", e.status, http.StatusText(e.status))
	if e.status/100 == 3 {
		text += ", a redirect that is not followed"
	}
	return text
}

// again reports whether the same request may be taken later.
func (e *answerError) again() bool {
	return e.status/100 == 5 || e.status == http.StatusTooManyRequests || e.status == http.StatusRequestTimeout
}

// post sends a batch once.
func (s *sender) post(batch []line) error {
	ctx, cancel := context.WithTimeout(s.Context(), s.o.RequestTimeout)
	defer cancel()
	body := s.body(batch)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url.String(), bytes.NewReader(body))
	if err != nil {
		return s.clean(err)
	}
	for key, values := range s.o.Header {
		r.Header[http.CanonicalHeaderKey(key)] = values
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	r.Header.Set("Content-Type", s.o.ContentType)
	if s.o.Gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return s.clean(err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	if answer.StatusCode/100 == 2 {
		return nil
	}
	return &answerError{answer.StatusCode, retryAfter(answer.Header.Get("Retry-After"))}
}

// body returns the body of a request.
func (s *sender) body(batch []line) []byte {
	var buf bytes.Buffer
	var w io.Writer = &buf
	var zip *gzip.Writer
	if s.o.Gzip {
		zip = gzip.NewWriter(&buf)
		w = zip
	}
	begin, between, end := "", "\n", "\n"
	if s.o.Format == Array {
		begin, between, end = "[", ",", "]"
	}
	for i, l := range batch { // writing to a buffer can't fail
		if i == 0 {
			_, _ = io.WriteString(w, begin)
		} else {
			_, _ = io.WriteString(w, between)
		}
		_, _ = w.Write(l.text)
	}
	_, _ = io.WriteString(w, end)
	if zip != nil {
		_ = zip.Close()
	}
	return buf.Bytes()
}

// retryAfter reads the header of that name, seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(value string) time.Duration {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return time.Until(at)
	}
	return 0
}

// clean returns err without the URL, and without what is secret where that stands elsewhere.
func (s *sender) clean(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	for _, secret := range s.secrets {
		if len(secret) > 3 && strings.Contains(text, secret) {
			return errors.New("the request failed, with an error that names a credential")
		}
	}
	return err
}
