package config_test

import (
	"context"
	"fmt"
	"log"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

const document = `
version: 1
formatters:
  brief: {format: "%(levelname)-8s %(name)s: %(message)s"}
handlers:
  console: {class: logging.StreamHandler, formatter: brief, stream: "ext://sys.stdout"}
loggers:
  shop.db: {level: DEBUG}
root: {level: INFO, handlers: [console]}
`

func Example() {
	c, err := config.ParseDict([]byte(document), config.Options{Filename: "logging.yaml"})
	check(err)
	tree := slogtree.New(slogtree.Options{}) // or slogtree.Default()
	_, err = c.Apply(context.Background(), tree)
	check(err)

	tree.Get("shop").Debug("not shown")
	tree.Get("shop.db").Debug("query", "rows", 3)
	tree.Get("shop").Warn("out of stock", "item", "tea")
	// Output:
	// DEBUG    shop.db: query rows=3
	// WARNING  shop: out of stock item=tea
}

func ExampleConfig_Plan() {
	tree := slogtree.New(slogtree.Options{})
	tree.Get("other")
	before, err := config.ParseDict([]byte(document), config.Options{Filename: "logging.yaml"})
	check(err)
	_, err = before.Apply(context.Background(), tree)
	check(err)

	after, err := config.ParseDict([]byte(`{
		"version": 1,
		"formatters": {"brief": {"format": "%(levelname)-8s %(name)s: %(message)s"}},
		"handlers": {
			"console": {"class": "stream", "formatter": "brief", "stream": "ext://sys.stdout"},
			"errors": {"class": "null", "level": "ERROR"}
		},
		"loggers": {"shop.db": {"level": "INFO"}},
		"root": {"handlers": ["console", "errors"]}
	}`), config.Options{Filename: "logging.json"})
	check(err)
	plan, err := after.Plan(tree)
	check(err)
	fmt.Print(plan)
	// Output:
	// + handler errors: null level ERROR
	// ~ logger root: handlers console -> console, errors
	// ~ logger shop.db: level DEBUG -> INFO
}

func ExampleError() {
	_, err := config.ParseDict([]byte(`
version: 1
handlers:
  file: {class: logging.handlers.RotatingFileHandlr, filename: app.log}
  out: {class: logging.StreamHandler, stream: ext://os.environ, levl: INFO}
  system: {class: logging.handlers.SysLogHandler}
root: {level: LOUD, handlers: [file, oot]}
`), config.Options{Filename: "logging.yaml"})
	fmt.Println(err)
	// Output:
	// logging.yaml:4:17: handlers.file.class: "logging.handlers.RotatingFileHandlr": no kind of handlers has this name; classes of Python's that are not in the registry can't be used; did you mean "logging.handlers.RotatingFileHandler"?
	// logging.yaml:5:47: handlers.out.stream: "ext://os.environ": what Python finds by this name does not exist here; it must be ext://sys.stdout or ext://sys.stderr
	// logging.yaml:5:65: handlers.out.levl: "levl": "stream" has no such option; did you mean "level"?
	// logging.yaml:6:19: handlers.system.class: "logging.handlers.SysLogHandler": this can't be had in Go: there is no kind for syslog
	// logging.yaml:7:15: root.level: "LOUD": the level is not known
	// logging.yaml:7:38: root.handlers[1]: "oot": there is no handler of this name; did you mean "out"?
}
