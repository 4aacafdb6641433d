package contextattrs_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
)

func TestReplace(t *testing.T) {
	ctx := contextattrs.With(context.Background(), "a", 1)
	replaced := contextattrs.Replace(ctx, []slog.Attr{slog.Int("b", 2)})
	more := contextattrs.With(replaced, "c", 3)
	//lint:ignore SA1012 a handler may be given one
	fromNil := contextattrs.Replace(nil, []slog.Attr{slog.Int("d", 4)})
	for want, got := range map[string]context.Context{"[a=1]": ctx, "[b=2]": replaced, "[b=2 c=3]": more, "[d=4]": fromNil, "[]": contextattrs.Replace(ctx, nil)} {
		if s := fmt.Sprint(contextattrs.Attrs(got)); s != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
}
