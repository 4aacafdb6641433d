//go:build unix

package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/slogtree"
)

// A tree takes records by Tree.Handler, which nothing but a program may import beside package
// receiver: to the handlers on the path of their loggers, whatever the loggers' levels, but not the
// handlers', with their names once, and no logger is made.
func TestTree(t *testing.T) {
	tree := slogtree.New(slogtree.Options{RootLevel: slogtree.LevelCritical})
	var root, app, foreign bytes.Buffer
	format := formatters.Must(formatters.Percent("%(name)s %(message)s", nil))
	tree.Root().AddHandler(handlers.NewStream(&root, format, nil))
	tree.Root().AddHandler(slog.NewTextHandler(&foreign, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.MessageKey || a.Key == "logger" {
			return a
		}
		return slog.Attr{}
	}}))
	tree.Get("app").AddHandler(handlers.NewStream(&app, format, slog.LevelError))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &receiver.Server{Target: tree.Handler}
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(bytes.Join([][]byte{record("one"), record("two"), bytes.ReplaceAll(record("three"), []byte("app.part"), []byte("app.othr"))}, nil)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if root.String() != "app.part one\napp.part two\napp.othr three\n" || app.Len() > 0 {
		t.Errorf("root %q, app %q", root.String(), app.String())
	}
	if want := "msg=one logger=app.part\nmsg=two logger=app.part\nmsg=three logger=app.othr\n"; foreign.String() != want {
		t.Errorf("foreign %q, want %q", foreign.String(), want)
	}
	names := 0
	for range tree.All() {
		names++
	}
	if names != 2 {
		t.Errorf("there are %d loggers, where root and app were made", names)
	}
}
