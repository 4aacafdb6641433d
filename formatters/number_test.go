package formatters

import (
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// apply renders one value with one conversion, such as "%05d".
func apply(conversion string, v any) string {
	f := Must(Percent("%(v)"+conversion[1:], &Options{NoValidate: true, Strict: true}))
	return render(f, record0("", "v", v))
}

// What the vectors hold little of.
func TestConversions(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	type myInt int8
	type myFloat float32
	type myString string
	for _, test := range []struct {
		conversion string
		v          any
		want       string
	}{
		{"%d", huge, "123456789012345678901234567890"},
		{"%x", new(big.Int).Neg(huge), "-18ee90ff6c373e0ee4e3f0ad2"},
		{"%+#.30X", huge, "+0X0000018EE90FF6C373E0EE4E3F0AD2"},
		{"%s", huge, "123456789012345678901234567890"},
		{"%.3e", huge, "1.235e+29"},
		{"%f", new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil), "%!v(integer too large for a float)"},
		{"%d", 1e22, "10000000000000000000000"},
		{"%d", math.Inf(1), "%!v(no integer: +Inf)"},
		{"%d", math.NaN(), "%!v(no integer: NaN)"},
		{"%d", int64(math.MinInt64), "-9223372036854775808"},
		{"%x", uint64(math.MaxUint64), "ffffffffffffffff"},
		{"%o", uint8(8), "10"},
		{"%d", myInt(-7), "-7"},
		{"%s", myInt(-7), "-7"},
		{"%.2f", myFloat(1.5), "1.50"},
		{"%r", myString("it's"), `"it's"`},
		{"%d", true, "1"},
		{"%5s|", false, "False|"},
		{"%05.1f", math.Inf(-1), "-0inf"},
		{"%+F", math.NaN(), "+NAN"},
		{"%#.0f", 1.0, "1."},
		{"%#.0e", 1.0, "1.e+00"},
		{"%#g", 1.0, "1.00000"},
		{"%#.0g", 1.0, "1."},
		{"%g", 1e16, "1e+16"},
		{"%G", 1e-5, "1E-05"},
		{"%g", 0.0001, "0.0001"},
		{"%.3d", -7, "-007"},
		{"%-08d|", 42, "42      |"},
		{"%c", 0x1F600, "😀"},
		{"%3c|", "é", "  é|"},
		{"%.1f", 1500 * time.Millisecond, "1.5"},
		{"%d", 1500 * time.Millisecond, "1"},
		{"%s", 1500 * time.Millisecond, "1.5s"},
		{"%s", testTime.UTC(), "2023-11-14T22:13:20.123Z"},
		{"%s", []any{"a", 1, nil, 1.0, true, []byte("b\n"), [2]int{1, 2}, map[string]int{"z": 1, "b": 2}}, `['a', 1, None, 1.0, True, b'b\n', (1, 2), {'b': 2, 'z': 1}]`},
		{"%s", map[any]any{10: "x", 9: "y", 1.5: nil, "k": []string{}}, "{1.5: None, 9: 'y', 10: 'x', 'k': []}"},
		{"%s", struct{ A, B int }{1, 2}, "{A:1 B:2}"},
		{"%s", &[]int{1}, "[1]"},
		{"%s", errBench, "no route to host"},
		{"%r", errBench, "'no route to host'"},
		{"%s", []error{errBench}, "['no route to host']"},
		{"%a", "é\u2028😀\n'\"", `'\xe9\u2028\U0001f600\n\'"'`},
		{"%r", "é\u2028\xff\x7f", `'é\u2028\xff\x7f'`},
		{"%s", 1e16, "1e+16"},
		{"%s", math.Copysign(0, -1), "-0.0"},
		{"%s", 123456789012345680.0, "1.2345678901234568e+17"},
		{"%s", 0.0001, "0.0001"},
		{"%s", 0.00001, "1e-05"},
	} {
		if got := apply(test.conversion, test.v); got != test.want {
			t.Errorf("%s of %v: got %s, want %s", test.conversion, test.v, got, test.want)
		}
	}
}

// C's conversions, Go's and Python's agree in these.
func TestConversionsAgreeWithFmt(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		flags := []string{"", "-", "+", " ", "0", "+0", "-+"}[rng.IntN(7)]
		width := []string{"", "1", "5", "12", "30"}[rng.IntN(5)]
		n := int64(rng.Uint64()) >> rng.IntN(64)
		conversion := "%" + flags + width + []string{"d", "x", "X", "o"}[rng.IntN(4)]
		if got, want := apply(conversion, n), fmt.Sprintf(conversion, n); got != want {
			t.Fatalf("%s of %d: got %s, want %s", conversion, n, got, want)
		}
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		prec := []string{"", ".0", ".1", ".7", ".20"}[rng.IntN(5)]
		conversion = "%" + flags + width + prec + []string{"e", "E", "f", "F"}[rng.IntN(4)]
		if got, want := apply(conversion, f), fmt.Sprintf(conversion, f); got != want {
			t.Fatalf("%s of %v: got %s, want %s", conversion, f, got, want)
		}
	}
}

// Ints of any size are math/big's, and reading a float's repr gives it back.
func TestNumbersRelate(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		n := new(big.Int).Lsh(big.NewInt(int64(rng.Uint64())), uint(rng.IntN(200)))
		for conversion, base := range map[string]int{"%d": 10, "%x": 16, "%o": 8} {
			if got := apply(conversion, n); got != n.Text(base) {
				t.Fatalf("%s of %v: %s", conversion, n, got)
			}
		}
		if n.IsInt64() && apply("%+020d", n) != apply("%+020d", n.Int64()) {
			t.Fatalf("%v prints differently as a big.Int", n)
		}
		f := math.Float64frombits(rng.Uint64())
		back, err := strconv.ParseFloat(apply("%s", f), 64)
		if err != nil || back != f && !math.IsNaN(f) {
			t.Fatalf("%v prints %s", f, apply("%s", f))
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add(int64(-42), 1.5, uint8(5), uint8(2), uint8(0))
	f.Add(int64(math.MinInt64), math.Inf(-1), uint8(40), uint8(0), uint8(31))
	f.Fuzz(func(t *testing.T, n int64, x float64, width, prec, flags uint8) {
		s := spec{left: flags&1 != 0, plus: flags&2 != 0, space: flags&4 != 0, alt: flags&8 != 0, zero: flags&16 != 0, width: int(width), prec: int(prec) - 1}
		for _, conv := range []byte("dxXoeEfFgG") {
			s.conv = conv
			for _, v := range []slog.Value{slog.Int64Value(n), slog.Float64Value(x), slog.AnyValue(big.NewInt(n))} {
				checkNumber(t, &s, v)
			}
		}
		s = spec{prec: -1, conv: 'd'}
		if text, _ := s.appendValue(nil, slog.Int64Value(n), true); string(text) != strconv.FormatInt(n, 10) {
			t.Errorf("%d prints %s", n, text)
		}
	})
}

// checkNumber tests what holds of each number: it has its width, and reads
// back as what it was, to its precision.
func checkNumber(t *testing.T, s *spec, v slog.Value) {
	out, bad := s.appendValue([]byte("before"), v, true)
	if bad != "" {
		return
	}
	text := strings.TrimPrefix(string(out), "before")
	if len(text) < s.width {
		t.Errorf("%+v of %v: %q is too short", *s, v, text)
	}
	text = strings.TrimSpace(text)
	n, _ := toNumber(v)
	if s.conv == 'd' || s.conv == 'x' || s.conv == 'X' || s.conv == 'o' {
		base := map[byte]int{'d': 10, 'x': 16, 'X': 16, 'o': 8}[s.conv]
		digits := strings.NewReplacer("0x", "", "0X", "", "0o", "", "+", "").Replace(text)
		got, ok := new(big.Int).SetString(digits, base)
		whole, _ := n.truncate()
		want, _ := new(big.Int).SetString(string(whole.appendDigits(nil, 10)), 10)
		if whole.neg {
			want.Neg(want)
		}
		if !ok || got.Cmp(want) != 0 {
			t.Errorf("%+v of %v: %q reads as %v", *s, v, text, got)
		}
		return
	}
	x, _ := n.float()
	got, err := strconv.ParseFloat(strings.TrimLeft(strings.Replace(text, "-0inf", "-inf", 1), "+"), 64)
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return
	}
	if err != nil || s.prec >= 17 && (s.conv|32) != 'f' && got != x {
		t.Errorf("%+v of %v: %q reads as %v, %v", *s, v, text, got, err)
	}
}
