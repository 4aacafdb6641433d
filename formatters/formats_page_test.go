package formatters

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The tests of this file make the tables of docs/formats.md: each line is an
// example that runs.

// pageTime is the time of the page's records.
var pageTime = time.Date(2024, 2, 29, 12, 30, 45, 678_000_000, time.UTC)

// section checks a part of docs/formats.md.
func section(t *testing.T, name, text string) {
	t.Helper()
	oracle.CheckSection(t, filepath.Join("docs", "formats.md"), name, text)
}

// pageRecord is the record of the page's examples, made here.
func pageRecord(attrs ...any) slog.Record {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	r := slog.NewRecord(pageTime, slog.LevelWarn, "slow query", pcs[0])
	r.Add(attrs...)
	return r
}

// printed returns what f makes of r for the logger shop.db, with this very
// file as if it were a program of the page's.
func printed(f Formatter, r slog.Record) string {
	text := string(f.WithLoggerName("logger", "shop.db").Append(nil, nil, r))
	if r.PC == 0 {
		return text
	}
	_, file, _, _ := runtime.Caller(0)
	frame, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	text = strings.NewReplacer(file, "/srv/shop/db.go", baseName(file), "db.go", frame.Function, "main.query").Replace(text)
	line := fmt.Sprint(frame.Line)
	return strings.NewReplacer("db.go:"+line, "db.go:42", `"line":`+line, `"line":42`).Replace(text)
}

// code puts text between backticks for a cell of a table.
func code(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

func TestPageFormatters(t *testing.T) {
	r := pageRecord("ms", 1200, "err", errors.New("timed out"))
	utc := &Options{Location: time.UTC}
	var b strings.Builder
	b.WriteString("| formatter | writes |\n|---|---|\n")
	for _, c := range []struct {
		name string
		f    Formatter
	}{
		{`Percent("%(asctime)s %(levelname)-8s %(name)s: %(message)s", nil)`, Must(Percent("%(asctime)s %(levelname)-8s %(name)s: %(message)s", utc))},
		{`Brace("{asctime} {levelname:<8} {name}: {message}", nil)`, Must(Brace("{asctime} {levelname:<8} {name}: {message}", utc))},
		{`Dollar("$asctime $levelname $name: $message", nil)`, Must(Dollar("$asctime $levelname $name: $message", utc))},
		{`JSON(nil)`, JSON(nil)},
		{`Logfmt(nil)`, Logfmt(nil)},
		{`Console(nil)`, Console(utc)},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", code(c.name), code(printed(c.f, r)))
	}
	section(t, "formatters", b.String())
}

// fieldMeanings says what each field is, in the order of the page.
var fieldMeanings = []struct {
	field   field
	meaning string
}{
	{fieldAsctime, "the time, as `DateFmt` says"},
	{fieldCreated, "the time in seconds since 1970"},
	{fieldMSecs, "the milliseconds within the time's second"},
	{fieldRelativeCreated, "the milliseconds since the program's start"},
	{fieldLevelName, "the level's name"},
	{fieldLevelNo, "the level's number on Python's scale"},
	{fieldName, "the logger's name; `root` if there is none"},
	{fieldMessage, "the message"},
	{fieldMsg, "the same"},
	{fieldArgs, "`()`: a message of slog has no arguments"},
	{fieldPathName, "the source file where the record was made"},
	{fieldFileName, "its last element"},
	{fieldModule, "that without the extension"},
	{fieldLineNo, "the line in it"},
	{fieldFuncName, "the function"},
	{fieldProcess, "the process's id"},
	{fieldProcessName, "the process's name; `MainProcess` for records made here"},
	{fieldThread, "the thread's id; 0 for records made here"},
	{fieldThreadName, "the thread's name; `MainThread` for records made here"},
	{fieldTaskName, "the asyncio task's name; `None` for records made here"},
	{fieldExcInfo, "the message of an error given by `Exc`, or `None`"},
	{fieldExcText, "a traceback that came with the record, or `None`"},
	{fieldStackInfo, "a stack that came with the record, or `None`"},
	{fieldAttrs, "all attrs that no other field prints"},
}

func TestPageFields(t *testing.T) {
	if len(fieldMeanings) != int(numFields)-1 {
		t.Errorf("%d fields have a meaning, want %d", len(fieldMeanings), numFields-1)
	}
	r := pageRecord("ms", 1200)
	r.PC = 0
	r.AddAttrs((&Origin{
		LevelNo: 30, LevelName: "WARNING", PathName: "/srv/shop/db.py", FileName: "db.py", Module: "db", LineNo: 42, FuncName: "query",
		Created: float64(pageTime.UnixMilli()) / 1000, MSecs: 678, RelativeCreated: 1034.25, Thread: 140305604758400, ThreadName: "Thread-1",
		Process: 4321, ProcessName: "Worker-2", TaskName: "Task-5", ExcText: "Traceback ...", StackInfo: "Stack ...",
	}).Attr(), Exc(errors.New("timed out")))
	line := func(f Formatter, err error) string {
		text, _, _ := strings.Cut(printed(Must(f, err), r), "\n") // without the traceback
		return text
	}
	var b strings.Builder
	b.WriteString("| field | is | example | prints | member of JSON |\n|---|---|---|---|---|\n")
	for _, m := range fieldMeanings {
		name := fieldTable[m.field].name
		opts := &Options{Location: time.UTC, Strict: true}
		text := line(Percent("%("+name+")s", opts))
		if other := line(Brace("{"+name+"}", opts)); other != text {
			t.Errorf("{%s} prints %q, want %q", name, other, text)
		}
		if other := line(Dollar("$"+name, opts)); other != text {
			t.Errorf("$%s prints %q, want %q", name, other, text)
		}
		member := line(JSON(&Options{Location: time.UTC, Strict: true, Fields: []string{name}}), nil)
		member, _, _ = strings.Cut(member, `,"exc_info"`) // which is added
		if m.field != fieldStackInfo {
			member, _, _ = strings.Cut(member, `,"stack_info"`)
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%%(%s)s` | %s | %s |\n", name, m.meaning, name, code(text), code(strings.Trim(member, "{}")))
	}
	section(t, "fields", b.String())
}

func TestPageConversions(t *testing.T) {
	r := pageRecord("took", 1500*time.Millisecond, "status", 404, "ratio", 0.1234, "user", "ada", "tags", []string{"a", "b"}, slog.Group("req", "ip", "10.0.0.7"))
	opts := &Options{Location: time.UTC, Strict: true}
	var b strings.Builder
	b.WriteString("| prints | as `%` | as `{` |\n|---|---|---|\n")
	for _, c := range [][2]string{
		{"%(levelname)-10s|", "{levelname:<10}|"},
		{"%(levelname)10s|", "{levelname:>10}|"},
		{"", "{levelname:*^11}"},
		{"%(levelname).4s", "{levelname:.4}"},
		{"%(user)r", "{user!r}"},
		{"%(status)06d", "{status:06d}"},
		{"%(status)x", "{status:x}"},
		{"%(status)#o", "{status:#o}"},
		{"%(status)+d", "{status:+d}"},
		{"", "{lineno:,}"},
		{"%(ratio).2f", "{ratio:.2f}"},
		{"%(ratio)e", "{ratio:e}"},
		{"", "{ratio:.1%}"},
		{"%(took).3f", "{took:.3f}"},
		{"%(took)s", "{took}"},
		{"%(req.ip)s", "{req.ip}"},
		{"%(tags)s", "{tags}"},
		{"", "{tags[0]}"},
		{"%(message)s at 100%%", "{message} {{in braces}}"},
	} {
		var texts []string
		for i, format := range c {
			if format == "" || format == "{lineno:,}" {
				continue
			}
			f, err := []func(string, *Options) (Formatter, error){Percent, Brace}[i](format, opts)
			texts = append(texts, printed(Must(f, err), r))
		}
		if c[1] == "{lineno:,}" {
			big := pageRecord("n", 1234567)
			c[1] = "{n:,}"
			texts = append(texts, printed(Must(Brace(c[1], opts)), big))
		}
		if len(texts) == 2 && texts[0] != texts[1] && !strings.Contains(c[0], "%%") {
			t.Errorf("%s prints %q, %s %q", c[0], texts[0], c[1], texts[1])
		}
		shown := code(texts[0])
		if strings.Contains(c[0], "%%") {
			shown += ", " + code(texts[1])
		}
		left := "-"
		if c[0] != "" {
			left = code(c[0])
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", shown, left, code(c[1]))
	}
	section(t, "conversions", b.String())
}

func TestPageErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("```text\n")
	for _, c := range []struct {
		compile func(string, *Options) (Formatter, error)
		format  string
	}{
		{Percent, "%(asctime)s %(levelname)"}, {Percent, "%(message)s %(name)d"}, {Percent, "%message"},
		{Brace, "{levelname} {message:d}"}, {Brace, "{message"}, {Dollar, "$message costs 5$"},
	} {
		_, err := c.compile(c.format, nil)
		if err == nil {
			t.Fatalf("%q is no error", c.format)
		}
		fmt.Fprintln(&b, err)
	}
	b.WriteString("```\n")
	section(t, "errors", b.String())
}

func TestPageExceptions(t *testing.T) {
	err := fmt.Errorf("reserve A-17: %w", errors.New("connection refused"))
	r := pageRecord("sku", "A-17", Exc(err))
	var b strings.Builder
	for _, f := range []Formatter{Must(Percent("%(levelname)s %(name)s: %(message)s", nil)), Console(&Options{Location: time.UTC}), Logfmt(nil), JSON(nil)} {
		b.WriteString(printed(f, r) + "\n")
	}
	section(t, "exceptions", "```text\n"+b.String()+"```\n")
}

// pageOptions has an example at least for each option.
var pageOptions = []struct {
	option, is, example string
	f                   Formatter
	attrs               []any
}{
	{"DateFmt", "the format of the time, as in C's strftime; for all formatters", `Percent("%(asctime)s %(message)s", &Options{DateFmt: "%d %b %H:%M"})`,
		Must(Percent("%(asctime)s %(message)s", &Options{DateFmt: "%d %b %H:%M", Location: time.UTC})), nil},
	{"Location", "the zone of the time; nil is local, and for `JSON` and `Logfmt` the record's own", `Logfmt(&Options{Location: time.FixedZone("", 3600)})`,
		Logfmt(&Options{Location: time.FixedZone("", 3600)}), nil},
	{"Levels", "your own names of levels", `Percent("%(levelname)s", &Options{Levels: names}), with names.Add(slog.LevelWarn, "ACHTUNG")`,
		Must(Percent("%(levelname)s %(message)s", &Options{Levels: pageLevels()})), nil},
	{"Defaults", "values of attrs that a record lacks", `Percent("%(user)s: %(message)s", &Options{Defaults: map[string]any{"user": "nobody"}})`,
		Must(Percent("%(user)s: %(message)s", &Options{Defaults: map[string]any{"user": "nobody"}})), nil},
	{"", "without one", `Percent("%(user)s: %(message)s", nil)`, Must(Percent("%(user)s: %(message)s", nil)), nil},
	{"Strict", "leave out attrs that the format, or `Fields`, does not name", `Percent("%(message)s", &Options{Strict: true}), given ms`,
		Must(Percent("%(message)s", &Options{Strict: true})), []any{"ms", 1200}},
	{"", "without it", `Percent("%(message)s", nil), given ms`, Must(Percent("%(message)s", nil)), []any{"ms", 1200}},
	{"Raw", "print fields as they are, line breaks and escape sequences too; `Percent`, `Brace`, `Dollar`, `Console`", `Percent("%(sql)s", &Options{Raw: true}), given sql`,
		Must(Percent("%(sql)s", &Options{Raw: true})), []any{"sql", "SELECT\t1"}},
	{"", "without it", `Percent("%(sql)s", nil), given sql with a line break`, Must(Percent("%(sql)s", nil)), []any{"sql", "SELECT\n1"}},
	{"NoValidate", "accept any format; what is wrong shows in the line", `Percent("%(message)d", &Options{NoValidate: true})`,
		Must(Percent("%(message)d", &Options{NoValidate: true})), nil},
	{"ReplaceAttr", "called for each attr: change it, or leave it out; for all formatters", `JSON(&Options{ReplaceAttr: hide}), given password`,
		JSON(&Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return slog.String(a.Key, "***") }}), []any{"password", "secret"}},
	{"Source", "show where the record was made; `JSON`, `Logfmt`, `Console`", `JSON(&Options{Source: true})`, JSON(&Options{Source: true}), nil},
	{"", "", `Logfmt(&Options{Source: true})`, Logfmt(&Options{Source: true}), nil},
	{"", "", `Console(&Options{Source: true})`, Console(&Options{Source: true, Location: time.UTC}), nil},
	{"Fields", "write Python's fields, in this order, as python-json-logger does; `JSON`, `Logfmt`", `JSON(&Options{Fields: []string{"asctime", "name", "levelname", "message"}}), given ms`,
		JSON(&Options{Location: time.UTC, Fields: []string{"asctime", "name", "levelname", "message"}}), []any{"ms", 1200}},
	{"", "", `Logfmt(&Options{Fields: []string{"levelname", "attrs", "message"}}), given ms`,
		Logfmt(&Options{Fields: []string{"levelname", "attrs", "message"}}), []any{"ms", 1200}},
	{"Keys", "other names for fields, or \"\" to leave one out; `JSON`, `Logfmt`", `JSON(&Options{Keys: map[string]string{"time": "", "msg": "message", "logger": "name"}})`,
		JSON(&Options{Keys: map[string]string{"time": "", "msg": "message", "logger": "name"}}), nil},
	{"TimeUnit", "the time as a number; `JSON`, `Logfmt`", `JSON(&Options{TimeUnit: time.Millisecond})`, JSON(&Options{TimeUnit: time.Millisecond}), nil},
	{"Duplicates", "what to do with attrs of one name; `JSON`", `JSON(nil), given a=1, a=2, msg=3`, JSON(nil), []any{"a", 1, "a", 2, "msg", 3}},
	{"", "", `JSON(&Options{Duplicates: DuplicatesLast})`, JSON(&Options{Duplicates: DuplicatesLast}), []any{"a", 1, "a", 2, "msg", 3}},
	{"", "", `JSON(&Options{Duplicates: DuplicatesRename})`, JSON(&Options{Duplicates: DuplicatesRename}), []any{"a", 1, "a", 2, "msg", 3}},
	{"EscapeControls", "escape what terminals obey though it is valid; `JSON`", `JSON(&Options{EscapeControls: true}), given a file name that turns the text`,
		JSON(&Options{EscapeControls: true}), []any{"file", "gpj.\u202eexe"}},
	{"Color", "colours: on a terminal, always or never; `Console`", `Console(&Options{Color: ColorNever})`, Console(&Options{Color: ColorNever, Location: time.UTC}), nil},
}

func pageLevels() *LevelNames {
	names := new(LevelNames)
	names.Add(slog.LevelWarn, "ACHTUNG")
	return names
}

func TestPageOptions(t *testing.T) {
	missing := map[string]bool{}
	for i := range reflect.TypeFor[Options]().NumField() {
		missing[reflect.TypeFor[Options]().Field(i).Name] = true
	}
	var b strings.Builder
	b.WriteString("| option | is | example | writes |\n|---|---|---|---|\n")
	for _, o := range pageOptions {
		delete(missing, o.option)
		if o.option != "" {
			o.option = "`" + o.option + "`"
		}
		text := printed(o.f, pageRecord(o.attrs...))
		if strings.ContainsAny(text, "\n") {
			t.Errorf("%s: no line: %q", o.example, text)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", o.option, cmp.Or(o.is, "-"), code(o.example), code(text))
	}
	if len(missing) > 0 {
		t.Errorf("options without an example: %v", missing)
	}
	section(t, "options", b.String())
}
