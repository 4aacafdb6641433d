package logrecord

import (
	"log/slog"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// isSlog reports whether the first key is one that [slog.JSONHandler] writes first.
func (s *scanner) isSlog() bool {
	if !s.json {
		return false
	}
	ahead := *s
	switch ahead.more(); string(ahead.keyJSON()) {
	case slog.TimeKey, slog.LevelKey:
		return true
	}
	return false
}

// decodeSlog reads what [slog.JSONHandler] writes, as slogRecord does.
func (d *Decoder) decodeSlog(s *scanner, r *slog.Record) (logger string, ok bool) {
	f := fastSlog{d: d, logger: "root"}
	pairs := 0
	for s.more() {
		f.set(s, s.keyJSON())
		if pairs++; pairs > maxFastPairs {
			return "", false
		}
	}
	if !s.end() || f.at.IsZero() || f.levelText == "" || 2*pairs+2 > d.limits.Nodes {
		return "", false
	}
	level, err := formatters.ParseLevel(f.levelText)
	if err != nil {
		return "", false
	}
	o := &formatters.Origin{LevelNo: int64(formatters.PythonLevel(level)), LevelName: formatters.LevelName(level)}
	*r = slog.NewRecord(f.at, level, f.msg, 0)
	d.addAttrs(r, o, f.n)
	return f.logger, true
}

// A fastSlog is such a record that is being read.
type fastSlog struct {
	d         *Decoder
	at        time.Time
	levelText string
	msg       string
	logger    string
	n         int // extras, as in a fastRecord
}

// set reads the value of a key.
func (f *fastSlog) set(s *scanner, name []byte) {
	switch string(name) {
	case slog.TimeKey:
		at, err := time.Parse(time.RFC3339Nano, string(s.textValue()))
		s.ok = s.ok && err == nil
		f.at = at
	case slog.LevelKey:
		f.levelText = f.d.texts.text(s.textValue())
	case slog.MessageKey:
		f.msg = string(s.textValue())
	case "logger":
		f.logger = f.d.texts.text(s.textValue())
	case slog.SourceKey, keyNames[keyLevelNo]:
		s.ok = false
	default:
		f.d.extra(s, name, f.n)
		f.n++
	}
}
