package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A document from elsewhere writes in its root, and nowhere else.
func TestRoot(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, link := range [][2]string{{outside, "out"}, {filepath.Join(outside, "new.log"), "file.log"}, {"sub", "in"}, {"../x", "up"}} {
		if err := os.Symlink(link[0], filepath.Join(root, link[1])); err != nil {
			t.Skip(err)
		}
	}
	for _, c := range []struct {
		kind, option, name string
		ok                 bool
	}{
		{"file", "filename", "a.log", true},
		{"file", "filename", "new/dir/a.log", true},
		{"file", "filename", "in/b.log", true},
		{"file", "filename", filepath.Join(root, "c.log"), true},
		{"file", "filename", "sub/../d.log", true},
		{"file", "filename", "../a.log", false},
		{"file", "filename", "sub/../../a.log", false},
		{"file", "filename", filepath.Join(outside, "a.log"), false},
		{"file", "filename", "/etc/passwd", false},
		{"file", "filename", "out/a.log", false},
		{"file", "filename", "out/new/dir/a.log", false},
		{"file", "filename", "file.log", false},
		{"file", "filename", "up/a.log", false},
		{"file", "filename", "sub", false},
		{"rotating_file", "filename", "r.log", true},
		{"rotating_file", "filename", "../r.log", false},
		{"watched_file", "filename", "../r.log", false},
		{"timed_rotating_file", "filename", "out/r.log", false},
		{"rotating_file", "symlink", "../link", false},
		{"rotating_file", "symlink", "current.log", true},
		{"socket", "host", "sub/socket", true},
		{"socket", "host", "/var/run/docker.sock", false},
		{"socket", "path", "../socket", false},
	} {
		h := m{"class": c.kind, c.option: c.name}
		if c.option == "symlink" {
			h["filename"] = "linked.log"
		}
		tree := newTree(t)
		cfg := parse(t, m{"version": 1, "handlers": m{"h": h}, "root": m{"handlers": []string{"h"}}}, Options{Root: root, Filename: "remote"})
		before := snapshot(t, outside)
		checked := cfg.Check(tree)
		_, err := cfg.Apply(t.Context(), tree)
		var typed *Error
		if (err == nil) != c.ok || (checked == nil) != c.ok || err != nil && (!errors.As(err, &typed) || typed.Path != "handlers.h."+c.option) {
			t.Errorf("%s %s=%s: Check %v, Apply %v", c.kind, c.option, c.name, checked, err)
		}
		if c.kind != "socket" { // nobody is there to take it
			tree.Root().Error("x")
		}
		if after := snapshot(t, outside); after != before {
			t.Errorf("%s %s=%s changed\n%s", c.kind, c.option, c.name, after)
		}
	}
	if text, err := os.ReadFile(filepath.Join(root, "new", "dir", "a.log")); err != nil || string(text) != "x\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// Options.Kinds bounds what a document may use.
func TestKindsAllowed(t *testing.T) {
	document := `{"version":1,"formatters":{"f":{"format":"%(message)s"}},"filters":{"n":{}},
		"handlers":{"file":{"class":"logging.FileHandler","filename":"x"},"out":{"class":"logging.StreamHandler","formatter":"f"}}}`
	_, err := ParseDict([]byte(document), Options{Kinds: []string{"stream", "text"}})
	for _, want := range []string{`handlers of kind "file" are not allowed`, `filters of kind "name" are not allowed`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	if _, err := ParseDict([]byte(document), Options{Kinds: []string{"stream", "text", "file", "name"}}); err != nil {
		t.Error(err)
	}
	if _, err := ParseDict([]byte(document), Options{Kinds: []string{}}); err == nil || strings.Contains(err.Error(), "panic") {
		t.Error("an empty list allows nothing")
	}
}

// Each kind can be made from its required options alone.
func TestEachKind(t *testing.T) {
	dir := t.TempDir()
	reg := DefaultRegistry()
	for _, k := range reg.Kinds() {
		if k.Handler == nil {
			continue
		}
		h := m{"class": k.Name}
		for _, o := range k.Options {
			switch {
			case !o.Required:
			case o.Type == TypePath:
				h[o.Name] = filepath.Join(dir, k.Name)
			case o.Type == TypeInt:
				h[o.Name] = 1
			case o.Type == TypeHandler:
				h[o.Name] = "null"
			case o.Type == TypeHandlers:
				h[o.Name] = []string{"null"}
			case o.Name == "url":
				h[o.Name] = "http://localhost:9/"
			case o.Name == "from" || o.Name == "to":
				h[o.Name] = "log@localhost"
			default:
				h[o.Name] = "localhost"
			}
		}
		if k.Name == "socket" || k.Name == "datagram" {
			h["host"], h["port"] = "127.0.0.1", 9
		}
		tree := newTree(t)
		apply(t, tree, m{"version": suiteVersion, "handlers": m{"h": h, "null": m{"class": "null"}}, "root": m{"handlers": []string{"h"}}})
		if _, err := Dump(tree); err != nil || len(tree.Root().Handlers()) != 1 {
			t.Errorf("%s: %v", k.Name, err)
		}
		apply(t, tree, m{"version": suiteVersion, "root": m{"level": "INFO"}})
	}
}

// Files of certificates are read in the root, and nowhere else: not even an error tells what is outside.
func TestRootCertificates(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	for _, dir := range []string{outside, root} {
		if err := os.WriteFile(filepath.Join(dir, "own.pem"), []byte(pem), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "long.pem"), make([]byte, maxRead+1), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "own.pem"), filepath.Join(root, "link.pem")); err != nil {
		t.Skip(err)
	}
	const read = "has no certificate" // what is said of a file that was read
	for name, want := range map[string]string{
		"own.pem": read, filepath.Join(root, "own.pem"): read,
		"long.pem": "longer than", "missing.pem": "no such file",
		"../own.pem": "leads out", filepath.Join(outside, "own.pem"): "leads out", filepath.Join(outside, "missing.pem"): "leads out", "link.pem": "path escapes",
	} {
		for _, option := range []string{"tls_ca", "tls_cert"} {
			h := m{"class": "socket", "host": "localhost", "port": 9, "tls": true, option: name}
			if option != "tls_ca" {
				h["tls_key"] = name
			}
			text, err := json.Marshal(m{"version": 1, "handlers": m{"h": h}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseDict(text, Options{Root: root})
			if want == read && option != "tls_ca" {
				want = "found a certificate rather than a key"
			}
			if !strings.Contains(fmt.Sprint(err), want) && (runtime.GOOS != "windows" || err == nil) { // which has other words
				t.Errorf("%s=%s: %v, want %s", option, name, err, want)
			}
		}
	}
}
