package formatters

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A messageVector is CPython's msg % args. slog has no such messages, but the
// operator is the one of formats: the arguments become attrs here, and the
// message a format that names them.
type messageVector struct {
	ID     string
	Msg    oracle.Value
	Args   oracle.Value
	Expect expected
}

// attrs returns the arguments as attrs, and whether they are one mapping.
func (v *messageVector) attrs() (attrs []slog.Attr, mapping bool, err error) {
	args, _ := v.Args.V.(oracle.Tuple)
	if len(args) == 1 {
		if d, ok := args[0].(oracle.Dict); ok && len(d) > 0 {
			for _, it := range d {
				x, err := goValue(it.Value)
				if err != nil {
					return nil, true, err
				}
				attrs = append(attrs, slog.Any(str(it.Key), x))
			}
			return attrs, true, nil
		}
	}
	for i, a := range args {
		x, err := goValue(a)
		if err != nil {
			return nil, false, err
		}
		attrs = append(attrs, slog.Any(fmt.Sprint("arg", i), x))
	}
	return attrs, false, nil
}

// keyed returns the message with a key for each field. Widths and precisions
// of * are written out.
func keyed(msg string, args oracle.Tuple) (format string) {
	next := 0
	for {
		text, rest, found := strings.Cut(msg, "%")
		format += text
		if !found {
			return format
		}
		msg = msg[len(text):]
		if strings.HasPrefix(rest, "%") {
			format, msg = format+"%%", msg[2:]
			continue
		}
		n := fieldLen(msg)
		field := msg[1:n]
		msg = msg[n:]
		if strings.HasPrefix(field, "(") { // CPython fails: there is no mapping
			format += "%" + field
			continue
		}
		for strings.Contains(field, "*") && next < len(args) {
			number, ok := args[next].(int64)
			if !ok {
				break // CPython fails; a * is a mark in the line here
			}
			field = writeStar(field, number)
			next++
		}
		format += fmt.Sprintf("%%(arg%d)%s", next, field)
		next++
	}
}

// writeStar puts n in the place of the first *: a negative width means the
// flag -, a negative precision 0.
func writeStar(field string, n int64) string {
	before, after, _ := strings.Cut(field, "*")
	switch {
	case strings.HasSuffix(before, "."):
		n = max(n, 0)
	case n < 0:
		before, n = before+"-", -n
	}
	return before + fmt.Sprint(n) + after
}

// format returns the format that stands for the message.
func (v *messageVector) format(mapping bool) (string, error) {
	value, err := goValue(v.Msg.V)
	if err != nil {
		return "", err
	}
	text, _ := appendPyStr(nil, slog.AnyValue(value)) // CPython takes str(msg)
	msg := string(text)
	args, _ := v.Args.V.(oracle.Tuple)
	switch {
	case len(args) == 0:
		return strings.ReplaceAll(msg, "%", "%%"), nil // CPython does not format
	case v.Expect.Error != nil && v.Expect.Error.Text.V == "not all arguments converted during string formatting":
		return "", aside("arguments that no field takes; here they are attrs, which go to the tail")
	case !mapping:
		return keyed(msg, args), nil
	case v.Expect.Error == nil && unkeyed(msg):
		return "", aside("a field without a key prints the mapping itself")
	}
	return msg, nil
}

// unkeyed reports whether msg has a field without a key.
func unkeyed(msg string) bool {
	for _, field := range strings.Split(strings.ReplaceAll(msg, "%%", ""), "%")[1:] {
		if !strings.HasPrefix(field, "(") {
			return true
		}
	}
	return false
}

// replay renders the arguments by the message.
func (v *messageVector) replay() error {
	attrs, mapping, err := v.attrs()
	if err != nil {
		return err
	}
	for _, a := range attrs {
		if fieldNamed(a.Key) != noField {
			return aside("an argument named like a field of the record")
		}
	}
	format, err := v.format(mapping)
	if err != nil {
		return err
	}
	if format == "" { // which would be a default
		format = "%(arg9)s"
		r0 := oracle.Value{V: ""}
		if v.Expect.Error != nil || v.Expect.Out != r0 {
			return aside("an empty message with arguments")
		}
		attrs = append(attrs, slog.String("arg9", ""))
	}
	r := record0("")
	r.AddAttrs(attrs...)
	f, err := Percent(format, &Options{Raw: true, Strict: true, NoValidate: true})
	if err != nil {
		return err
	}
	got := render(f, r)
	want, ok := v.Expect.text()
	switch {
	case v.Expect.Error != nil && !strings.Contains(got, "%!"):
		return fmt.Errorf("%q: CPython fails with %v, got %q", format, *v.Expect.Error, got)
	case v.Expect.Error != nil:
		return nil
	case !ok:
		return aside("lone surrogates, which no Go string has")
	case got != want:
		return fmt.Errorf("%q:\ngot  %q\nwant %q", format, got, want)
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
		{messageVector{Msg: oracle.Value{V: "%d"}, Args: args, Expect: surplus}, true, true},
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
