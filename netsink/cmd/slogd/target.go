package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/rotate"
)

// formatter returns what the file's lines are made by.
func (o *options) formatter() (formatters.Formatter, error) {
	fo := &formatters.Options{DateFmt: o.dateFmt, Levels: new(formatters.LevelNames)}
	format := o.format
	if format == "" {
		format = defaultFormat
	}
	f, err := formatters.Percent(format, fo) // for -datefmt with -json, too
	if err != nil {
		return nil, fmt.Errorf("-format, -datefmt: %w", err)
	}
	if o.json {
		fo.Duplicates = formatters.DuplicatesRename // an extra of Python's may be called level
		f = formatters.JSON(fo)
	}
	return f, nil
}

// target returns the handler for all records.
func (d *daemon) target(format formatters.Formatter, stdout io.Writer) (slog.Handler, error) {
	var all []slog.Handler
	if d.o.file != "" {
		h, err := rotate.NewHandler(d.o.file, format, d.o.level, d.rotation())
		if err != nil {
			return nil, err
		}
		d.file = h
		all = append(all, h)
	}
	if d.o.console {
		f := format
		if d.o.format == "" && !d.o.json {
			f = formatters.Console(&formatters.Options{DateFmt: d.o.dateFmt})
		}
		all = append(all, handlers.NewStream(stdout, f, d.o.level))
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return handlers.NewFanout(all...), nil
}

// rotation returns how the file rotates.
func (d *daemon) rotation() rotate.Options {
	o := rotate.Options{
		MaxBytes:      d.o.maxBytes,
		When:          d.o.when,
		Interval:      d.o.interval,
		Durability:    rotate.Buffered,
		FlushInterval: flushInterval,
		OnError:       d.trouble,
	}
	if d.o.maxBytes > 0 || d.o.when != "" {
		o.BackupCount = d.o.backups
	}
	if d.o.direct {
		o.Durability = rotate.Direct
	}
	if d.o.compress {
		o.Compress = rotate.Gzip
	}
	return o
}
