package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// The defaults of the flags that have one.
const (
	defaultListen  = "127.0.0.1:9020" // logging.handlers.DEFAULT_TCP_LOGGING_PORT
	defaultFormat  = "%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"
	defaultBackups = "5"
)

// options are what the flags say.
type options struct {
	listen   []listen
	insecure bool
	tls      tlsFiles

	file     string
	maxBytes int64
	when     string
	interval int
	backups  int
	compress bool
	direct   bool

	format, dateFmt string
	json            bool
	console         bool
	level           slog.Level
	logger          string
	stats, idle     time.Duration
	maxConns        int
	maxFrame        int64

	config, configRoot, configKey string
	configserver, admin           *listen // nil is none
}

// texts are the flags as they were given: all are read before the first is
// refused.
type texts struct {
	listen                                list
	maxBytes, interval, backups, compress string
	level, stats, format, dateFmt, when   string
	idle, maxConns, maxFrame              string
	file, logger, cert, key, clientCA     string
	config, configRoot, configKey         string
	configserver, admin                   string
	json, console, insecure, direct       bool
}

// A list is a flag that may be repeated.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// flagSet returns the flags, which set t.
func flagSet(t *texts) *flag.FlagSet {
	fs := flag.NewFlagSet("slogd", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.Var(&t.listen, "listen", "")
	fs.BoolVar(&t.insecure, "insecure", false, "")
	fs.StringVar(&t.cert, "tls-cert", "", "")
	fs.StringVar(&t.key, "tls-key", "", "")
	fs.StringVar(&t.clientCA, "tls-client-ca", "", "")
	fs.StringVar(&t.file, "file", "", "")
	fs.StringVar(&t.maxBytes, "max-bytes", "", "")
	fs.StringVar(&t.when, "when", "", "")
	fs.StringVar(&t.interval, "interval", "", "")
	fs.StringVar(&t.backups, "backups", "", "")
	fs.StringVar(&t.compress, "compress", "", "")
	fs.BoolVar(&t.direct, "direct", false, "")
	fs.StringVar(&t.format, "format", "", "")
	fs.StringVar(&t.dateFmt, "datefmt", "", "")
	fs.BoolVar(&t.json, "json", false, "")
	fs.BoolVar(&t.console, "console", false, "")
	fs.StringVar(&t.level, "level", "", "")
	fs.StringVar(&t.logger, "logger", "", "")
	fs.StringVar(&t.stats, "stats", "", "")
	fs.StringVar(&t.idle, "idle", "", "")
	fs.StringVar(&t.maxConns, "max-conns", "", "")
	fs.StringVar(&t.maxFrame, "max-record", "", "")
	fs.StringVar(&t.config, "config", "", "")
	fs.StringVar(&t.configserver, "configserver", "", "")
	fs.StringVar(&t.configRoot, "config-root", "", "")
	fs.StringVar(&t.configKey, "config-key", "", "")
	fs.StringVar(&t.admin, "admin", "", "")
	return fs
}

// parse returns what args say, or all that is wrong with them, or flag.ErrHelp.
func parse(args []string) (*options, error) {
	var t texts
	fs := flagSet(&t)
	var errs []error
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return nil, flag.ErrHelp
		}
		if err == nil {
			break
		}
		rest := fs.Args()               // what follows the bad one
		stuck := len(rest) == len(args) // at one that is no flag's name, which Parse leaves there
		if !stuck || len(errs) == 0 || err.Error() != errs[len(errs)-1].Error() {
			errs = append(errs, err)
		}
		if stuck {
			rest = rest[1:]
		}
		args = rest
	}
	for _, arg := range fs.Args() {
		errs = append(errs, fmt.Errorf("%q is no flag", arg))
	}
	o, wrong := t.options()
	if errs = append(errs, wrong...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return o, nil
}

// options returns what the texts say, and all that is wrong with them.
func (t *texts) options() (*options, []error) {
	o := &options{
		insecure: t.insecure,
		tls:      tlsFiles{cert: t.cert, key: t.key, clientCA: t.clientCA},
		file:     t.file,
		when:     t.when,
		direct:   t.direct,
		format:   t.format,
		dateFmt:  t.dateFmt,
		json:     t.json,
		console:  t.console || t.file == "",
		logger:   t.logger,

		config:     t.config,
		configRoot: t.configRoot,
		configKey:  t.configKey,
	}
	var errs []error
	bad := func(name, value string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("-%s %s: %w", name, strconv.Quote(value), err))
		}
	}
	var err error
	if len(t.listen) == 0 {
		t.listen = list{defaultListen}
	}
	for _, text := range t.listen {
		l, err := parseListen(text)
		bad("listen", text, err)
		o.listen = append(o.listen, l)
	}
	o.maxBytes, err = parseBytes(t.maxBytes)
	bad("max-bytes", t.maxBytes, err)
	o.interval, err = parseCount(t.interval, "")
	bad("interval", t.interval, err)
	o.backups, err = parseCount(t.backups, defaultBackups)
	bad("backups", t.backups, err)
	o.compress, err = parseCompress(t.compress)
	bad("compress", t.compress, err)
	o.level, err = parseLevel(t.level)
	bad("level", t.level, err)
	o.stats, err = parseDuration(t.stats)
	bad("stats", t.stats, err)
	o.idle, err = parseDuration(t.idle)
	bad("idle", t.idle, err)
	o.maxConns, err = parseCount(t.maxConns, "")
	bad("max-conns", t.maxConns, err)
	o.maxFrame, err = parseBytes(t.maxFrame)
	bad("max-record", t.maxFrame, err)
	o.configserver, err = parseStream(t.configserver)
	bad("configserver", t.configserver, err)
	o.admin, err = parseStream(t.admin)
	bad("admin", t.admin, err)
	return o, append(errs, t.conflicts()...)
}

// conflicts returns what is wrong with flags that are right by themselves.
func (t *texts) conflicts() (errs []error) {
	conflict := func(is bool, text string) {
		if is {
			errs = append(errs, errors.New(text))
		}
	}
	rotates := t.maxBytes != "" || t.when != ""
	conflict(t.json && t.format != "", "-json and -format exclude each other")
	conflict(t.file == "" && rotates, "-max-bytes and -when are for a -file")
	conflict(t.file == "" && t.direct, "-direct is for a -file")
	conflict(t.interval != "" && t.when == "", "-interval is for -when")
	conflict(!rotates && t.backups != "", "-backups is for -max-bytes or -when: nothing rotates")
	conflict(!rotates && t.compress != "", "-compress is for -max-bytes or -when: nothing rotates")
	conflict(t.maxBytes != "" && t.when == "" && t.backups == "0", "-max-bytes with -backups 0: the file would never rotate, as in CPython")
	conflict((t.cert == "") != (t.key == ""), "-tls-cert and -tls-key need each other")
	conflict(t.cert == "" && t.clientCA != "", "-tls-client-ca is for -tls-cert and -tls-key")
	if t.config != "" {
		conflict(t.file != "" || t.console, "-config says where records go: -file and -console exclude it")
		conflict(t.json || t.format != "" || t.dateFmt != "" || t.level != "", "-config says what is written: -format, -datefmt, -json and -level exclude it")
	}
	conflict(t.config == "" && t.configserver != "", "-configserver is for -config")
	conflict(t.config == "" && t.admin != "", "-admin is for -config")
	conflict(t.configserver == "" && t.configRoot != "", "-config-root is for -configserver")
	conflict(t.configserver == "" && t.configKey != "", "-config-key is for -configserver")
	return errs
}

// parseStream reads HOST:PORT or unix:PATH; nil for an empty text.
func parseStream(text string) (*listen, error) {
	if text == "" {
		return nil, nil
	}
	l, err := parseListen(text)
	if err == nil && l.network == "udp" {
		err = errors.New("not HOST:PORT or unix:PATH")
	}
	return &l, err
}

func parseCount(text, byDefault string) (int, error) {
	if text == "" {
		text = byDefault
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, errors.New("not a whole number that is 0 or more")
	}
	return n, nil
}

// units are what a number of bytes may end in, the longer ones first.
var units = []struct {
	name string
	n    float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1}, {"", 1},
}

// parseBytes returns a number of bytes such as 100MB; 0 for an empty text.
func parseBytes(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, u := range units {
		if len(text) < len(u.name) || !strings.EqualFold(text[len(text)-len(u.name):], u.name) {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(text[:len(text)-len(u.name)]), 64)
		if n *= u.n; err != nil || !(1 <= n && n < 1<<62) {
			break
		}
		return int64(n), nil
	}
	return 0, errors.New("not a number of bytes, such as 1000000, 100MB or 64MiB")
}

func parseCompress(text string) (bool, error) {
	if text != "" && text != "gzip" {
		return false, errors.New("only gzip is known")
	}
	return text == "gzip", nil
}

// parseLevel returns a level of a name or of a number on Python's scale, and the
// lowest for an empty text.
func parseLevel(text string) (slog.Level, error) {
	if text == "" {
		return formatters.LevelNotSet, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return formatters.FromPythonLevel(n), nil
	}
	return formatters.ParseLevel(text)
}

func parseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, errors.New("not a time, such as 30s or 5m")
	}
	return d, nil
}
