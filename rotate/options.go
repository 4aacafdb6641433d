package rotate

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"
)

// Options say when a file rotates, what becomes of its backups, who else writes
// it, and when a record counts as written. The zero value appends to one file
// for ever. Open copies them.
type Options struct {
	// MaxBytes rotates the file before a record that would bring it to so many
	// bytes; 0 is no limit. It is maxBytes of CPython's RotatingFileHandler, by its
	// very rule: the record counts in characters, an empty file never rotates, so a
	// record longer than MaxBytes has a file to itself.
	MaxBytes int64

	// When rotates by the clock, as TimedRotatingFileHandler of CPython does: "S",
	// "M", "H", "D" are seconds to days since the file began, "midnight" is every
	// day, "W0" to "W6" are Monday to Sunday; "" is never. Case does not matter.
	When string

	// Interval is how many units of When lie between rotations; 0 means 1.
	Interval int

	// AtTime is the time of day, "15:04" or "15:04:05", at which "midnight" and
	// "W0" to "W6" rotate; "" is the end of the day. Other values of When ignore it, as
	// CPython does. Where the clock is changed, When and AtTime are CPython's to the
	// second.
	AtTime string

	// Cron rotates by a schedule of five fields, minute, hour, day of month, month,
	// day of week (Sunday is 0), as in "30 4 * * 1-5", or by "@hourly", "@daily",
	// "@weekly", "@monthly", "@yearly"; "" is never. It excludes When. A time that the
	// clock skips is due when it has skipped it; one that comes twice is due the
	// first time, or both times if every hour is due.
	Cron string

	// Location is the time zone of When, AtTime, Cron and of the times in names; nil
	// is time.Local. time.UTC is utc=True of CPython.
	Location *time.Location

	// OnStart rotates what an earlier process has left when the file is opened,
	// unless it is empty.
	OnStart bool

	// BackupCount is how many backups are kept. 0 keeps all where When, Cron or Upward
	// is set. Else 0 means that the file never rotates, neither by MaxBytes nor by
	// Rotate, as in CPython; with OnStart, MaxAge, MaxTotalBytes or Compress that is an
	// error.
	BackupCount int

	// MaxAge is how long backups are kept after their last record; 0 is for ever.
	MaxAge time.Duration

	// MaxTotalBytes is how many bytes all backups together may have, as they are on
	// the disk: the oldest go first; 0 is no limit.
	MaxTotalBytes int64

	// Upward numbers backups in the order in which they are made: name.1 is the
	// first, and no file is ever renamed a second time. Else name.1 is always the
	// latest, and each rotation renames all, as RotatingFileHandler does. Where the
	// clock rotates too, backups bear times, and it does not matter.
	Upward bool

	// Namer makes the name of a backup from the one that it would have, an absolute
	// path such as "/var/log/app.log.1"; nil keeps that. It must keep the number or
	// the time in the name, or old backups are not found. It must not use the File. It is
	// BaseRotatingHandler.namer.
	Namer func(name string) string

	// Compress compresses backups, beside the writers; nil does not. [Gzip] is one;
	// package rotate/zstd has another.
	Compress Codec

	// Truncate empties the file when it is opened: mode "w" of CPython. Where
	// something rotates, and in Shared mode, it does nothing, as in CPython.
	Truncate bool

	// Delay opens the file at the first record.
	Delay bool

	// Perm are the permissions of files that are created, before umask; 0 means
	// 0666. After a rotation a new file has those of the one before, and its owner.
	Perm fs.FileMode

	// DirPerm are the permissions of directories that are created, before umask; 0
	// means 0777.
	DirPerm fs.FileMode

	// Symlink is the name of a symbolic link that is kept pointing to the file, ""
	// for none. A file of that name that is no link is left alone, with an error.
	Symlink string

	// Watch looks before each record whether the file was moved or deleted from
	// outside, and opens a new one then, as WatchedFileHandler of CPython does.
	// Else that is seen within a second. In Shared mode it is always on.
	Watch bool

	// Shared lets any number of processes write and rotate the file. All of them
	// must say so, with equal options. They meet in the lock file NAME.lock, which
	// is never deleted. It needs flock: not on Windows, nor on network file systems that
	// keep it local.
	Shared bool

	// Lock is how the processes of Shared mode exclude each other.
	Lock LockProtocol

	// LockWait bounds how long a record waits for a process that has stopped
	// in the middle of a rotation; then records are written all the same, and the
	// file does not rotate. 0 means a second.
	LockWait time.Duration

	// Durability is what it means that Write has returned.
	Durability Durability

	// BufferBytes is the size of the buffer of [Buffered]; 0 means 64 KiB. In Shared
	// mode, where what is in it goes into one file, it is MaxBytes at most.
	BufferBytes int

	// FlushInterval is how long [Buffered] keeps a record at most; 0 means a second.
	FlushInterval time.Duration

	// FlushLevel is the level from which [Buffered] keeps none, for records that
	// come through a [Handler]; nil means ERROR.
	FlushLevel slog.Leveler

	// OnError is told of everything that goes wrong, also where no Write can return
	// it. It must not write to the file, nor close it, but for in a goroutine of its
	// own. Calls follow one another; nil for none.
	OnError func(error)

	// Marker makes the record that says what was lost, and is written once writing
	// works again; it ends as other records do. nil writes a line of text, or in a
	// [Handler] a record of level WARNING in its format. A Marker that returns
	// nothing writes nothing. It is called while the file is locked, and must
	// not use it.
	Marker func(Lost) []byte

	now func() time.Time // for tests that replay vectors; nil is time.Now
}

// A Durability says when a record is safe.
type Durability int

const (
	// Direct hands each record to the operating system before Write returns: it
	// survives the end of the process, by kill -9 too, and not a power cut.
	Direct Durability = iota

	// Buffered hands records over when the buffer is full, after
	// Options.FlushInterval, after a record of Options.FlushLevel, by Flush, and by
	// Close. The end of the process loses what is in the buffer.
	Buffered

	// Durable has each record on the disk before Write returns: it survives a power
	// cut. Writers that wait at the same time share one sync.
	Durable
)

// String returns the name, as in "Direct".
func (d Durability) String() string {
	switch d {
	case Direct:
		return "Direct"
	case Buffered:
		return "Buffered"
	case Durable:
		return "Durable"
	}
	return fmt.Sprintf("Durability(%d)", int(d))
}

// A LockProtocol is how the processes that share a file exclude each other.
type LockProtocol int

const (
	// LockShared is our own: writers side by side, and alone who rotates.
	LockShared LockProtocol = iota

	// LockConcurrentLogHandler is that of Python's concurrent-log-handler: one
	// writer at a time, by its lock file, so that programs in Go and in Python
	// share one rotating file. It is slower.
	LockConcurrentLogHandler
)

// clocked reports whether the clock rotates.
func (o *Options) clocked() bool { return o.When != "" || o.Cron != "" }

// rotates reports whether anything but Rotate rotates.
func (o *Options) rotates() bool { return o.MaxBytes > 0 || o.clocked() || o.OnStart }

// shifts reports whether a rotation renames older backups, as RotatingFileHandler does.
func (o *Options) shifts() bool { return !o.Upward && !o.clocked() }

// withDefaults returns a copy of o, with its defaults in it, for the file called
// name, or all that is wrong with it.
func (o Options) withDefaults(name string) (Options, error) {
	err := errors.Join(wrongName(name), o.wrongNumbers(), o.wrongPerms(), o.wrongChoices())
	if err != nil {
		return o, err
	}
	o.fill()
	return o, nil
}

func (o *Options) fill() {
	setDefault(&o.Interval, 1)
	setDefault(&o.Perm, 0o666)
	setDefault(&o.DirPerm, 0o777)
	setDefault(&o.LockWait, time.Second)
	setDefault(&o.BufferBytes, 64<<10)
	if o.Shared && o.MaxBytes > 0 {
		o.BufferBytes = int(min(int64(o.BufferBytes), o.MaxBytes))
	}
	setDefault(&o.FlushInterval, time.Second)
	if o.FlushLevel == nil {
		o.FlushLevel = slog.LevelError
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.Symlink != "" {
		if abs, err := filepath.Abs(o.Symlink); err == nil {
			o.Symlink = abs
		}
	}
	if o.rotates() || o.Shared {
		o.Truncate = false
	}
	if o.Shared {
		o.Watch = true
	}
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// Check returns all that is wrong with a name and Options, as [Open] would, but opens and
// changes nothing.
func Check(name string, o Options) error {
	if _, err := newFile(name, o); err != nil {
		return fmt.Errorf("rotate: file %q: %w", name, err)
	}
	return nil
}
