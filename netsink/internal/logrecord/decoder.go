package logrecord

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// Limits bound what a record may make us do. Memory and time are bounded by a record's length
// besides, also while it is printed.
type Limits struct {
	Depth  int // how deep values may be nested
	Nodes  int // how many values there may be, each counted as often as it would be printed
	Digits int // how many digits a whole number may have
}

// A Decoder makes records of what came in frames. It remembers texts that come again and
// again, within bounds, so one is best kept for a connection. It is used by one goroutine.
type Decoder struct {
	limits Limits
	texts  interner

	// Room for decodeFast.
	memo     [maxFastMemo]span
	extras   [maxFastExtras]slog.Attr
	lastKeys [maxFastExtras]string // of the extras, which mostly come next again
	room     []byte
}

// NewDecoder returns a Decoder.
func NewDecoder(limits Limits) *Decoder { return &Decoder{limits: limits} }

// Decode returns the record in a frame, a pickle or a JSON object, and the name of the
// logger that it came through. Nothing of the record refers to p. The record carries a
// [formatters.Origin] and the extras as attrs, those that the sender had to rename, as attr.KEY, under
// their own keys.
//
// JSON begins with a brace, which no pickle does. It is a record of Python's, with the same
// members as its dict, or else what [slog.JSONHandler] writes.
//
// A field whose value is not of its type is made what comes nearest, so that no record is lost for it: a
// missing or impossible time is now, a missing level INFO. A msg whose args do not fit shows
// both, with a mark. The error says what is wrong with a pickle, a *[pickle.Error], or the JSON, or that it is no record.
func (d *Decoder) Decode(p []byte) (logger string, r slog.Record, err error) {
	if len(p) == 0 {
		return "", r, errors.New("logrecord: an empty frame")
	}
	if logger, ok := d.decodeFast(p, &r); ok {
		return logger, r, nil
	}
	return d.decodeSlow(p)
}

// decodeSlow reads any pickle or JSON.
func (d *Decoder) decodeSlow(p []byte) (logger string, r slog.Record, err error) {
	if p[0] == '{' {
		return d.decodeJSON(p)
	}
	return d.decodePickle(p)
}

// decodePickle reads any pickle.
func (d *Decoder) decodePickle(p []byte) (logger string, r slog.Record, err error) {
	v, err := pickle.Load(p, pickle.Limits(d.limits))
	if err != nil {
		return "", r, err
	}
	dict, ok := v.(pickle.Dict)
	if !ok {
		return "", r, fmt.Errorf("logrecord: a pickle of a %T, where a record is a dict", v)
	}
	return d.record(dict, textAllowed(p))
}

// textAllowed returns how long what is made of a record may be.
func textAllowed(p []byte) int { return 4*len(p) + 64<<10 }

var errNoRecord = errors.New("logrecord: there is neither msg nor levelno, so it is no record")
