package handlertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// ParseJSON returns the objects in data, one after the other, as [slog.JSONHandler]
// writes them, in the form that [Run] reads. Numbers are float64.
func ParseJSON(data []byte) ([]map[string]any, error) {
	var maps []map[string]any
	for d := json.NewDecoder(bytes.NewReader(data)); d.More(); {
		m := map[string]any{}
		if err := d.Decode(&m); err != nil {
			return maps, fmt.Errorf("handlertest: object %d: %w", len(maps)+1, err)
		}
		maps = append(maps, m)
	}
	return maps, nil
}

// ParseText returns the lines in data, which are key=value pairs parted by
// spaces, in the form that [Run] reads. [slog.TextHandler] writes such lines, and
// a Percent formatter with the format
//
//	time=%(asctime)s level=%(levelname)s msg="%(message)s"
//
// Keys and values may be quoted as in Go. A value without quotes lasts until the
// next pair begins or the line ends, so it may hold spaces. A dotted key is one
// in a group. All values are strings. An empty time is left out.
func ParseText(data []byte) ([]map[string]any, error) {
	var maps []map[string]any
	for line := range strings.Lines(string(data)) {
		m, err := parseLine(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return maps, fmt.Errorf("handlertest: line %d: %w", len(maps)+1, err)
		}
		maps = append(maps, m)
	}
	return maps, nil
}

func parseLine(line string) (map[string]any, error) {
	m := map[string]any{}
	for rest := strings.TrimLeft(line, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, n := cutKey(rest)
		if n == 0 {
			return nil, fmt.Errorf("column %d: no key=value pair at %q", len(line)-len(rest)+1, rest)
		}
		value, width := cutValue(rest[n:])
		rest = rest[n+width:]
		if key == slog.TimeKey && value == "" {
			continue
		}
		put(m, strings.Split(key, "."), value)
	}
	return m, nil
}

// cutKey returns the key at the start of s, and its width with the "=" after
// it, 0 if there is none.
func cutKey(s string) (key string, width int) {
	if q, err := strconv.QuotedPrefix(s); err == nil && q[0] == '"' {
		if !strings.HasPrefix(s[len(q):], "=") {
			return "", 0
		}
		key, _ = strconv.Unquote(q)
		return key, len(q) + 1
	}
	i := strings.IndexAny(s, `= "`)
	if i < 0 || s[i] != '=' {
		return "", 0
	}
	return s[:i], i + 1
}

// cutValue returns the value at the start of s, and its width.
func cutValue(s string) (value string, width int) {
	if q, err := strconv.QuotedPrefix(s); err == nil && q[0] == '"' {
		value, _ = strconv.Unquote(q)
		return value, len(q)
	}
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' {
			continue
		}
		if _, n := cutKey(s[i+1:]); n > 0 {
			return s[:i], i
		}
	}
	return s, len(s)
}

// put stores value under the path of keys.
func put(m map[string]any, path []string, value string) {
	for len(path) > 1 {
		sub, ok := m[path[0]].(map[string]any)
		if !ok {
			sub = map[string]any{}
			m[path[0]] = sub
		}
		m, path = sub, path[1:]
	}
	m[path[0]] = value
}
