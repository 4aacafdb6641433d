package pickle

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The limits that a receiver has by itself, see receiver.Server.
var usual = Limits{Depth: 64, Nodes: 100_000, Digits: 4300}

// A segment is base64 of bytes, and how often they come.
type segment [2]any

func unpack(segments []segment) ([]byte, error) {
	var out []byte
	for _, s := range segments {
		text, _ := s[0].(string)
		n, _ := s[1].(float64)
		p, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, err
		}
		for range int(n) {
			out = append(out, p...)
		}
	}
	return out, nil
}

type pickleVector struct {
	ID, Label, Needs, Python string
	Frame                    string
	FrameSegments            []segment `json:"frame_segments"`
	Dict                     [][2]oracle.Value
	SenderError              any `json:"sender_error"`
}

// payload returns the pickle without its length, nil if the sender failed.
func (v *pickleVector) payload() ([]byte, error) {
	segments := v.FrameSegments
	if v.Frame != "" {
		segments = []segment{{v.Frame, 1.0}}
	}
	p, err := unpack(segments)
	if err != nil || p == nil {
		return nil, err
	}
	if n := binary.BigEndian.Uint32(p); int(n) != len(p)-4 {
		return nil, fmt.Errorf("a frame of %d bytes says %d", len(p)-4, n)
	}
	return p[4:], nil
}

// An aside sets a vector aside, by the rule that it tells.
type aside string

func (a aside) Error() string { return string(a) }

func TestOraclePickles(t *testing.T) {
	tally := oracle.NewTally("pickles")
	for _, v := range oracle.Load[pickleVector](t, "pickles") {
		err := v.replay()
		var rule aside
		if errors.As(err, &rule) {
			tally.SetAside(string(rule))
			continue
		}
		tally.Replayed()
		if err != nil {
			t.Errorf("%s %q of %s: %v", v.ID, v.Label, v.Python, err)
		}
	}
	tally.Report(t)
}

func (v *pickleVector) replay() error {
	p, err := v.payload()
	if err != nil {
		return err
	}
	if p == nil {
		return aside("the sender fails, and sends nothing")
	}
	got, err := Load(p, usual)
	if err != nil {
		return err
	}
	d, ok := got.(Dict)
	if !ok || len(d) != len(v.Dict) {
		return fmt.Errorf("got %v", got)
	}
	for i, want := range v.Dict {
		if err := same(d[i].Key, want[0].V); err != nil {
			return err
		}
		if err := same(d[i].Value, want[1].V); err != nil {
			return fmt.Errorf("%v: %w", d[i].Key, err)
		}
	}
	return nil
}

// same returns an error if got is not what CPython has.
func same(got, want any) error {
	var ok bool
	switch want := want.(type) {
	case oracle.List:
		g, isList := got.([]any)
		return sameItems(g, want, isList)
	case oracle.Tuple:
		g, isTuple := got.(Tuple)
		return sameItems(g, want, isTuple)
	case oracle.Set:
		g, isSet := got.(Set)
		return sameSet(g, want, isSet)
	case oracle.Frozenset:
		g, isSet := got.(Frozenset)
		return sameSet(g, want, isSet)
	case oracle.Dict:
		return sameDict(got, want)
	case oracle.Bytes:
		g, isBytes := got.([]byte)
		ok = isBytes && string(g) == string(want)
	case oracle.Bytearray:
		g, isBytes := got.(Bytearray)
		ok = isBytes && string(g) == string(want)
	case oracle.Surrogates:
		ok = got == visible(want)
	case complex128:
		ok = got == Complex(want)
	case float64:
		g, isFloat := got.(float64)
		ok = isFloat && (math.Float64bits(g) == math.Float64bits(want) || g != g && want != want)
	case *big.Int:
		g, isInt := got.(*big.Int)
		ok = isInt && g.Cmp(want) == 0
	case oracle.Cycle:
		g, isCycle := got.(Cycle)
		ok = isCycle && g.Depth == int(want)+1 // of the record's dict
	case oracle.Object:
		return sameObject(got, want)
	default:
		ok = reflect.DeepEqual(got, want)
	}
	if !ok {
		return fmt.Errorf("got %T %v, want %T %v", got, got, want, want)
	}
	return nil
}

// visible is how a str with lone surrogates shows.
func visible(points []rune) string {
	var b strings.Builder
	for _, c := range points {
		if 0xD800 <= c && c < 0xE000 {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func sameItems(got []any, want []any, ok bool) error {
	if !ok || len(got) != len(want) {
		return fmt.Errorf("got %v, want %T %v", got, want, want)
	}
	for i := range got {
		if err := same(got[i], want[i]); err != nil {
			return err
		}
	}
	return nil
}

// sameSet compares in any order.
func sameSet(got []any, want []any, ok bool) error {
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || same(g, w) == nil
		}
		ok = ok && found
	}
	if !ok || len(got) != len(want) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func sameDict(got any, want oracle.Dict) error {
	d, ok := got.(Dict)
	if !ok || len(d) != len(want) {
		return fmt.Errorf("got %T %v, want %v", got, got, want)
	}
	for i := range want {
		if err := errors.Join(same(d[i].Key, want[i].Key), same(d[i].Value, want[i].Value)); err != nil {
			return err
		}
	}
	return nil
}

// sameObject takes the very text of a class whose values are known, and of any other
// a placeholder that names it.
func sameObject(got any, want oracle.Object) error {
	switch got := got.(type) {
	case Object:
		if strings.Contains(want.Class+want.Str, got.Class) {
			return nil
		}
	case Text, OrderedDict:
		return sameText(got, want)
	default:
		if str(got) == want.Str { // of a subclass
			return nil
		}
	}
	return fmt.Errorf("got %T %v, want %v", got, got, want)
}

// sameText compares str and repr, which are those of CPython 3.13.
func sameText(got any, want oracle.Object) error {
	s, repr := str(got), string(AppendText(nil, got, true))
	if s == want.Str && repr == want.Repr {
		return nil
	}
	if olderText.MatchString(want.Repr) {
		return aside("an older CPython prints it otherwise; here it is as in 3.13")
	}
	return fmt.Errorf("got %T %s %s, want %v", got, s, repr, want)
}

// olderText finds what CPython 3.6 and 3.11 print otherwise than 3.13.
var olderText = regexp.MustCompile(`timedelta\(-?\d|OrderedDict\(\[`)
