//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

func TestConductRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"nonsense":  `there is no scenario "nonsense"`,
		"-nonsense": "not defined",
	} {
		var out bytes.Buffer
		if code := conduct(context.Background(), strings.Fields(args), &out); code != 2 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exits with %d: %s", args, code, &out)
		}
	}
}

func TestMerged(t *testing.T) {
	got := merged([]rotatetest.Range{{First: 8, Last: 9}, {First: 1, Last: 3}, {First: 4, Last: 4}, {First: 2, Last: 2}, {First: 20, Last: 20}})
	want := []rotatetest.Range{{First: 1, Last: 4}, {First: 8, Last: 9}, {First: 20, Last: 20}}
	if !slices.Equal(got, want) || count(got) != 7 {
		t.Errorf("%v with %d numbers, want %v", got, count(got), want)
	}
}

func TestAddNumber(t *testing.T) {
	var got []rotatetest.Range
	for _, n := range []uint64{2, 3, 7, 9, 10, 11} {
		got = addNumber(got, n)
	}
	if want := []rotatetest.Range{{First: 2, Last: 3}, {First: 7, Last: 7}, {First: 9, Last: 11}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestIsMarker(t *testing.T) {
	if !isMarker([]byte("12 records dropped")) || isMarker([]byte("w 1 20 abcdefgh")) {
		t.Error("a marker is not told from a line")
	}
}

// A kill amid a rotation leaves a gap among the backups: what is behind it is read all the same, the oldest first.
func TestFilesBehindGap(t *testing.T) {
	s := &site{file: filepath.Join(t.TempDir(), "log")}
	for _, n := range []int{0, 1, 2, 10, 11} {
		if err := os.WriteFile(s.backup(n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.file+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{s.backup(11), s.backup(10), s.backup(2), s.backup(1), s.file}
	if got := s.files(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
