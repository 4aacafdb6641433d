package admin_test

import (
	"net/http/httptest"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// BenchmarkTree answers what the page asks for every few seconds, of 100,000 loggers.
func BenchmarkTree(b *testing.B) {
	d := newDemo()
	d.big(100_000)
	h := admin.NewHandler(d.tree, admin.Options{})
	r := httptest.NewRequest("GET", "http://localhost/tree", nil)
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
