package handlers

import (
	"log/slog"
	"strings"
	"testing"
)

// These look like slog's default handler of a Go release that keeps what is bound
// somewhere else.
type (
	noCommon   struct{ slog.Handler }
	otherTypes struct {
		slog.Handler
		ch *struct {
			preformattedAttrs string
			groups            []string
		}
	}
	renamed struct {
		slog.Handler
		ch *struct{ attrs []byte }
	}
)

func TestUnknownBoundIsVisible(t *testing.T) {
	plain := slog.Default().Handler()
	for _, h := range []slog.Handler{
		&noCommon{plain},
		&renamed{Handler: plain, ch: new(struct{ attrs []byte })},
		&renamed{Handler: plain},
		&otherTypes{Handler: plain, ch: new(struct {
			preformattedAttrs string
			groups            []string
		})},
		noCommon{plain},
	} {
		if _, _, ok := boundToDefault(h); ok {
			t.Errorf("%T: fields found", h)
		}
		f := newStdLog(h).format
		if got := string(f.Append(nil, nil, slog.Record{Message: "m"})); !strings.HasPrefix(got, "m !handlers=") {
			t.Errorf("%T: %q", h, got)
		}
	}
	if got := string(newStdLog(firstDefault).format.Append(nil, nil, slog.Record{Message: "m"})); got != "m" {
		t.Errorf("nothing bound: %q", got)
	}
}
