//go:build unix

package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A named pipe that nobody reads, or writes to, would hold up whoever opens it: a document from elsewhere may not.
func TestRootPipe(t *testing.T) {
	root := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	const want = "it is a named pipe"
	for _, kind := range []string{"file", "watched_file", "rotating_file", "timed_rotating_file"} {
		cfg := parse(t, m{"version": 1, "handlers": m{"h": m{"class": kind, "filename": "pipe"}}, "root": m{"handlers": []string{"h"}}}, Options{Root: root})
		done := make(chan error, 1)
		go func() {
			_, err := cfg.Apply(t.Context(), newTree(t))
			done <- err
		}()
		select {
		case err := <-done:
			if !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%s: %v", kind, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s waits for a pipe", kind)
		}
	}
	done := make(chan error, 1)
	go func() {
		_, err := ParseDict([]byte(`{"version":1,"handlers":{"h":{"class":"socket","host":"localhost","port":9,"tls":true,"tls_ca":"pipe"}}}`), Options{Root: root})
		done <- err
	}()
	select {
	case err := <-done:
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("a certificate is read from a pipe")
	}
}
