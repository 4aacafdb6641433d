package httpattrs

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// A copy that fails before anything was read leaves the status to who answers the error.
func TestCopyFailsAtOnce(t *testing.T) {
	var log bytes.Buffer
	h := Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.Copy(w, iotest.ErrReader(errors.New("no source"))); err != nil {
			http.Error(w, "bad gateway", http.StatusBadGateway)
		}
	}), Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	done := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { defer close(done); h.ServeHTTP(w, r) }))
	defer s.Close()
	r, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	<-done
	if r.StatusCode != http.StatusBadGateway || !strings.Contains(log.String(), "status=502") {
		t.Errorf("the client gets %d, the record is %s", r.StatusCode, log.String())
	}
}
