package logrecord

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

type pickleVector struct {
	ID, Label, Python string
	Frame             string
	FrameSegments     [][2]any `json:"frame_segments"`
	Dict              [][2]oracle.Value
}

func (v *pickleVector) payload() []byte {
	segments := v.FrameSegments
	if v.Frame != "" {
		segments = [][2]any{{v.Frame, 1.0}}
	}
	if p := unpack(segments); p != nil {
		return p[4:]
	}
	return nil
}

// An aside sets a vector aside, by the rule that it tells.
type aside string

func (a aside) Error() string { return string(a) }

// TestOracleRecords compares the records of what CPython sent with the dicts that it
// unpickles: each field, and each extra.
func TestOracleRecords(t *testing.T) {
	tally := oracle.NewTally("pickles (records)")
	d := NewDecoder(usual)
	for _, v := range oracle.Load[pickleVector](t, "pickles") {
		err := v.replay(d)
		var rule aside
		if errors.As(err, &rule) {
			tally.SetAside(string(rule))
			continue
		}
		tally.Replayed()
		if err != nil {
			t.Errorf("%s %q of %s: %v", v.ID, v.Label, v.Python, err)
		}
	}
	tally.Report(t)
}

func (v *pickleVector) replay(d *Decoder) error {
	p := v.payload()
	if p == nil {
		return aside("the sender fails, and sends nothing")
	}
	value, err := pickle.Load(p, pickle.Limits(usual))
	if err != nil {
		return err
	}
	logger, r, err := d.Decode(p)
	if err != nil {
		return err
	}
	if len(v.Dict) != len(value.(pickle.Dict)) {
		return fmt.Errorf("%d keys, want %d", len(value.(pickle.Dict)), len(v.Dict))
	}
	for i, want := range v.Dict {
		err = errors.Join(err, v.item(logger, r, want[0].V, want[1].V, value.(pickle.Dict)[i]))
	}
	return err
}

// item compares one key. An extra's value is what package pickle has, which is compared
// with CPython's there.
func (v *pickleVector) item(logger string, r slog.Record, key, want any, got pickle.Item) error {
	o, attrs := parts(r)
	field, known := fieldsOf(logger, r, o)[textOf(got.Key)]
	switch name := textOf(got.Key); {
	case name == "asctime" || name == "message":
		if _, ok := attrs[name]; ok {
			return fmt.Errorf("%s became an attr", name)
		}
		return nil
	case name == "args" || name == "exc_info":
		if want != nil {
			return fmt.Errorf("a sender that leaves %s", name)
		}
		return nil
	case known:
		return sameField(name, field, want)
	default:
		if a, ok := attrs[name]; !ok || string(pickle.AppendText(nil, a, true)) != string(pickle.AppendText(nil, got.Value, true)) {
			return fmt.Errorf("%v: got %v of %v, want %v", key, a, attrs, want)
		}
	}
	return nil
}

// parts returns the Origin and the attrs of a record.
func parts(r slog.Record) (o *formatters.Origin, attrs map[string]any) {
	attrs = map[string]any{}
	r.Attrs(func(a slog.Attr) bool {
		if origin, ok := a.Value.Any().(*formatters.Origin); ok {
			o = origin
		} else {
			attrs[a.Key] = a.Value.Any()
		}
		return true
	})
	return o, attrs
}

// fieldsOf returns the fields of a record by Python's names.
func fieldsOf(logger string, r slog.Record, o *formatters.Origin) map[string]any {
	return map[string]any{
		"name": logger, "msg": r.Message, "levelname": o.LevelName, "levelno": o.LevelNo, "pathname": o.PathName,
		"filename": o.FileName, "module": o.Module, "exc_text": o.ExcText, "stack_info": o.StackInfo, "lineno": o.LineNo,
		"funcName": o.FuncName, "created": o.Created, "msecs": o.MSecs, "relativeCreated": o.RelativeCreated, "thread": o.Thread,
		"threadName": o.ThreadName, "processName": o.ProcessName, "process": o.Process, "taskName": o.TaskName,
	}
}

// sameField compares a field. None is the empty text where an Origin says so, the text that it prints as in
// other texts, and 0 in numbers.
func sameField(name string, got, want any) error {
	switch w := want.(type) {
	case nil:
		switch name {
		case "exc_text", "stack_info", "funcName", "taskName":
			want = ""
		case "thread", "process":
			want = int64(0)
		default:
			want = "None"
		}
	case int64:
		if f, ok := got.(float64); ok && f == float64(w) {
			return nil
		}
	case oracle.Surrogates:
		var b strings.Builder
		for _, c := range w {
			if 0xD800 <= c && c < 0xE000 {
				fmt.Fprintf(&b, `\u%04x`, c)
			} else {
				b.WriteRune(c)
			}
		}
		want = b.String()
	}
	if got != want {
		return fmt.Errorf("%s: got %.200v, want %.200v", name, got, want)
	}
	return nil
}

// TestTimeIsExact: created comes as a float of seconds, and is the microsecond that CPython
// took.
func TestTimeIsExact(t *testing.T) {
	for micros := int64(0); micros < 4e15; micros = micros*3/2 + 1_234_567 {
		for _, sign := range []int64{1, -1} {
			want := time.UnixMicro(sign * micros)
			created := float64(sign*micros) / 1e6
			o := &formatters.Origin{}
			setTime(o, created, true, 0, false)
			if got := timeOf(o); !got.Equal(want) || o.Created != created {
				t.Fatalf("%v becomes %v, want %v", created, got, want)
			}
			if want := float64(((sign*micros)%1e6 + 1e6) % 1e6 / 1000); math.Abs(o.MSecs-want) > 1 {
				t.Fatalf("%v has %v ms, want %v", created, o.MSecs, want)
			}
		}
	}
}
