//go:build linux

package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the conductor wants of a writer is what the writer reads from its flags.
func TestArgs(t *testing.T) {
	want := writeOptions{name: "/tmp/a b", writer: "w", lines: 7, size: 120, sizeMax: 9000, maxBytes: 1 << 40, backups: 3,
		shared: true, upward: true, gzip: true, durability: 2, lock: 1, lockWait: time.Minute, acks: "acks", ack: "each",
		pause: time.Microsecond, goroutines: 8, wrong: "split"}
	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s is not tried", v.Type().Field(i).Name)
		}
	}
	var got writeOptions
	f := flag.NewFlagSet("write", flag.ContinueOnError)
	got.define(f)
	if err := f.Parse(want.args()[1:]); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func TestSizeOf(t *testing.T) {
	o := writeOptions{size: 100, sizeMax: 200}
	seen := map[int]bool{}
	for seq := range uint64(1000) {
		n := o.sizeOf(seq)
		if n < 100 || n > 200 {
			t.Fatalf("line %d has %d bytes", seq, n)
		}
		seen[n] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d sizes", len(seen))
	}
}

// Who holds a lock is seen.
func TestLockOf(t *testing.T) {
	name := t.TempDir() + "/lock"
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for how, want := range map[int]string{syscall.LOCK_SH: "READ", syscall.LOCK_EX: "WRITE", syscall.LOCK_UN: ""} {
		if err := syscall.Flock(int(f.Fd()), how); err != nil {
			t.Fatal(err)
		}
		if got := lockOf(os.Getpid(), name); got != want {
			t.Errorf("flock %d is seen as %q, want %q", how, got, want)
		}
	}
}

func TestConductRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"nonsense":  `no scenario is called "nonsense"`,
		"-nonsense": "not defined",
	} {
		var out bytes.Buffer
		if code := conduct(context.Background(), strings.Fields(args), &out); code != 2 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exits with %d: %s", args, code, &out)
		}
	}
}
