package formatters_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// jsonResults returns what reads the lines in b.
func jsonResults(t *testing.T, b *syncBuffer, change func(map[string]any)) func() []map[string]any {
	return func() []map[string]any {
		maps, err := handlertest.ParseJSON(b.text())
		if err != nil {
			t.Error(err)
		}
		for _, m := range maps {
			change(m)
		}
		return maps
	}
}

// A Stream that writes JSON passes all checks, with no exceptions.
func TestJSONRun(t *testing.T) {
	same := func(map[string]any) {}
	rename := func(m map[string]any) {
		for python, ours := range map[string]string{"message": "msg", "levelname": "level", "asctime": "time"} {
			if v, ok := m[python]; ok {
				m[ours] = v
				delete(m, python)
			}
		}
	}
	for name, c := range map[string]struct {
		opts   *formatters.Options
		change func(map[string]any)
	}{
		"default":  {nil, same},
		"fields":   {&formatters.Options{Fields: []string{"asctime", "levelname", "attrs", "message"}}, rename},
		"last":     {&formatters.Options{Duplicates: formatters.DuplicatesLast}, same},
		"rename":   {&formatters.Options{Duplicates: formatters.DuplicatesRename, EscapeControls: true}, same},
		"replaced": {&formatters.Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}, same},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any) {
				var buf syncBuffer
				return handlers.NewStream(&buf, formatters.JSON(c.opts), level), jsonResults(t, &buf, c.change)
			}
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) },
				handlertest.Leveled(open), handlertest.Ignore("logger"))
		})
	}
}

func ExampleJSON() {
	f := formatters.JSON(nil).WithLoggerName("logger", "shop.db").WithAttrs([]slog.Attr{slog.String("host", "node-17")})
	r := record(slog.LevelInfo, "served", "status", 200, slog.Group("req", "path", "/x"))
	fmt.Printf("%s\n", f.Append(nil, nil, r))
	// Output:
	// {"time":"2024-02-29T12:30:45.678Z","level":"INFO","msg":"served","logger":"shop.db","host":"node-17","status":200,"req":{"path":"/x"}}
}

func ExampleJSON_handler() {
	f := formatters.JSON(&formatters.Options{Keys: map[string]string{"time": "", "msg": "message"}})
	log := slog.New(handlers.NewStream(os.Stdout, f, slog.LevelInfo))
	ctx := contextattrs.With(context.Background(), "trace", "4bf92f35")
	log.WithGroup("req").WarnContext(ctx, "slow", "path", "/x")
	// Output:
	// {"level":"WARN","message":"slow","trace":"4bf92f35","req":{"path":"/x"}}
}

func ExampleOptions_fields() {
	f := formatters.JSON(&formatters.Options{
		Fields:  []string{"asctime", "name", "levelname", "message"},
		Keys:    map[string]string{"levelname": "severity"},
		DateFmt: "%H:%M:%S", Location: time.UTC,
	}).WithLoggerName("logger", "shop.db")
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelWarn, "slow query", "took", 1.5)))
	// Output:
	// {"asctime":"12:30:45","name":"shop.db","severity":"WARNING","message":"slow query","took":1.5}
}

func ExampleDuplicates() {
	r := record(slog.LevelInfo, "served", "id", 1, "id", 2, "msg", "mine")
	for _, d := range []formatters.Duplicates{formatters.DuplicatesKeep, formatters.DuplicatesLast, formatters.DuplicatesRename} {
		f := formatters.JSON(&formatters.Options{Duplicates: d, Keys: map[string]string{"time": "", "level": ""}})
		fmt.Printf("%s\n", f.Append(nil, nil, r))
	}
	// Output:
	// {"msg":"served","id":1,"id":2,"msg":"mine"}
	// {"msg":"served","id":2,"msg#2":"mine"}
	// {"msg":"served","id":1,"id#2":2,"msg#2":"mine"}
}
