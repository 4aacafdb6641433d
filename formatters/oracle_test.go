package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// expected is what CPython gave.
type expected struct {
	Out   oracle.Value `json:"out"`
	Error *struct {
		Stage, Class string
		Text         oracle.Value // may have lone surrogates
	}
}

// text returns the expected text. It is false if no Go string holds it.
func (e *expected) text() (string, bool) {
	s, ok := e.Out.V.(string)
	return s, ok
}

// aside is an error that sets a vector aside, by the rule that it tells.
type aside string

func (a aside) Error() string { return string(a) }

// goValue returns the Go value that stands for a Python value: lists are
// []any, tuples arrays, dicts groups or maps.
func goValue(v any) (any, error) {
	switch v := v.(type) {
	case oracle.List:
		return goValues(v)
	case oracle.Tuple:
		return goTuple(v)
	case oracle.Dict:
		return goDict(v)
	case oracle.Bytes:
		return []byte(v), nil
	case nil, bool, int64, *big.Int, float64, string:
		return v, nil
	}
	return nil, aside(fmt.Sprintf("a %T, which has no Go counterpart", v))
}

func goValues(items []any) ([]any, error) {
	out := make([]any, len(items))
	for i, it := range items {
		v, err := goValue(it)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func goTuple(items []any) (any, error) {
	vs, err := goValues(items)
	if err != nil {
		return nil, err
	}
	switch len(vs) {
	case 0:
		return [0]any{}, nil
	case 1:
		return [1]any(vs), nil
	case 2:
		return [2]any(vs), nil
	case 3:
		return [3]any(vs), nil
	}
	return nil, aside("a tuple of more than 3")
}

// goDict returns a group if all keys are strings, and keeps their order then.
func goDict(d oracle.Dict) (any, error) {
	var attrs []slog.Attr
	m := map[any]any{}
	for _, it := range d {
		v, err := goValue(it.Value)
		if err != nil {
			return nil, err
		}
		m[it.Key] = v
		if key, ok := it.Key.(string); ok {
			attrs = append(attrs, slog.Any(key, v))
		}
	}
	switch {
	case len(d) == 0:
		return m, nil // slog drops empty groups
	case len(attrs) == len(d):
		return slog.GroupValue(attrs...), nil
	case len(m) == 1:
		return m, nil
	}
	return nil, aside("a dict in an order that no Go map has")
}

// A pyRecord is a record of a vector, as Go has it.
type pyRecord struct {
	name   string
	record slog.Record
	origin *Origin
}

// recordFields are the attributes that are no attrs.
var recordFields = func() map[string]bool {
	m := map[string]bool{}
	for f := fieldName; f < fieldAttrs; f++ {
		m[fieldTable[f].name] = true
	}
	return m
}()

func str(v any) string {
	s, _ := v.(string)
	return s
}

func float(v any) float64 {
	f, _ := v.(float64)
	return f
}

func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}

// newPyRecord makes a record from a vector's attributes.
func newPyRecord(attrs oracle.Attributes) (*pyRecord, error) {
	get := func(key string) any { v, _ := attrs.Get(key); return v }
	msg, ok := get("msg").(string)
	if !ok {
		return nil, aside("msg is no str")
	}
	level := FromPythonLevel(int(whole(get("levelno"))))
	created := float(get("created"))
	p := &pyRecord{name: str(get("name"))}
	p.record = slog.NewRecord(time.Unix(0, int64(created*1e9)), level, msg, 0)
	p.origin = &Origin{
		LevelNo: whole(get("levelno")), LevelName: str(get("levelname")),
		PathName: str(get("pathname")), FileName: str(get("filename")), Module: str(get("module")),
		LineNo: whole(get("lineno")), FuncName: str(get("funcName")),
		Created: created, MSecs: float(get("msecs")), RelativeCreated: float(get("relativeCreated")),
		Thread: whole(get("thread")), ThreadName: str(get("threadName")),
		Process: whole(get("process")), ProcessName: str(get("processName")), TaskName: str(get("taskName")),
		ExcText: str(get("exc_text")), StackInfo: str(get("stack_info")),
	}
	for _, it := range attrs {
		key := it.Key.(string)
		if recordFields[key] {
			continue
		}
		v, err := goValue(it.Value)
		if err != nil {
			return nil, err
		}
		p.record.AddAttrs(slog.Any(key, v))
	}
	return p, nil
}

// render formats the record with f, which its options make CPython's.
func (p *pyRecord) render(f Formatter, more ...slog.Attr) string {
	r := p.record.Clone()
	r.AddAttrs(p.origin.Attr())
	r.AddAttrs(more...)
	return string(f.WithLoggerName("logger", p.name).Append(nil, nil, r))
}

// run replays a vector and counts it.
func run(t *testing.T, tally *oracle.Tally, id string, replay func() error) {
	t.Helper()
	err := replay()
	var rule aside
	if errors.As(err, &rule) {
		tally.SetAside(string(rule))
		return
	}
	tally.Replayed()
	if err != nil {
		t.Errorf("%s: %v", id, err)
	}
}

func fmtText(s *string) string {
	if s == nil {
		return "<None>"
	}
	return *s
}

type timeVector struct {
	ID      string
	TZ      string
	UTC     bool
	Created oracle.Value
	MSecs   oracle.Value
	DateFmt *string
	Tags    []string
	Expect  expected
}

// number returns the float that a Python number converts to.
func pyNumber(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, aside("created or msecs is no number")
}

// epochDirective finds %s.
var epochDirective = regexp.MustCompile(`(?:^|[^%])(?:%%)*%[-_0^#]*\d*[EO]?s`)

func (v *timeVector) replay() error {
	created, err := pyNumber(v.Created.V)
	if err != nil {
		return err
	}
	msecs, err := pyNumber(v.MSecs.V)
	if err != nil {
		return err
	}
	opts := &Options{Raw: true, Strict: true, Location: time.FixedZone("GMT", 0)}
	if v.DateFmt != nil {
		opts.DateFmt = *v.DateFmt
	}
	if v.UTC && v.TZ != "UTC" && epochDirective.MatchString(opts.DateFmt) {
		return aside("%s of gmtime, which the C library reads as local time")
	}
	if !v.UTC {
		if opts.Location, err = time.LoadLocation(v.TZ); err != nil {
			return err
		}
	}
	rec := &pyRecord{name: "root", record: slog.NewRecord(time.Unix(0, 0), 0, "", 0), origin: &Origin{Created: created, MSecs: msecs}}
	got := rec.render(Must(Percent("%(asctime)s", opts)))
	want, _ := v.Expect.text()
	if v.Expect.Error != nil {
		if !strings.HasPrefix(got, "%!asctime(") || !strings.HasSuffix(got, ")") {
			return fmt.Errorf("CPython fails with %v, got %q without a marker", *v.Expect.Error, got)
		}
	} else if got != want {
		return fmt.Errorf("%q of %v in %s: got %q, want %q", fmtText(v.DateFmt), v.Created.V, v.TZ, got, want)
	}
	return nil
}

func TestOracleTimeFormat(t *testing.T) {
	tally := oracle.NewTally("time_format")
	for _, v := range oracle.Load[timeVector](t, "time_format") {
		run(t, tally, v.ID, v.replay)
	}
	tally.Report(t)
}
