package slogtree

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A treeVector is a program of operations on loggers and handlers, with what
// each of them showed in CPython.
type treeVector struct {
	ID    string
	Label string
	Steps []step
}

// A step is one operation: "op", its arguments, and "obs", what was observed,
// unless that is nothing.
type step map[string]json.RawMessage

// An aside is an error that sets one step aside, by the rule that it tells.
// What the step would have done has no effect on later steps.
type aside string

func (a aside) Error() string { return string(a) }

// An unfit is an error that sets the whole program aside: what follows stands
// on a step that Go has no counterpart for.
type unfit string

func (u unfit) Error() string { return string(u) }

// TestOracleTree replays programs that ran on CPython's logging, on a tree
// made as CPython's is. Every observation is compared, but for steps and
// programs that a rule sets aside; the second line of the table counts steps.
// A program of which no observation could be compared counts as set aside.
func TestOracleTree(t *testing.T) {
	programs, steps := oracle.NewTally("tree"), oracle.NewTally("tree (steps)")
	for _, v := range oracle.Load[treeVector](t, "tree") {
		if err := v.replay(programs, steps); err != nil {
			t.Errorf("%s (%s): %v", v.ID, v.Label, err)
		}
	}
	programs.Report(t)
	steps.Report(t)
}

// replay runs the program, counts it and its steps, and returns the first
// difference.
func (v *treeVector) replay(programs, steps *oracle.Tally) error {
	w := newWorld()
	var rule string // the first that set a step aside
	compared := 0
	for i, s := range v.Steps {
		observes, err := w.step(s)
		switch a := aside(""); {
		case errors.As(err, new(unfit)):
			programs.SetAside(err.Error())
			for range v.Steps[i:] {
				steps.SetAside("the rest of a program that is set aside")
			}
			return nil
		case errors.As(err, &a):
			steps.SetAside(string(a))
			if rule == "" {
				rule = string(a)
			}
			continue
		case err != nil:
			return fmt.Errorf("step %d, %s: %w", i+1, s, err)
		}
		steps.Replayed()
		if observes {
			compared++
		}
	}
	if compared == 0 && rule != "" {
		programs.SetAside(rule)
	} else {
		programs.Replayed()
	}
	return nil
}

// step performs one step and compares. It reports whether there was
// something to compare.
func (w *world) step(s step) (observes bool, err error) {
	w.begin()
	got, err := w.do(s)
	if errors.As(err, new(aside)) || errors.As(err, new(unfit)) {
		return false, err
	}
	if w.failures != nil {
		return false, fmt.Errorf("OnError got %w", errors.Join(w.failures...))
	}
	want, hasObs := s["obs"]
	switch got := got.(type) {
	case *logged:
		return true, got.compare(w, want)
	case slog.Level:
		return true, compareLevel(got, want)
	}
	if err != nil {
		return true, compareError(err, want)
	}
	return hasObs || got != nil, compareValue(got, want)
}

// compareValue compares what a step returned by its JSON form.
func compareValue(got any, want json.RawMessage) error {
	text, err := json.Marshal(got)
	if err != nil {
		return err
	}
	var g, w any
	if err := json.Unmarshal(text, &g); err != nil {
		return err
	}
	if want != nil {
		if err := json.Unmarshal(want, &w); err != nil {
			return err
		}
	}
	if !reflect.DeepEqual(g, w) {
		return fmt.Errorf("got %s, want %s", text, want)
	}
	return nil
}

// compareLevel compares a level with Python's number: a number that no level
// has becomes the next one, here as in SetLevel.
func compareLevel(got slog.Level, want json.RawMessage) error {
	v, err := oracle.Decode(want)
	if err != nil {
		return err
	}
	if level, err := threshold(v); err != nil || level != got {
		return fmt.Errorf("got level %d, want %s", got, want)
	}
	return nil
}

// A pyError is what CPython raised.
type pyError struct{ Class, Text string }

// compareError wants CPython to have failed too, over the same name.
func compareError(got error, want json.RawMessage) error {
	var o struct{ Error *pyError }
	if want == nil || json.Unmarshal(want, &o) != nil || o.Error == nil {
		return fmt.Errorf("got error %v, want %s", got, want)
	}
	if name, ok := strings.CutPrefix(o.Error.Text, "Unknown level: "); ok && !strings.Contains(got.Error(), strings.Trim(name, "'")) {
		return fmt.Errorf("the error %q does not name %s", got, name)
	}
	return nil
}

// logged is what a record did.
type logged struct {
	returned *bool // what Handler.handle returned in CPython; nil otherwise
	flushed  bool  // the step let records out of a buffer: only emitted is observed
}

// marker is what stands in a line in the place of what can't be rendered.
var marker = regexp.MustCompile(`%!([\w.]+)\((.*)\)`)

// compare compares what handlers wrote with what CPython's wrote. Where
// CPython's handler failed to format, ours has written a line with a marker.
func (l *logged) compare(w *world, want json.RawMessage) error {
	var o struct {
		Emitted       [][2]string
		LoggingErrors []loggingError `json:"logging_errors"`
		Stderr        string
		Returned      *bool
		Error         *pyError
	}
	if want != nil {
		if err := json.Unmarshal(want, &o); err != nil {
			return err
		}
	}
	emitted := [][2]string{}
	var failed []written
	for _, h := range w.hits {
		if marker.MatchString(h.text) {
			failed = append(failed, h)
		} else {
			emitted = append(emitted, [2]string{h.handler, h.text})
		}
	}
	stderr := w.stderr.String()
	if marker.MatchString(stderr) {
		stderr = "" // CPython drops the record, and complains unless told not to
		if w.raise {
			stderr = "<logging error>"
		}
	}
	switch {
	case o.Error != nil:
		return fmt.Errorf("CPython raised %v", *o.Error)
	case !slices.Equal(emitted, o.Emitted):
		return fmt.Errorf("emitted %q, want %q", emitted, o.Emitted)
	case stderr != o.Stderr:
		return fmt.Errorf("stderr got %q, want %q", stderr, o.Stderr)
	case !reflect.DeepEqual(l.returned, o.Returned):
		return fmt.Errorf("returned differs, want %s", want)
	case l.flushed:
		return nil
	case len(failed) != len(o.LoggingErrors):
		return fmt.Errorf("lines with a marker %q, want one for each of %v", failed, o.LoggingErrors)
	}
	for i, e := range o.LoggingErrors {
		if err := e.compare(w, failed[i]); err != nil {
			return err
		}
	}
	return nil
}

// A loggingError is a handler and what its handleError got.
type loggingError struct {
	handler string
	err     pyError
}

// UnmarshalJSON decodes a pair.
func (e *loggingError) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&e.handler, &e.err})
}

// missingField is how CPython names the field that a record lacks.
var missingField = regexp.MustCompile(`^Formatting field not found in record: '(.*)'$`)

// compare checks that the line has a marker for the field that CPython names,
// or if it names none for one of the format's, and all else intact.
func (e *loggingError) compare(w *world, got written) error {
	m := marker.FindStringSubmatch(got.text)
	format := w.handlers[got.handler].format
	wrong := m[1] != "message" && !strings.Contains(format, "%("+m[1]+")")
	if missing := missingField.FindStringSubmatch(e.err.Text); missing != nil {
		wrong = m[1] != missing[1]
	}
	if wrong || e.handler != got.handler {
		return fmt.Errorf("%s wrote %q, want %s to fail with %s", got.handler, got.text, e.handler, e.err.Text)
	}
	if m[1] != "message" && strings.Contains(format, "%(message)s") && !strings.Contains(got.text, w.message) {
		return fmt.Errorf("%s wrote %q, without the message %q", got.handler, got.text, w.message)
	}
	return nil
}

// TestOracleTreeFindsDifferences spoils each observation of some programs in
// turn: the replay must find it, or have set it aside.
func TestOracleTreeFindsDifferences(t *testing.T) {
	const programs = 60 // each costs a replay for each of its steps
	vectors := oracle.Load[treeVector](t, "tree")
	spoilt := 0
	for i := 0; i < len(vectors); i += 1 + len(vectors)/programs {
		v := vectors[i]
		for n, s := range v.Steps {
			if s["obs"] == nil {
				continue
			}
			for _, worse := range spoil(s["obs"]) {
				spoilt++
				checkSpoilt(t, &v, n, worse)
			}
		}
	}
	if spoilt == 0 {
		t.Error("nothing was spoilt")
	}
	t.Logf("%d observations spoilt", spoilt)
}

// checkSpoilt replays up to step i, with another observation there.
func checkSpoilt(t *testing.T, v *treeVector, n int, worse json.RawMessage) {
	t.Helper()
	w := newWorld()
	for _, s := range v.Steps[:n] {
		if _, err := w.step(s); errors.As(err, new(unfit)) {
			return
		}
	}
	s := maps.Clone(v.Steps[n])
	s["obs"] = worse
	if _, err := w.step(s); err == nil {
		t.Errorf("%s (%s) step %d: %s passes as well as %s", v.ID, v.Label, n+1, worse, v.Steps[n]["obs"])
	}
}

// spoil returns observations that differ from a true one.
func spoil(obs json.RawMessage) []json.RawMessage {
	var v any
	if err := json.Unmarshal(obs, &v); err != nil {
		panic(err)
	}
	switch v := v.(type) {
	case bool:
		return []json.RawMessage{toJSON(!v)}
	case float64:
		if math.Abs(v) > 1e15 {
			return nil // JSON would write it as no int
		}
		return []json.RawMessage{toJSON(v + 10)}
	case string:
		return []json.RawMessage{toJSON(v + "x")}
	case []any:
		return []json.RawMessage{toJSON(append(v, "x"))}
	case map[string]any:
		return spoilMap(v)
	}
	return nil
}

// spoilMap leaves out one key at a time, and changes what is emitted.
func spoilMap(m map[string]any) (worse []json.RawMessage) {
	without := func(key string, more ...any) json.RawMessage {
		c := maps.Clone(m)
		delete(c, key)
		for i := 0; i < len(more); i += 2 {
			c[more[i].(string)] = more[i+1]
		}
		return toJSON(c)
	}
	for key := range m {
		if list, ok := m[key].([]any); ok && len(list) == 0 {
			worse = append(worse, without(key, key, []any{[]any{"h", "text"}}))
		} else {
			worse = append(worse, without(key))
		}
	}
	if list, ok := m["emitted"].([]any); ok && len(list) > 1 {
		worse = append(worse, without("emitted", "emitted", list[:len(list)-1]))
		if swapped := []any{list[1], list[0]}; !reflect.DeepEqual(swapped, list[:2]) {
			worse = append(worse, without("emitted", "emitted", append(swapped, list[2:]...)))
		}
	}
	return worse
}

func toJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// String returns the step as JSON.
func (s step) String() string { return string(toJSON(map[string]json.RawMessage(s))) }

// has reports whether the argument is there.
func (s step) has(key string) bool { return s[key] != nil }

// value returns the argument, None if it is missing.
func (s step) value(key string) any {
	if s[key] == nil {
		return nil
	}
	v, err := oracle.Decode(s[key])
	if err != nil {
		panic(err)
	}
	return v
}

// text returns the argument, "" if it is no string.
func (s step) text(key string) string {
	text, _ := s.value(key).(string)
	return text
}

// number returns the argument, 0 if it is no int.
func (s step) number(key string) int64 {
	n, _ := s.value(key).(int64)
	return n
}

// attributes returns the argument, nil if it is missing or None.
func (s step) attributes(key string) oracle.Attributes {
	var a oracle.Attributes
	if s[key] != nil && string(s[key]) != "null" {
		if err := a.UnmarshalJSON(s[key]); err != nil {
			panic(err)
		}
	}
	return a
}

// cpython are the options that make a format print as CPython's does.
func (w *world) cpython() *formatters.Options {
	return &formatters.Options{Raw: true, Strict: true, Levels: w.names}
}
