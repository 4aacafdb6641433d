// Package handlertest tests handlers. [Run] puts a handler through
// testing/slogtest and through what that leaves out; [Recorder] is a handler
// that keeps records for assertions; [Diff] tells how two values differ.
//
// It is for tests: programs should not import it.
package handlertest

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A check tests one promise of a handler, on one or more fresh handlers.
type check struct {
	name string
	run  func(*kit)
}

// The checks of Run, by the names that Except takes.
var checks = []check{
	{"slogtest", checkSlogtest},
	{"siblings", checkSiblings},
	{"concurrency", checkConcurrency},
	{"ownership", checkOwnership},
	{"records", checkRecords},
	{"retention", checkRetention},
	{"groups", checkGroups},
	{"empties", checkEmpties},
	{"equivalence", checkEquivalence},
	{"types", checkTypes},
	{"zero", checkZero},
	{"context", checkContext},
	{"contextattrs", checkContextAttrs},
	{"name", checkName},
	{"level", checkLevel},
	{"close", checkClose},
}

// An Option changes what [Run] does.
type Option func(*options)

type options struct {
	except  map[string]string // check to reason
	ignore  []string
	leveled func(*testing.T, slog.Leveler) (slog.Handler, func() []map[string]any)
}

// Except leaves out the check of that name, for a reason that the test's log
// shows.
func Except(check, reason string) Option {
	return func(o *options) { o.except[check] = reason }
}

// Ignore names keys at top level that the handler adds by itself. The keys
// "time", "level", "msg", "source" and "logger" need not be named.
func Ignore(keys ...string) Option {
	keys = slices.Clone(keys)
	return func(o *options) { o.ignore = append(o.ignore, keys...) }
}

// Leveled makes Run test that a change of the level reaches loggers derived
// before. The function makes a handler as Run's newHandler does, with the given
// level.
func Leveled(newHandler func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any)) Option {
	return func(o *options) { o.leveled = newHandler }
}

// Run tests handlers of one kind, each check in a subtest of its name.
//
// The function newHandler makes a fresh handler, enabled for INFO at least, and a
// function that returns what the handler put out: for each record, in order, a
// map of its attrs, where a group is a map, as [testing/slogtest] has it. The
// record's own time, level and message have the keys "time", "level" and
// "msg". Values may have become strings. [ParseJSON], [ParseText] and
// [Recorder.Results] make such maps. Run calls the function once for each
// handler, at the end, so it may flush. What has to be cleaned up goes to
// t.Cleanup.
//
// The checks are:
//
//	slogtest      testing/slogtest passes
//	siblings      loggers derived from one logger, at depth 1 to 8, do not mix
//	concurrency   nothing is lost, doubled or mixed if many goroutines log and
//	              derive; run it with -race
//	ownership     no attrs given to WithAttrs are written to, nor the room behind them
//	records       Handle leaves the record as it is, spare room included
//	retention     what a caller changes after Handle or WithAttrs returned is not seen
//	groups        empty groups are left out, those without a key inlined, at any depth
//	empties       so are groups that hold nothing but empty attrs and groups
//	equivalence   WithGroup("") and WithAttrs(nil) change nothing
//	types         WithAttrs and WithGroup return the handler's own type, so that
//	              no wrapper gets lost, as when slog.Handler is embedded
//	zero          a zero time and PC do no harm, nor does an empty message
//	context       a context that has ended does not stop a record
//	contextattrs  if the handler has the method AddsContextAttrs(), the context's
//	              attrs stand at top level, whatever groups are open
//	name          if the handler has WithLoggerName(key, name string) slog.Handler,
//	              the name's attr is at top level and no other attr is lost
//	level         with [Leveled]: a change of the level reaches derived loggers
//	close         Flush and Close, if there, can be called twice
//
// Handlers that pass do what [slog.Handler] asks for, and more: "ownership" is
// stricter, since a handler may write to what it is given, but no handler needs
// to. A check that does not fit is left out by [Except].
//
// slog's own JSONHandler and TextHandler, of Go 1.26, fail two checks, and so
// does a wrapper that passes on to them what it is given. After a group of
// nothing but empty attrs they lose a comma or leave the group open, and they
// open a group without a name, from which slog.Logger keeps them. For these:
//
//	handlertest.Except("empties", "slog's own handlers lose a comma after a group of empty attrs"),
//	handlertest.Except("equivalence", "slog's own handlers open a group without a name"),
func Run(t *testing.T, newHandler func(t *testing.T) (slog.Handler, func() []map[string]any), opts ...Option) {
	t.Helper()
	o := options{except: map[string]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	for name := range o.except {
		if !slices.ContainsFunc(checks, func(c check) bool { return c.name == name }) {
			t.Fatalf("handlertest: Except: there is no check %q; the checks are %s", name, checkNames())
		}
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if reason, ok := o.except[c.name]; ok {
				t.Skipf("left out: %s", reason)
			}
			k := &kit{reporter: t, ignore: o.ignore}
			k.open = func() (slog.Handler, func() []map[string]any) { return newHandler(t) }
			if o.leveled != nil {
				k.openLeveled = func(l slog.Leveler) (slog.Handler, func() []map[string]any) {
					return o.leveled(t, l)
				}
			}
			c.run(k)
		})
	}
}

func checkNames() string {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// reporter is what checks need of a *testing.T, so that the kit's own tests
// can see a check fail.
type reporter interface {
	Errorf(format string, args ...any)
}

// kit is what a check works with.
type kit struct {
	reporter
	open        func() (slog.Handler, func() []map[string]any)
	openLeveled func(slog.Leveler) (slog.Handler, func() []map[string]any) // may be nil
	ignore      []string
}

// builtin are keys that are no attrs of a test.
var builtin = []string{slog.TimeKey, slog.LevelKey, slog.MessageKey, slog.SourceKey, "logger"}

// session is a handler in a check, and what is expected of it.
type session struct {
	kit     *kit
	h       slog.Handler
	results func() []map[string]any
	want    []map[string]any
}

func (k *kit) start() *session {
	h, results := k.open()
	return &session{kit: k, h: h, results: results}
}

// expect says that the next record has this message and these attrs.
func (s *session) expect(msg string, attrs []slog.Attr) {
	s.want = append(s.want, s.line(msg, toMap(attrs)))
}

func (s *session) line(msg string, attrs map[string]any) map[string]any {
	m := s.kit.plain(attrs)
	m[slog.MessageKey] = msg
	return m
}

// verify compares the results with what is expected, in order.
func (s *session) verify() {
	got := s.got()
	if len(got) != len(s.want) {
		s.kit.Errorf("got %d records, want %d", len(got), len(s.want))
		return
	}
	for i, want := range s.want {
		if !reflect.DeepEqual(want, got[i]) {
			s.kit.Errorf("record %d (-want +got):\n%s", i+1, Diff(want, got[i]))
		}
	}
}

// got returns the results in comparable form.
func (s *session) got() []map[string]any {
	var got []map[string]any
	for _, m := range s.results() {
		got = append(got, s.line(fmt.Sprint(m[slog.MessageKey]), m))
	}
	return got
}

// plain returns a copy of m with values as text and without what is no attr.
func (k *kit) plain(m map[string]any) map[string]any {
	p := map[string]any{}
	for key, v := range m {
		if !slices.Contains(builtin, key) && !slices.Contains(k.ignore, key) {
			p[key] = plainValue(v)
		}
	}
	return p
}

func plainValue(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprint(v)
	}
	p := map[string]any{}
	for key, v := range m {
		p[key] = plainValue(v)
	}
	return p
}
