package config

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/slogtree"
)

// check is Check.
func (c *Config) check(tree *slogtree.Tree) error {
	if err := c.checkPaths(); err != nil {
		return err
	}
	if tree == nil {
		return nil
	}
	_, err := c.plan(tree)
	return err
}

func (c *Config) plan(tree *slogtree.Tree) (*Plan, error) {
	if tree == nil {
		return nil, errNoTree
	}
	if err := c.checkPaths(); err != nil {
		return nil, err
	}
	st := stateOf(tree)
	if err := st.take(context.Background()); err != nil {
		return nil, err
	}
	defer st.release()
	t, err := c.newTransition(tree, st, pretend)
	if err != nil {
		return nil, err
	}
	return &t.plan, nil
}

// pretend stands for a handler that Plan does not open.
func pretend(*definition, map[string]slog.Handler) (slog.Handler, error) { return &nullHandler{}, nil }

// checkPaths returns what is wrong with paths that the document names.
func (c *Config) checkPaths() error {
	var errs []error
	for _, d := range c.spec.defined.order {
		for _, o := range d.kind.Options {
			v := d.given[o.Name]
			if v == nil || !d.isPath(&o) {
				continue
			}
			if reason := c.wrongPath(v.v.(string), o.Type == TypePath); reason != "" {
				errs = append(errs, &Error{Filename: c.options.Filename, Line: v.at.line, Column: v.at.column, Path: v.path, Value: v.at.short(), Reason: reason})
			}
		}
	}
	return errors.Join(errs...)
}

func (c *Config) wrongPath(name string, file bool) string {
	if reason := escapes(c.options.Root, name); reason != "" {
		return reason
	}
	if info, err := os.Stat(confined(c.options.Root, name)); file && err == nil && info.IsDir() {
		return "it is a directory"
	}
	return ""
}
