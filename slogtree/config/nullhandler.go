package config

import (
	"context"
	"log/slog"
)

func (*nullHandler) Enabled(context.Context, slog.Level) bool  { return false }
func (*nullHandler) Handle(context.Context, slog.Record) error { return nil }
func (h *nullHandler) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h *nullHandler) WithGroup(string) slog.Handler           { return h }
func (h *nullHandler) WithLoggerName(_, _ string) slog.Handler { return h }
