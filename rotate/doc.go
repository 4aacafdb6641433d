// Package rotate writes log files that rotate, and loses no record while it
// does: not on a full disk, not when a rotation fails, and not when several
// processes, Python's among them, write one file.
//
// [Open] gives an [io.WriteCloser] in which one Write is one record;
// [NewHandler] gives a [slog.Handler] over it. A file rotates by size, as
// RotatingFileHandler of CPython does, by the clock, as TimedRotatingFileHandler
// does, by a cron-like schedule, when it is opened, or by several of these.
package rotate
