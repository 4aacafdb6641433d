package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// variedRecords differ in all that fields print: texts of one character, of
// many and of none, small numbers and large ones.
func variedRecords() []*pyRecord {
	one := &Origin{LevelNo: 65, LevelName: "L", PathName: "p", FileName: "f", Module: "m", LineNo: 66, FuncName: "g", Created: 67, MSecs: 68, RelativeCreated: 69,
		Thread: 70, ThreadName: "t", Process: 71, ProcessName: "P", TaskName: "k"}
	many := &Origin{LevelNo: -1, LevelName: "12", PathName: "3.5", FileName: "", Module: "1e3", LineNo: 1 << 40, FuncName: "7", Created: 1.5e9, MSecs: 1e300, RelativeCreated: -2.5,
		Thread: -1 << 62, ThreadName: "0", Process: 0x110000, ProcessName: "-1", TaskName: ""}
	return []*pyRecord{
		{name: "n", record: slog.NewRecord(testTime, slog.LevelInfo, "x", 0), origin: one},
		{name: "42", record: slog.NewRecord(testTime, slog.LevelInfo, "42", 0), origin: many},
		{name: "n", record: slog.NewRecord(testTime, slog.LevelInfo, "", 0), origin: &Origin{}},
	}
}

// Construction refuses a conversion of a field if and only if no record can
// be rendered with it.
func TestConstructionRefusesWhatAlwaysFails(t *testing.T) {
	accepted, refused := 0, 0
	for f := fieldName; f < fieldAttrs; f++ {
		for _, conv := range "diouxXeEfFgGcrsaSDUqyzZ%*" {
			format := fmt.Sprintf("%%(%s)%c", fieldTable[f].name, conv)
			_, err := Percent(format, nil)
			if conv == 'c' && (f == fieldArgs || f >= fieldExcInfo && f <= fieldStackInfo) {
				continue // these are None here, and in other records one character
			}
			renders := false
			lenient := Must(Percent(format, &Options{NoValidate: true, Strict: true, Raw: true, DateFmt: "%w"}))
			for _, rec := range variedRecords() {
				renders = renders || !strings.HasPrefix(rec.render(lenient), "%!")
			}
			if (err == nil) != renders {
				t.Errorf("%s: construction says %v, yet it renders: %v", format, err, renders)
			}
			if err == nil {
				accepted++
			} else {
				refused++
			}
		}
	}
	if accepted < 100 || refused < 100 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

// The column is where the field begins, whatever stands before it.
func TestColumnsAreCodePoints(t *testing.T) {
	for _, before := range []string{"", "a", "é", "日本", "%%", "%(name)s", "\n", "\xff\xfe", "e\u0301", "😀 %(lineno)5d "} {
		_, err := Percent(before+"%(message)y", nil)
		var fe *FormatError
		if !errors.As(err, &fe) {
			t.Errorf("%q: %v", before, err)
			continue
		}
		if want := len([]rune(before)) + 1; fe.Column != want || fe.Field != "%(message)y" {
			t.Errorf("%q: column %d of %q, want %d", before, fe.Column, fe.Field, want)
		}
	}
}

// A marker is one word of the line to the field's place; nothing around it changes.
func TestMarkersLeaveTheRest(t *testing.T) {
	bad := []string{"%(nosuch)s", "%(v)d", "%(v).2f", "%(v)c", "%(v)x", "%(v)+05d"}
	good := []string{"%(message)s", "%(name)-6s", "%(levelname)s", "%(n)03d", "text", "%%"}
	f := func(format string) string {
		return render(Must(Percent(format, &Options{NoValidate: true, Strict: true})), record0("m", "v", "a text", "n", 7))
	}
	for _, b := range bad {
		for _, g := range good {
			for _, h := range good {
				got, want := f(g+b+h), f(g)+f(b)+f(h)
				if got != want || !strings.HasPrefix(f(b), "%!") {
					t.Errorf("%s: got %q, want %q", g+b+h, got, want)
				}
			}
		}
	}
}
