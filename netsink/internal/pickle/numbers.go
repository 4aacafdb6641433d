package pickle

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

var decimalForm = regexp.MustCompile(`^([+-]?)(?:(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?|([iI]nf(?:inity)?|s?NaN\d*))$`)

// makeDecimal is Decimal(str). An exponent beyond the digits allowed is refused, since
// who makes an int of it, or prints it with %f, would write as many.
func makeDecimal(r *reader, args []any) (any, error) {
	if len(args) != 1 {
		return r.badArgs("Decimal")
	}
	s, ok := args[0].(string)
	if !ok || len(s) > r.limits.Digits+16 {
		return r.badArgs("Decimal")
	}
	m := decimalForm.FindStringSubmatch(s)
	if m == nil || m[5] == "" && m[2]+m[3] == "" {
		return r.badArgs("Decimal")
	}
	text, ok := strings.TrimPrefix(s, "+"), true
	if m[5] == "" {
		exp, _ := strconv.Atoi(m[4])
		if exp > r.limits.Digits || -exp > r.limits.Digits {
			return nil, r.fail("a Decimal with an exponent of %d", exp)
		}
		text = decimalText(strings.TrimPrefix(m[1], "+"), m[2]+m[3], exp-len(m[3]))
	}
	return Text{"decimal.Decimal", text, "Decimal('" + text + "')"}, r.spend(2 * len(s))
}

// decimalText returns what to-scientific-string of the General Decimal Arithmetic says.
func decimalText(sign, digits string, exp int) string {
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		digits = "0"
	}
	adjusted := exp + len(digits) - 1
	switch {
	case exp == 0:
		return sign + digits
	case exp < 0 && adjusted >= -6 && len(digits) > -exp:
		point := len(digits) + exp
		return sign + digits[:point] + "." + digits[point:]
	case exp < 0 && adjusted >= -6:
		return sign + "0." + strings.Repeat("0", -exp-len(digits)) + digits
	case len(digits) > 1:
		digits = digits[:1] + "." + digits[1:]
	}
	return fmt.Sprintf("%s%sE%+d", sign, digits, adjusted)
}

// makeFraction is Fraction("n/d"), or Fraction(n, d) from CPython 3.11 on.
func makeFraction(r *reader, args []any) (any, error) {
	var num, den *big.Int
	switch len(args) {
	case 1:
		s, ok := args[0].(string)
		n, d, found := strings.Cut(s, "/")
		if !found {
			d = "1"
		}
		if !ok || len(s) > r.limits.Digits || !isDigits(strings.TrimPrefix(n, "-")) || !isDigits(d) {
			return r.badArgs("Fraction")
		}
		num, _ = new(big.Int).SetString(n, 10)
		den, _ = new(big.Int).SetString(d, 10)
	case 2:
		num, den = bigOf(args[0]), bigOf(args[1])
	}
	if num == nil || den == nil || den.Sign() <= 0 || num.BitLen()+den.BitLen() > 4*r.limits.Digits {
		return r.badArgs("Fraction")
	}
	if err := r.spend(num.BitLen() + den.BitLen()); err != nil { // more than their texts are long: what it costs
		return nil, err
	}
	q := new(big.Rat).SetFrac(num, den)
	text := q.Num().String()
	repr := "Fraction(" + text + ", " + q.Denom().String() + ")"
	if !q.IsInt() {
		text = q.String()
	}
	return Text{"fractions.Fraction", text, repr}, nil
}
