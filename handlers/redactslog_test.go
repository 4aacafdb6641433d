package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

type (
	credentials  struct{ Password string }
	holder       struct{ V any }
	marshaledKey int
	printedKey   string
	codedJSON    struct{ p string }
	groupValuer  struct{ p string }
	evasive      struct{ text string }
)

func (marshaledKey) MarshalText() ([]byte, error) { return []byte("password"), nil }
func (printedKey) String() string                 { return "password" }

func (c codedJSON) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"password": c.p})
}

func (g groupValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.Group("in", slog.String("PassWord", g.p)))
}

// evasive shows its text to those who ask for Error only.
func (e *evasive) Error() string              { return e.text }
func (e *evasive) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "no text") }

const (
	redactSecret = "hunter2"
	redactCard   = "4111111111111111"
)

// redactSinks are handlers that ask values for their text in different ways.
var redactSinks = map[string]func(*bytes.Buffer) slog.Handler{
	"text":   func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	"json":   func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	"stream": func(b *bytes.Buffer) slog.Handler { return handlers.NewStream(b, nil, nil) },
}

func leaks(text string) bool {
	return strings.Contains(text, redactSecret) || strings.Contains(text, redactCard)
}

// TestRedactKeysThatAreNoFields has secrets under names which the value itself, as package reflect
// sees it, does not have.
func TestRedactKeysThatAreNoFields(t *testing.T) {
	attr := slog.String("password", redactSecret)
	group := slog.GroupValue(attr)
	for name, v := range map[string]any{
		"attr in a slice":      []any{attr},
		"pointer to an attr":   []*slog.Attr{&attr},
		"attr in a struct":     holder{attr},
		"group attr":           holder{slog.Group("g", attr)},
		"value in a map":       map[string]any{"a": group},
		"values":               []slog.Value{group},
		"pointer to a value":   []*slog.Value{&group},
		"struct in a value":    map[string]slog.Value{"a": slog.AnyValue(credentials{redactSecret})},
		"LogValuer in a slice": []any{groupValuer{redactSecret}},
		"LogValuer in a value": []slog.Value{slog.AnyValue(groupValuer{redactSecret})},
		"reflect.Value":        reflect.ValueOf(credentials{redactSecret}),
		"marshaled map key":    map[marshaledKey]string{1: redactSecret},
		"printed map key":      map[printedKey]string{"p": redactSecret},
		"key in an interface":  map[any]string{printedKey("p"): redactSecret},
		"key in its own JSON":  codedJSON{redactSecret},
		"error's other text":   &evasive{redactCard},
	} {
		for sink, open := range redactSinks {
			var b bytes.Buffer
			h := handlers.NewRedact(open(&b), handlers.RedactOptions{
				Keys: handlers.DefaultRedactKeys(), Patterns: []*regexp.Regexp{regexp.MustCompile(`\b\d{16}\b`)},
			})
			slog.New(h).Info("m", "k", v)
			if leaks(b.String()) || h.Stats().Redacted != 1 {
				t.Errorf("%s, %s: %s%+v", name, sink, &b, h.Stats())
			}
		}
	}
}

func TestRedactLeavesWhatSlogSeesAlone(t *testing.T) {
	for _, v := range []any{
		[]any{slog.String("user", "ann")}, holder{slog.Group("g", "a", 1)}, []slog.Value{slog.IntValue(1)},
		holder{groupOf{}}, reflect.ValueOf(holder{1}), map[printedUser]int{"u": 1},
	} {
		var b, want bytes.Buffer
		h := handlers.NewRedact(handlers.NewStream(&b, nil, nil), handlers.RedactOptions{})
		slog.New(h).Info("m", "k", v)
		slog.New(handlers.NewStream(&want, nil, nil)).Info("m", "k", v)
		if b.String() != want.String() || h.Stats().Redacted != 0 {
			t.Errorf("got %s, want %s, %+v", &b, &want, h.Stats())
		}
	}
}

type (
	groupOf     struct{}
	printedUser string
)

func (groupOf) LogValue() slog.Value { return slog.GroupValue(slog.String("user", "ann")) }
func (printedUser) String() string   { return "user" }

// TestRedactTwice has one Redact look into what another has made of a value.
func TestRedactTwice(t *testing.T) {
	both := struct {
		Password, Card string
		Rest           string
	}{redactSecret, redactCard, "rest"}
	tagged := struct {
		Password string `json:"p"`
		Card     string `json:"c"`
	}{redactSecret, redactCard}
	patterns := handlers.RedactOptions{Patterns: []*regexp.Regexp{regexp.MustCompile(`\b\d{16}\b`)}}
	for _, v := range []any{
		both, tagged, map[string]any{"password": redactSecret, "n": redactCard},
		fmt.Errorf("card %s: %w", redactCard, &evasive{redactCard}),
	} {
		for sink, open := range redactSinks {
			for i, o := range [][2]handlers.RedactOptions{{{}, patterns}, {patterns, {}}} {
				var b bytes.Buffer
				h := handlers.NewRedact(handlers.NewRedact(open(&b), o[0]), o[1])
				slog.New(h).Info("m", "k", v)
				if leaks(b.String()) {
					t.Errorf("%s, %d: %s", sink, i, &b)
				}
			}
		}
	}
}

// TestRedactTwiceKeepsTheRest has what the first Redact has hidden do for the second.
func TestRedactTwiceKeepsTheRest(t *testing.T) {
	both := struct{ Password, Card, Rest string }{redactSecret, redactCard, "rest"}
	keys := func(names ...string) handlers.RedactOptions { return handlers.RedactOptions{Keys: names} }
	digits := handlers.RedactOptions{Keys: []string{"none"}, Patterns: []*regexp.Regexp{regexp.MustCompile(`\b\d{16}\b`)}}
	for _, o := range [][2]handlers.RedactOptions{
		{keys("password", "card"), keys("card", "password")}, {digits, keys("password")}, {keys("card"), {Keys: []string{"card", "password"}}},
	} {
		for sink, want := range map[string]string{
			"json":   `"k":{"Password":"[REDACTED]","Card":"[REDACTED]","Rest":"rest"}}`,
			"stream": `m k="{Password:[REDACTED] Card:[REDACTED] Rest:rest}"`,
		} {
			var b bytes.Buffer
			h := handlers.NewRedact(handlers.NewRedact(redactSinks[sink](&b), o[0]), o[1])
			slog.New(h).Info("m", "k", both)
			if !strings.HasSuffix(b.String(), want+"\n") {
				t.Errorf("got %s, want %s", &b, want)
			}
		}
	}
}

type endlessPair struct{}

func (endlessPair) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", endlessPair{}), slog.Any("b", endlessPair{}))
}

// TestRedactLogValuersWithoutEnd would take 2^32 calls of LogValue.
func TestRedactLogValuersWithoutEnd(t *testing.T) {
	var b bytes.Buffer
	h := handlers.NewRedact(handlers.NewStream(&b, nil, nil), handlers.RedactOptions{OnError: func(error) {}})
	slog.New(h).Info("m", "k", endlessPair{}, "after", 1)
	if !strings.Contains(b.String(), "after=1") {
		t.Errorf("what comes after is not there: %.200s", &b)
	}
}

type (
	pinned     struct{ Pin string }
	embedsPin  struct{ pinned }
	renamesPin struct {
		P pinned `json:"x"`
	}
	deepPin struct {
		*Middle
		M Middle `json:"middle"`
	}
	Middle struct{ pinned }
)

// TestRedactPathsOfMembers has paths by the names that fmt shows, and by those that JSON does.
func TestRedactPathsOfMembers(t *testing.T) {
	embedded, renamed := embedsPin{pinned{redactSecret}}, renamesPin{pinned{redactSecret}}
	deep := deepPin{M: Middle{pinned{redactSecret}}}
	for _, c := range []struct {
		key   string
		v     any
		hides bool
	}{
		{"user.pin", embedded, true}, {"user.pinned.pin", embedded, true}, {"user.pin", &embedded, true}, {"pin.user", embedded, false},
		{"user.p.pin", renamed, true}, {"user.x.pin", renamed, true}, {"user.pin", renamed, false}, {"user.p.x.pin", renamed, false},
		{"user.m.pin", deep, true}, {"user.middle.pin", deep, true}, {"user.m.pinned.pin", deep, true}, {"user.middle.pinned.pin", deep, true},
		{"user.pin", deep, false}, {"user.a.pin", map[string]any{"a": embedded}, true}, {"user.pin", map[string]any{"a": embedded}, false},
	} {
		for sink, open := range redactSinks {
			var b bytes.Buffer
			h := handlers.NewRedact(open(&b), handlers.RedactOptions{Keys: []string{c.key}})
			slog.New(h).Info("m", "user", c.v)
			if strings.Contains(b.String(), redactSecret) != !c.hides && (sink != "json" || c.hides) {
				t.Errorf("%s, %s: %s", c.key, sink, &b)
			}
			b.Reset()
			h = handlers.NewRedact(open(&b), handlers.RedactOptions{Keys: []string{c.key}})
			slog.New(h).WithGroup("user").Info("m", "a", c.v)
			if c.hides && strings.Contains(b.String(), "REDACTED") {
				t.Errorf("%s, %s: in another place: %s", c.key, sink, &b)
			}
		}
	}
}

// TestRedactDigitsOfFloats has what JSON decodes into a float64.
func TestRedactDigitsOfFloats(t *testing.T) {
	const card = 4111111111111111.0
	for _, v := range []any{card, []any{card}, map[string]any{"n": card}, struct{ N float64 }{card}, slog.GroupValue(slog.Float64("n", card))} {
		for sink, open := range redactSinks {
			var b bytes.Buffer
			h := handlers.NewRedact(open(&b), handlers.RedactOptions{Patterns: []*regexp.Regexp{regexp.MustCompile(`\b\d{16}\b`)}})
			slog.New(h).Info("m", "k", v, "f", 0.25)
			if got := b.String(); !strings.Contains(got, "[REDACTED]") || leaks(got) || strings.Contains(got, "e+15") || !strings.Contains(got, "0.25") {
				t.Errorf("%T, %s: %s", v, sink, got)
			}
		}
	}
}

type causing struct{ of error }

func (c causing) Error() string { return "outer: " + c.of.Error() }
func (c causing) Cause() error  { return c.of }

type ownCause struct{ text string }

func (c ownCause) Error() string { return c.text }
func (c ownCause) Cause() error  { return c }

type failedLogin struct{ Password string }

func (f failedLogin) Error() string { return "not the password: " + f.Password }

func TestRedactCause(t *testing.T) {
	for v, want := range map[error]string{causing{failedLogin{redactSecret}}: "", ownCause{"plain"}: "m k=plain\n"} {
		for sink, open := range redactSinks {
			var b bytes.Buffer
			slog.New(handlers.NewRedact(open(&b), handlers.RedactOptions{})).Info("m", "k", v)
			if leaks(b.String()) || sink == "stream" && want != "" && b.String() != want {
				t.Errorf("%T, %s: %s", v, sink, &b)
			}
		}
	}
}
