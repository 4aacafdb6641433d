package configserver

import (
	"fmt"
	"strings"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// names bound how many loggers documents make that the program has not: a tree keeps those that are
// configured, and a later document that does not name them does not remove them. It is for one document at a time.
type names struct {
	tree *slogtree.Tree
	max  int
	made int // by documents before
}

// fresh returns how many names a document adds to the tree, with the parts of names above them, each of which
// takes a place too, or that they are too many.
func (n *names) fresh(c *config.Config) (int, error) {
	left := n.max - n.made
	seen := map[string]bool{}
	for _, name := range c.Loggers() {
		for at := name; at != "" && !seen[at] && n.tree.Lookup(at) == nil; at = at[:max(0, strings.LastIndexByte(at, '.'))] {
			if len(seen) == left {
				return 0, fmt.Errorf("it names more than %d loggers that do not exist, counting the parts of their names: documents may make %d, and have made %d", left, n.max, n.made)
			}
			seen[at] = true
		}
	}
	return len(seen), nil
}

// count notes what a document has made of its fresh names: one whose settings are those of any new logger
// makes none.
func (n *names) count(c *config.Config, fresh int) {
	still, err := n.fresh(c)
	if err == nil {
		n.made += fresh - still
	}
}
