package formatters

import (
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
)

// A site is where a record was made. It is immutable.
type site struct {
	pathname, filename, module, funcName string
	function                             string // with its package, as package runtime has it
	place                                string // pathname:line, quoted if it needs that
	source                               string // the members of slog's source in JSON
	safe                                 bool   // none of the texts has anything to escape
	line                                 int
}

// siteTable holds the sites seen so far: a hash table of lists that only
// grow, by at most one entry for each call site of the program.
type siteTable [1024]atomic.Pointer[siteEntry]

type siteEntry struct {
	pc   uintptr
	site site
	next *siteEntry
}

var sites siteTable

var noSite site

// get returns the site of pc. A pc of no function has none that is kept.
func (t *siteTable) get(pc uintptr) *site {
	if pc == 0 {
		return &noSite
	}
	list := &t[uint64(pc)*0x9E3779B97F4A7C15>>54]
	first := list.Load()
	for e := first; e != nil; e = e.next {
		if e.pc == pc {
			return &e.site
		}
	}
	return addSite(list, first, pc)
}

func addSite(list *atomic.Pointer[siteEntry], first *siteEntry, pc uintptr) *site {
	e := &siteEntry{pc: pc, site: lookUpSite(pc), next: first}
	if e.site.pathname != "" {
		// If another goroutine was first, the next record of this site tries again.
		list.CompareAndSwap(first, e)
	}
	return &e.site
}

func lookUpSite(pc uintptr) site {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	filename := baseName(frame.File)
	s := site{
		pathname: frame.File,
		filename: filename,
		module:   stem(filename),
		funcName: bareName(frame.Function),
		function: frame.Function,
		place:    string(appendQuoted(nil, frame.File+":"+strconv.Itoa(frame.Line))),
		line:     frame.Line,
	}
	s.safe = isSafeText(s.pathname) && isSafeText(s.funcName)
	w := jsonWriter{open: '{'}
	s.source = string(w.sourceMembers([]byte{'{'}, s.function, s.pathname, s.line)[1:])
	return s
}

// text returns what a field prints, but for the line.
func (s *site) text(f field) string {
	switch f {
	case fieldPathName:
		return s.pathname
	case fieldFileName:
		return s.filename
	case fieldModule:
		return s.module
	}
	return s.funcName
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// stem returns a file's name without its extension. A leading dot begins
// none, as in Python's os.path.splitext.
func stem(filename string) string {
	dot := strings.LastIndexByte(filename, '.')
	if dot < 0 || strings.Trim(filename[:dot], ".") == "" {
		return filename
	}
	return filename[:dot]
}

// bareName returns a function's name without package and receiver:
// "example.org/app.(*Server).Handle" is "Handle". A function literal keeps
// the name of the function that it stands in: "run.func1".
func bareName(function string) string {
	name := baseName(cutTypeArgs(function))
	_, name, _ = strings.Cut(name, ".")
	rest := name
	for {
		dot := strings.LastIndexByte(rest, '.')
		if dot < 0 || !isLiteralName(name[dot+1:len(rest)]) {
			return name[dot+1:]
		}
		rest = rest[:dot]
	}
}

// cutTypeArgs takes the type arguments off a function's name; they hold
// slashes and dots of their own.
func cutTypeArgs(function string) string {
	open := strings.IndexByte(function, '[')
	end := strings.LastIndexByte(function, ']')
	if open < 0 || end < open {
		return function
	}
	return function[:open] + function[end+1:]
}

// isLiteralName reports whether the compiler made up the name: func1, gowrap2, 3.
func isLiteralName(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "func"), "gowrap"), "deferwrap")
	return s == "" || strings.Trim(s, "0123456789-") == ""
}
