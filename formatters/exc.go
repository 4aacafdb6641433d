package formatters

import (
	"log/slog"
)

const excKey = "exc_info"

// Exc returns an attr that carries err as the record's exc_info.
func Exc(err error) slog.Attr { return slog.Any(excKey, &excValue{err}) }

type excValue struct{ err error }

// LogValue returns the error's text.
func (e *excValue) LogValue() slog.Value { return slog.StringValue(e.text()) }

func (e *excValue) text() string {
	if e.err == nil {
		return "NoneType: None"
	}
	return e.err.Error()
}
