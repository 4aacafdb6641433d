package logrecord

import (
	"errors"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// message returns LogRecord.getMessage: str(msg), merged with the args if there are any left,
// in no more than max bytes. If they do not fit, it has the msg, a mark, and them.
func message(msg, args any, max int) string {
	text := textOf(msg)
	if isFalse(args) {
		return text
	}
	merged, err := merge(text, args, max)
	if err == nil {
		return merged
	}
	dst := append([]byte(text), " %!args("...)
	dst = append(append(dst, err.Error()...), "): "...)
	dst = pickle.AppendText(dst, args, true)
	return string(dst)
}

// merge returns msg % args: a tuple has the arguments, a dict is the only one and has the fields, and
// anything else is the only one.
func merge(msg string, args any, max int) (string, error) {
	switch args := args.(type) {
	case pickle.Tuple:
		return mergeNow(msg, args, nil, max)
	case pickle.Dict:
		get := func(key string) (any, bool) { return args.Get(key) }
		return mergeNow(msg, []any{args}, get, max)
	}
	return mergeNow(msg, []any{args}, nil, max)
}

func mergeNow(string, []any, func(string) (any, bool), int) (string, error) {
	return "", errors.New("not yet")
}
