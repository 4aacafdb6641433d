package pickle

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

type hostileVector struct {
	ID, Category, Label, Must string
	Segments                  []segment `json:"payload_segments"`
	CPython                   pythonAnswer
}

// check returns how what Load does with a payload differs from what it must do.
func (v *hostileVector) check() error {
	p, err := unpack(v.Segments)
	if err != nil {
		return err
	}
	if v.Must == "reject_every_prefix" {
		for n := range len(p) {
			if _, err := Load(p[:n], usual); err == nil {
				return fmt.Errorf("the first %d of %d bytes pass", n, len(p))
			}
		}
		return v.verdict(p)
	}
	return v.verdict(p)
}

// verdict also prints what passes, as text and as JSON.
func (v *hostileVector) verdict(p []byte) error {
	got, err := Load(p, usual)
	if err != nil {
		var typed *Error
		if !errors.As(err, &typed) || typed.Offset < 0 || typed.Offset > len(p) || typed.Reason == "" {
			return fmt.Errorf("the error %v tells no offset", err)
		}
		if v.Must == "accept" {
			return err
		}
		return nil
	}
	text := AppendText(nil, got, true)
	out, err := json.Marshal(got)
	if most := 16*len(p) + 16*usual.Nodes; err != nil || len(text) > most || len(out) > most {
		return fmt.Errorf("%d bytes print as %d, and as %d of JSON, %v", len(p), len(text), len(out), err)
	}
	d, isDict := got.(Dict)
	switch {
	case v.Must == "reject" && isDict && v.CPython.Error != nil && v.CPython.Error.isNarrow():
		return aside("8-bit text in what Python 2 sends, which has to be taken, and CPython 3 refuses")
	case v.Must == "reject" && isDict:
		return fmt.Errorf("it passes as %.200v", got)
	case v.CPython.OK == nil || v.Must == "reject":
		return nil
	}
	return same(d, v.CPython.OK.V)
}

// TestOracleHostilePickles replays each payload. What it costs, and that nothing is run, is tested
// where records are made of them, in package logrecord.
func TestOracleHostilePickles(t *testing.T) {
	tally := oracle.NewTally("hostile_pickles")
	for _, v := range oracle.Load[hostileVector](t, "hostile_pickles") {
		err := v.check()
		var rule aside
		if errors.As(err, &rule) {
			tally.SetAside(string(rule))
			continue
		}
		tally.Replayed()
		if err != nil {
			t.Errorf("%s %s %q must %s: %v", v.ID, v.Category, v.Label, v.Must, err)
		}
	}
	tally.Report(t)
}
