package handlertest_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestRunJSONHandler(t *testing.T) {
	open := func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		var buf bytes.Buffer
		return slog.NewJSONHandler(&buf, &slog.HandlerOptions{Level: l}), parsed(t, &buf, handlertest.ParseJSON)
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
		handlertest.Leveled(open), slogsNames, slogsEmpties)
}

var (
	// slog.Logger keeps empty names from handlers, so the standard ones need not.
	slogsNames   = handlertest.Except("equivalence", "slog's own handlers open a group without a name")
	slogsEmpties = handlertest.Except("empties", "after a group of empty attrs, slog's own handlers of Go 1.26 lose a comma or leave the group open")
)

func TestRunTextHandler(t *testing.T) {
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		var buf bytes.Buffer
		h := slog.NewTextHandler(&buf, &slog.HandlerOptions{AddSource: true})
		return h, parsed(t, &buf, handlertest.ParseText)
	}, slogsNames, slogsEmpties)
}

func TestRunRecorder(t *testing.T) {
	open := func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		r := handlertest.NewRecorder(l)
		return r, r.Results
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
		handlertest.Leveled(open))
}

// parsed returns a function that parses what buf holds by then.
func parsed(t *testing.T, buf *bytes.Buffer, parse func([]byte) ([]map[string]any, error)) func() []map[string]any {
	return func() []map[string]any {
		maps, err := parse(buf.Bytes())
		if err != nil {
			t.Error(err)
		}
		return maps
	}
}

func ExampleRun() {
	// In a test, where t is its *testing.T:
	var t *testing.T
	newHandler := func(t *testing.T) (slog.Handler, func() []map[string]any) {
		var buf bytes.Buffer
		h := slog.NewJSONHandler(&buf, nil) // your handler here
		return h, func() []map[string]any {
			maps, err := handlertest.ParseJSON(buf.Bytes())
			if err != nil {
				t.Error(err)
			}
			return maps
		}
	}
	if t != nil {
		handlertest.Run(t, newHandler)
	}
	// Output:
}
