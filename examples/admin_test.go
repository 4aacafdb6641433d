package examples

import (
	"regexp"
	"testing"
)

// TestAdmin runs the example, whose output but for ports and times is this.
func TestAdmin(t *testing.T) {
	const want = `--- GET loggers
200 {"levels":["CRITICAL","ERROR","WARNING","INFO","DEBUG"],"loggers":{"db.pool":{"configuredLevel":"WARNING","effectiveLevel":"WARNING"},"root":{"configuredLevel":"INFO","effectiveLevel":"INFO"},"shop.cart":{"configuredLevel":null,"effectiveLevel":"INFO"}},"groups":{}}
--- POST loggers/shop.cart {"configuredLevel":"DEBUG","for":"10m"}
INFO slogtree.admin: level changed name=shop.cart from=inherited to=DEBUG remote=127.0.0.1:PORT for=10m0s
200 {"configuredLevel":"DEBUG","effectiveLevel":"DEBUG","until":"TIME","explanation":"shop.cart: DEBUG, by admin for 10m0s, until TIME"}
DEBUG shop.cart: seen now
--- GET explain?name=shop.cart
200 {"name":"shop.cart","exists":true,"explanation":"shop.cart: DEBUG, by admin for 10m0s, until TIME","path":[{"logger":"shop.cart","handlers":[]},{"logger":"root","handlers":["Stream(stdout)"]}]}
--- POST loggers/shop.cart {"configuredLevel":"LOUD"}
400 {"error":"an unknown level","value":"LOUD","known":["CRITICAL","ERROR","WARNING","INFO","DEBUG","NOTSET","null"]}
--- POST loggers/shop.cart {"configuredLevel":null}
INFO slogtree.admin: level changed name=shop.cart from=DEBUG to=inherited remote=127.0.0.1:PORT
200 {"configuredLevel":null,"effectiveLevel":"INFO","explanation":"shop.cart: INFO, inherited from root, by Options.RootLevel"}
--- GET tail?level=WARNING&name=db
ERROR shop.cart: another's
WARNING db.pool: exhausted open=20
{"time":"TIME","level":"WARNING","n":4,"logger":"db.pool","message":"exhausted","attrs":"open=20","source":"main.go:LINE"}
`
	got := terminal(t, "admin")
	got = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(got, "127.0.0.1:PORT")
	got = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)`).ReplaceAllString(got, "TIME")
	got = regexp.MustCompile(`main\.go:\d+`).ReplaceAllString(got, "main.go:LINE")
	if got != want {
		t.Errorf("it prints\n%s\nwant\n%s", got, want)
	}
}
