package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
	"github.com/slogsuite/slogsuite/slogtree/config"
	"github.com/slogsuite/slogsuite/slogtree/configserver"
)

// applyTime bounds a change of the configuration, and the end of its handlers.
const applyTime = 10 * time.Second

// A configured is the tree that -config describes, with what may change it and look at it.
type configured struct {
	d             *daemon
	tree          *slogtree.Tree
	server, admin net.Listener // nil without their flags
	options       configserver.Options
	failed        atomic.Uint64 // errors of handlers
}

// configure returns the tree, or all that is wrong with its file.
func configure(d *daemon) (*configured, error) {
	c := &configured{d: d}
	c.tree = slogtree.New(slogtree.Options{OnError: func(err error) { c.failed.Add(1); d.trouble(err) }})
	if err := c.apply(func(string) {}); err != nil {
		return nil, err
	}
	return c, nil
}

// apply makes the tree as the file says, or leaves it.
func (c *configured) apply(changed func(string)) error {
	file, err := config.Options{OnError: c.d.trouble}.Load(c.d.o.config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), applyTime)
	defer cancel()
	report, err := file.Apply(ctx, c.tree)
	if report != nil {
		changed(report.String())
	}
	return err
}

// reload reads the file again, and opens files anew. A configuration that is wrong changes nothing, and is told.
func (c *configured) reload() {
	var changes string
	err := c.apply(func(text string) { changes = text })
	if errReopen := c.reopen(); errReopen != nil {
		complain(c.d, errReopen)
	}
	for line := range strings.Lines(changes) {
		c.d.say("%s", strings.TrimSuffix(line, "\n"))
	}
	if err != nil {
		complain(c.d, err)
		c.d.say("the configuration is as before")
		return
	}
	c.d.say("configured by %s", c.d.o.config)
}

// reopen opens files anew that may have been moved.
func (c *configured) reopen() error {
	var errs []error
	for l := range c.tree.All() {
		for _, h := range l.Handlers() {
			for inner := range handlers.All(h) {
				if file, ok := inner.(interface{ Reopen() error }); ok {
					errs = append(errs, file.Reopen())
				}
			}
		}
	}
	return errors.Join(errs...)
}

// listen opens the addresses of -configserver and -admin.
func (c *configured) listen(t *tls.Config) error {
	if c == nil {
		return nil
	}
	var errs []error
	open := func(name string, l *listen) net.Listener {
		if l == nil {
			return nil
		}
		nl, _, err := l.open()
		if err != nil {
			errs = append(errs, fmt.Errorf("-%s %s: %w", name, l, err))
			return nil
		}
		return nl
	}
	if l := c.d.o.admin; l != nil {
		if local, why := l.isLocal(); !local || l.network == "unix" {
			return fmt.Errorf("-admin %s is refused: it is for a loopback address and a browser here%s", l, because(why))
		}
	}
	key, err := readKey(c.d.o.configKey)
	errs = append(errs, err)
	c.options = configserver.Options{
		Config: config.Options{Root: c.d.o.configRoot, OnError: c.d.trouble},
		TLS:    t,
		HMAC:   key,
		Audit:  c.audit(),
	}
	c.server, c.admin = open("configserver", c.d.o.configserver), open("admin", c.d.o.admin)
	if c.server != nil {
		if err := configserver.Check(c.server.Addr(), c.tree, c.options); err != nil {
			errs = append(errs, fmt.Errorf("-configserver %s: %w (%s)", c.d.o.configserver, err, optionFlags))
		}
	}
	return errors.Join(errs...)
}

// optionFlags are the flags for what the errors of package configserver call Options.
const optionFlags = "-config-key is Options.HMAC, -tls-client-ca is Options.TLS with its ClientAuth, -config-root is Options.Config.Root"

// audit returns what tells of changes and refusals: on stderr, and not in the tree, whose records are those of
// others.
func (c *configured) audit() slog.Handler {
	return handlers.NewStream(c.d, formatters.Must(formatters.Percent("slogd: %(message)s", nil)), nil)
}

// announce says where it can be reached.
func (c *configured) announce() {
	if c == nil {
		return
	}
	if c.server != nil {
		c.d.say("configserver on %s", listen{c.d.o.configserver.network, c.server.Addr().String()})
	}
	if c.admin != nil {
		c.d.say("admin on http://%s/", c.admin.Addr())
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ", and " + why
}

// readKey returns what a file with a key in hexadecimal digits means, nil without one.
func readKey(name string) (*configserver.HMAC, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("-config-key: %w", err)
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, fmt.Errorf("-config-key %s: it is not hexadecimal digits, as openssl rand -hex 32 prints them", name)
	}
	return &configserver.HMAC{Key: key}, nil
}

// serve has both served until ctx ends, by do.
func (c *configured) serve(ctx context.Context, do func(func() error)) {
	if c == nil {
		return
	}
	if c.server != nil {
		do(func() error { return configserver.Serve(ctx, c.server, c.tree, c.options) })
	}
	if c.admin != nil {
		do(func() error { return c.serveAdmin(ctx) })
	}
}

func (c *configured) serveAdmin(ctx context.Context) error {
	s := http.Server{
		Handler:           admin.NewHandler(c.tree, admin.Options{Context: ctx, Audit: slog.New(c.audit())}),
		ReadHeaderTimeout: applyTime,
		ErrorLog:          stdlog.New(c.d, "slogd: admin: ", 0),
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(closed); s.Close() })
	err := s.Serve(c.admin)
	if stop() {
		close(closed)
	}
	<-closed
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// close closes all that is open.
func (c *configured) close() error {
	for _, l := range []net.Listener{c.server, c.admin} {
		if l != nil {
			l.Close()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), applyTime)
	defer cancel()
	return c.tree.Close(ctx)
}
