package configserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A hostile is a document that has to be refused without an effect.
type hostile struct{ name, document string }

// iniWith is an INI file with one handler.
func iniWith(class, args, kwargs string) string {
	return "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nlevel=DEBUG\nhandlers=h\n[handler_h]\nclass=" + class + "\nargs=" + args + "\nkwargs=" + kwargs + "\n"
}

// dictWith is a dictConfig document with one member of a section.
func dictWith(section string, member map[string]any) string {
	doc := map[string]any{"version": 1, section: map[string]any{"x": member}, "root": map[string]any{"level": "DEBUG"}}
	if section == "handlers" {
		doc["root"] = map[string]any{"level": "DEBUG", "handlers": []string{"x"}}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// vectors are documents that CPython would execute.
func hostileVectors(t *testing.T) (all []hostile) {
	t.Helper()
	type vector struct {
		ID, Payload string
		Segments    []json.RawMessage `json:"payload_segments"`
	}
	for _, v := range oracle.Load[vector](t, "hostile_configs") {
		for _, s := range v.Segments {
			var text string
			var times int
			if err := json.Unmarshal(s, &[]any{&text, &times}); err != nil {
				t.Fatal(err)
			}
			v.Payload += strings.Repeat(text, times)
		}
		all = append(all, hostile{v.ID, v.Payload})
	}
	return all
}

// hostileCode puts what is evaluated in CPython where it is evaluated.
func hostileCode(t *testing.T) (all []hostile) {
	t.Helper()
	type vector struct {
		ID, Expr string
		Expect   struct{ Form string }
	}
	for _, v := range oracle.Load[vector](t, "literal_args") {
		if v.Expect.Form == "code" && !strings.Contains(v.Expr, "\n") {
			expr := strings.ReplaceAll(v.Expr, "%", "%%")
			all = append(all, hostile{v.ID + " args", iniWith("StreamHandler", expr, "{}")}, hostile{v.ID + " kwargs", iniWith("StreamHandler", "()", expr)})
		}
	}
	return all
}

// hostilePaths are files where no document may write.
func hostilePaths(outside string) (all []hostile) {
	paths := []string{
		"../canary", "../made.log", "../../made.log", "sub/../../made.log", "./../made.log", "sub/../sub/../../canary",
		filepath.Join(outside, "canary"), filepath.Join(outside, "made.log"), "/proc/self/mem", "/dev/null",
		"link", "linkdir/canary", "linkdir/made.log", "linkdir/sub/made.log", "dangling", "loop", "loop/x", "up/canary",
		"sub", ".", "", "a\x00b",
	}
	classes := map[string]string{"file": "FileHandler", "watched_file": "handlers.WatchedFileHandler", "rotating_file": "handlers.RotatingFileHandler", "timed_rotating_file": "handlers.TimedRotatingFileHandler"}
	for kind, class := range classes {
		for _, p := range paths {
			all = append(all,
				hostile{kind + " " + p, dictWith("handlers", map[string]any{"class": kind, "filename": p})},
				hostile{class + " " + p, dictWith("handlers", map[string]any{"class": "logging." + class, "filename": p, "mode": "w", "delay": true})})
			if !strings.Contains(p, "\x00") {
				all = append(all, hostile{"INI " + class + " " + p, iniWith(class, fmt.Sprintf("('%s', 'w')", p), "{}")})
			}
		}
	}
	for _, p := range []string{"../link", "link", filepath.Join(outside, "link2"), "linkdir/x"} {
		all = append(all, hostile{"symlink " + p, dictWith("handlers", map[string]any{"class": "rotating_file", "filename": "new.log", "symlink": p})})
	}
	return all
}

// hostileKinds name what documents may not make, or what there is not.
func hostileKinds() (all []hostile) {
	for _, class := range []string{
		"logging.handlers.SocketHandler", "logging.handlers.DatagramHandler", "logging.handlers.SysLogHandler", "logging.handlers.SMTPHandler",
		"logging.handlers.HTTPHandler", "logging.handlers.MemoryHandler", "logging.handlers.QueueHandler", "logging.handlers.NTEventLogHandler",
		"socket", "datagram", "syslog", "smtp", "http", "memory", "queue", "own", "os.system", "subprocess.Popen", "builtins.eval", "__main__.x", "logging.NoSuch",
	} {
		options := map[string]any{"class": class, "host": "192.0.2.1", "port": 9, "capacity": 1, "url": "/", "filename": "x"}
		for _, section := range []string{"handlers", "formatters", "filters"} {
			if section != "filters" { // which have no class, in Python either
				all = append(all, hostile{section + " class " + class, dictWith(section, options)})
			}
			factory := maps.Clone(options)
			delete(factory, "class")
			for _, name := range []string{class, "ext://" + class, "cfg://" + class} {
				factory["()"] = name
				all = append(all, hostile{section + " () " + name, dictWith(section, factory)})
			}
		}
		all = append(all, hostile{"INI " + class, iniWith(class, "('192.0.2.1', 9)", "{}")})
	}
	return all
}

// hostileText are rubbish, pieces and bombs.
func hostileText() (all []hostile) {
	whole := dictWith("handlers", map[string]any{"class": "file", "filename": "fine.log"})
	for i := range whole {
		all = append(all, hostile{fmt.Sprintf("the first %d bytes", i), whole[:i]})
	}
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, strings.ReplaceAll(format, "N", "%[1]d"), i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	long := strings.Repeat("x", 50)
	for name, text := range map[string]string{
		"sections that are missing":   "[loggers]\nkeys=" + many(10_000, long+"N,") + "\n" + many(6_000, "["+long+"yN]\n"),
		"handlers that are missing":   `{"version":1,"handlers":{` + many(5_000, `"`+long+`N":{"class":"null"},`) + `},"loggers":{` + many(5_000, `"aN":{"handlers":["`+long+`zN"]},`) + `}}`,
		"formatters that are missing": `{"version":1,"formatters":{` + many(5_000, `"`+long+`N":{},`) + `},"handlers":{` + many(5_000, `"N":{"class":"null","formatter":"`+long+`zN"},`) + `}}`,
		"references in a chain":       `{"version":1,` + many(10_000, `"kN":"cfg://kNN",`) + `,"handlers":{"h":{"class":"cfg://k0"}}}`,
		"unknown keys":                `{"version":1,"handlers":{"h":{"class":"null",` + many(30_000, `"streamN":"N",`) + `}}}`,
		"unknown options":             iniWith("NoSuchHandler", "()", "{}") + many(40_000, "clasN=x\n"),
		"repeated keys":               "{" + many(100_000, `"a":1,`) + "}",
		"dots":                        `{"version":1,"loggers":{"` + strings.Repeat("a.", 400_000) + `":{"handlers":["x"]}}}`,
		"a name of many parts":        `{"version":1,"loggers":{"` + strings.Repeat("a.", 400_000) + `":{"level":"DEBUG"}}}`,
		"many loggers":                `{"version":1,"loggers":{` + strings.TrimSuffix(many(20_000, `"loggerN":{"level":"DEBUG"},`), ",") + `}}`,
		"handlers of one logger":      `{"version":1,"handlers":{` + many(20_000, `"N":{"class":"null"},`) + `},"root":{"handlers":[` + many(20_000, `"N",`) + `,"x"]}}`,
		"digits":                      iniWith("StreamHandler", "("+strings.Repeat("9", 900_000)+",)", "{}"),
		"sums":                        iniWith("StreamHandler", "("+strings.Repeat("1+", 400_000)+"1,)", "{}"),
		"texts in a row":              iniWith("StreamHandler", "("+strings.Repeat("'' ", 300_000)+",)", "{}"),
		"format":                      dictWith("formatters", map[string]any{"format": strings.Repeat("%(message)s", 50_000) + "%(x"}),
		"brackets":                    strings.Repeat("[", 500_000), "braces": strings.Repeat(`{"a":`, 200_000), "quotes": `{"version":1,"` + strings.Repeat("x", 900_000),
		"zeros": strings.Repeat("\x00", 1<<20), "sections": strings.Repeat("[a]\n", 100_000), "numbers": `{"version":` + strings.Repeat("9", 900_000) + "}",
		"NaN": `{"version":NaN}`, "keys": "[loggers]\nkeys=" + strings.Repeat("a,", 400_000), "parens": iniWith("StreamHandler", strings.Repeat("(", 300_000), "{}"),
		"HTTP": "POST / HTTP/1.1\r\n\r\n", "YAML": "version: 1\nroot: {level: DEBUG}\n", "YAML anchors": "a: &a [x,x]\nb: &b [*a,*a]\nversion: 1\n", "pickle": "\x80\x04cos\nsystem\n",
		"BOM": "\ufeff" + whole, "latin-1": "{\"version\":1,\"x\":\"\xe9\"}", "two": whole + whole, "trailing": whole + "x",
	} {
		all = append(all, hostile{name, text})
	}
	return all
}

// snapshot returns the files below a directory with their texts.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		files[path] = d.Type().String()
		if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			files[path] += " " + string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Hostile documents are refused, and nothing is made, written, or called: the tree and all files in and
// around the root are as before.
func TestOracleHostile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege")
	}
	outside := t.TempDir()
	root := filepath.Join(outside, "root")
	mkdir(t, filepath.Join(root, "sub"), filepath.Join(outside, "elsewhere", "sub"))
	for _, name := range []string{filepath.Join(outside, "canary"), filepath.Join(outside, "elsewhere", "canary")} {
		if err := os.WriteFile(name, []byte("alive"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"link": filepath.Join(outside, "canary"), "linkdir": filepath.Join(outside, "elsewhere"), "dangling": filepath.Join(outside, "made.log"), "loop": "loop", "up": ".."} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	registry := config.DefaultRegistry()
	registry.Add(config.Kind{Name: "own", Doc: "is not for documents from elsewhere", Handler: func(*config.Args) (slog.Handler, error) {
		t.Error("a kind was made that is not allowed")
		return slog.DiscardHandler, nil
	}})
	tree := slogtree.New(slogtree.Options{})
	initial, err := config.ParseINI([]byte(iniWith("FileHandler", "('before.log',)", "{}")), config.Options{Root: root})
	if err == nil {
		_, err = initial.Apply(t.Context(), tree)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close(context.Background())
	l := listenTCP(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, l, tree, Options{Audit: slog.DiscardHandler, Config: config.Options{Registry: registry, Root: root}})
	}()
	treeBefore, filesBefore := tree.String(), snapshot(t, outside)
	all := hostileVectors(t)
	for _, more := range [][]hostile{hostileCode(t), hostilePaths(outside), hostileKinds(), hostileText()} {
		all = append(all, more...)
	}
	for _, h := range all {
		began := time.Now()
		r := converse(t, dial(t, l), frame(h.document))
		if took := time.Since(began); took > time.Minute { // what is linear takes a second
			t.Errorf("%s took %v", h.name, took)
		} else if took > time.Second {
			t.Logf("%s took %v", h.name, took)
		}
		if r.Applied || len(r.Errors) == 0 {
			t.Errorf("%s: %+v\n%.200s", h.name, r, h.document)
		}
		if got := tree.String(); got != treeBefore {
			t.Fatalf("%s: the tree is\n%s", h.name, got)
		}
		if got := snapshot(t, outside); !maps.Equal(got, filesBefore) {
			t.Fatalf("%s: the files are %v", h.name, got)
		}
	}
	if _, err := os.Stat("/tmp/PWNED_BY_CONFIG"); err == nil {
		t.Error("a document was executed")
	}
	// A control: the same server takes what is allowed.
	if r := converse(t, dial(t, l), frame(dictWith("handlers", map[string]any{"class": "file", "filename": "sub/fine.log"}))); !r.Applied {
		t.Error(r.reason())
	}
	if _, err := os.Stat(filepath.Join(root, "sub", "fine.log")); err != nil || tree.String() == treeBefore {
		t.Error(err, tree)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(all) < 300 {
		t.Errorf("only %d documents", len(all))
	}
	t.Logf("%d hostile documents", len(all))
}

func mkdir(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Without a root no document opens a file, and kinds that would are refused when Serve begins.
func TestNoRoot(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	tree := slogtree.New(slogtree.Options{})
	l := listenTCP(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, tree, Options{Audit: slog.DiscardHandler}) }()
	for _, kind := range fileKinds {
		r := converse(t, dial(t, l), frame(dictWith("handlers", map[string]any{"class": kind, "filename": "made.log"})))
		isReason(t, r, kind)
	}
	if r := converse(t, dial(t, l), frame(dictWith("handlers", map[string]any{"class": "stream"}))); !r.Applied {
		t.Error(r.reason())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if files := snapshot(t, dir); len(files) != 1 {
		t.Error(files)
	}
	err := Serve(t.Context(), listenTCP(t), tree, Options{Config: config.Options{Kinds: DefaultKinds()}})
	for _, kind := range fileKinds {
		if !strings.Contains(fmt.Sprint(err), `kind "`+kind+`" of Options.Config.Kinds opens files`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// Where sockets are allowed, a document learns nothing of files that are not below the root: neither
// whether they exist nor whether they are certificates.
func TestHostileCertificates(t *testing.T) {
	outside := t.TempDir()
	root := filepath.Join(outside, "root")
	mkdir(t, root)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := newApplier(slogtree.New(slogtree.Options{}), config.Options{Root: root, Kinds: append(DefaultKinds(), "socket")}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	f := serve(t, listenTCP(t), Options{}, a.apply)
	defer f.end()
	for _, name := range []string{"../secret", "../missing", filepath.Join(outside, "secret"), filepath.Join(outside, "missing")} {
		for _, option := range []string{"tls_ca", "tls_cert", "tls_key"} {
			h := map[string]any{"class": "socket", "host": "localhost", "port": 9, "tls": true, "tls_cert": "a", "tls_key": "b"}
			h[option] = name
			r := converse(t, dial(t, f.l), frame(dictWith("handlers", h)))
			isReason(t, r, option+": the path leads out of "+root)
		}
	}
}

// A root that is no directory is told before anything is served, and not to each sender.
func TestBadRoot(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for root, want := range map[string]string{file: "Options.Config.Root " + file + " is no directory", filepath.Join(dir, "missing"): "Options.Config.Root: ", dir: "<nil>"} {
		err := Check(loopback, slogtree.New(slogtree.Options{}), Options{Config: config.Options{Root: root}})
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %s", root, err, want)
		}
	}
}

// DefaultKinds are kinds that there are.
func TestDefaultKinds(t *testing.T) {
	known := map[string]bool{}
	for _, k := range config.DefaultRegistry().Kinds() {
		known[k.Name] = true
	}
	for _, name := range DefaultKinds() {
		if !known[name] {
			t.Errorf("there is no kind %q", name)
		}
	}
}
