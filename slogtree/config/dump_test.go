package config

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// A rich is a document that has something of everything.
func rich(dir string) m {
	return m{
		"version": suiteVersion,
		"formatters": m{
			"f": m{"format": "{levelname} {message}", "style": "{", "datefmt": "%H", "defaults": m{"user": "nobody", "n": 1}, "strict": true, "zone": "UTC"},
			"j": m{"()": "json", "fields": []string{"name", "message"}, "keys": m{"name": "n"}, "time_unit": "1ms", "duplicates": "last"},
		},
		"filters": m{"a": m{"name": "app"}, "b": m{"()": "logging.Filter", "name": "app.b"}},
		"handlers": m{
			"file":  m{"class": "file", "filename": filepath.Join(dir, "a.log"), "perm": "0600", "formatter": "f", "level": "INFO+2", "filters": []string{"a", "b"}},
			"rot":   m{"class": "logging.handlers.TimedRotatingFileHandler", "filename": filepath.Join(dir, "r.log"), "when": "midnight", "backupCount": 3, "compress": "gzip", "formatter": "j", ".": m{"terminator": "\r\n"}},
			"mem":   m{"class": "logging.handlers.MemoryHandler", "capacity": 10, "target": "file", "flushLevel": "CRITICAL"},
			"queue": m{"class": "queue", "handlers": []string{"mem", "rot"}, "records": 100, "max_wait": 1.5},
			"out":   m{"class": "stream", "stream": "ext://sys.stdout"},
			"net":   m{"class": "socket", "host": "localhost", "port": 9, "protocol": "json", "retry_factor": 1.5, "buffer_bytes": "1 MiB"},
			"idle":  m{"class": "null"},
		},
		"loggers": m{
			"app":       m{"level": "DEBUG", "handlers": []string{"queue", "out"}, "filters": []string{"a"}},
			"app.b":     m{"propagate": false, "handlers": []string{"net"}},
			"odd.. x":   m{"disabled": true, "level": "DEBUG-1"},
			"app.\"q\"": m{"level": "ERROR"},
		},
		"root": m{"level": "WARNING", "handlers": []string{"out"}},
	}
}

// What Dump writes makes the same tree again, and dumps to the same.
func TestDump(t *testing.T) {
	first, second := newTree(t), newTree(t)
	apply(t, first, rich(t.TempDir()))
	one, err := Dump(first)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseDict(one, Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, one)
	}
	if _, err := c.Apply(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	two, err := Dump(second)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("%v\n%s\nand then\n%s", err, one, two)
	}
	if a, b := first.String(), second.String(); a != b {
		t.Errorf("the tree is\n%s\nand was\n%s", b, a)
	}
	// To the tree that it was made of it changes nothing.
	p, err := c.Plan(first)
	if err != nil || !p.Empty() {
		t.Errorf("%s, %v", p, err)
	}
}

// What no configuration has made is named.
func TestDumpLeavesOut(t *testing.T) {
	tree := newTree(t)
	tree.Get("a").AddHandler(slog.NewJSONHandler(bytes.NewBuffer(nil), nil))
	data, err := Dump(tree)
	if err == nil || !strings.Contains(err.Error(), "loggers.a.handlers[0]") || !bytes.Contains(data, []byte(suiteVersion)) {
		t.Errorf("%s, %v", data, err)
	}
	if _, err := Dump(nil); err == nil {
		t.Error("no tree, and no error")
	}
}

// FuzzParseDict: no document panics, or takes more than its share; what is taken can be dumped, and that is taken again
// and dumps to the same.
func FuzzParseDict(f *testing.F) {
	f.Add([]byte(`{"version":1,"handlers":{"h":{"class":"logging.StreamHandler","level":"INFO"}},"root":{"handlers":["h"]}}`))
	f.Add([]byte("version: 1\nx: &x {level: 10}\nloggers: {a: *x, b: {<<: *x, propagate: no}}\n"))
	f.Add([]byte(`{"version":"slogsuite/1","filters":{"f":{"name":"a"}},"loggers":{"a":{"filters":["f"],"disabled":true}}}`))
	f.Add([]byte(`{"version":1,"c":{"x":["m"]},"handlers":{"m":{"class":"memory","capacity":"cfg://c.x[0]"}}}`))
	f.Add([]byte(`{"version":1,"incremental":true,"root":{"level":"DEBUG"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseDict(data, Options{Kinds: []string{"stream", "memory", "null", "queue", "text", "json", "logfmt", "console", "name"}})
		if err != nil {
			return
		}
		tree, again := slogtree.New(slogtree.Options{}), slogtree.New(slogtree.Options{})
		defer tree.Close(t.Context())
		defer again.Close(t.Context())
		if _, err := c.Apply(t.Context(), tree); err != nil {
			return
		}
		one, err := Dump(tree)
		if err != nil {
			t.Fatal(err)
		}
		c, err = ParseDict(one, Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, one)
		}
		if _, err := c.Apply(t.Context(), again); err != nil {
			t.Fatalf("%v\n%s", err, one)
		}
		if two, err := Dump(again); err != nil || !bytes.Equal(one, two) {
			t.Fatalf("%v\n%s\nand then\n%s", err, one, two)
		}
	})
}
