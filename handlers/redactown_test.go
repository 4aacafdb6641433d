package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
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

// byKey is a secret that no pattern tells, only the key or type it stands under.
const byKey = "s3cr3t"

type stringer struct{ User, Password string }

func (s stringer) String() string { return s.User + ":" + s.Password }

type lockedStringer struct {
	mu       sync.Mutex
	password string
}

func (s *lockedStringer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password += "x"
	return s.password
}

type failure struct {
	User     string
	password string
}

func (f *failure) Error() string { return f.User + ":" + f.password }

type formats struct{ Password string }

func (v formats) Format(f fmt.State, _ rune) { fmt.Fprint(f, v.Password) }

type deepStringer struct{ in []*map[int]stringer }

func (s deepStringer) String() string { return fmt.Sprint(*s.in[0]) }

type marshals struct{ User, Password string }

func (m marshals) MarshalText() ([]byte, error) { return []byte(m.User + ":" + m.Password), nil }

// both has a text and a JSON form of its own, so that its members are not read.
type both struct{ stringer }

func (b both) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

type textAndJSON struct{ s string }

func (b textAndJSON) MarshalText() ([]byte, error) { return []byte(b.s), nil }
func (b textAndJSON) MarshalJSON() ([]byte, error) { return []byte(`{"a":1}`), nil }

type stringAndJSON struct{ s string }

func (b stringAndJSON) String() string { return b.s }
func (b stringAndJSON) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"password": b.s, "user": "bob"})
}

type cardToken string

func (t cardToken) String() string { return string(t) }

type holdsToken struct{ T *cardToken }

func (h holdsToken) Error() string { return string(*h.T) }

type header map[string]string

func (h header) String() string { return h["Password"] }

// TestRedactOwnText has values whose own text tells what a key or a type hides.
func TestRedactOwnText(t *testing.T) {
	const hidden = "[REDACTED]"
	tok := cardToken(byKey)
	o := handlers.RedactOptions{Keys: []string{"password"}, Types: []reflect.Type{reflect.TypeFor[cardToken]()}}
	failed := &failure{"bob", byKey}
	link, _ := url.Parse("https://bob:" + byKey + "@host/x")
	for name, c := range map[string]struct {
		value      any
		text, json string // "" for any
	}{
		"String":             {stringer{"bob", byKey}, `"{User:bob Password:[REDACTED]}"`, `{"User":"bob","Password":"[REDACTED]"}`},
		"pointer":            {&stringer{"bob", byKey}, `"&{User:bob Password:[REDACTED]}"`, ``},
		"in a struct":        {struct{ S stringer }{stringer{"bob", byKey}}, `"{S:{User:bob Password:[REDACTED]}}"`, ``},
		"in a map":           {map[string]any{"a": stringer{"bob", byKey}}, `"map[a:{User:bob Password:[REDACTED]}]"`, ``},
		"behind a lock":      {&lockedStringer{password: byKey}, `&{password:[REDACTED]}`, `{}`},
		"error":              {failed, `"&{User:bob password:[REDACTED]}"`, `"&{User:bob password:[REDACTED]}"`},
		"wrapped error":      {fmt.Errorf("a: %w", fmt.Errorf("b: %w", failed)), hidden, `"[REDACTED]"`},
		"joined errors":      {errors.Join(errors.New("x"), failed), hidden, `"[REDACTED]"`},
		"error in an error":  {&os.PathError{Op: "read", Path: "x", Err: fmt.Errorf("a: %w", failed)}, `"&{Op:read Path:x Err:[REDACTED]}"`, ``},
		"Format":             {formats{byKey}, `{Password:[REDACTED]}`, `{"Password":"[REDACTED]"}`},
		"deep in the type":   {deepStringer{[]*map[int]stringer{{1: {"bob", byKey}}}}, `{in:[REDACTED]}`, `{}`},
		"MarshalText":        {marshals{"bob", byKey}, `"{User:bob Password:[REDACTED]}"`, `{"User":"bob","Password":"[REDACTED]"}`},
		"both":               {both{stringer{"bob", byKey}}, hidden, `"[REDACTED]"`},
		"String and JSON":    {stringAndJSON{byKey}, hidden, `{"password":"[REDACTED]","user":"bob"}`},
		"by type":            {holdsToken{&tok}, `{T:[REDACTED]}`, `"{T:[REDACTED]}"`},
		"pointer to type":    {&tok, hidden, `"[REDACTED]"`},
		"map":                {header{"Password": byKey, "a": "b"}, `"map[Password:[REDACTED] a:b]"`, `{"Password":"[REDACTED]","a":"b"}`},
		"URL":                {link, ``, ``},
		"URL without secret": {&url.URL{Scheme: "https", Host: "host"}, `https://host`, ``},
		"clean error":        {fmt.Errorf("a: %w", os.ErrExist), `"a: file already exists"`, `"a: file already exists"`},
		"JSON bytes":         {[]byte(` {"a":[{"Password":"` + byKey + `"}]}`), hidden, `"[REDACTED]"`},
		"JSON lines":         {[]byte("{\"a\":1}\n{\"password\":\"" + byKey + "\"}\n"), hidden, `"[REDACTED]"`},
		"JSON cut off":       {[]byte(`[{"password":"` + byKey), hidden, `"[REDACTED]"`},
		"clean JSON bytes":   {[]byte(`{"a":1}`), `"{\"a\":1}"`, `"eyJhIjoxfQ=="`},
		"bytes, not JSON":    {[]byte(`{password}`), `"{password}"`, `"e3Bhc3N3b3JkfQ=="`},
	} {
		t.Run(name, func(t *testing.T) {
			text, js, all := printed(t, o, slog.Any("v", c.value))
			if strings.Contains(all, byKey) || strings.Contains(all, "czNjcjN0") {
				t.Errorf("leaks: %s", all)
			}
			if c.text != "" && text != "v="+c.text {
				t.Errorf("text %s, want v=%s", text, c.text)
			}
			if c.json != "" && js != `"v":`+c.json {
				t.Errorf("JSON %s, want %s", js, c.json)
			}
		})
	}
}

// printed returns an attr as slog's own handlers print it behind a Redact, and what
// all handlers and formatters do, as exc_info too if it is an error.
func printed(t *testing.T, o handlers.RedactOptions, a slog.Attr) (text, js, all string) {
	t.Helper()
	var out bytes.Buffer
	show := func(h slog.Handler, a slog.Attr) string {
		out.Reset()
		ctx := context.Background()
		if formatters.ExcError(a.Value) == nil { // With would make a text of it
			ctx = contextattrs.With(ctx, slog.Attr{Key: "c", Value: a.Value})
		}
		h = handlers.NewRedact(h, o)
		if err := h.Handle(context.Background(), record(slog.LevelInfo, "m", a)); err != nil {
			t.Error(err)
		}
		line := out.String()
		_ = h.WithAttrs([]slog.Attr{a}).Handle(ctx, record(slog.LevelInfo, "m"))
		all += out.String()
		return strings.TrimSpace(line)
	}
	_, text, _ = strings.Cut(show(slog.NewTextHandler(&out, nil), a), "msg=m ")
	_, js, _ = strings.Cut(strings.TrimSuffix(show(slog.NewJSONHandler(&out, nil), a), "}"), `"msg":"m",`)
	attrs := []slog.Attr{a}
	if err, ok := a.Value.Any().(error); ok {
		attrs = append(attrs, formatters.Exc(err))
	}
	for _, f := range []formatters.Formatter{formatters.JSON(nil), formatters.Logfmt(nil), percent("%(message)s"), percent("%(v)s %(v)r"), formatters.Console(nil)} {
		for _, a := range attrs {
			show(handlers.NewStream(&out, f, nil), a)
		}
	}
	return text, js, all
}

// TestRedactMarshalText has a value whose MarshalText tells what its JSON does not,
// and which text handlers print.
func TestRedactMarshalText(t *testing.T) {
	for _, v := range []any{textAndJSON{"it is hunter2"}, &textAndJSON{"it is hunter2"}} {
		text, js, all := printed(t, redactAll, slog.Any("v", v))
		if text != `v="it is [REDACTED]"` || js != `"v":{"a":1}` || strings.Contains(all, secret) {
			t.Errorf("%s, %s, %s", text, js, all)
		}
	}
	in := map[string]any{"a": textAndJSON{"it is hunter2"}, "b": []any{textAndJSON{secret}}}
	if _, _, all := printed(t, redactAll, slog.Any("v", in)); strings.Contains(all, secret) {
		t.Error(all)
	}
}

// TestRedactKinds lists types of which slog keeps the values only.
func TestRedactKinds(t *testing.T) {
	attrs := []slog.Attr{
		slog.Bool("bool", true), slog.Duration("duration", 1), slog.Time("time", time.Unix(0, 0)), slog.String("string", "x"),
		slog.Int("int", 1), slog.Uint64("uint", 1), slog.Float64("float", 1), slog.Any("error", errors.New("x")),
	}
	for want, types := range map[string][]reflect.Type{
		"":              {reflect.TypeFor[token]()},
		"bool":          {reflect.TypeFor[bool]()},
		"duration":      {reflect.TypeFor[time.Duration]()},
		"time":          {reflect.TypeFor[time.Time]()},
		"string error":  {reflect.TypeFor[string]()}, // the error has one as its member
		"int":           {reflect.TypeFor[int]()},
		"uint":          {reflect.TypeFor[uint16]()},
		"float":         {reflect.TypeFor[float32]()},
		"duration time": {reflect.TypeFor[fmt.Stringer]()},
		"bool duration time string int uint float error": {reflect.TypeFor[any]()},
	} {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewRedact(rec, handlers.RedactOptions{Types: types})
		slog.New(h).LogAttrs(context.Background(), slog.LevelInfo, "m", append(attrs, slog.Any("v", says{slog.BoolValue(true)}))...)
		var hidden []string
		for _, a := range attrs {
			if strings.Contains(fmt.Sprint(rec.Records()[0].Attrs[a.Key]), "[REDACTED]") {
				hidden = append(hidden, a.Key)
			}
		}
		if got := strings.Join(hidden, " "); got != want {
			t.Errorf("%v hide %q, want %q", types, got, want)
		}
		if got := rec.Records()[0].Attrs["v"] == "[REDACTED]"; got != strings.Contains(want, "bool") {
			t.Errorf("%v: what a LogValuer returns is hidden: %t", types, got)
		}
	}
}

// TestRedactInnocent has times and locks, whose members are nobody's secrets.
func TestRedactInnocent(t *testing.T) {
	h := handlers.NewRedact(slog.DiscardHandler, handlers.RedactOptions{Keys: []string{"name", "state", "wall", "mu"}})
	for _, v := range []any{&[]time.Time{time.Now()}, struct{ At time.Time }{time.Now()}, guardedName{lock: &sync.RWMutex{}}} {
		_ = h.Handle(context.Background(), record(slog.LevelInfo, "m", slog.Any("v", v)))
	}
	if s := h.Stats(); s.Redacted != 0 {
		t.Errorf("%+v", s)
	}
}

type guardedName struct{ lock *sync.RWMutex }

func (guardedName) String() string { return "x" }

// TestRedactChainOnce has errors that lead to the same ones by two ways at each step.
func TestRedactChainOnce(t *testing.T) {
	err := error(&twoWays{Err: errors.New("end")})
	for range 14 {
		err = &twoWays{Err: err}
	}
	h := handlers.NewRedact(slog.DiscardHandler, handlers.RedactOptions{})
	_ = h.Handle(context.Background(), record(slog.LevelInfo, "m", slog.Any("err", err)))
	loop := &twoWays{}
	loop.Err = loop
	_ = h.Handle(context.Background(), record(slog.LevelInfo, "m", slog.Any("err", loop)))
	if s := h.Stats(); s.Redacted != 1 {
		t.Errorf("%+v", s)
	}
}

type twoWays struct{ Err error }

func (e *twoWays) Error() string { return "two ways" }
func (e *twoWays) Unwrap() error { return e.Err }

// TestRedactOnError names the types of what is hidden since it can't be looked into, and
// nothing that is in there.
func TestRedactOnError(t *testing.T) {
	deep := []any{}
	for range 40 {
		deep = []any{deep}
	}
	group := slog.Group("g", "a", 1)
	for range 40 {
		group = slog.Group("g", group)
	}
	for want, a := range map[string]slog.Attr{
		"a handlers_test.leaky":                      slog.Any("v", leaky{}),
		"a handlers_test.leakyText":                  slog.Any("v", leakyText{"x"}),
		"a []interface {} so deep or large":          slog.Any("v", deep),
		"a []int so deep or large":                   slog.Any("v", make([]int, 100_000)),
		"a group nested too deep":                    group,
		"a handlers_test.panicsFormatting":           slog.Any("v", panicsFormatting{}),
		"a handlers_test.failsMarshaling":            slog.Any("v", failsMarshaling{}),
		"a map[string]interface {} so deep or large": slog.Any("v", map[string]any{"a": deep, "b": deep}),
		"": slog.Any("v", errors.New("x")),
	} {
		var told errorLog
		h := handlers.NewRedact(slog.DiscardHandler, handlers.RedactOptions{OnError: told.add})
		handle(t, h, record(slog.LevelInfo, "m", a))
		errs := told.all()
		if len(errs) != 1 && want != "" || want == "" && len(errs) > 0 {
			t.Errorf("%s: told %v", want, errs)
			continue
		}
		if full := "handlers: redact: " + want + " can't be looked into, and is hidden"; want != "" && errs[0].Error() != full {
			t.Errorf("%q, want %q", errs[0], full)
		}
	}
}

type panicsFormatting struct{}

func (panicsFormatting) Format(fmt.State, rune) { panic(secret) }

type failsMarshaling struct{}

func (failsMarshaling) MarshalText() ([]byte, error) { return nil, errors.New(secret) }

// Patterns and types are hidden beside the default keys, unless the keys are said to be none.
func TestRedactDefaultKeys(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{{nil, "[REDACTED]"}, {[]string{}, "x"}, {[]string{"pin"}, "x"}} {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewRedact(rec, handlers.RedactOptions{Keys: c.keys, Patterns: []*regexp.Regexp{cardNumber}, Types: []reflect.Type{reflect.TypeFor[bool]()}})
		slog.New(h).Info("m", "password", "x")
		if got := rec.Records()[0].Attrs["password"]; got != c.want {
			t.Errorf("keys %q: %v, want %v", c.keys, got, c.want)
		}
	}
}

// A chained is a LogValuer that leads to another.
type chained struct {
	ID    int
	Next  *chained
	calls *int
}

func (c *chained) LogValue() slog.Value {
	*c.calls++
	if c.Next == nil {
		return slog.GroupValue(slog.Int("id", c.ID))
	}
	return slog.GroupValue(slog.Int("id", c.ID), slog.Any("next", c.Next))
}

// LogValuers that lead to others within a value are looked into in a time that grows with the square of their
// number at most, and stay whole.
func TestRedactChain(t *testing.T) {
	const n = 14
	calls := 0
	var c *chained
	for i := range n {
		c = &chained{ID: i, Next: c, calls: &calls}
	}
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewRedact(rec, handlers.RedactOptions{OnError: func(err error) { t.Error(err) }})
	value := map[string]any{"a": c}
	slog.New(h).Info("m", "v", value)
	if got := rec.Records()[0].Attrs["v"]; !reflect.DeepEqual(got, value) {
		t.Errorf("it is not what it was: %v", got)
	}
	if calls > n*n {
		t.Errorf("LogValue was called %d times", calls)
	}
}
