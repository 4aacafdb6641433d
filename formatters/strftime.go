package formatters

import (
	"time"

	"github.com/itchyny/timefmt-go"
)

// A timeLayout is a strftime format.
type timeLayout struct{ format string }

func newTimeLayout(format string) *timeLayout { return &timeLayout{format} }

func (l *timeLayout) append(dst []byte, t time.Time) []byte {
	return timefmt.AppendFormat(dst, t, l.format)
}
