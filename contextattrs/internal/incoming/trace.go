package incoming

import "strings"

// Trace returns the ids of a trace and of the caller's span in it, if one valid
// header traceparent was sent. It reads that of W3C Trace Context, section 3.2:
//
//	00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//
// In a later version, what is known stands in the same place, and more may
// follow after another dash.
func Trace(sent []string) (trace, span string, ok bool) {
	const size = 55
	if len(sent) != 1 {
		return "", "", false
	}
	s := sent[0]
	if len(s) < size || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return "", "", false
	}
	version, trace, span, flags := s[:2], s[3:35], s[36:52], s[53:55]
	switch {
	case !isHex(version) || !isHex(trace) || !isHex(span) || !isHex(flags),
		version == "ff",
		version == "00" && len(s) > size,
		len(s) > size && s[size] != '-',
		isZero(trace) || isZero(span):
		return "", "", false
	}
	return trace, span, true
}

// isHex reports whether all are hexadecimal digits, of which letters are small.
func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

func isZero(s string) bool { return strings.Trim(s, "0") == "" }
