package config

import (
	"fmt"
	"strings"
	"testing"
)

// read returns what a document says, a line for each thing, and what is wrong.
func read(text string, o Options) (said, wrong string) {
	p := &problems{filename: "f"}
	o.Registry = DefaultRegistry()
	s := readINI([]byte(text), o, p)
	var b strings.Builder
	if s != nil {
		for _, f := range s.formatters {
			b.WriteString("formatter " + describePart(f) + "\n")
		}
		for _, h := range s.handlers {
			b.WriteString("handler " + describePart(h) + "\n")
		}
		for _, l := range s.loggers {
			fmt.Fprintf(&b, "logger %s %s %s [%s]\n", l.name, describe(l.level), propagates(l), describeAll(l.handlers))
		}
		for _, i := range s.ignored {
			b.WriteString("ignored " + i.Error() + "\n")
		}
	}
	var w strings.Builder
	for _, e := range p.all {
		w.WriteString(e.Error() + "\n")
	}
	return b.String(), w.String()
}

func describePart(p *part) string {
	text := fmt.Sprintf("%s %d %s(%s)", p.name, p.at.line, describe(p.class), describeAll(p.args))
	for _, m := range p.options {
		text += " " + m.key.text + "=" + describe(m.value)
	}
	if p.level != nil || p.formatter != nil {
		text += " level " + describe(p.level) + " formatter " + describe(p.formatter)
	}
	return text
}

// describe returns a value with its place.
func describe(v *value) string {
	if v == nil {
		return "-"
	}
	text := v.short()
	if v.kind == list {
		text = "[" + describeAll(v.list) + "]"
	}
	for _, m := range v.members {
		text += " " + m.key.text + "=" + describe(m.value)
	}
	return fmt.Sprintf("%s@%d:%d", text, v.line, v.column)
}

func describeAll(vs []*value) string {
	var all []string
	for _, v := range vs {
		all = append(all, describe(v))
	}
	return strings.Join(all, ", ")
}

func propagates(l *loggerSpec) string {
	if l.propagate == nil {
		return "-"
	}
	return fmt.Sprint(*l.propagate)
}

const sampleINI = `[loggers]
keys = root, parser,again ,root.x

[handlers]
keys = con,mem
[formatters]
keys=form
[DEFAULT]
dir = logs
[logger_root]
level=WARNING
handlers=
[logger_parser]
level=DEBUG
handlers=con , mem,con
propagate=0
qualname=compiler.parser
[logger_again]
handlers=mem
qualname=compiler.parser
[logger_root.x]
handlers=con
qualname=
propagate= -2
[handler_con]
class=StreamHandler
level=NOTSET
formatter=form
args=(sys.stdout,)
[handler_mem]
class=handlers.MemoryHandler
args=(10,
  ERROR)
kwargs={'flushOnClose': False, 'x': ['%(dir)s/é', 1.5]}
target=con
formatter=
[formatter_form]
format=%(levelname)s ++ %(message)s
datefmt=
style=%
defaults={'ip': None}
class=logging.Formatter
`

func TestReadINI(t *testing.T) {
	said, wrong := read(sampleINI, Options{})
	const want = `formatter form 37 "logging.Formatter"@42:7() format="%(levelname)s ++ %(message)s"@38:8 datefmt=""@39:9 style="%"@40:7 defaults=a table of 1 ip=null@41:17@41:10
handler con 25 "StreamHandler"@26:7("ext://sys.stdout"@29:7) level "NOTSET"@27:7 formatter "form"@28:11
handler mem 30 "handlers.MemoryHandler"@31:7(10@32:7, 40@33:3) flushOnClose=false@34:0 x=["logs/é"@34:0, 1.5@34:0]@34:0 target="con"@35:8
logger root "WARNING"@11:7 true ["con"@22:10]
logger compiler.parser "DEBUG"@14:7 true ["mem"@19:10]
`
	if said != want || wrong != "" {
		t.Errorf("got\n%s\nwant\n%s\nwrong\n%s", said, want, wrong)
	}
}

// All that is wrong is told at once, each with its place, and with what was
// meant where that is clear.
func TestReadINIErrors(t *testing.T) {
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sampleINI) }
	for name, test := range map[string]struct{ text, want string }{
		"empty":        {"", "f: the file is empty\n"},
		"blank":        {"\n", "f: there is no section [formatters]\nf: there is no section [handlers]\nf: there is no section [loggers]\n"},
		"no header":    {"hello world\n", "f:1: \"hello world\" stands before the first [section]\n"},
		"code":         {edit("(sys.stdout,)", "(open('x'),)"), "f:29:7: handler_con.args: \"open\": the name stands for code, which is not run\n"},
		"misspelt":     {edit("sys.stdout", "sys.stbout"), "f:29:7: handler_con.args: \"sys.stbout\": the name stands for code, which is not run\n"},
		"meant":        {edit("sys.stdout", "stdout"), "f:29:7: handler_con.args: \"stdout\": the name stands for code, which is not run; did you mean \"sys.stdout\"?\n"},
		"second line":  {edit("  ERROR", "  1/0"), "f:33:4: handler_mem.args: \"/\": this operator is code, which is not run; write the value that it gives\n"},
		"no tuple":     {edit("(sys.stdout,)", "('x')"), "f:29:6: handler_con.args: \"x\": args must be a tuple, as in ('app.log', 'a') or ('app.log',)\n"},
		"no dict":      {edit("{'ip': None}", "5"), "f:41:10: formatter_form.defaults: 5: defaults must be a dict, as in {'user': 'nobody'}\n"},
		"bytes":        {edit("(sys.stdout,)", "(b'x',)"), "f:29:7: handler_con.args[0]: b'x': no option takes a value of Python's type bytes\n"},
		"key":          {edit("'x': [", "1: ["), "f:34: handler_mem.kwargs: 1: a key must be a string\n"},
		"no root":      {edit("keys = root,", "keys ="), "f:2:8: loggers.keys: \"parser,again ,root.x\": \"root\" is missing: the root logger must be configured\n"},
		"no section":   {edit("[handler_con]", "[handler_cn]"), "f:5:8: \"con\": there is no section [handler_con]; did you mean \"handler_cn\"?\n"},
		"last comma":   {edit("keys=form", "keys=form,"), "f:7:11: \"\": there is no section [formatter_]\n"},
		"no class":     {edit("class=StreamHandler", "clas=StreamHandler"), "f:25: handler_con: the option \"class\" is missing; \"clas\" is no option that counts\n"},
		"no qualname":  {edit("qualname=\n", "\n"), "f:21: logger_root.x: the option \"qualname\" is missing\n"},
		"no handlers":  {edit("handlers=\n", "\n"), "f:10: logger_root: the option \"handlers\" is missing\n"},
		"propagate":    {edit("propagate=0", "propagate=yes"), "f:16:11: logger_parser.propagate: \"yes\": propagate is 1 or 0; did you mean \"1\"?\n"},
		"syntax":       {edit("datefmt=\n", "datefmt\n"), "f:39: formatter_form: \"datefmt\" is no [section] and no name = value\n"},
		"duplicate":    {edit("[DEFAULT]", "[loggers]"), "f:8: loggers: section \"loggers\" is there already\nf:34:8: handler_mem.kwargs: %(dir)s names no option of the section and none of [DEFAULT]\n"},
		"interpolated": {edit("%(dir)s", "%(dri)s"), "f:34:8: handler_mem.kwargs: %(dri)s names no option of the section and none of [DEFAULT]\n"},
		"percent":      {edit("'x': [", "'%': ["), "f:34:8: handler_mem.kwargs: % is followed by neither % nor (, in \"%': ['%(dir)s/é', 1.5]}\"; write %% for a percent sign\n"},
		"two": {edit("(sys.stdout,)", "(", "propagate=0", "propagate=x", "'ip'", "ip"),
			"f:41:11: formatter_form.defaults: \"ip\": the name stands for code, which is not run\n" +
				"f:29:6: handler_con.args: \"(\": '(' was never closed\n" +
				"f:16:11: logger_parser.propagate: \"x\": propagate is 1 or 0; did you mean \"0\"?\n"},
	} {
		if _, wrong := read(test.text, Options{}); wrong != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, wrong, test.want)
		}
	}
}

// What fileConfig passes over is told, as it is often a mistake.
func TestReadINIIgnored(t *testing.T) {
	said, wrong := read(strings.NewReplacer("qualname=\n", "qualname=\nlevl=DEBUG\n", "[handlers]", "[handler_x]\nclass=X\n[handlers]", "formatter=form\n", "formatter=form\ntarget=mem\n").Replace(sampleINI), Options{Filename: "f"})
	if wrong != "" {
		t.Error(wrong)
	}
	for _, want := range []string{
		"ignored f:32: handler_con.target: only a memory handler has a target\n",
		"ignored f:4: handler_x: no keys= names this section\n",
		"ignored f:26: logger_root.x.levl: \"DEBUG\": fileConfig knows no such option; did you mean \"level\"?\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("got\n%s\nwant\n%s", said, want)
		}
	}
}

func TestPythonInt(t *testing.T) {
	for text, want := range map[string]string{
		"0": "false true", "1": "true true", " -1 ": "true true", "+0": "false true", "0_0": "false true", "1_0": "true true", "00": "false true",
		"": "false false", "yes": "true false", "_1": "false false", "1_": "false false", "1__0": "false false", "-": "true false", "1.0": "true false", "+-1": "true false",
	} {
		nonzero, ok := pythonInt(text)
		if got := fmt.Sprint(nonzero, ok); got != want {
			t.Errorf("pythonInt(%q) = %s, want %s", text, got, want)
		}
	}
}

// FuzzParseINI: no document panics, and each thing that is wrong is an [Error]
// with a reason. What is taken is taken again, and can be checked without a tree.
func FuzzParseINI(f *testing.F) {
	f.Add([]byte(sampleINI))
	f.Add([]byte(smallINI))
	f.Add([]byte(strings.Replace(sampleINI, "(sys.stdout,)", "(__import__('os'),)", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseINI(data, Options{})
		if err != nil {
			if err := typed(err); err != nil {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		if err := c.Check(nil); err != nil && typed(err) != nil {
			t.Errorf("%q: %v", data, err)
		}
		if _, err := ParseINI(data, Options{}); err != nil {
			t.Errorf("%q is taken once only: %v", data, err)
		}
	})
}
