package config

import (
	"context"
	"errors"

	"github.com/slogsuite/slogsuite/slogtree"
)

type definitions struct{}

var errNotYet = errors.New("config: not yet")

func parseDict([]byte, Options) (*Config, error)                         { return nil, errNotYet }
func (c *Config) check(*slogtree.Tree) error                             { return errNotYet }
func (c *Config) plan(*slogtree.Tree) (*Plan, error)                     { return nil, errNotYet }
func (c *Config) apply(context.Context, *slogtree.Tree) (*Report, error) { return nil, errNotYet }
func dump(*slogtree.Tree) ([]byte, error)                                { return nil, errNotYet }

// finish looks up kinds, decodes options and checks references of s.
func finish(s *spec, p *problems, o Options) (*Config, error) { return nil, errNotYet }
