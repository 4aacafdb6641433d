package config

import (
	"strings"
	"testing"
)

// What is wrong with a section is told, though a later one with the same qualname takes its place.
func TestINIReplacedLogger(t *testing.T) {
	_, err := ParseINI([]byte(`[loggers]
keys=root,a,b
[handlers]
keys=
[formatters]
keys=
[logger_root]
level=LOUD
handlers=
[logger_a]
level=INFO
qualname=
handlers=
[logger_b]
level=INFO
qualname=
handlers=nope
`), Options{})
	for _, want := range []string{`logger_root.level: "LOUD"`, `"nope": there is no handler`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	_, err = ParseINI([]byte("[loggers]\nkeys=root,a\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nhandlers=nope\n[logger_a]\nqualname=\nhandlers=\n"), Options{})
	if err == nil || !strings.Contains(err.Error(), `"nope": there is no handler`) {
		t.Errorf("%v", err)
	}
}
