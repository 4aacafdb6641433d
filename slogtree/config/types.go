package config

import (
	"fmt"
	"io/fs"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Type is what an option takes.
type Type string

// The types of options, as the documentation calls them.
const (
	TypeText     Type = "text"
	TypeBool     Type = "true or false"
	TypeInt      Type = "whole number"
	TypeFloat    Type = "number"
	TypeSize     Type = "size"            // of bytes, or text as "10 MiB", "64 KB"
	TypeDuration Type = "duration"        // text as "1m30s", or a number of seconds
	TypeLevel    Type = "level"           // a name, or Python's number
	TypeAddress  Type = "address"         // of a server: "host:port", "host", or [host, port]
	TypePath     Type = "path"            // of a file or socket, which the handler may read or write
	TypeStream   Type = "stream"          // ext://sys.stdout or ext://sys.stderr, or "stdout", "stderr"
	TypeTexts    Type = "list of texts"   // or one text
	TypeTable    Type = "table"           // of any values
	TypePerm     Type = "permissions"     // text in octal, as "0640"
	TypeZone     Type = "time zone"       // "UTC", "Local" or a name as "Europe/Berlin"
	TypeHandler  Type = "handler's name"  // of another handler of the document
	TypeHandlers Type = "handlers' names" // a list of such names
)

// A decoded is a value of an option.
type decoded struct {
	v     any
	canon any // the same for JSON
	at    *value
	path  string
}

// decode returns v as a type, or what is wrong with it.
func (o *Option) decode(v *value, suite bool) (got, canon any, wrong string) {
	switch o.Type {
	case TypeText:
		return textOf(v)
	case TypeBool:
		return boolOf(v)
	case TypeInt:
		return intOf(v)
	case TypeFloat:
		return floatOf(v)
	case TypeSize:
		return sizeOf(v)
	case TypeDuration:
		return durationOf(v)
	case TypeLevel:
		l, wrong := levelOf(v, suite)
		return l, levelText(l), wrong
	case TypeAddress:
		return addressOf(v)
	case TypePath, TypeHandler:
		return nonEmptyOf(v)
	case TypeStream:
		return streamOf(v)
	case TypeTexts:
		if v.kind == text { // as Python's toaddrs
			return []string{v.text}, []string{v.text}, ""
		}
		return textsOf(v)
	case TypeHandlers:
		return textsOf(v)
	case TypeTable:
		return tableOf(v)
	case TypePerm:
		return permOf(v)
	case TypeZone:
		return zoneOf(v)
	}
	return nil, nil, "option of unknown type " + string(o.Type)
}

// isNot says what v should have been.
func isNot(v *value, want string) (any, any, string) {
	if v.kind == external {
		return nil, nil, "what Python finds by this name does not exist here; it must be " + want
	}
	return nil, nil, "it must be " + want
}

func textOf(v *value) (any, any, string) {
	if v.kind != text {
		return isNot(v, "text")
	}
	return v.text, v.text, ""
}

func nonEmptyOf(v *value) (any, any, string) {
	if v.kind != text || v.text == "" {
		return isNot(v, "text that is not empty")
	}
	if strings.ContainsRune(v.text, 0) {
		return nil, nil, "it holds a NUL character"
	}
	return v.text, v.text, ""
}

// addressOf takes what Python takes for a server too: a tuple of host and port.
func addressOf(v *value) (any, any, string) {
	switch {
	case v.kind == text && v.text != "":
		return v.text, v.text, ""
	case v.kind == list && len(v.list) == 2 && v.list[0].kind == text && v.list[1].kind == integer && v.list[1].integer >= 0 && v.list[1].integer <= math.MaxUint16:
		address := net.JoinHostPort(v.list[0].text, strconv.FormatInt(v.list[1].integer, 10))
		return address, address, ""
	}
	return isNot(v, "\"host:port\", or a list of host and port")
}

func boolOf(v *value) (any, any, string) {
	if v.kind == boolean || v.kind == integer && (v.integer == 0 || v.integer == 1) {
		return v.truth(), v.truth(), ""
	}
	return isNot(v, "true or false")
}

func intOf(v *value) (any, any, string) {
	if v.kind != integer {
		return isNot(v, "a whole number")
	}
	return v.integer, v.integer, ""
}

func floatOf(v *value) (any, any, string) {
	switch {
	case v.kind == integer:
		return float64(v.integer), v.integer, ""
	case v.kind == float && !math.IsInf(v.float, 0) && !math.IsNaN(v.float):
		return v.float, v.float, ""
	}
	return isNot(v, "a number")
}

// sizeUnits are multiples of a byte.
var sizeUnits = []struct {
	name string
	n    float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

func sizeOf(v *value) (any, any, string) {
	if v.kind == integer && v.integer >= 0 {
		return v.integer, v.integer, ""
	}
	if v.kind == text {
		for _, unit := range sizeUnits {
			digits, ok := strings.CutSuffix(v.text, unit.name)
			if !ok {
				continue
			}
			f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
			if err == nil && f >= 0 && f*unit.n < 1<<53 {
				return int64(f * unit.n), int64(f * unit.n), ""
			}
			break
		}
	}
	return isNot(v, "a number of bytes, or text as \"10 MiB\"")
}

func durationOf(v *value) (any, any, string) {
	const most = float64(math.MaxInt64 / int64(time.Second))
	var d time.Duration
	switch {
	case v.kind == integer && math.Abs(float64(v.integer)) < most:
		d = time.Duration(v.integer) * time.Second
	case v.kind == float && math.Abs(v.float) < most:
		d = time.Duration(v.float * float64(time.Second))
	case v.kind == text:
		var err error
		if d, err = time.ParseDuration(v.text); err != nil {
			return isNot(v, "a duration as \"1m30s\", or a number of seconds")
		}
	default:
		return isNot(v, "a duration as \"1m30s\", or a number of seconds")
	}
	return d, d.String(), ""
}

// streamNames are the ways to write a stream.
var streamNames = map[string]string{"sys.stdout": "stdout", "sys.stderr": "stderr", "stdout": "stdout", "stderr": "stderr", "sys.__stdout__": "stdout", "sys.__stderr__": "stderr"}

func streamOf(v *value) (any, any, string) {
	name := streamNames[v.text]
	if name == "" || v.kind != text && v.kind != external || v.kind == text && strings.HasPrefix(v.text, "sys.") {
		return isNot(v, "ext://sys.stdout or ext://sys.stderr")
	}
	return name, "ext://sys." + name, ""
}

func textsOf(v *value) (any, any, string) {
	if v.kind != list {
		return isNot(v, "a list of texts")
	}
	texts := make([]string, len(v.list))
	for i, item := range v.list {
		if item.kind != text {
			return isNot(item, "a list of texts")
		}
		texts[i] = item.text
	}
	return texts, texts, ""
}

func tableOf(v *value) (any, any, string) {
	if v.kind != table {
		return isNot(v, "a table")
	}
	return v.plain(), v.plain(), ""
}

// plain returns v as package json would.
func (v *value) plain() any {
	switch v.kind {
	case boolean:
		return v.boolean
	case integer:
		return v.integer
	case float:
		if math.IsInf(v.float, 0) || math.IsNaN(v.float) {
			return v.short()
		}
		return v.float
	case text:
		return v.text
	case external:
		return "ext://" + v.text
	case list:
		items := make([]any, len(v.list))
		for i := range v.list {
			items[i] = v.list[i].plain()
		}
		return items
	case table:
		items := map[string]any{}
		for _, m := range v.members {
			items[m.key.text] = m.value.plain()
		}
		return items
	}
	return nil
}

func permOf(v *value) (any, any, string) {
	if v.kind == text {
		if n, err := strconv.ParseUint(strings.TrimPrefix(v.text, "0o"), 8, 32); err == nil && n <= uint64(fs.ModePerm) {
			return fs.FileMode(n), fmt.Sprintf("%04o", n), ""
		}
	}
	return isNot(v, "text with permissions in octal, as \"0640\"")
}

func zoneOf(v *value) (any, any, string) {
	if v.kind != text || v.text == "" {
		return isNot(v, "the name of a time zone")
	}
	zone, err := time.LoadLocation(v.text)
	if err != nil {
		return nil, nil, "it is no time zone that is known here"
	}
	return zone, v.text, ""
}

// choice returns what is wrong if an option takes some texts only.
func (o *Option) choice(v *value) (wrong, near string) {
	if o.Choices == nil || v.kind != text || slices.Contains(o.Choices, v.text) {
		return "", ""
	}
	return "it must be one of " + strings.Join(o.Choices, ", "), nearest(v.text, o.Choices)
}
