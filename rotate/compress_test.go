package rotate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A compressed backup has the content, the permissions and the times of the plain one.
func TestCompress(t *testing.T) {
	m := newMilled(t, Options{Upward: true, Compress: Gzip})
	want := map[string]string{}
	at := time.Unix(1.6e9, 123456000)
	for i, text := range []string{"", "a\n", strings.Repeat("lines\n", 100_000), string(make([]byte, 3*pieceSize))} {
		name := fmt.Sprintf("app.log.%d", i+1)
		m.putAt(name, text, at)
		want[name+".gz"] = text
		must(t, os.Chmod(filepath.Join(filepath.Dir(m.base), name), 0o604))
	}
	m.run()
	m.check(want)
	if got := m.errors(); got != "" {
		t.Error(got)
	}
	for name := range want {
		st, err := os.Stat(filepath.Join(filepath.Dir(m.base), name))
		must(t, err)
		if st.Mode() != 0o604 || !st.ModTime().Equal(at) {
			t.Errorf("%s has mode %v and time %v", name, st.Mode(), st.ModTime())
		}
	}
}

// A backup that a rotation renames while it is compressed gets its compressed file
// where it is by then; one that is deleted, none.
func TestCompressWhileShifted(t *testing.T) {
	var m *milled
	rename := func(from, to string) {
		must(t, os.Rename(m.base+from, m.base+to))
	}
	pieces := 0
	codec := testCodec{Gzip, func([]byte) error {
		switch pieces++; pieces {
		case 1: // of c, which is .3
			must(t, os.Remove(m.base+".3"))
			rename(".2", ".3")
			rename(".1", ".2")
		case 2: // of b, which is .3 by now, or of its old name
			rename(".3", ".4")
			rename(".2", ".3")
		}
		return nil
	}}
	m = newMilled(t, Options{MaxBytes: 10, BackupCount: 3, Compress: codec})
	m.put("app.log.1", "a")
	m.put("app.log.2", "b")
	m.put("app.log.3", "c")
	m.run()
	m.check(map[string]string{"app.log.3.gz": "a", "app.log.4.gz": "b"})
	if got := m.errors(); got != "" {
		t.Error(got)
	}
}

// A backup that is written to while it is compressed is compressed again.
func TestCompressWhileWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *milled
		pieces := 0
		codec := testCodec{Gzip, func([]byte) error {
			if pieces++; pieces == 1 {
				appendTo(t, m.base+".1", "b")
			}
			return nil
		}}
		m = newMilled(t, Options{Upward: true, Compress: codec})
		m.put("app.log.1", "a")
		m.run()
		m.check(map[string]string{"app.log.1": "ab"})
		time.Sleep(firstHold)
		synctest.Wait()
		m.check(map[string]string{"app.log.1.gz": "ab"})
		if got := m.errors(); got != "" {
			t.Error(got)
		}
	})
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, errors.Join(err, f.Close()))
}

// steps are what a compression does, one after another.
var steps = []struct {
	name string
	do   func(*compression) error
}{
	{"create", (*compression).create},
	{"half", func(c *compression) error { _, err := c.out.Write([]byte("\x1f\x8b\x08")); return err }},
	{"fill", func(c *compression) error {
		if _, err := c.out.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return c.fill()
	}},
	{"publish", func(c *compression) error { return c.follow(c.publish) }},
	{"drop", func(c *compression) error { return c.follow(c.dropPlain) }},
}

// begin does the first n steps of compressing app.log.1.
func (m *milled) begin(n int) *compression {
	m.t.Helper()
	slots, _, err := m.names.slots()
	must(m.t, err)
	c := &compression{m: m.mill, codec: Gzip, ext: ".gz", path: slots[0].plain}
	must(m.t, c.open(slots[0].files[0]))
	for _, s := range steps[:n] {
		must(m.t, s.do(c))
	}
	return c
}

// After a kill between any two steps the backup is there, and the next process makes
// of it what there would be without the kill.
func TestCompressKilled(t *testing.T) {
	text := strings.Repeat("line\n", 10_000)
	for n := range len(steps) + 1 {
		for _, shared := range []bool{false, true} {
			if shared && canShare() != nil {
				continue
			}
			o := Options{Upward: true, Compress: Gzip, Shared: shared}
			m := newMilled(t, o)
			m.putAt("app.log.1", text, time.Unix(1.6e9, 0))
			c := m.begin(n)
			c.closeFiles() // as the system does
			if got := files(t, filepath.Dir(m.base)); got["app.log.1"] != text && got["app.log.1.gz"] != text {
				t.Errorf("after %d steps the backup is not there: %s", n, brief(got))
			}
			next := newMilledIn(t, filepath.Dir(m.base), o)
			next.run()
			next.check(map[string]string{"app.log.1.gz": text})
			if got := next.errors(); got != "" {
				t.Errorf("after %d steps: %s", n, got)
			}
		}
	}
}

// What happens to the backup between two steps is seen by the next one.
func TestCompressBetweenSteps(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(m *milled)
		want [2]map[string]string // after fill, after publish
	}{
		{"written", func(m *milled) { appendTo(m.t, m.base+".1", "b") },
			[2]map[string]string{{"app.log.1": "ab"}, {"app.log.1": "ab"}}},
		{"ended in its middle", func(m *milled) { m.put("app.log.1", "\n") },
			[2]map[string]string{{"app.log.1": "\n"}, {"app.log.1": "\n"}}},
		{"renamed", func(m *milled) {
			must(m.t, os.Rename(m.base+".1", m.base+".2"))
			if err := os.Rename(m.base+".1.gz", m.base+".2.gz"); !isMissing(err) {
				must(m.t, err)
			}
		}, [2]map[string]string{{"app.log.2.gz": "a"}, {"app.log.2.gz": "a"}}},
		{"deleted", func(m *milled) { must(m.t, os.Remove(m.base+".1")) },
			[2]map[string]string{{}, {"app.log.1.gz": "a"}}},
		{"replaced", func(m *milled) { must(m.t, os.Remove(m.base+".1")); m.put("x", ""); m.put("app.log.1", "a") },
			[2]map[string]string{{"app.log.1": "a", "x": ""}, {"app.log.1": "a", "app.log.1.gz": "a", "x": ""}}},
		{"compressed by another", func(m *milled) { m.put("app.log.1.gz", "other") },
			[2]map[string]string{{"app.log.1": "a", "app.log.1.gz": "other"}, nil}},
		{"compressed one deleted", func(m *milled) { os.Remove(m.base + ".1.gz") },
			[2]map[string]string{{"app.log.1.gz": "a"}, {"app.log.1": "a"}}},
		{"temporary one deleted", func(m *milled) { os.Remove(m.base + ".1.gz.tmp") },
			[2]map[string]string{{"app.log.1": "a"}, {"app.log.1.gz": "a"}}},
		{"temporary one replaced", func(m *milled) {
			if os.Remove(m.base+".1.gz.tmp") == nil {
				m.put("app.log.1.gz.tmp", "other")
			}
		}, [2]map[string]string{{"app.log.1": "a"}, {"app.log.1.gz": "a"}}},
	} {
		for i, n := range []int{3, 4} {
			m := newMilled(t, Options{Upward: true, Compress: Gzip})
			m.putAt("app.log.1", "a", time.Unix(1.6e9, 0))
			k := m.begin(n)
			c.do(m)
			var err error
			if n == 3 {
				err = k.finish()
			} else {
				err = k.follow(k.dropPlain)
			}
			k.close()
			if c.want[i] == nil {
				continue
			}
			if got := files(t, filepath.Dir(m.base)); brief(got) != brief(c.want[i]) {
				t.Errorf("%s after step %d: there are %s, want %s (%v)", c.name, n, brief(got), brief(c.want[i]), err)
			}
		}
	}
}

// A backup that ends sooner than it was long is not taken for whole.
func TestCompressCutOff(t *testing.T) {
	m := newMilled(t, Options{Upward: true, Compress: Gzip})
	m.put("app.log.1", "text")
	c := m.begin(1)
	defer c.close()
	must(t, os.Truncate(m.base+".1", 2))
	if err := c.fill(); !errors.Is(err, errChanged) {
		t.Errorf("it ends with %v", err)
	}
}

// Between two backups it is looked whether a rotation has made others superfluous.
func TestCompressSuperfluous(t *testing.T) {
	var m *milled
	var texts []string
	codec := testCodec{Gzip, func(p []byte) error {
		if texts = append(texts, string(p)); len(texts) == 1 {
			m.put("app.log.4", "d")
			m.put("app.log.5", "e")
			m.mill.rotated()
		}
		return nil
	}}
	m = newMilled(t, Options{Upward: true, Compress: codec, BackupCount: 3})
	m.put("app.log.1", "a")
	m.put("app.log.2", "b")
	m.put("app.log.3", "c")
	m.run()
	m.check(map[string]string{"app.log.3.gz": "c", "app.log.4.gz": "d", "app.log.5.gz": "e"})
	if got := strings.Join(texts, ""); got != "acde" {
		t.Errorf("compressed %s", got)
	}
}

// One temporary file never has two makers, however many try to get at it.
func TestBegunIsAlone(t *testing.T) {
	if canShare() != nil {
		t.Skip(canShare())
	}
	path := filepath.Join(t.TempDir(), "x.tmp")
	var makers, made atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 3000 {
				f, err := createBegun(path)
				if errors.Is(err, errLater) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if made.Add(1); makers.Add(1) != 1 {
					t.Error("two at once")
				}
				runtime.Gosched()
				makers.Add(-1)
				if made.Load()%2 == 0 { // else its process was killed
					os.Remove(path)
				}
				f.Close()
			}
		})
	}
	all.Wait()
	if made.Load() < 10 {
		t.Errorf("made %d only", made.Load())
	}
}

// If the plain and the compressed one differ, nobody knows which one is right: both
// stay, and that is told once.
func TestTidyDiffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var whole bytes.Buffer
		w, err := Gzip.NewWriter(&whole)
		must(t, err)
		_, err = w.Write([]byte("text\n"))
		must(t, errors.Join(err, w.Close()))
		packed := map[string]string{".gz": "text", ".zst": whole.String()}
		for n := range whole.Len() { // cut off
			packed[fmt.Sprintf("%d.gz", n)] = whole.String()[:n]
		}
		packed["more.gz"] = whole.String() + whole.String()
		packed["waste.gz"] = whole.String() + "x"
		for name, text := range packed {
			ext := filepath.Ext(name)
			m := newMilled(t, Options{Upward: true, Compress: Gzip})
			m.put("app.log.1", "text\n")
			m.put("app.log.2", "next\n")
			m.put("app.log.1"+ext, text)
			for range 3 {
				m.run()
				time.Sleep(time.Hour)
				synctest.Wait()
			}
			plain, err := os.ReadFile(m.base + ".1")
			if err != nil || string(plain) != "text\n" {
				t.Errorf("%s: the plain one is %q, %v", name, plain, err)
			}
			if there, err := os.ReadFile(m.base + ".1" + ext); err != nil || string(there) != text {
				t.Errorf("%s: the compressed one is %q, %v", name, there, err)
			}
			if got := m.errors(); strings.Count(got, "app.log.1\"") != 1 {
				t.Errorf("%s: reported %q", name, got)
			}
			if _, err := os.Stat(m.base + ".2.gz"); err != nil {
				t.Errorf("%s: the other backup: %v", name, err)
			}
			m.mill.close()
		}
	})
}

// Two that differ are compared once, and not each time: they may be large.
func TestTidyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		codec := &readCodec{Codec: Gzip}
		m := newMilled(t, Options{Upward: true, Compress: codec})
		m.put("app.log.1", "a")
		m.put("app.log.1.gz", "b")
		for range 3 {
			m.run()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		if codec.readers != 1 {
			t.Errorf("compared %d times", codec.readers)
		}
	})
}

type readCodec struct {
	Codec
	readers int
}

func (c *readCodec) NewReader(r io.Reader) (io.ReadCloser, error) {
	c.readers++
	return c.Codec.NewReader(r)
}

// In Shared mode a backup is not read before its time would tell of another write.
func TestCompressSettles(t *testing.T) {
	if canShare() != nil {
		t.Skip(canShare())
	}
	for _, c := range []struct {
		shared bool
		age    time.Duration
		want   time.Duration
	}{{true, 0, settled}, {true, -time.Hour, settled}, {true, time.Second, 0}, {false, 0, 0}} {
		synctest.Test(t, func(t *testing.T) {
			m := newMilled(t, Options{Upward: true, Compress: Gzip, Shared: c.shared})
			m.putAt("app.log.1", "a", time.Now().Add(-c.age))
			begin := time.Now()
			m.begin(0).close()
			if got := time.Since(begin); got != c.want {
				t.Errorf("shared %t, %v old: waited %v, want %v", c.shared, c.age, got, c.want)
			}
		})
	}
}

// A temporary file that somebody has locked is being written: it is left alone, until
// it no longer is.
func TestCompressByAnother(t *testing.T) {
	if canShare() != nil {
		t.Skip(canShare())
	}
	synctest.Test(t, func(t *testing.T) {
		m := newMilled(t, Options{Upward: true, Compress: Gzip})
		m.put("app.log.1", "a")
		m.put("app.log.2", "b")
		other, err := os.Open(m.put("app.log.1.gz.tmp", "half"))
		must(t, err)
		if ok, err := tryFlock(other, lockAlone); !ok || err != nil {
			t.Fatal("no lock: ", err)
		}
		m.run()
		m.check(map[string]string{"app.log.1": "a", "app.log.1.gz.tmp": "half", "app.log.2.gz": "b"})
		must(t, other.Close())
		time.Sleep(firstHold)
		synctest.Wait()
		m.check(map[string]string{"app.log.1.gz": "a", "app.log.2.gz": "b"})
		if got := m.errors(); got != "" {
			t.Error(got)
		}
	})
}

// While somebody holds the lock, or writes to a backup without it, nothing is done; that
// is put off, and no error.
func TestMillPutsOff(t *testing.T) {
	if canShare() != nil {
		t.Skip(canShare())
	}
	for _, held := range []string{"app.log.lock", "app.log.1", "app.log.2"} {
		synctest.Test(t, func(t *testing.T) {
			m := newMilled(t, Options{Upward: true, Compress: Gzip, BackupCount: 1, Shared: true})
			m.put("app.log.lock", "")
			m.put("app.log.1", "a")
			m.put("app.log.2", "b")
			other, err := os.Open(filepath.Join(filepath.Dir(m.base), held))
			must(t, err)
			if ok, err := tryFlock(other, lockTogether); !ok || err != nil {
				t.Fatal("no lock: ", err)
			}
			m.run()
			if _, err := os.Stat(m.base + ".1"); (err == nil) != (held != "app.log.2") {
				t.Errorf("%s is held, and the first: %v", held, err)
			}
			if _, err := os.Stat(m.base + ".2"); (err == nil) != (held != "app.log.1") {
				t.Errorf("%s is held, and the second: %v", held, err)
			}
			if held == "app.log.lock" && m.Stats().PutOff == 0 {
				t.Error("nothing counts as put off")
			}
			must(t, other.Close())
			time.Sleep(4 * firstHold)
			synctest.Wait()
			m.check(map[string]string{"app.log.2.gz": "b"})
			if got := m.errors(); got != "" {
				t.Error(got)
			}
		})
	}
}

// An extension that would put the compressed file elsewhere, or in the plain one's place, is refused.
func TestCompressExt(t *testing.T) {
	for _, ext := range []string{"", "gz", "/gz", "./gz", "/../gz"} {
		_, err := Open(filepath.Join(t.TempDir(), "app.log"), Options{Upward: true, Compress: extCodec{Gzip, ext}})
		if err == nil || !strings.Contains(err.Error(), "Options.Compress: the extension "+strconv.Quote(ext)) {
			t.Errorf("%q: %v", ext, err)
		}
	}
}

type extCodec struct {
	Codec
	ext string
}

func (c extCodec) Ext() string { return c.ext }
