package rotate

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names knows what backups of one file are called. It is never changed.
type names struct {
	base   string // absolute
	namer  func(string) string
	sched  schedule // nil if the clock does not rotate
	shifts bool
	exts   []string // that compressed backups may have
}

func newNames(base string, o *Options, s schedule) *names {
	n := &names{base: base, namer: o.Namer, sched: s, shifts: o.shifts()}
	if o.Compress != nil {
		for _, ext := range []string{o.Compress.Ext(), ".gz", ".zst"} {
			if !slices.Contains(n.exts, ext) {
				n.exts = append(n.exts, ext)
			}
		}
	}
	return n
}

// check reports what is wrong with a Namer, before it does harm.
func (n *names) check() (err error) {
	if n.namer == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("Options.Namer: panic: %v", v)
		}
	}()
	a, b := n.numbered(1), n.numbered(2)
	if n.sched != nil {
		now := time.Unix(1700000000, 0)
		due := n.sched.next(now)
		a, b = n.stamped(n.sched.stamp(due, now), 0), n.stamped(n.sched.stamp(due, now), 1)
	}
	for _, name := range []string{a, b} {
		switch {
		case name == "" || name == n.base || name == n.base+".lock":
			return fmt.Errorf("Options.Namer gives the name %q to a backup of %q", name, n.base)
		case !filepath.IsAbs(name):
			return fmt.Errorf("Options.Namer gives a backup the name %q, which is not absolute", name)
		case n.sched != nil && filepath.Dir(name) != filepath.Dir(n.base):
			return fmt.Errorf("Options.Namer moves a backup to %q: where the clock rotates it has to stay in its directory", name)
		}
	}
	if a == b {
		return fmt.Errorf("Options.Namer gives two backups the name %q: it has to keep their numbers and times", a)
	}
	return nil
}

// A backup is a file that was rotated away.
type backup struct {
	path  string // as it is on the disk
	plain string // without the codec's ext
	ext   string // of the codec, "" for none
	stamp string // the time that it bears, "" for none
	n     int    // its number, 0 for none
	info  fs.FileInfo
}

// numbered returns the name of backup i.
func (n *names) numbered(i int) string { return n.named(n.base + "." + strconv.Itoa(i)) }

// stamped returns the name of the backup of a time, the i-th of more than one if i
// is not 0.
func (n *names) stamped(stamp string, i int) string {
	name := n.base + "." + stamp
	if i > 0 {
		name += "." + strconv.Itoa(i)
	}
	return n.named(name)
}

func (n *names) named(name string) string {
	if n.namer == nil {
		return name
	}
	return n.namer(name)
}

// dir returns the directory of the backups. A Namer may move them.
func (n *names) dir() string {
	if n.sched != nil {
		return filepath.Dir(n.base)
	}
	return filepath.Dir(n.numbered(1))
}

// list returns the backups, the oldest first. Directories and the like are none.
func (n *names) list() ([]backup, error) {
	found, _, err := n.scan()
	return found, err
}

// scan is list, and returns as well the names of what compressions have begun.
func (n *names) scan() (found []backup, begun []string, err error) {
	dir := n.dir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.Type().IsRegular() {
			continue
		}
		if n.isBegun(path) {
			begun = append(begun, path)
			continue
		}
		b, ok := n.parse(path)
		if !ok {
			continue
		}
		if b.info, err = e.Info(); err == nil { // else it is gone
			found = append(found, b)
		}
	}
	slices.SortFunc(found, n.older)
	return found, begun, nil
}

// begunExt is what the name of a compressed backup ends in that is not complete.
const begunExt = ".tmp"

// isBegun reports whether path is the name of a compressed backup that is not complete.
func (n *names) isBegun(path string) bool {
	whole, ok := strings.CutSuffix(path, begunExt)
	if !ok {
		return false
	}
	b, ok := n.parse(whole)
	return ok && b.ext != ""
}

// A slot has the backup of one number or time, plain, or compressed, or both after a
// process was killed between the two.
type slot struct {
	plain string // its name
	files []backup
}

// slots returns what scan does, by slots.
func (n *names) slots() (all []slot, begun []string, err error) {
	found, begun, err := n.scan()
	for _, b := range found {
		if len(all) == 0 || all[len(all)-1].plain != b.plain {
			all = append(all, slot{plain: b.plain})
		}
		last := &all[len(all)-1]
		last.files = append(last.files, b)
	}
	return all, begun, err
}

// older orders backups, the oldest first.
func (n *names) older(a, b backup) int {
	if n.shifts {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.ext, b.ext))
	}
	return cmp.Or(strings.Compare(a.stamp, b.stamp), cmp.Compare(a.n, b.n), cmp.Compare(a.ext, b.ext))
}

// parse reports whether path is the name of a backup, and of which.
func (n *names) parse(path string) (backup, bool) {
	if path == n.base {
		return backup{}, false
	}
	for _, ext := range append([]string{""}, n.exts...) {
		plain, ok := strings.CutSuffix(path, ext)
		if !ok {
			continue
		}
		if b, ok := n.parsePlain(plain); ok {
			b.path, b.plain, b.ext = path, plain, ext
			return b, true
		}
	}
	return backup{}, false
}

func (n *names) parsePlain(plain string) (backup, bool) {
	if n.namer == nil {
		rest, ok := strings.CutPrefix(plain, n.base+".")
		if !ok {
			return backup{}, false
		}
		return n.parseSuffix(rest)
	}
	if n.sched == nil {
		for _, at := range digits(plain) {
			if i, ok := number(plain[at[0]:at[1]]); ok && n.numbered(i) == plain {
				return backup{n: i}, true
			}
		}
		return backup{}, false
	}
	for _, at := range n.sched.findStamps(plain) {
		stamp := plain[at[0]:at[1]]
		if n.stamped(stamp, 0) == plain {
			return backup{stamp: stamp}, true
		}
		for _, d := range digits(plain) {
			if i, ok := number(plain[d[0]:d[1]]); ok && n.stamped(stamp, i) == plain {
				return backup{stamp: stamp, n: i}, true
			}
		}
	}
	return backup{}, false
}

// parseSuffix parses what stands after the file's own name and a dot.
func (n *names) parseSuffix(s string) (backup, bool) {
	if n.sched == nil {
		i, ok := number(s)
		return backup{n: i}, ok
	}
	if n.sched.isStamp(s) {
		return backup{stamp: s}, true
	}
	if dot := strings.LastIndexByte(s, '.'); dot > 0 && n.sched.isStamp(s[:dot]) {
		i, ok := number(s[dot+1:])
		return backup{stamp: s[:dot], n: i}, ok
	}
	return backup{}, false
}

// maxNumber leaves room for those that follow.
const maxNumber = math.MaxInt / 2

// number parses a backup's number as strconv.Itoa prints it.
func number(s string) (int, bool) {
	i, err := strconv.Atoi(s)
	return i, err == nil && i > 0 && i <= maxNumber && strconv.Itoa(i) == s
}

// digits returns where in s runs of digits stand, the last one first: a number is
// rather at the end.
func digits(s string) (found [][2]int) {
	for end := len(s); end > 0; {
		if !isDigit(s[end-1]) {
			end--
			continue
		}
		start := end
		for start > 0 && isDigit(s[start-1]) {
			start--
		}
		found = append(found, [2]int{start, end})
		end = start
	}
	return found
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
