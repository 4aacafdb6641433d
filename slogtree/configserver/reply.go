package configserver

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slogsuite/slogsuite/slogtree/config"
)

// A Reply is what a server says of a document: a line of JSON, after which it closes the connection. CPython's
// listener never replies, and its clients need not read it.
type Reply struct {
	// Applied says that the tree is now as the document says. If not, nothing has changed, unless Unknown is
	// true.
	Applied bool `json:"applied"`

	// Unknown says that something panicked while the document was applied, and nobody knows
	// whether the tree is as before or as the document says. Applied is false then.
	Unknown bool `json:"unknown,omitempty"`

	// Report is what has changed. It is nil if nothing was applied, and if it would be too long.
	Report *config.Report `json:"report,omitempty"`

	// Errors are all that is wrong with a document that was not applied. Of one that was, they are what
	// went wrong afterwards: a handler that was replaced and did not close well, or panicked.
	Errors []*config.Error `json:"errors,omitempty"`
}

// Err returns the Errors joined, nil if there are none.
func (r Reply) Err() error {
	errs := make([]error, len(r.Errors))
	for i, err := range r.Errors {
		errs[i] = err
	}
	return errors.Join(errs...)
}

// maxReply is how long a line is at most that a server sends and a sender reads.
const maxReply = 256 << 10

// line returns the reply as it is sent. What is too long is shortened: the report goes
// first, then the last errors.
func (r Reply) line() []byte {
	all := r.Errors
	for kept := len(all); ; kept /= 2 {
		if kept < len(all) {
			more := &config.Error{Reason: fmt.Sprintf("%d more errors", len(all)-kept)}
			r.Errors = append(all[:kept:kept], more)
		}
		text, err := json.Marshal(r)
		if err == nil && len(text) < maxReply || kept == 0 && r.Report == nil {
			return append(text, '\n')
		}
		r.Report = nil
	}
}

// refusal returns the reply for a document that was not applied.
func refusal(err error) Reply { return Reply{Errors: flatten(err)} }

// flatten returns each of the joined errors. One that says more than those it wraps is one.
func flatten(err error) []*config.Error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok && errors.Join(joined.Unwrap()...).Error() == err.Error() {
		var all []*config.Error
		for _, err := range joined.Unwrap() {
			all = append(all, flatten(err)...)
		}
		return all
	}
	if e, ok := err.(*config.Error); ok {
		return []*config.Error{e}
	}
	return []*config.Error{{Reason: err.Error(), Err: err}}
}
