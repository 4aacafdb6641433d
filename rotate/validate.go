package rotate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// wrong is what is wrong with an option, which the text begins with.
func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }

func wrongName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case strings.ContainsRune(name, 0):
		return errors.New("the name holds a NUL character")
	}
	return nil
}

func (o *Options) wrongNumbers() error {
	var errs []error
	for _, n := range []struct {
		name     string
		negative bool
		value    any
	}{
		{"MaxBytes", o.MaxBytes < 0, o.MaxBytes},
		{"Interval", o.Interval < 0, o.Interval},
		{"BackupCount", o.BackupCount < 0, o.BackupCount},
		{"MaxAge", o.MaxAge < 0, o.MaxAge},
		{"MaxTotalBytes", o.MaxTotalBytes < 0, o.MaxTotalBytes},
		{"LockWait", o.LockWait < 0, o.LockWait},
		{"BufferBytes", o.BufferBytes < 0, o.BufferBytes},
		{"FlushInterval", o.FlushInterval < 0, o.FlushInterval},
	} {
		if n.negative {
			errs = append(errs, wrong("Options.%s is negative: %v", n.name, n.value))
		}
	}
	if 0 < o.MaxAge && o.MaxAge < time.Second {
		errs = append(errs, wrong("Options.MaxAge is less than a second: %v; for days multiply by 24*time.Hour", o.MaxAge))
	}
	return errors.Join(errs...)
}

func (o *Options) wrongPerms() error {
	var errs []error
	for _, p := range []struct {
		name string
		perm fs.FileMode
	}{{"Perm", o.Perm}, {"DirPerm", o.DirPerm}} {
		if p.perm&^fs.ModePerm != 0 {
			errs = append(errs, wrong("Options.%s %O has other bits than permissions", p.name, p.perm))
		}
	}
	return errors.Join(errs...)
}

func (o *Options) wrongChoices() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, wrong(format, args...)) }
	if o.Durability < Direct || o.Durability > Durable {
		bad("Options.Durability is unknown: %d", o.Durability)
	}
	if o.Lock < LockShared || o.Lock > LockConcurrentLogHandler {
		bad("Options.Lock is unknown: %d", o.Lock)
	}
	if o.Lock != LockShared && !o.Shared {
		bad("Options.Lock is set, and Options.Shared is not")
	}
	if o.When != "" && o.Cron != "" {
		bad("Options.When %q and Options.Cron %q exclude each other", o.When, o.Cron)
	}
	if name := o.neverRotates(); name != "" {
		bad("Options.%s has nothing to work on, since the file never rotates: set BackupCount, or Upward to keep all", name)
	}
	if o.Compress != nil {
		if err := tryCodec(o.Compress); err != nil {
			bad("Options.Compress: %w", err)
		}
	}
	if o.Shared {
		if err := canShare(); err != nil {
			bad("Options.Shared: %w", err)
		}
	}
	return errors.Join(errs...)
}

// neverRotates returns an option that is about rotations or backups, and set for a file
// that has none: CPython's case of backupCount=0.
func (o *Options) neverRotates() string {
	if o.BackupCount != 0 || !o.shifts() {
		return ""
	}
	switch {
	case o.OnStart:
		return "OnStart"
	case o.MaxAge > 0:
		return "MaxAge"
	case o.MaxTotalBytes > 0:
		return "MaxTotalBytes"
	case o.Compress != nil:
		return "Compress"
	}
	return ""
}

// tryCodec reports what is wrong with a codec before it has something to compress.
func tryCodec(c Codec) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	if ext := c.Ext(); !strings.HasPrefix(ext, ".") || strings.ContainsAny(ext, `/\`) {
		return fmt.Errorf("the extension %q does not begin with a dot, or has a slash", ext)
	}
	w, err := c.NewWriter(io.Discard)
	if err != nil {
		return err
	}
	return w.Close()
}
