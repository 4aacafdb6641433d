package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// widths has how many bytes the number has that follows an opcode, be it a value or a length.
var widths = [256]uint64{
	opBinInt1: 1, opBinInt2: 2, opBinInt: 4, opLong1: 1, opLong4: 4,
	opShortBinUnicode: 1, opBinUnicode: 4, opBinUnicode8: 8, opShortBinString: 1, opBinString: 4,
	opShortBinBytes: 1, opBinBytes: 4, opBinBytes8: 8, opByteArray8: 8,
}

// integer pushes an int, or a bool, which protocols 0 and 1 write as 00 and 01.
func (r *reader) integer() error {
	switch r.op {
	case opInt, opLong:
		return r.decimal()
	case opLong1, opLong4:
		return r.binary()
	}
	n, err := r.number(widths[r.op])
	if err != nil {
		return err
	}
	if r.op == opBinInt {
		return r.push(int64(int32(n)))
	}
	return r.push(int64(n))
}

// decimal takes the digits that Python writes, and no other notation that it would read.
func (r *reader) decimal() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	if r.op == opInt && (line == "00" || line == "01") {
		return r.push(line == "01")
	}
	if r.op == opLong {
		line = strings.TrimSuffix(line, "L")
	}
	digits := strings.TrimPrefix(line, "-")
	if !isDigits(digits) || len(digits) > 1 && digits[0] == '0' || line == "-0" {
		return r.fail("%.40q is no whole number", line)
	}
	if len(digits) > r.limits.Digits {
		return r.tooManyDigits()
	}
	if n, err := strconv.ParseInt(line, 10, 64); err == nil {
		return r.push(n)
	}
	n, _ := new(big.Int).SetString(line, 10)
	return r.push(n)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (r *reader) tooManyDigits() error {
	return r.fail("a number of more than %d digits", r.limits.Digits)
}

// binary pushes an int of bytes, little-endian in two's complement.
func (r *reader) binary() error {
	p, err := r.counted(widths[r.op])
	if err != nil {
		return err
	}
	if len(p) <= 8 {
		return r.push(smallInt(p))
	}
	if digitsOf(8*len(p)) > r.limits.Digits+2 {
		return r.tooManyDigits()
	}
	n := bigInt(p)
	if n.IsInt64() {
		return r.push(n.Int64())
	}
	if digitsOf(n.BitLen()) > r.limits.Digits {
		return r.tooManyDigits()
	}
	return r.push(n)
}

// digitsOf returns about how many digits a number of so many bits has, and no fewer.
func digitsOf(bits int) int { return int(int64(bits)*30103/100000) + 1 }

func smallInt(p []byte) int64 {
	if len(p) == 0 {
		return 0
	}
	word := make([]byte, 8)
	copy(word, p)
	if p[len(p)-1] >= 0x80 {
		copy(word[len(p):], bytes.Repeat([]byte{0xFF}, 8-len(p)))
	}
	return int64(binary.LittleEndian.Uint64(word))
}

func bigInt(p []byte) *big.Int {
	q := slices.Clone(p)
	slices.Reverse(q)
	n := new(big.Int).SetBytes(q)
	if q[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(q))))
	}
	return n
}

func (r *reader) floating() error {
	if r.op == opBinFloat {
		f, err := r.float()
		if err != nil {
			return err
		}
		return r.push(f)
	}
	line, err := r.line()
	if err != nil {
		return err
	}
	f, ok := parseFloat(line)
	if !ok {
		return r.fail("%.40q is no float", line)
	}
	return r.push(f)
}

// parseFloat takes what Python's repr writes.
func parseFloat(line string) (float64, bool) {
	switch line {
	case "nan":
		return math.NaN(), true
	case "inf":
		return math.Inf(1), true
	case "-inf":
		return math.Inf(-1), true
	}
	if strings.Trim(line, "0123456789.eE+-") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(line, 64)
	if errors.Is(err, strconv.ErrRange) && !math.IsInf(f, 0) {
		err = nil // to zero
	}
	return f, err == nil
}

func (r *reader) bytes() error {
	p, err := r.counted(widths[r.op])
	if err != nil {
		return err
	}
	if r.op == opByteArray8 {
		return r.push(Bytearray(bytes.Clone(p)))
	}
	return r.push(bytes.Clone(p))
}
