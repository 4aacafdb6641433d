package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fsnotify/fsnotify"
)

// A notifier tells that a file may have changed. It is a hint: what it misses is
// found when the file is looked at the next time.
type notifier interface {
	changed() <-chan struct{} // one value for any number of changes
	follow()                  // look again where the path leads
	close()                   // end, and wait for the end
}

// newNotifier returns a notifier by means of the system, or one that never
// tells anything where there is none, as when too many files are watched.
func newNotifier(path string) notifier {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return noNotifier{}
	}
	n := &fileNotifier{path: path, watcher: w, hint: make(chan struct{}, 1)}
	n.follow()
	n.done.Go(n.run)
	return n
}

type noNotifier struct{}

func (noNotifier) changed() <-chan struct{} { return nil }
func (noNotifier) follow()                  {}
func (noNotifier) close()                   {}

// A fileNotifier watches the directories in which something has to change for
// path to have another text: watching the file itself would end when it is
// replaced.
type fileNotifier struct {
	path    string
	watcher *fsnotify.Watcher
	hint    chan struct{}
	names   atomic.Pointer[[]string] // linksOf(path) when it was asked last
	done    sync.WaitGroup
}

func (n *fileNotifier) changed() <-chan struct{} { return n.hint }

func (n *fileNotifier) close() {
	n.watcher.Close()
	n.done.Wait()
}

// follow watches the directory of each name that the path goes through by
// symbolic links, and no other.
func (n *fileNotifier) follow() {
	names := linksOf(n.path)
	n.names.Store(&names)
	dirs := map[string]bool{}
	for _, name := range names {
		dirs[filepath.Dir(name)] = true
	}
	for _, dir := range n.watcher.WatchList() {
		if !dirs[dir] {
			n.watcher.Remove(dir)
		}
	}
	for dir := range dirs {
		n.watcher.Add(dir) // one that is gone is added when it is back
	}
}

// run passes hints on until the watcher is closed.
func (n *fileNotifier) run() {
	events, errs := n.watcher.Events, n.watcher.Errors
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
			} else if n.counts(e) {
				n.tell()
			}
		case _, ok := <-errs: // as an overflow: anything may have changed
			if !ok {
				errs = nil
			} else {
				n.tell()
			}
		}
	}
}

// counts reports whether an event may be a change: there may be others in the
// directory that change all the time, as logs do.
func (n *fileNotifier) counts(e fsnotify.Event) bool {
	same := func(name string) bool { return strings.EqualFold(name, filepath.Clean(e.Name)) }
	return e.Op != fsnotify.Chmod && slices.ContainsFunc(*n.names.Load(), same)
}

func (n *fileNotifier) tell() {
	select {
	case n.hint <- struct{}{}:
	default:
	}
}

// maxLinks is how many symbolic links a path goes through at most.
const maxLinks = 40

// linksOf returns the names that decide what a path leads to: each symbolic link on
// the way, and the last name, which need not be there.
func linksOf(path string) (names []string) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	for range maxLinks {
		link, rest := firstLink(path)
		if link == "" {
			break
		}
		names = append(names, link)
		target, err := os.Readlink(link)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		path = filepath.Join(target, rest)
	}
	return append(names, path)
}

// firstLink returns the first symbolic link that an absolute path goes through,
// "" if none, and what of the path follows it.
func firstLink(path string) (link, rest string) {
	for i := len(filepath.VolumeName(path)) + 1; i <= len(path); i++ {
		if i < len(path) && !os.IsPathSeparator(path[i]) {
			continue
		}
		if info, err := os.Lstat(path[:i]); err == nil && info.Mode()&os.ModeSymlink != 0 {
			return path[:i], path[i:]
		}
	}
	return "", ""
}
