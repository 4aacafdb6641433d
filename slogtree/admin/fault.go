package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// A fault is an answer that says what is wrong with a request.
type fault struct {
	status int
	Text   string   `json:"error"`
	Value  string   `json:"value,omitempty"` // what was given
	Known  []string `json:"known,omitempty"` // what could have been
	header [2]string
}

func (f *fault) Error() string { return f.Text }

// refusal returns a fault without a value.
func refusal(status int, format string, args ...any) *fault {
	return &fault{status: status, Text: fmt.Sprintf(format, args...)}
}

// wrong returns a fault about a value.
func wrong(value string, known []string, format string, args ...any) *fault {
	return &fault{status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...), Value: cut(value, maxText), Known: known}
}

// tooBusy returns a fault for who should come again.
func tooBusy(format string, args ...any) *fault {
	f := refusal(http.StatusServiceUnavailable, format, args...)
	f.header = [2]string{"Retry-After", "5"}
	return f
}

// write answers with the fault.
func (f *fault) write(w http.ResponseWriter) {
	if f.header[0] != "" {
		w.Header().Set(f.header[0], f.header[1])
	}
	writeJSON(w, f.status, f)
}

// writeJSON answers with v. A client that has gone is nobody's error.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, fmt.Appendf(nil, `{"error":%q}`, "the answer can't be made")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// cut returns at most the first n bytes of s, with a sign if there are more.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 { // not in the middle of a character
		n--
	}
	return s[:n] + "…"
}
