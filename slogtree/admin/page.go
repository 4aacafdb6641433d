package admin

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed page.html
var page string

// policy lets the page's own script and style run, and nothing else; requests go to
// where the page came from. Trusted Types forbid the script to make HTML of any text.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src " + hash(between(page, "<script>", "</script>")),
	"style-src " + hash(between(page, "<style>", "</style>")),
	"connect-src 'self'",
	"img-src data:",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
}, "; ")

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	inner, _, _ := strings.Cut(rest, to)
	return inner
}

// hash returns the source expression of Content Security Policy that allows exactly text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// servePage answers with the page, which finds all else below the path that it was loaded from.
func (h *handler) servePage(w http.ResponseWriter, _ *http.Request, _ url.Values) *fault {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	_, _ = w.Write([]byte(page))
	return nil
}
