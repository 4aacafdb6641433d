package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRouterKind checks that conditions of a document decide which handler gets a record.
func TestRouterKind(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) m { return m{"class": "file", "filename": filepath.Join(dir, name)} }
	tree := newTree(t)
	apply(t, tree, m{
		"version": suiteVersion,
		"handlers": m{
			"errors": file("errors"), "audit": file("audit"), "users": file("users"), "rest": file("rest"),
			"router": m{
				"class": "router", "handlers": []string{"errors", "audit", "users"}, "default": "rest",
				"routes": m{"errors": m{"level": "ERROR"}, "audit": m{"logger": "app.audit", "below": "WARNING"}, "users": m{"key": "user", "value": "ada"}},
			},
		},
		"root": m{"level": "DEBUG", "handlers": []string{"router"}},
	})
	tree.Get("app").Error("one")
	tree.Get("app.audit").Info("two")
	tree.Get("app.audit").Warn("three")
	tree.Get("app").Info("four", "user", "ada")
	apply(t, tree, m{"version": suiteVersion})
	for name, want := range map[string]string{"errors": "one", "audit": "two", "rest": "three", "users": "four user=ada"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.TrimSpace(string(text)) != want {
			t.Errorf("%s: %q, %v; want %q", name, text, err, want)
		}
	}
}

// TestKindMistakes checks that options which can't go together are told when the document is read.
func TestKindMistakes(t *testing.T) {
	null := `"n": {"class": "null"}, `
	for handler, want := range map[string]string{
		`{"class": "router", "handlers": ["n"], "routes": {"x": {}}}`:                     `"x" is not among handlers`,
		`{"class": "router", "handlers": ["n"], "routes": {"n": {"level": "LOUD"}}}`:      "routes.n.level",
		`{"class": "router", "handlers": ["n"], "routes": {"n": {"colour": "red"}}}`:      "there is no such condition",
		`{"class": "router", "handlers": ["n"], "routes": {"n": {"value": 1}}}`:           "value needs key",
		`{"class": "smtp", "mailhost": "h", "from": "a@b", "to": ["x"]}`:                  "missing '@'",
		`{"class": "smtp", "mailhost": ["h", 99999], "from": "a@b", "to": "x@y"}`:         "a list of host and port",
		`{"class": "smtp", "mailhost": "h", "from": "a@b", "to": "x@y", "secure": ["k"]}`: "it must be empty",
		`{"class": "webhook", "url": "ftp://h/"}`:                                         "ftp",
		`{"class": "webhook", "url": "http://h/", "header": {"A": 1}}`:                    "must be text",
	} {
		_, err := ParseDict([]byte(`{"version": 1, "handlers": {`+null+`"h": `+handler+`}}`), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", handler, err, want)
		}
	}
}

// TestPythonSMTP checks that what Python's SMTPHandler is given is understood.
func TestPythonSMTP(t *testing.T) {
	const document = `
[loggers]
keys=root

[handlers]
keys=mail

[formatters]
keys=

[logger_root]
handlers=mail

[handler_mail]
class=handlers.SMTPHandler
level=ERROR
args=(('localhost', 2525), 'log@example.com', ['a@example.com', 'b@example.com'], 'Log', ('user', 'password'), ())
kwargs={'timeout': 10.0}
`
	c, err := ParseINI([]byte(document), Options{})
	if err != nil {
		t.Fatal(err)
	}
	tree := newTree(t)
	if _, err := c.Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	if got := tree.String(); !strings.Contains(got, "localhost:2525") {
		t.Errorf("got\n%s", got)
	}
}
