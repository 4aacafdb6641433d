package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	hostileCases["Redact"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewRedact(next, handlers.RedactOptions{Patterns: []*regexp.Regexp{cardNumber}, OnError: func(error) {}})
	}}
}

// secret is in every value that a test hides.
const secret = "hunter2"

var cardNumber = regexp.MustCompile(`\b\d{16}\b`)

type token string

type account struct {
	Name     string `json:"name"`
	Password string `json:"pass,omitempty"`
	Card     int64
	hidden   string
	Next     *account `json:"next,omitempty"`
}

type embedsAccount struct {
	account
	Extra map[string]any
}

type says struct{ v slog.Value }

func (v says) LogValue() slog.Value { return v.v }

type leaky struct{}

func (leaky) LogValue() slog.Value { panic(secret) }

type leakyText struct{ S string }

func (leakyText) String() string               { panic(secret) }
func (leakyText) MarshalJSON() ([]byte, error) { panic(secret) }
func (leakyText) Error() string                { panic(secret) }

type ownJSON struct{}

func (ownJSON) MarshalJSON() ([]byte, error) {
	return []byte(`{"user":"bob","password":"hunter2","list":[1,"x hunter2",null,true,{"k":1.50}]}`), nil
}

type formatting struct{}

func (formatting) Format(f fmt.State, _ rune) { io.WriteString(f, "it is hunter2!") }

var redactAll = handlers.RedactOptions{
	Keys:     []string{"Password", "*_token", "req.*.pin", "creds"},
	Types:    []reflect.Type{reflect.TypeFor[token](), reflect.TypeFor[fmt.GoStringer]()},
	Patterns: []*regexp.Regexp{cardNumber, regexp.MustCompile(secret)},
	OnError:  func(error) {},
}

// TestRedact shows values by each of four handlers, to see them as programs do.
func TestRedact(t *testing.T) {
	const mark = "[REDACTED]"
	for name, c := range map[string]struct {
		attr       slog.Attr
		text, json string // as slog's own handlers have it
	}{
		"by name":          {slog.String("PASSWORD", "x"), "PASSWORD=[REDACTED]", `"PASSWORD":"[REDACTED]"`},
		"by glob":          {slog.Int("auth_token", 5), "auth_token=[REDACTED]", `"auth_token":"[REDACTED]"`},
		"by dotted key":    {slog.Int("db.password", 5), "db.password=[REDACTED]", `"db.password":"[REDACTED]"`},
		"by path":          {slog.Group("req", slog.Group("user", "pin", 1, "pen", 2)), "req.user.pin=[REDACTED] req.user.pen=2", `"req":{"user":{"pin":"[REDACTED]","pen":2}}`},
		"not that path":    {slog.Group("res", slog.Group("user", "pin", 1)), "res.user.pin=1", `"res":{"user":{"pin":1}}`},
		"group":            {slog.Group("creds", "a", 1, slog.Group("b", "c", 2)), "creds.a=[REDACTED] creds.b.c=[REDACTED]", `"creds":{"a":"[REDACTED]","b":{"c":"[REDACTED]"}}`},
		"by type":          {slog.Any("t", token(secret)), "t=[REDACTED]", `"t":"[REDACTED]"`},
		"by interface":     {slog.Any("t", goStringer{}), "t=[REDACTED]", `"t":"[REDACTED]"`},
		"string":           {slog.String("s", "it is hunter2."), `s="it is [REDACTED]."`, `"s":"it is [REDACTED]."`},
		"number":           {slog.Int64("n", 1234567890123456), "n=[REDACTED]", `"n":"[REDACTED]"`},
		"unsigned":         {slog.Uint64("n", 1234567890123456), "n=[REDACTED]", `"n":"[REDACTED]"`},
		"plain number":     {slog.Int64("n", 123), "n=123", `"n":123`},
		"struct":           {slog.Any("u", account{Name: "bob", Password: "x", Card: 1}), `u="{Name:bob Password:[REDACTED] Card:1 hidden: Next:<nil>}"`, `"u":{"name":"bob","pass":"[REDACTED]","Card":1}`},
		"struct, pattern":  {slog.Any("u", &account{Name: "hunter2", Card: 1234567890123456}), `u="&{Name:[REDACTED] Password:[REDACTED] Card:[REDACTED] hidden: Next:<nil>}"`, `"u":{"name":"[REDACTED]","Card":"[REDACTED]"}`},
		"nested":           {slog.Any("u", []any{map[string]any{"x": []account{{hidden: secret}}}}), `u="[map[x:[{Name: Password:[REDACTED] Card:0 hidden:[REDACTED] Next:<nil>}]]]"`, `"u":[{"x":[{"name":"","Card":0}]}]`},
		"embedded":         {slog.Any("u", embedsAccount{account{Name: "a"}, map[string]any{"my_token": 1, "b": 1.5}}), `u="{account:{Name:a Password:[REDACTED] Card:0 hidden: Next:<nil>} Extra:map[b:1.5 my_token:[REDACTED]]}"`, `"u":{"name":"a","Card":0,"Extra":{"b":1.5,"my_token":"[REDACTED]"}}`},
		"map":              {slog.Any("h", map[string][]string{"Password": {"x"}, "A": {"b"}}), `h="map[A:[b] Password:[REDACTED]]"`, `"h":{"A":["b"],"Password":"[REDACTED]"}`},
		"map by path":      {slog.Any("req", map[string]any{"u": map[string]int{"pin": 1}}), `req=map[u:map[pin:[REDACTED]]]`, `"req":{"u":{"pin":"[REDACTED]"}}`},
		"clean map":        {slog.Any("h", map[string]int{"a": 1}), `h=map[a:1]`, `"h":{"a":1}`},
		"bytes":            {slog.Any("b", []byte("x hunter2")), "b=[REDACTED]", `"b":"[REDACTED]"`},
		"error":            {slog.Any("err", fmt.Errorf("bad: %w", errors.New(secret))), `err="bad: [REDACTED]"`, `"err":"bad: [REDACTED]"`},
		"clean error":      {slog.Any("err", io.EOF), `err=EOF`, `"err":"EOF"`},
		"own JSON":         {slog.Any("j", ownJSON{}), `j={}`, `"j":{"user":"bob","password":"[REDACTED]","list":[1,"x [REDACTED]",null,true,{"k":1.50}]}`},
		"raw JSON":         {slog.Any("j", json.RawMessage(`{"password":"p"}`)), `j=[REDACTED]`, `"j":{"password":"[REDACTED]"}`},
		"own format":       {slog.Any("f", formatting{}), `f="it is [REDACTED]!"`, `"f":{}`},
		"LogValuer":        {slog.Any("v", says{slog.GroupValue(slog.String("password", "x"), slog.Any("deep", says{slog.StringValue(secret)}))}), "v.password=[REDACTED] v.deep=[REDACTED]", `"v":{"password":"[REDACTED]","deep":"[REDACTED]"}`},
		"inline group":     {slog.Group("", "password", 1, "b", 2), "password=[REDACTED] b=2", `"password":"[REDACTED]","b":2`},
		"panics":           {slog.Any("p", leaky{}), `p="[REDACTED] (a handlers_test.leaky that can't be looked into)"`, `"p":"[REDACTED] (a handlers_test.leaky that can't be looked into)"`},
		"panics in String": {slog.Any("p", leakyText{"x"}), `p=[REDACTED]`, `"p":"[REDACTED]"`},
		"time":             {slog.Duration("d", time.Second), "d=1s", `"d":1000000000`},
		"pointer":          {slog.Any("p", &[]string{secret}), "p=&[[REDACTED]]", `"p":["[REDACTED]"]`},
	} {
		t.Run(name, func(t *testing.T) {
			var text, js bytes.Buffer
			for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&js, nil)} {
				r := handlers.NewRedact(h, redactAll)
				_ = r.Handle(context.Background(), slog.NewRecord(time.Time{}, 0, "m", 0))
				text.Reset()
				js.Reset()
				rec := slog.NewRecord(time.Time{}, 0, "m", 0)
				rec.AddAttrs(c.attr)
				before := fmt.Sprintf("%#v", rec)
				if err := r.Handle(context.Background(), rec); err != nil {
					t.Fatal(err)
				}
				if after := fmt.Sprintf("%#v", rec); before != after {
					t.Errorf("the caller's record became %s, was %s", after, before)
				}
				if h, ok := h.(*slog.TextHandler); ok && h != nil {
					wantText(t, text.String(), "level=INFO msg=m "+c.text+"\n")
				}
			}
			wantText(t, js.String(), `{"level":"INFO","msg":"m",`+c.json+"}\n")
			// The same by With, by the context, and in our own formats.
			for _, f := range []formatters.Formatter{formatters.JSON(nil), formatters.Logfmt(nil), percent("%(message)s"), formatters.Console(nil)} {
				var out bytes.Buffer
				log := slog.New(handlers.NewRedact(handlers.NewStream(&out, f, nil), redactAll))
				log.With(c.attr).Info("m")
				log.InfoContext(contextattrs.With(context.Background(), c.attr), "m")
				log.WithGroup("g").With(c.attr).WithGroup("h").Info("m", c.attr)
				if strings.Contains(out.String(), secret) || strings.Contains(out.String(), "1234567890123456") {
					t.Errorf("%T leaks: %s", f, &out)
				}
				if strings.Contains(c.text, mark) && strings.Contains(c.json, mark) && !strings.Contains(out.String(), mark) {
					t.Errorf("%T: nothing hidden: %s", f, &out)
				}
			}
		})
	}
}

type goStringer struct{}

func (goStringer) GoString() string { panic("called") }

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestRedactMessageAndOpenGroups(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewRedact(rec, handlers.RedactOptions{Keys: []string{"a.b.c", "creds"}, Patterns: []*regexp.Regexp{cardNumber}, Replacement: "***"})
	log := slog.New(h)
	log.Info("card 1234567890123456 of", "c", 1)
	log.WithGroup("a").WithGroup("b").With("c", 2).Info("m", "c", 1, "d", 1)
	log.WithGroup("creds").Info("m", "x", 1)
	ctx := contextattrs.With(context.Background(), slog.Group("a", slog.Group("b", "c", 1)), "k", 1)
	log.WithGroup("g").InfoContext(ctx, "m", "c", 1)
	got := rec.Records()
	if got[0].Message != "card *** of" {
		t.Errorf("message %q", got[0].Message)
	}
	for i, want := range []string{
		`map[c:1]`, `map[a:map[b:map[c:*** d:1]]]`, `map[creds:map[x:***]]`, `map[a:map[b:map[c:***]] g:map[c:1] k:1]`,
	} {
		if s := fmt.Sprint(got[i].Attrs); s != want {
			t.Errorf("record %d: %s, want %s", i, s, want)
		}
	}
	if s, want := h.Stats(), (handlers.RedactStats{In: 4, Out: 4, Redacted: 4}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

// TestRedactExc has the text of an error's chain and stack, which formatters print
// after the line, and what a record from elsewhere carries.
func TestRedactExc(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(handlers.NewRedact(handlers.NewStream(&out, percent("%(message)s"), nil), redactAll))
	log.Error("m", formatters.Exc(fmt.Errorf("outer: %w", errors.New("inner "+secret))))
	log.Error("m", (&formatters.Origin{ExcText: "Traceback: " + secret, StackInfo: secret, LevelName: "ERROR"}).Attr())
	log.Error("m", formatters.Exc(io.EOF))
	want := "m\n    error: outer: inner [REDACTED]\n    caused by error: inner [REDACTED]\nm\n    Traceback: [REDACTED]\n    [REDACTED]\nm\n    error: EOF\n"
	wantText(t, out.String(), want)
}

// TestRedactResolvesOnce has a LogValuer that says something else each time.
func TestRedactResolvesOnce(t *testing.T) {
	n := 0
	rec := handlertest.NewRecorder(nil)
	slog.New(handlers.NewRedact(rec, redactAll)).Info("m", "v", counting{&n})
	if n != 1 || rec.Records()[0].Attrs["v"] != int64(1) {
		t.Errorf("asked %d times: %v", n, rec.Records()[0].Attrs)
	}
}

type counting struct{ n *int }

func (c counting) LogValue() slog.Value {
	*c.n++
	return slog.IntValue(*c.n)
}

// TestRedactBounds has values that lead back to themselves, and large ones.
func TestRedactBounds(t *testing.T) {
	loop := &account{Name: "x"}
	loop.Next = loop
	m := map[string]any{}
	m["m"] = m
	var group [1]slog.Attr
	group[0] = slog.Attr{Key: "g", Value: slog.GroupValue(group[:]...)}
	for _, a := range []slog.Attr{slog.Any("p", loop), slog.Any("m", m), group[0], slog.Any("l", make([]any, 100_000))} {
		rec := &last{}
		if err := handlers.NewRedact(rec, redactAll).Handle(context.Background(), record(slog.LevelInfo, "m", a)); err != nil {
			t.Error(err)
		}
		if text := fmt.Sprint(rec.attrs); len(text) > 1<<20 || !strings.Contains(text, "[REDACTED]") {
			t.Errorf("%s became %d bytes: %.200s", a.Key, len(text), text)
		}
	}
}

// last keeps the attrs of the last record.
type last struct {
	slog.Handler
	attrs []slog.Attr
}

func (h *last) Enabled(context.Context, slog.Level) bool { return true }
func (h *last) Handle(_ context.Context, r slog.Record) error {
	h.attrs = nil
	r.Attrs(func(a slog.Attr) bool { h.attrs = append(h.attrs, a); return true })
	return nil
}

// TestRedactLooksNoDeeper has a type whose methods take a lock: what they guard must
// not be read without. It is for -race.
func TestRedactLooksNoDeeper(t *testing.T) {
	g := &guarded{}
	log := slog.New(handlers.NewRedact(handlers.NewStream(io.Discard, nil, nil), redactAll))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				g.set()
				log.Info("m", "g", g)
			}
		})
	}
	wg.Wait()
}

type guarded struct {
	mu   sync.Mutex
	text string
	in   *guarded
}

func (g *guarded) set() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text += "x"
	g.in = &guarded{}
}

func (g *guarded) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text
}

// TestRedactGlobs compares the matching of names with regular expressions that mean the same.
func TestRedactGlobs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string) string {
		b := make([]byte, rng.IntN(8)+1)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	matched := 0
	for range 3000 {
		pattern, key := text("ab*?"), text("ab")
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile("^(?:" + quoted + ")$").MatchString(key)
		rec := handlertest.NewRecorder(nil)
		slog.New(handlers.NewRedact(rec, handlers.RedactOptions{Keys: []string{strings.ToUpper(pattern)}})).Info("m", key, "v")
		if got := rec.Records()[0].Attrs[key] != "v"; got != want {
			t.Errorf("%q hides %q: %t, want %t", pattern, key, got, want)
		}
		if want {
			matched++
		}
	}
	if matched < 300 || matched > 2700 {
		t.Errorf("%d of 3000 matched: not much of a test", matched)
	}
}

// TestRedactStats counts under -race.
func TestRedactStats(t *testing.T) {
	h := handlers.NewRedact(slog.DiscardHandler, handlers.RedactOptions{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				slog.New(h).With("a", 1).Handler().Handle(context.Background(), record(slog.LevelInfo, "m", slog.Int("password", 1)))
				if s := h.Stats(); s.Out > s.In {
					t.Errorf("%+v", s)
				}
			}
		})
	}
	wg.Wait()
	if s, want := h.Stats(), (handlers.RedactStats{In: 4000, Out: 4000, Redacted: 4000}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func TestRunRedact(t *testing.T) {
	for name, o := range map[string]handlers.RedactOptions{"default keys": {}, "all": redactAll} {
		t.Run(name, func(t *testing.T) {
			open := over(func(h slog.Handler) slog.Handler { return handlers.NewRedact(h, o) })
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
		})
	}
}

func ExampleNewRedact() {
	h := handlers.NewRedact(handlers.NewStream(os.Stdout, formatters.Logfmt(&formatters.Options{Keys: map[string]string{"time": ""}}), nil), handlers.RedactOptions{
		Keys:     append(handlers.DefaultRedactKeys(), "request.header.x-*"),
		Patterns: []*regexp.Regexp{regexp.MustCompile(`\b\d{4}( ?\d{4}){3}\b`)},
	})
	log := slog.New(h).With("api_token", "s3cr3t")
	log.Info("paid with 4111 1111 1111 1111", "user", struct{ Name, Password string }{"bob", "hunter2"})
	log.Warn("refused", slog.Group("request", slog.Group("header", "X-Key", "abc", "Accept", "*/*")))
	// Output:
	// level=INFO msg="paid with [REDACTED]" api_token=[REDACTED] user="{Name:bob Password:[REDACTED]}"
	// level=WARN msg=refused api_token=[REDACTED] request.header.X-Key=[REDACTED] request.header.Accept=*/*
}

func BenchmarkRedact(b *testing.B) {
	user := account{Name: "bob", Password: "x"}
	for name, attrs := range map[string][]slog.Attr{
		"nothing to hide": {slog.String("user", "bob"), slog.Int("n", 1), slog.Bool("ok", true)},
		"a password":      {slog.String("user", "bob"), slog.String("password", "x")},
		"a struct":        {slog.Any("user", user)},
	} {
		b.Run(name, func(b *testing.B) {
			h := handlers.NewRedact(slog.DiscardHandler, handlers.RedactOptions{})
			r := record(slog.LevelInfo, "request done", attrs...)
			b.ReportAllocs()
			for b.Loop() {
				_ = h.Handle(context.Background(), r)
			}
		})
	}
}
