package slogtree_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// A console that shows logger names, as all examples here have it.
func console(tree *slogtree.Tree) {
	f := formatters.Must(formatters.Percent("%(levelname)-8s %(name)s: %(message)s", nil))
	tree.Root().AddHandler(handlers.NewStream(os.Stdout, f, nil))
}

func Example() {
	tree := slogtree.New(slogtree.Options{})
	console(tree)

	db := tree.Get("app.db")
	db.Info("connected", "host", "db1")
	db.Debug("not shown: the root's level is INFO")

	tree.Get("app").SetLevel(slog.LevelDebug)
	db.Debug("shown now")
	// Output:
	// INFO     app.db: connected host=db1
	// DEBUG    app.db: shown now
}

func ExampleTree_SetLevels() {
	tree := slogtree.New(slogtree.Options{})
	if err := tree.SetLevels("root=warn,app.*.http=debug"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(tree.Explain("app.users.http"))
	fmt.Println(tree.Explain("app.users"))
	fmt.Println(tree.SetLevels("app.db=loud"))
	// Output:
	// app.users.http: DEBUG, by rule "app.*.http=debug" in SetLevels
	// app.users: WARNING, inherited from root, by rule "root=warn" in SetLevels
	// slogtree: SetLevels: column 8: level rule "app.db=loud": unknown level "loud"; known are DEBUG, INFO, WARNING, ERROR, CRITICAL, NOTSET and forms such as INFO+2
}

func ExampleTree_String() {
	tree := slogtree.New(slogtree.Options{})
	console(tree)
	tree.Get("app.db").SetLevel(slog.LevelDebug)
	fmt.Print(tree)
	// Output:
	// LOGGER    LEVEL  EFFECTIVE  PROPAGATE  HANDLERS        FILTERS
	// root      INFO   INFO       -          Stream(stdout)  -
	//   app.db  DEBUG  DEBUG      yes        -               -
}

func ExampleLogger_With() {
	tree := slogtree.New(slogtree.Options{})
	console(tree)
	request := tree.Get("app").With("request", 7)
	tree.Get("app").SetLevel(slog.LevelError) // request was made before, and obeys
	request.Warn("not shown")
	request.Error("shown")
	// Output:
	// ERROR    app: shown request=7
}

func ExampleLogger_AddFilter() {
	tree := slogtree.New(slogtree.Options{})
	console(tree)
	log := tree.Get("app")
	log.AddFilter(handlers.FilterFunc(func(_ context.Context, logger string, r slog.Record) (slog.Record, bool) {
		r.Message = strings.ReplaceAll(r.Message, "hunter2", "******")
		return r, true
	}))
	log.Info("password is hunter2")
	// Output:
	// INFO     app: password is ******
}

func ExampleLogger_RemoveHandler() {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	file, err := handlers.NewFile(os.DevNull, nil, nil, handlers.FileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tree.Root().AddHandler(file)
	tree.Get("app").Info("to the file")

	removed, err := tree.Root().RemoveHandler(context.Background(), file)
	fmt.Println(removed, err) // no record is in the file now, nor ever will be
	fmt.Println(file.Close())
	// Output:
	// true <nil>
	// <nil>
}

// The wrong way: to keep a handler that was removed with a ctx that ended
// too early, and close it. The error says that a record may be in it still.
func ExampleLogger_RemoveHandler_wrong() {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	tree.Root().AddHandler(slog.DiscardHandler)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	removed, err := tree.Root().RemoveHandler(ended, slog.DiscardHandler)
	fmt.Println(removed, err) // here nothing was in flight, so it is safe after all
	// Output:
	// true <nil>
}

func ExampleBasic() {
	closeLog, err := slogtree.Basic(slogtree.BasicOptions{
		Level:  slog.LevelDebug,
		Format: "%(levelname)s:%(name)s:%(message)s",
		Stream: os.Stdout,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeLog(context.Background())
	slogtree.Get("app").Debug("hello")
	// Output:
	// DEBUG:app:hello
}

// Two settings change in one step, unless somebody else configures these
// loggers at the same time.
func ExampleTree_CompareAndReplace() {
	tree := slogtree.New(slogtree.Options{})
	api, db := tree.Get("api"), tree.Get("db")
	for {
		old := map[string]slogtree.Setting{"api": api.Setting(), "db": db.Setting()}
		quiet := map[string]slogtree.Setting{}
		for name, s := range old {
			s.Level, s.By = max(s.Level, slog.LevelWarn), "the night shift"
			quiet[name] = s
		}
		if _, err := tree.CompareAndReplace(context.Background(), old, quiet); !errors.Is(err, slogtree.ErrConflict) {
			fmt.Println(err)
			break
		}
	}
	fmt.Println(tree.Explain("db"))
	// Output:
	// <nil>
	// db: WARNING, by the night shift
}
