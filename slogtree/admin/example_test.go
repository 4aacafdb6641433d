package admin_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

func Example() {
	tree := slogtree.New(slogtree.Options{})
	format := formatters.Must(formatters.Percent("%(name)s: %(message)s, %(from)s to %(to)s", &formatters.Options{Strict: true}))
	tree.Root().AddHandler(handlers.NewStream(os.Stdout, format, nil))
	tree.Get("shop.cart").SetLevel(slog.LevelWarn)

	mux := http.NewServeMux()
	mux.Handle("/log/", http.StripPrefix("/log", admin.NewHandler(tree, admin.Options{Writable: true})))
	server := httptest.NewServer(mux) // a browser shows the page at server.URL + "/log/"
	defer server.Close()

	show(http.Get(server.URL + "/log/loggers"))
	show(http.Post(server.URL+"/log/loggers/shop.cart", "application/json", strings.NewReader(`{"configuredLevel":"DEBUG"}`)))
	show(http.Get(server.URL + "/log/explain?name=shop.cart.items"))

	// Output:
	// {"levels":["CRITICAL","ERROR","WARNING","INFO","DEBUG"],"loggers":{"root":{"configuredLevel":"INFO","effectiveLevel":"INFO"},"shop.cart":{"configuredLevel":"WARNING","effectiveLevel":"WARNING"}},"groups":{}}
	// slogtree.admin: level changed, WARNING to DEBUG
	// {"configuredLevel":"DEBUG","effectiveLevel":"DEBUG","explanation":"shop.cart: DEBUG, by admin"}
	// {"name":"shop.cart.items","exists":false,"explanation":"shop.cart.items: DEBUG, inherited from shop.cart, by admin","path":[{"logger":"shop.cart","handlers":[]},{"logger":"root","handlers":["Stream(stdout)"]}]}
}

// show prints an answer.
func show(resp *http.Response, err error) {
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	fmt.Print(string(text))
}
