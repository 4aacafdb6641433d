package config

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/rotate"
)

// rotateKinds are those of package rotate. All have all of its options.
func rotateKinds() []*Kind {
	return []*Kind{
		rotateKind("rotating_file", "logging.handlers.RotatingFileHandler", "Writes to a file that rotates when it gets too large.",
			"filename", "mode", "max_bytes", "backup_count", "encoding", "delay", "errors"),
		rotateKind("timed_rotating_file", "logging.handlers.TimedRotatingFileHandler", "Writes to a file that rotates by the clock.",
			"filename", "when", "interval", "backup_count", "encoding", "delay", "utc", "at_time", "errors"),
		rotateKind("watched_file", "logging.handlers.WatchedFileHandler", "Writes to a file, and to a new one when that was moved or deleted from outside.",
			"filename", "mode", "encoding", "delay", "errors"),
	}
}

func rotateKind(name, class, doc string, args ...string) *Kind {
	k := &Kind{Name: name, Classes: []string{class}, Args: args, Doc: doc, Options: fileOptions(rotateOptions...)}
	for i := range k.Options {
		switch o := &k.Options[i]; {
		case o.Name == "when" && name == "timed_rotating_file":
			o.Default = "H"
		case o.Name == "watch" && name == "watched_file":
			o.Default = "true"
		}
	}
	k.Handler = openRotate
	k.Check = func(a *Args) error {
		_, err := rotateOptionsOf(a)
		return err
	}
	return k
}

var rotateOptions = []Option{
	{Name: "max_bytes", Python: "maxBytes", Type: TypeSize, Default: "0", Doc: "rotate before a record that would make the file larger; 0 is no limit"},
	{Name: "backup_count", Python: "backupCount", Type: TypeInt, Default: "0", Doc: "how many backups are kept; 0 keeps all where the clock rotates, else the file never rotates then"},
	{Name: "when", Type: TypeText, Doc: "rotate by the clock: \"S\", \"M\", \"H\", \"D\", \"midnight\", \"W0\" to \"W6\""},
	{Name: "interval", Type: TypeInt, Default: "1", Doc: "how many units of when lie between rotations"},
	{Name: "utc", Type: TypeBool, Default: "false", Doc: "the clock is UTC"},
	{Name: "at_time", Python: "atTime", Type: TypeText, Doc: "the time of day at which \"midnight\" and \"W0\" to \"W6\" rotate, as \"15:04:05\""},
	{Name: "cron", Type: TypeText, Doc: "rotate by a schedule of cron, as \"30 4 * * 1-5\""},
	{Name: "zone", Type: TypeZone, Default: "Local", Doc: "the time zone of the clock"},
	{Name: "on_start", Type: TypeBool, Default: "false", Doc: "rotate when the file is opened"},
	{Name: "max_age", Type: TypeDuration, Default: "0s", Doc: "how long backups are kept; 0 is for ever"},
	{Name: "max_total_bytes", Type: TypeSize, Default: "0", Doc: "how many bytes all backups may have; 0 is no limit"},
	{Name: "upward", Type: TypeBool, Default: "false", Doc: "number backups in the order in which they are made"},
	{Name: "compress", Type: TypeText, Choices: []string{"gzip"}, Doc: "compress backups"},
	{Name: "dir_perm", Type: TypePerm, Default: "0777", Doc: "the permissions of directories that are created, before umask"},
	{Name: "symlink", Type: TypePath, Doc: "a symbolic link that is kept pointing to the file"},
	{Name: "watch", Type: TypeBool, Default: "false", Doc: "look before each record whether the file was moved or deleted"},
	{Name: "shared", Type: TypeBool, Default: "false", Doc: "several processes write and rotate the file"},
	{Name: "lock", Type: TypeText, Default: "shared", Choices: []string{"shared", "concurrent_log_handler"}, Doc: "how these exclude each other"},
	{Name: "lock_wait", Type: TypeDuration, Default: "1s", Doc: "how long a record waits for another process"},
	{Name: "durability", Type: TypeText, Default: "direct", Choices: []string{"direct", "buffered", "durable"}, Doc: "when a record is safe: with the system, some time later, or on the disk"},
	{Name: "buffer_bytes", Type: TypeSize, Default: "65536", Doc: "the buffer of \"buffered\""},
	{Name: "flush_interval", Type: TypeDuration, Default: "1s", Doc: "how long \"buffered\" keeps a record"},
	{Name: "flush_level", Type: TypeLevel, Default: "ERROR", Doc: "from which level \"buffered\" keeps none"},
}

// rotateOptionsOf returns the options, or what is wrong with them.
func rotateOptionsOf(a *Args) (rotate.Options, error) {
	o := rotate.Options{
		MaxBytes: a.Int("max_bytes"), BackupCount: int(a.Int("backup_count")),
		When: a.Text("when"), Interval: int(a.Int("interval")), AtTime: a.Text("at_time"), Cron: a.Text("cron"), Location: a.Location("zone"),
		OnStart: a.Bool("on_start"), MaxAge: a.Duration("max_age"), MaxTotalBytes: a.Int("max_total_bytes"), Upward: a.Bool("upward"),
		Delay: a.Bool("delay"), Perm: a.Perm("perm"), DirPerm: a.Perm("dir_perm"), Symlink: a.Path("symlink"), Watch: a.Bool("watch"),
		Shared: a.Bool("shared"), LockWait: a.Duration("lock_wait"),
		BufferBytes: int(a.Int("buffer_bytes")), FlushInterval: a.Duration("flush_interval"), FlushLevel: a.Level("flush_level"),
		OnError: a.OnError,
	}
	if o.Cron != "" && !a.Has("when") {
		o.When = ""
	}
	if a.Bool("utc") {
		if a.Has("zone") {
			return o, fmt.Errorf("utc and zone exclude each other")
		}
		o.Location = time.UTC
	}
	if a.Text("compress") == "gzip" {
		o.Compress = rotate.Gzip
	}
	if a.Text("lock") == "concurrent_log_handler" {
		o.Lock = rotate.LockConcurrentLogHandler
	}
	o.Durability = map[string]rotate.Durability{"direct": rotate.Direct, "buffered": rotate.Buffered, "durable": rotate.Durable}[a.Text("durability")]
	if a.def.kind.Name == "rotating_file" && a.Has("when") && a.Has("cron") {
		return o, fmt.Errorf("when and cron exclude each other")
	}
	return o, rotate.Check(cmp.Or(a.Path("filename"), "."), o)
}

// openRotate opens the file. What its options say about an existing one is done
// at the end: emptying it, rotating it.
func openRotate(a *Args) (slog.Handler, error) {
	o, err := rotateOptionsOf(a)
	if err != nil {
		return nil, err
	}
	rotates := o.MaxBytes > 0 || o.When != "" || o.Cron != "" || o.OnStart || o.Shared
	if !rotates {
		o.Truncate = truncates(a)
	}
	name := a.Path("filename")
	later := o.OnStart && !o.Delay
	if later {
		o.OnStart = false
	}
	h, err := rotate.NewHandler(name, a.Formatter, nil, o)
	if err == nil && later {
		a.Commit(func() error { return rotateNonEmpty(h, name) })
	}
	return h, err
}

func rotateNonEmpty(h *rotate.Handler, name string) error {
	if info, err := os.Stat(name); err != nil || info.Size() == 0 {
		return err
	}
	return h.File().Rotate()
}
