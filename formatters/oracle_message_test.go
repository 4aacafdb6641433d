package formatters

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A messageVector is CPython's msg % args.
type messageVector struct {
	ID     string
	Msg    oracle.Value
	Args   oracle.Value
	Expect expected
}

// typed is a Python value that is of no type of its own in Go.
type typed struct {
	value any // as goValue has it
	name  string
}

func (v typed) PythonType() string { return v.name }

func (v typed) AppendPython(dst []byte, repr bool) []byte {
	if repr {
		dst, _ = appendPyRepr(dst, slog.AnyValue(v.value))
	} else {
		dst, _ = appendPyStr(dst, slog.AnyValue(v.value))
	}
	return dst
}

// argument returns an argument as Merge takes it.
func argument(v any) (any, error) {
	x, err := goValue(v)
	switch v.(type) {
	case oracle.Tuple:
		return typed{x, "tuple"}, err
	case oracle.Dict:
		return typed{x, "dict"}, err
	}
	return x, err
}

// arguments returns what Merge takes, as LogRecord decides it: one mapping that
// is not empty is the mapping.
func (v *messageVector) arguments() (args []any, mapping func(string) (any, bool), err error) {
	tuple, _ := v.Args.V.(oracle.Tuple)
	for _, a := range tuple {
		x, err := argument(a)
		if err != nil {
			return nil, nil, err
		}
		args = append(args, x)
	}
	if len(tuple) != 1 {
		return args, nil, nil
	}
	d, ok := tuple[0].(oracle.Dict)
	if !ok || len(d) == 0 {
		return args, nil, nil
	}
	return args, func(key string) (any, bool) {
		x, ok := d.Get(key)
		if !ok {
			return nil, false
		}
		value, err := argument(x)
		if err != nil {
			panic(err)
		}
		return value, true
	}, nil
}

// replay merges the message and its arguments.
func (v *messageVector) replay() error {
	args, mapping, err := v.arguments()
	if err != nil {
		return err
	}
	value, err := goValue(v.Msg.V)
	if err != nil {
		return err
	}
	msg, _ := appendPyStr(nil, slog.AnyValue(value)) // getMessage takes str(msg)
	got, err := Merge(string(msg), args, mapping, 1<<20)
	if v.Expect.Error == nil && err == nil {
		want, ok := v.Expect.text()
		switch {
		case !ok:
			return aside("lone surrogates, which no Go string has")
		case got != want:
			return fmt.Errorf("%q:\ngot  %q\nwant %q", msg, got, want)
		}
		return nil
	}
	return v.compareErrors(err)
}

func (v *messageVector) compareErrors(err error) error {
	var me *MergeError
	switch {
	case v.Expect.Error == nil:
		return err
	case !errors.As(err, &me):
		return fmt.Errorf("%v: CPython fails with %v, got %v", v.Msg.V, *v.Expect.Error, err)
	case me.Class != v.Expect.Error.Class || any(me.Text) != v.Expect.Error.Text.V:
		return fmt.Errorf("%v:\ngot  %v\nwant %s: %s", v.Msg.V, me, v.Expect.Error.Class, v.Expect.Error.Text.V)
	}
	return nil
}

func TestOracleMessageArgs(t *testing.T) {
	tally := oracle.NewTally("message_args")
	for _, v := range oracle.Load[messageVector](t, "message_args") {
		run(t, tally, v.ID, v.replay)
	}
	tally.Report(t)
}

// A failing replay is seen as one, and a rule as a rule.
func TestOracleRulesAndFailures(t *testing.T) {
	good := expected{Out: oracle.Value{V: "1 x"}}
	surplus := expected{}
	if err := json.Unmarshal([]byte(`{"error":{"class":"TypeError","text":"not all arguments converted during string formatting"}}`), &surplus); err != nil {
		t.Fatal(err)
	}
	args := oracle.Value{V: oracle.Tuple{int64(1), "x"}}
	for _, test := range []struct {
		v     messageVector
		rule  bool
		fails bool
	}{
		{messageVector{Msg: oracle.Value{V: "%d %s"}, Args: args, Expect: good}, false, false},
		{messageVector{Msg: oracle.Value{V: "%d  %s"}, Args: args, Expect: good}, false, true},
		{messageVector{Msg: oracle.Value{V: "%d"}, Args: args, Expect: good}, false, true},
		{messageVector{Msg: oracle.Value{V: "%d"}, Args: args, Expect: surplus}, false, false},
		{messageVector{Msg: oracle.Value{V: "%d %s"}, Args: args, Expect: surplus}, false, true},
		{messageVector{Msg: oracle.Value{V: "%d %s %s"}, Args: args, Expect: surplus}, false, true},
		{messageVector{Msg: oracle.Value{V: "%d %s %s"}, Args: args, Expect: good}, false, true},
		{messageVector{Msg: oracle.Value{V: "%.*d x%%"}, Args: args, Expect: good}, false, true},
		{messageVector{Msg: oracle.Value{V: oracle.Set{}}, Args: args, Expect: good}, true, true},
	} {
		err := test.v.replay()
		if errors.As(err, new(aside)) != test.rule || (err != nil) != test.fails {
			t.Errorf("%v %% %v: %v", test.v.Msg.V, test.v.Args.V, err)
		}
	}
}
