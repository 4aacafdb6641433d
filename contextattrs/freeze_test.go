package contextattrs_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
)

func TestFreeze(t *testing.T) {
	//lint:ignore SA1012 a handler may be given one
	if ctx := contextattrs.Freeze(nil); ctx != nil {
		t.Errorf("Freeze(nil) = %v", ctx)
	}
	plain := contextattrs.With(context.Background(), "a", 1)
	if contextattrs.Freeze(plain) != plain {
		t.Error("a context without a collector was copied")
	}
	ctx, collector := contextattrs.WithCollector(plain, contextattrs.CollectorOptions{Shown: true})
	contextattrs.Add(ctx, "b", 2)
	frozen := contextattrs.Freeze(ctx)
	contextattrs.Add(ctx, "c", 3)
	if got := fmt.Sprint(contextattrs.Attrs(frozen)); got != "[a=1 b=2]" {
		t.Errorf("frozen: %s", got)
	}
	if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != "[a=1 b=2 c=3]" {
		t.Errorf("not frozen: %s", got)
	}
	if contextattrs.Freeze(frozen) != frozen {
		t.Error("a frozen context was copied")
	}
	if got := len(collector.End()); got != 2 {
		t.Errorf("%d late attrs", got)
	}
	if n := testing.AllocsPerRun(100, func() { contextattrs.Freeze(plain) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
