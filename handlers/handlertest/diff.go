package handlertest

import (
	"log/slog"
	"reflect"

	"github.com/google/go-cmp/cmp"
)

// Diff returns a report of how got differs from want, for a person to read; it
// is empty if they are equal. Values that have an Equal method are equal by it;
// attrs and slog's values are compared by what they hold. Unexported fields
// count. The form of the report is not stable.
func Diff(want, got any) string {
	return cmp.Diff(want, got,
		cmp.Exporter(func(reflect.Type) bool { return true }),
		// Their own Equal panics on values that can't be compared.
		cmp.Transformer("Any", slog.Value.Any),
		cmp.Transformer("Attr", func(a slog.Attr) plainAttr { return plainAttr{a.Key, a.Value.Any()} }),
	)
}

// plainAttr is an Attr without the method Equal.
type plainAttr struct {
	Key   string
	Value any
}
