package receiver

import (
	"testing"
)

func TestServe(t *testing.T) {
	got := newSink()
	r := serve(t, &Server{Target: got.target})
	c := r.dial(t)
	send(t, c, record("a.b", 30, "one"))
	send(t, c, record("a", 30, "two"))
	if lines := got.wait(t, 2); lines[0] != "a.b: one" || lines[1] != "a: two" {
		t.Errorf("got %q", lines)
	}
	c.Close()
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if s := r.Stats(); s.Records != 2 || s.Connections != 1 || s.Open != 0 || s.Errors != 0 {
		t.Errorf("%+v", s)
	}
}
