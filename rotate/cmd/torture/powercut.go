//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// powercut takes the power from a disk while it is written to: an ext4 in a file,
// which is told to forget all that it has not on the disk. What Durable has
// acknowledged must be there afterwards; of what Direct has, some must not, or this
// proves nothing.
func powercut(r *run) error {
	if err := needs("root", "mkfs.ext4", "mount", "umount"); err != nil {
		return err
	}
	var errs []error
	for _, shared := range []bool{false, true} {
		if err := r.powercuts(r.pick(3, 50), 2, shared); err != nil {
			errs = append(errs, fmt.Errorf("durable, shared %t: %w", shared, err))
		}
	}
	err := r.powercuts(1, 0, false)
	if !errors.Is(err, errBroken) {
		errs = append(errs, fmt.Errorf("control: Direct has to lose lines, but: %w", orNone(err)))
	} else {
		text, _, _ := strings.Cut(err.Error(), "\n")
		r.logf("control: Direct loses lines: %s", text)
	}
	return errors.Join(errs...)
}

// A disk is an ext4 in a file.
type disk struct{ image, dir string }

func (r *run) disk() (*disk, error) {
	r.dirs++
	d := &disk{filepath.Join(r.dir, fmt.Sprint("disk", r.dirs)), filepath.Join(r.dir, fmt.Sprint("mount", r.dirs))}
	f, err := os.Create(d.image)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Truncate(256<<20), f.Close(), os.Mkdir(d.dir, 0o777)); err != nil {
		return nil, err
	}
	return d, command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", d.image)
}

func command(args ...string) error {
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return nil
}

func (d *disk) mount() error {
	if err := command("mount", "-o", "loop", d.image, d.dir); err != nil {
		return errMissing{"loop mounts: " + err.Error()}
	}
	return nil
}

func (d *disk) unmount() error { return command("umount", d.dir) }

// cut takes the power away.
func (d *disk) cut() error {
	const (
		shutdown   = 0x8004587d // FS_IOC_SHUTDOWN
		noLogFlush = 2          // not even the journal
	)
	f, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.IoctlSetPointerInt(int(f.Fd()), shutdown, noLogFlush)
}

func (r *run) powercuts(cuts, durability int, shared bool) error {
	d, err := r.disk()
	if err != nil {
		return err
	}
	defer os.Remove(d.image)
	if err := d.mount(); err != nil {
		return err
	}
	defer func() { _ = d.unmount() }()
	s, err := r.siteIn(filepath.Join(d.dir, "log"))
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Dir(s.acks))
	if err := command("sync", "-f", d.dir); err != nil { // the directory, which is ours
		return err
	}
	for i := range cuts {
		if err := r.cutOnce(d, s, i, durability, shared); err != nil {
			return err
		}
	}
	backups := s.backups()
	// Off the disk, to see that it is readable as well.
	copied := *s
	copied.dir = filepath.Join(filepath.Dir(s.acks), "copy")
	if err := copyAll(s.dir, copied.dir); err != nil {
		return err
	}
	report, err := copied.verify("-doubtful", "-torn", strconv.Itoa(cuts))
	if err != nil {
		return err
	}
	t := report.Total()
	r.logf("shared %t: %d power cuts; %d lines were acknowledged, %d are there, %d pieces; %d backups", shared, cuts, t.Acked, report.Lines, report.Torn, backups)
	return errorsOf(atLeast("acknowledged lines", int(t.Acked), cuts*50), atLeast("backups", backups, cuts))
}

// cutOnce writes, cuts, and mounts again.
func (r *run) cutOnce(d *disk, s *site, round, durability int, shared bool) error {
	before := s.acked()
	writers := 1
	if shared {
		writers = 2
	}
	defer func() { killAll(s.all) }() // or the disk is busy
	for i := range writers {
		o := s.options(fmt.Sprintf("r%dw%d", round, i))
		o.shared, o.durability, o.goroutines, o.maxBytes = shared, durability, 8, 8<<10
		if durability == 0 {
			o.pause = time.Millisecond
		}
		if _, err := s.start(r.self, o); err != nil {
			return err
		}
	}
	if err := r.waitFor("lines", 20*time.Second, func() bool { return s.acked() > before+200 }); err != nil {
		return err
	}
	time.Sleep(r.between(0, 200*time.Millisecond))
	// A power cut ends the processes too. Here they live on for a moment, and a sync that
	// is under way may say that it has worked though its journal is gone: what counts is
	// what they said before.
	acks, err := readAll(s.acks)
	if err != nil {
		return err
	}
	if err := d.cut(); err != nil {
		return err
	}
	killAll(s.all)
	return errors.Join(writeAll(acks), d.unmount(), d.mount())
}

// readAll reads all files of a directory.
func readAll(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	files := map[string][]byte{}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		b, readErr := os.ReadFile(name)
		err = errors.Join(err, readErr)
		files[name] = b
	}
	return files, err
}

func writeAll(files map[string][]byte) (err error) {
	for name, b := range files {
		err = errors.Join(err, os.WriteFile(name, b, 0o666))
	}
	return err
}

func copyAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	err = os.Mkdir(to, 0o777)
	for _, e := range entries {
		err = errors.Join(err, copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())))
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
