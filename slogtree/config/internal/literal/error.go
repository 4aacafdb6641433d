package literal

import "fmt"

// A Kind says why a text is refused.
type Kind int

const (
	// Invalid: the text is no Python expression, or one whose value cannot be.
	Invalid Kind = iota + 1

	// Code: the text is an expression that Python would have to evaluate.
	Code

	// Limit: the text is larger than Limits allow.
	Limit
)

// An Error says what of a text is refused, and why.
type Error struct {
	Kind      Kind
	Line, Col int    // from 1; Col counts characters
	Text      string // the offending part, cut; may be empty
	Reason    string
	Meant     string // a name that may have been meant, if any
}

// Error returns the place, the part and the reason.
func (e *Error) Error() string {
	at := fmt.Sprintf("literal: line %d, column %d: ", e.Line, e.Col)
	if e.Text != "" {
		at += fmt.Sprintf("%q: ", e.Text)
	}
	if at += e.Reason; e.Meant != "" {
		at += "; did you mean " + e.Meant + "?"
	}
	return at
}

func newError(kind Kind, line, col int, text, reason string) *Error {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return &Error{Kind: kind, Line: line, Col: col, Text: text, Reason: reason}
}
