// Modules is the recipe "Using logging in multiple modules" of Python's
// logging cookbook. The flags change its names.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/examples/modules/auxiliary"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	app     = flag.String("app", "spam_application", "name of the application's logger")
	mod     = flag.String("mod", "auxiliary", "name of the module's logger below it")
	cls     = flag.String("cls", "Auxiliary", "name of the class and of its logger below that")
	file    = flag.String("file", "spam.log", "file to log to")
	console = flag.String("console", "ERROR", "level of the console")
	format  = flag.String("fmt", "%(asctime)s - %(name)s - %(levelname)s - %(message)s", "format of both")
)

func main() {
	flag.Parse()
	consoleLevel, err := formatters.ParseLevel(*console)
	if err != nil {
		log.Fatal(err)
	}

	// create logger with the application's name
	logger := slogtree.Get(*app)
	logger.SetLevel(slog.LevelDebug)
	// create the formatter of both handlers
	formatter, err := formatters.Percent(*format, nil)
	if err != nil {
		log.Fatal(err)
	}
	// create file handler which logs even debug messages
	fh, err := handlers.NewFile(*file, formatter, slog.LevelDebug, handlers.FileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	// create console handler with a higher log level
	ch := handlers.NewStream(os.Stderr, formatter, consoleLevel)
	// add the handlers to the logger
	logger.AddHandler(fh)
	logger.AddHandler(ch)

	auxiliaryModule := auxiliary.Import(*app+"."+*mod, *cls)
	logger.Info("creating an instance of auxiliary_module." + *cls)
	a := auxiliaryModule.New()
	logger.Info("created an instance of auxiliary_module." + *cls)
	logger.Info("calling auxiliary_module." + *cls + ".do_something")
	a.DoSomething()
	logger.Info("finished auxiliary_module." + *cls + ".do_something")
	logger.Info("calling auxiliary_module.some_function()")
	auxiliaryModule.SomeFunction()
	logger.Info("done with auxiliary_module.some_function()")

	// Python does this when a program ends
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
