package handlers

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/formatters"
)

// TODO until Percent is there.
type plain struct{}

func (plain) WithAttrs([]slog.Attr) formatters.Formatter           { return plain{} }
func (plain) WithGroup(string) formatters.Formatter                { return plain{} }
func (plain) WithLoggerName(key, name string) formatters.Formatter { return plain{} }
func (plain) Key() any                                             { return nil }
func (plain) Append(dst []byte, _ []slog.Attr, r slog.Record) []byte {
	return append(dst, r.Message...)
}

func messageOnly() formatters.Formatter { return plain{} }
