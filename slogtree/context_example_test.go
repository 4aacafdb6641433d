package slogtree_test

import (
	"context"
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/slogtree"
)

// One request logs more than others, through all loggers of the tree.
func Example_contextLevel() {
	tree := slogtree.New(slogtree.Options{})
	console(tree)
	db := tree.Get("app.db")

	ctx := context.Background()
	db.DebugContext(ctx, "not shown: the root's level is INFO")
	db.DebugContext(contextattrs.WithLevel(ctx, slog.LevelDebug), "shown")
	db.InfoContext(contextattrs.WithLevel(ctx, slog.LevelWarn), "not shown")
	// Output:
	// DEBUG    app.db: shown
}
