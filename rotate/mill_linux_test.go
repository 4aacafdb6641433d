package rotate

import (
	"fmt"
	"math/rand/v2"
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
			synctest.Wait()
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
		unavailable(t, "to give a file away needs root: %v", err)
	}
	m.run()
	var st unix.Stat_t
	must(t, unix.Stat(m.base+".1.gz", &st))
	if st.Uid != 1234 || st.Gid != 2345 || st.Mode&0o777 != 0o640 {
		t.Errorf("it belongs to %d, %d, and has mode %o", st.Uid, st.Gid, st.Mode)
	}
}

// A disk that is full is told once, the plain backup stays, and nothing half done.
func TestCompressDiskFull(t *testing.T) {
	dir := smallDisk(t, 256<<10)
	synctest.Test(t, func(t *testing.T) {
		m := newMilledIn(t, dir, Options{Upward: true, Compress: Gzip})
		one, two := noise(60<<10), noise(61<<10)
		m.put("app.log.1", one)
		m.put("app.log.2", two)
		ballast := filepath.Join(dir, "ballast")
		f, err := os.Create(ballast)
		must(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		must(t, f.Truncate(100<<10))
		must(t, f.Close())
		for range 5 {
			m.run()
			time.Sleep(lastHold)
			synctest.Wait()
		}
		got := files(t, dir)
		delete(got, "ballast")
		if want := map[string]string{"app.log.1": one, "app.log.2": two}; brief(got) != brief(want) {
			t.Errorf("there are %s, want %s", brief(got), brief(want))
		}
		if got := m.errors(); strings.Count(got, "no space left") != 1 {
			t.Errorf("reported %q", got)
		}
		must(t, os.Remove(ballast))
		time.Sleep(lastHold)
		synctest.Wait()
		m.check(map[string]string{"app.log.1.gz": one, "app.log.2.gz": two})
	})
}

func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
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
		unavailable(t, "a file that can't be deleted needs root, and a file system with attributes: %v", err)
	}
	stop = func() { _ = set(false) }
	t.Cleanup(stop)
	return stop
}

// smallDisk mounts a file system of a size.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		unavailable(t, "a small file system needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
