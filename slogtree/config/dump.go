package config

import "github.com/slogsuite/slogsuite/slogtree"

func dump(*slogtree.Tree) ([]byte, error) { return nil, errNoTree }
