package handlertest_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestDiffOfEqual(t *testing.T) {
	now := time.Now()
	type hidden struct{ a, b any }
	for _, v := range []struct{ a, b any }{
		{1, 1},
		{now, now.UTC()},
		{slog.Int("a", 1), slog.Any("a", 1)},
		{slog.Any("a", []int{1}), slog.Any("a", []int{1})},
		{slog.Group("g", "k", "v"), slog.Group("g", "k", "v")},
		{hidden{1, "x"}, hidden{1, "x"}},
		{errors.New("x"), errors.New("x")},
		{[]slog.Attr{slog.Any("f", map[string]any{"a": nil})}, []slog.Attr{slog.Any("f", map[string]any{"a": nil})}},
	} {
		if d := handlertest.Diff(v.a, v.b); d != "" {
			t.Errorf("Diff(%v, %v) = %s", v.a, v.b, d)
		}
	}
}

func TestDiffOfDifferent(t *testing.T) {
	for _, v := range []struct {
		a, b any
		want string
	}{
		{"left", "right", "left"},
		{slog.Int("key", 1), slog.Int("key", 2), "Value"},
		{slog.Any("key", []int{1}), slog.Any("key", []int{7}), "7"},
		{map[string]any{"k": 1}, map[string]any{"k": int64(1)}, "int64"},
		{struct{ a int }{1}, struct{ a int }{2}, "a:"},
	} {
		if d := handlertest.Diff(v.a, v.b); !strings.Contains(d, v.want) {
			t.Errorf("Diff(%v, %v) has no %q: %s", v.a, v.b, v.want, d)
		}
	}
}
