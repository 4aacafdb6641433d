package config

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// With fail_down a failover writes to its file what its socket can't send.
func TestFailDown(t *testing.T) {
	dir := t.TempDir()
	told := make(chan error, 10)
	tree := slogtree.New(slogtree.Options{OnError: func(error) {}})
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // what waits for the socket waits in vain
		_ = tree.Close(ctx)
	})
	file := filepath.Join(dir, "instead.log")
	_, err := parse(t, m{
		"version": 1,
		"handlers": m{
			"net":  m{"class": "socket", "path": filepath.Join(dir, "nobody.sock"), "fail_down": true, "close_timeout": "1ms", "retry_min": "1h", "retry_max": "1h"},
			"file": m{"class": "file", "filename": file},
			"both": m{"class": "failover", "handlers": []string{"net", "file"}},
		},
		"root": m{"handlers": []string{"both"}},
	}, Options{OnError: func(err error) { told <- err }}).Apply(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	tree.Root().Warn("taken: nothing is known yet")
	<-told // that there is no such socket
	tree.Root().Warn("refused")
	if text, err := os.ReadFile(file); err != nil || string(text) != "refused\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
}
