package admin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// A watcher reads /tail inside a bubble of synctest.
type watcher struct {
	mu     sync.Mutex
	text   strings.Builder
	status int
	head   http.Header
	hold   chan struct{} // if set, Write waits for it
	fail   error
	cancel func()
	done   chan struct{}
}

func (w *watcher) Header() http.Header { return w.head }
func (w *watcher) WriteHeader(n int)   { w.status = n }
func (w *watcher) Flush()              {}
func (w *watcher) Write(p []byte) (int, error) {
	if w.hold != nil {
		<-w.hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return 0, w.fail
	}
	return w.text.Write(p)
}

// watch begins to read, as far as it gets.
func watch(t *testing.T, h http.Handler, query string, edits ...func(*watcher, *http.Request)) *watcher {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watcher{head: http.Header{}, cancel: cancel, done: make(chan struct{})}
	r := httptest.NewRequest("GET", "http://localhost/tail"+query, nil).WithContext(ctx)
	for _, e := range edits {
		e(w, r)
	}
	go func() {
		defer close(w.done)
		h.ServeHTTP(w, r)
	}()
	synctest.Wait()
	return w
}

// leave ends it.
func (w *watcher) leave() {
	w.cancel()
	<-w.done
}

// A seenRecord is one that a watcher got.
type seenRecord struct {
	ID                                          uint64
	Level, Logger, Message, Attrs, Source, Time string
}

// records returns what came so far, and how many are said to be dropped.
func (w *watcher) records(t *testing.T) (all []seenRecord, dropped int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var id uint64
	var event string
	for s := bufio.NewScanner(strings.NewReader(w.text.String())); s.Scan(); {
		field, value, _ := strings.Cut(s.Text(), ": ")
		switch field {
		case "id":
			id, _ = strconv.ParseUint(value, 10, 64)
		case "event":
			event = value
		case "data":
			if event == "dropped" {
				n, _ := strconv.Atoi(value)
				dropped += n
				continue
			}
			r := seenRecord{ID: id}
			if err := json.Unmarshal([]byte(value), &r); err != nil {
				t.Fatalf("%v: %s", err, value)
			}
			all = append(all, r)
		}
	}
	return all, dropped
}

func (w *watcher) messages(t *testing.T) string {
	t.Helper()
	all, _ := w.records(t)
	var m []string
	for _, r := range all {
		m = append(m, r.Logger+":"+r.Message)
	}
	return strings.Join(m, " ")
}

// TestTail shows records as they are logged, by level and name.
func TestTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		h := admin.NewHandler(tree, admin.Options{})
		tree.Get("shop").SetLevel(slog.LevelDebug)
		tree.Get("shop.alone").SetPropagate(false)
		all, shop, warnings := watch(t, h, ""), watch(t, h, "?name=shop"), watch(t, h, "?level=WARN")
		ctx := contextattrs.With(t.Context(), "request", "7c1e")
		tree.Get("shop.cart").With("user", "ada").WithGroup("g").InfoContext(ctx, "added", "n", 1)
		tree.Get("shop.alone").Debug("alone")
		tree.Get("shopping").Exception(errors.New("boom"), "failed")
		tree.Get("shop").Log(ctx, -8, "too low")
		synctest.Wait()
		for _, c := range []struct {
			w    *watcher
			want string
		}{
			{all, "shop.cart:added shop.alone:alone shopping:failed"},
			{shop, "shop.cart:added shop.alone:alone"},
			{warnings, "shopping:failed"},
		} {
			if got := c.w.messages(t); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		}
		rs, _ := all.records(t)
		if len(rs) != 3 {
			t.Fatal(rs)
		}
		r := rs[0]
		if r.ID != 1 || r.Level != "INFO" || r.Attrs != "user=ada request=7c1e g.n=1" || !strings.HasPrefix(r.Source, "tail_test.go:") || r.Time != time.Now().Format(time.RFC3339Nano) {
			t.Errorf("%+v", r)
		}
		if got := rs[2].Attrs; !strings.Contains(got, "error: boom") {
			t.Errorf("the exception: %q", got)
		}
		if ct := all.head.Get("Content-Type"); ct != "text/event-stream" {
			t.Error(ct)
		}
		for _, w := range []*watcher{all, shop, warnings} {
			w.leave()
		}
	})
}

// A counting value counts how often it is looked at.
type counting struct{ n *int }

func (c counting) LogValue() slog.Value { *c.n++; return slog.IntValue(*c.n) }

// TestTailOnlyWhileWatched looks at records only while somebody wants them.
func TestTailOnlyWhileWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		looked := 0
		v := counting{&looked}
		log := tree.Get("a")
		h := admin.NewHandler(tree, admin.Options{})
		log.Info("nobody", "v", v)
		w := watch(t, h, "?level=WARNING&name=b")
		log.Info("too low", "v", v)
		log.Error("another's", "v", v)
		if looked != 0 {
			t.Errorf("looked %d times at what nobody wants", looked)
		}
		tree.Get("b").Error("wanted", "v", v)
		w.leave()
		tree.Get("b").Error("nobody again", "v", v)
		if looked != 1 {
			t.Errorf("looked %d times, want 1", looked)
		}
		if got := w.messages(t); got != "" && got != "b:wanted" {
			t.Error(got)
		}
	})
}

// TestTailSlow lets a client wait: what there is no room for is dropped and counted, to the last one, and
// nobody who logs waits.
func TestTailSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		h := admin.NewHandler(tree, admin.Options{})
		hold := make(chan struct{})
		slow := watch(t, h, "", func(w *watcher, _ *http.Request) { w.hold = hold })
		quick := watch(t, h, "")
		const n = 5000
		for i := range n {
			tree.Root().Info(fmt.Sprint("message ", i))
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		close(hold)
		synctest.Wait()
		got, dropped := slow.records(t)
		if len(got)+dropped != n || len(got) != 1000 || got[999].Message != "message 999" {
			t.Errorf("the slow one got %d and lost %d of %d", len(got), dropped, n)
		}
		if got, dropped := quick.records(t); len(got) != n || dropped != 0 {
			t.Errorf("the quick one got %d and lost %d of %d", len(got), dropped, n)
		}
		tree.Root().Info("after")
		synctest.Wait()
		if got, _ := slow.records(t); got[len(got)-1].Message != "after" {
			t.Error("the slow one gets nothing any more")
		}
		slow.leave()
		quick.leave()
	})
}

// TestTailBounds lets 16 watch, cuts what is long, and sends away who is there at the end.
func TestTailBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		ctx, cancel := context.WithCancel(t.Context())
		h := admin.NewHandler(tree, admin.Options{Context: ctx})
		var all []*watcher
		for range 16 {
			all = append(all, watch(t, h, ""))
		}
		if w := watch(t, h, ""); w.status != http.StatusServiceUnavailable {
			t.Errorf("one too many: %d", w.status)
		}
		all[15].leave()
		all[15] = watch(t, h, "")
		if all[15].status == http.StatusServiceUnavailable {
			t.Error("who has left still has a place")
		}
		long := strings.Repeat("€", 100_000)
		tree.Get(long).Info(long, "k", long)
		tree.Root().Info("\xff\n\u2028<script>", "a\nb", "c\r\nd")
		synctest.Wait()
		rs, _ := all[0].records(t)
		if len(rs) != 2 || len(rs[0].Message) > 4100 || len(rs[0].Attrs) > 8200 || len(rs[0].Logger) > 1010 || !strings.HasSuffix(rs[0].Message, "€…") {
			t.Errorf("%d records", len(rs))
		}
		if rs[1].Message != "\ufffd\n\u2028<script>" {
			t.Errorf("%q", rs[1].Message)
		}
		cancel()
		for _, w := range all {
			<-w.done // nobody has left by himself
		}
	})
}

// TestTailRecent keeps records for who comes later, and for who comes again.
func TestTailRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		ctx, cancel := context.WithCancel(t.Context())
		h := admin.NewHandler(tree, admin.Options{Recent: 600, Context: ctx})
		for i := range 700 {
			tree.Root().Info(fmt.Sprint(i))
		}
		w := watch(t, h, "")
		first, _ := w.records(t)
		if len(first) != 600 || first[0].Message != "100" || first[599].Message != "699" {
			t.Errorf("%d records", len(first))
		}
		w.leave()
		w = watch(t, h, "", func(_ *watcher, r *http.Request) { r.Header.Set("Last-Event-ID", fmt.Sprint(first[597].ID)) })
		if got := w.messages(t); got != "root:698 root:699" {
			t.Error("who comes again gets", got)
		}
		w.leave()
		w = watch(t, h, "", func(_ *watcher, r *http.Request) { r.Header.Set("Last-Event-ID", "900000") })
		if got, _ := w.records(t); len(got) != 600 {
			t.Errorf("who comes from another process gets %d", len(got))
		}
		w.leave()
		cancel()
	})
}

// TestTailBeats notices clients that have gone.
func TestTailBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := admin.NewHandler(newTree(), admin.Options{})
		w := watch(t, h, "")
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		w.mu.Lock()
		if n := strings.Count(w.text.String(), ": still here"); n != 4 {
			t.Errorf("%d beats in a minute", n)
		}
		w.fail = errors.New("broken pipe")
		w.mu.Unlock()
		time.Sleep(time.Minute)
		<-w.done
	})
}

// TestTailHTTP watches through a real server, with its time-outs.
func TestTailHTTP(t *testing.T) {
	tree := newTree()
	server := httptest.NewUnstartedServer(admin.NewHandler(tree, admin.Options{}))
	server.Config.WriteTimeout = time.Minute
	server.Start()
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/tail?level=ERROR")
	if err != nil {
		t.Fatal(err)
	}
	tree.Root().Info("no")
	tree.Root().Error("yes")
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if !strings.Contains(data, `"message":"yes"`) {
				t.Error(data)
			}
			break
		}
	}
	resp.Body.Close()
	if resp, err = server.Client().Head(server.URL + "/tail"); err != nil || resp.StatusCode != 200 {
		t.Error(err, resp)
	}
}

// TestTailLogsItself has a value that logs while it is rendered.
func TestTailLogsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
		w := watch(t, admin.NewHandler(tree, admin.Options{}), "")
		tree.Root().Info("outer", "v", logging{tree})
		synctest.Wait()
		if got := w.messages(t); got != "root:inner root:outer" {
			t.Error(got)
		}
		w.leave()
	})
}

type logging struct{ tree *slogtree.Tree }

func (l logging) LogValue() slog.Value { l.tree.Root().Info("inner"); return slog.IntValue(1) }
