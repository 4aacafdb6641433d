package formatters

// A PythonText is a value that knows its texts in Python. The formatters of this package,
// but for JSON, print it as that: str where a value stands by itself, repr in a container and by %r.
type PythonText interface {
	// AppendPython appends str of the value, or repr if that is set. It bounds what it
	// appends.
	AppendPython(dst []byte, repr bool) []byte
}

func isPythonText(x any) bool {
	_, ok := x.(PythonText)
	return ok
}

// appendPython appends x, or returns why that fails.
func appendPython(dst []byte, x PythonText, repr bool) (out []byte, bad string) {
	start := len(dst)
	defer func() {
		if p := recover(); p != nil {
			if out, bad = dst[:start], panicReason(x, "AppendPython", p); bad == "" {
				out = append(out, "None"...)
			}
		}
	}()
	return x.AppendPython(dst, repr), ""
}
