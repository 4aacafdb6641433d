package rotate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// What can't be deleted is reported once, and does not keep the rest.
func TestRetentionFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMilled(t, Options{Upward: true, BackupCount: 1})
		m.put("app.log.1", "a")
		m.put("app.log.2", "b")
		m.put("app.log.3", "c")
		stop := refuseDeletion(t, filepath.Join(filepath.Dir(m.base), "app.log.1"))
		for range 5 {
			m.run()
			time.Sleep(time.Hour)
		}
		m.check(map[string]string{"app.log.1": "a", "app.log.3": "c"})
		if got := m.errors(); strings.Count(got, "app.log.1") != 1 {
			t.Errorf("reported %q", got)
		}
		stop()
		time.Sleep(lastHold)
		synctest.Wait()
		m.check(map[string]string{"app.log.3": "c"})
	})
}

// A compressed backup belongs to whom the plain one did.
func TestCompressOwner(t *testing.T) {
	m := newMilled(t, Options{Upward: true, Compress: Gzip})
	if err := os.Chown(m.put("app.log.1", "a"), 1234, 2345); err != nil {
		skipOrFail(t, "to give a file away needs root: "+err.Error())
	}
	m.run()
	var st unix.Stat_t
	must(t, unix.Stat(m.base+".1.gz", &st))
	if st.Uid != 1234 || st.Gid != 2345 || st.Mode&0o777 != 0o640 {
		t.Errorf("it belongs to %d, %d, and has mode %o", st.Uid, st.Gid, st.Mode)
	}
}

// fsImmutable is FS_IMMUTABLE_FL.
const fsImmutable = 0x10

// refuseDeletion has the system refuse to delete a file until stop is called.
func refuseDeletion(t *testing.T, path string) (stop func()) {
	t.Helper()
	set := func(on bool) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		if err != nil {
			return err
		}
		flags &^= fsImmutable
		if on {
			flags |= fsImmutable
		}
		return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
	}
	if err := set(true); err != nil {
		skipOrFail(t, "a file that can't be deleted needs root, and a file system with attributes: "+err.Error())
	}
	stop = func() { _ = set(false) }
	t.Cleanup(stop)
	return stop
}

// skipOrFail skips a test that can't be run here, and fails it where it has to run.
func skipOrFail(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("REQUIRE_TOOLS") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason + "; with REQUIRE_TOOLS=1 this fails")
}

// smallDisk mounts a file system of a size.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		skipOrFail(t, "a small file system needs root: "+err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
