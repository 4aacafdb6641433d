package logrecord

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// printed is what %-formats print of a record: its fields, and the attrs as text.
func printed(logger string, r slog.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %v %v %q", logger, r.Time.UnixNano(), r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		if o, ok := a.Value.Any().(*formatters.Origin); ok {
			fmt.Fprintf(&b, "\n%#v", *o)
		} else {
			fmt.Fprintf(&b, "\n%q %q", validText(a.Key), validText(string(pickle.AppendText(nil, a.Value.Any(), false))))
		}
		return true
	})
	return b.String()
}

// What CPython sent is printed alike after it was received and sent on, twice.
func TestOracleRelay(t *testing.T) {
	d, relayed := NewDecoder(usual), 0
	for _, v := range oracle.Load[pickleVector](t, "pickles") {
		p := v.payload()
		if p == nil {
			continue // the sender fails
		}
		logger, r, err := d.Decode(p)
		if err != nil {
			t.Fatal(err)
		}
		want := printed(logger, r)
		for range 2 {
			p = NewEncoder(false, 1<<22).WithLoggerName(logger).Append(nil, nil, &r)
			if logger, r, err = d.Decode(p); err != nil {
				t.Fatalf("%s: %v", v.ID, err)
			}
			if got := printed(logger, r); got != want {
				t.Fatalf("%s %s of %s:\ngot  %.2000s\nwant %.2000s", v.ID, v.Label, v.Python, got, want)
			}
		}
		relayed++
		p = NewEncoder(true, 1<<22).WithLoggerName(logger).Append(nil, nil, &r)
		if _, _, err := d.Decode(p); err != nil {
			t.Errorf("%s as JSON: %v", v.ID, err)
		}
	}
	t.Logf("%d records were sent on", relayed)
	if relayed < 10 {
		t.Error("hardly any record was sent on")
	}
}
