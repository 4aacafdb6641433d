package admin

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// securityHeaders are the same for each answer. The page's own policy comes on top.
var securityHeaders = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cache-Control":                "no-store",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// admit returns why a request is not to be served, nil if it is.
func (h *handler) admit(r *http.Request, a Action) *fault {
	if h.options.Context.Err() != nil {
		return refusal(http.StatusServiceUnavailable, "the handler has ended")
	}
	if !h.knowsHost(r.Host) {
		return refusal(http.StatusMisdirectedRequest, "the host %q is not one that this page is known by; see admin.Options.Hosts", cut(r.Host, 100))
	}
	if f := h.checkOrigin(r, a); f != nil {
		return f
	}
	if a.Kind == SetLevel {
		if f := h.checkWrite(r); f != nil {
			return f
		}
	}
	if h.options.Authorize != nil {
		if err := h.options.Authorize(r, a); err != nil {
			return refusal(http.StatusForbidden, "not allowed: %s", cut(err.Error(), maxText))
		}
	}
	return nil
}

// knowsHost reports whether the Host of a request is a loopback name or address,
// or one of Options.Hosts. A name that others decide about can lead to this host; an
// address of loopback can't be reached from elsewhere.
func (h *handler) knowsHost(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(h.options.Hosts, func(known string) bool {
		return known == "*" || name != "" && strings.EqualFold(strings.Trim(known, "[]"), name)
	})
}

// checkOrigin refuses what a page of another origin asks for. Such a page may not read
// the answer, but could keep all places of those who watch taken. It may link
// to the page, which then makes requests of its own.
func (h *handler) checkOrigin(r *http.Request, a Action) *fault {
	if err := h.origin.Check(r); err != nil {
		return refusal(http.StatusForbidden, "the request comes from a page of another origin")
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "", site == "same-origin", site == "none", a.Kind == ReadPage:
		return nil
	}
	return refusal(http.StatusForbidden, "the request comes from a page of another origin")
}

// checkWrite refuses what may not change anything. A form of HTML can't
// send JSON, so a browser that knows no Sec-Fetch-Site asks before it does.
func (h *handler) checkWrite(r *http.Request) *fault {
	if !h.options.Writable {
		return refusal(http.StatusForbidden, "levels can only be looked at here; see admin.Options.Writable")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		f := wrong(r.Header.Get("Content-Type"), []string{"application/json"}, "the Content-Type has to be application/json")
		f.status = http.StatusUnsupportedMediaType
		return f
	}
	return nil
}
