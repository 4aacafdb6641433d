package formatters_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// A syncBuffer may be read while a handler writes.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) text() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

// A Stream with a format of any style passes what handlers have to.
func TestRun(t *testing.T) {
	for name, f := range map[string]formatters.Formatter{
		"Percent":            formatters.Must(formatters.Percent(`time=%(asctime)s level=%(levelname)s msg="%(message)s"`, nil)),
		"Brace":              formatters.Must(formatters.Brace(`time={asctime} level={levelname} msg="{message}"`, nil)),
		"Brace with specs":   formatters.Must(formatters.Brace(`time={asctime:s} level={levelname:>5} msg="{message!s:.9999}" {attrs}`, nil)),
		"Brace with lookups": formatters.Must(formatters.Brace(`time={asctime} level={levelname}{a[0]}{g[k]}{nosuch.real} msg="{message}" {attrs}`, &formatters.Options{Defaults: map[string]any{"a": "x", "nosuch": 1}})),
		"Dollar":             formatters.Must(formatters.Dollar(`time=$asctime level=$levelname msg="$message"`, nil)),
		"Dollar with attrs":  formatters.Must(formatters.Dollar(`time=$asctime $attrs level=${levelname} msg="${message}"`, nil)),
		"Logfmt":             formatters.Logfmt(nil),
		"Logfmt with all": formatters.Logfmt(&formatters.Options{Source: true, Keys: map[string]string{"source": "src"}, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			return a
		}}),
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any) {
				var buf syncBuffer
				return handlers.NewStream(&buf, f, level), func() []map[string]any {
					maps, err := handlertest.ParseText(buf.text())
					if err != nil {
						t.Error(err)
					}
					return maps
				}
			}
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
		})
	}
}
