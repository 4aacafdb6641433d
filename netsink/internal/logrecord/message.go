package logrecord

import (
	"github.com/slogsuite/slogsuite/formatters"
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
	return string(pickle.AppendText(dst, args, true))
}

// merge returns msg % args: a tuple has the arguments, a dict is the only one and has the fields, and
// anything else is the only one.
func merge(msg string, args any, max int) (string, error) {
	switch args := args.(type) {
	case pickle.Tuple:
		return formatters.Merge(msg, args, nil, max)
	case pickle.Dict:
		return formatters.Merge(msg, []any{args}, finder(args), max)
	}
	return formatters.Merge(msg, []any{args}, nil, max)
}

// finder returns a function that finds the value of a key. It does not go through the dict for
// each, since a msg can have as many fields as the dict keys.
func finder(d pickle.Dict) func(key string) (any, bool) {
	const few = 8
	if len(d) <= few {
		return d.Get
	}
	values := make(map[string]any, len(d))
	for _, item := range d {
		if key, ok := item.Key.(string); ok {
			values[key] = item.Value
		}
	}
	return func(key string) (any, bool) {
		v, ok := values[key]
		return v, ok
	}
}
