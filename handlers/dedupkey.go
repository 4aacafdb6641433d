package handlers

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// maxDedupKey bounds what is kept of a record to compare others with.
const maxDedupKey = 4 << 10

// appendRecordKey appends what makes r equal to another record. It reports false if
// that is too long, or can't be had.
func appendRecordKey(b []byte, ctx context.Context, r *slog.Record) (key []byte, ok bool) {
	defer func() {
		if recover() != nil { // a String that panics in a way that fmt can't bear
			key, ok = b, false
		}
	}()
	if len(b)+len(r.Message) > maxDedupKey {
		return b, false
	}
	b = binary.AppendVarint(append(b, 'l'), int64(r.Level))
	b = appendTextKey(b, 'm', r.Message)
	r.Attrs(func(a slog.Attr) bool {
		b = appendAttrKey(b, a)
		return len(b) <= maxDedupKey
	})
	b = append(b, 'c')
	for _, a := range contextattrs.Attrs(ctx) {
		if b = appendAttrKey(b, a); len(b) > maxDedupKey {
			break
		}
	}
	return b, len(b) <= maxDedupKey
}

func appendAttrsKey(b []byte, attrs []slog.Attr) []byte {
	for _, a := range attrs {
		b = appendAttrKey(b, a)
	}
	return b
}

// appendTextKey appends text so that it can't be taken for something else.
func appendTextKey(b []byte, kind byte, text string) []byte {
	b = binary.AppendUvarint(append(b, kind), uint64(len(text)))
	return append(b, text...)
}

func appendAttrKey(b []byte, a slog.Attr) []byte {
	b = appendTextKey(b, 'a', a.Key)
	v := a.Value
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case slog.KindString:
		return appendTextKey(b, 's', v.String())
	case slog.KindGroup:
		b = appendAttrsKey(append(b, '('), v.Group())
		return append(b, ')')
	case slog.KindAny, slog.KindLogValuer: // of these only what formatters know
		if text, ok := formatters.ExcText(v); ok {
			return appendTextKey(b, 'x', text)
		}
		if err, ok := v.Any().(error); ok {
			return appendTextKey(b, 'e', errorText(err))
		}
		return appendTextKey(b, 's', fmt.Sprintf("%T %+v", v.Any(), v.Any()))
	}
	return appendTextKey(b, 's', v.String())
}

// errorText returns err's text, also if its method panics.
func errorText(err error) string { return fmt.Sprint(err) }
