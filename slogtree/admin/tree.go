package admin

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

// seed makes tags of one process differ from those of another.
var seed = maphash.MakeSeed()

// serveTree answers GET /tree: what /loggers tells, in the order of the tree and
// in as few bytes as the page gets along with. A client that shows the tag of what it
// has is told if nothing has changed.
func (h *handler) serveTree(w http.ResponseWriter, r *http.Request, _ url.Values) *fault {
	body := h.appendTree(nil)
	tag := fmt.Sprintf(`"%x"`, maphash.Bytes(seed, body))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	return nil
}

func (h *handler) appendTree(dst []byte) []byte {
	names, _ := json.Marshal(h.levels()) // strings
	dst = fmt.Appendf(dst, `{"levels":%s,"writable":%t,"create":%t,"loggers":[`, names, h.options.Writable, h.options.Writable && h.options.Create)
	first := true
	for l := range h.tree.All() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = h.appendRow(append(dst, '\n'), l)
	}
	return append(dst, "\n]}\n"...)
}

// Flags of a row.
const (
	rowDisabled = 1 << iota
	rowNoParent
)

// appendRow appends [name, own level or null, effective level, flags, number of handlers, number of
// filters]; when the level expires and the raw name, each null or left out where
// nothing follows.
func (h *handler) appendRow(dst []byte, l *slogtree.Logger) []byte {
	s := h.state(l)
	flags := 0
	if s.Disabled {
		flags |= rowDisabled
	}
	if s.NoParent && l != h.tree.Root() {
		flags |= rowNoParent
	}
	dst = appendString(append(dst, '['), l.Name())
	if s.Configured != nil {
		dst = appendString(append(dst, ','), *s.Configured)
	} else {
		dst = append(dst, ",null"...)
	}
	dst = appendString(append(dst, ','), s.Effective)
	for _, n := range []int{flags, s.handlers, s.filters} {
		dst = strconv.AppendInt(append(dst, ','), int64(n), 10)
	}
	switch {
	case s.Until != nil:
		dst = append(dst, `,"`...)
		dst = append(s.Until.AppendFormat(dst, time.RFC3339Nano), '"')
	case s.Raw != "":
		dst = append(dst, ",null"...)
	}
	if s.Raw != "" {
		dst = appendString(append(dst, ','), s.Raw)
	}
	return append(dst, ']')
}

func appendString(dst []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string
	return append(dst, text...)
}
