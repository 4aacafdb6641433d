// Package forest makes the trees of loggers that are measured.
package forest

import (
	"fmt"
	"log/slog"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Format is the line that the comparison with the other loggers is about.
const Format = "%(asctime)s %(name)s %(levelname)s %(message)s"

// Grown is a tree and the loggers that live in it. A tree lets go of loggers
// that nobody holds, so the loggers are held here.
type Grown struct {
	Tree *slogtree.Tree
	held []*slogtree.Logger
}

// Grow returns a tree of size loggers, none of which is on the way to a name
// of [shape.Dotted]. Only the root has a level, INFO, and a handler, h.
func Grow(size int, h slog.Handler) *Grown {
	g := &Grown{Tree: slogtree.New(slogtree.Options{})}
	g.Tree.Root().AddHandler(h)
	for i := range size {
		g.held = append(g.held, g.Tree.Get(fmt.Sprintf("service%d.module%d.part%d", i%10, i%1000, i)))
	}
	return g
}
