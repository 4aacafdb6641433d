package logrecord

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// The pairs of an everyday record that are the same each time, or for each level or place, are text that
// was made once. In a pickle every text has a number, so that such text can stand only where
// it begins with the right one: what makes a text of None, or None of a text, is no everyday record.
const (
	memoMsg     = 4 // the number of what the message has
	memoPath    = 9
	memoMSecs   = 22
	memoThread  = 24
	fixedMemos  = 31
	fixedPairs  = 21
	everydayMax = 64 // pairs of With, the context and the record
)

// A template is what an Encoder writes of each everyday record.
type template struct {
	head []byte // up to the message
	rest []byte // from the key thread on, With's attrs too
	memo int    // the number that comes next
	keys []pair // of With's attrs, as they are written
	seen keySet // of them
	ok   bool
}

// newTemplate returns e's. Its ok is unset if records through e are never everyday ones.
func (e *Encoder) newTemplate() *template {
	if e.origin != nil || e.left > 0 || e.exc.Kind() == slog.KindLogValuer || len(e.attrs) > everydayMax || !isUTF8(e.prefix) {
		return &template{}
	}
	c := collector{pairs: slices.Clone(e.attrs)}
	c.settle()
	t := &template{keys: c.pairs, ok: true}
	w := writer{json: e.json}
	w.begin()
	w.textPair(keyName, e.name)
	w.key(keyNames[keyMsg])
	if !e.json {
		w.dst = append(w.dst, 'X')
	}
	t.head = slices.Clip(w.dst)
	w = writer{json: e.json, memo: memoThread, n: fixedPairs}
	here := formatters.NewOrigin(slog.Record{})
	w.intPair(keyThread, here.Thread)
	w.textPair(keyThreadName, here.ThreadName)
	w.textPair(keyProcessName, here.ProcessName)
	w.intPair(keyProcess, here.Process)
	w.optionalPair(keyTaskName, here.TaskName)
	for i := range t.keys {
		w.pair(&t.keys[i])
		t.seen.add("", t.keys[i].key)
	}
	t.rest, t.memo = slices.Clip(w.dst), w.memo
	return t
}

// fixed returns pairs that are the same each time, with the numbers from memo on.
func fixed(json bool, memo int, write func(w *writer)) []byte {
	w := writer{json: json, memo: memo, n: 1}
	write(&w)
	return slices.Clip(w.dst)
}

// protocols is something for each of the protocols.
type protocols [2][]byte

func both(memo int, write func(w *writer)) (p protocols) {
	for i := range p {
		p[i] = fixed(i == 1, memo, write)
	}
	return p
}

// beforeFloat ends a text where a float's digits or bytes follow.
func (w *writer) beforeFloat() {
	if !w.json {
		w.dst = append(w.dst, 'G')
	}
}

// levelTexts hold what stands between the message and the place, for each of the usual levels.
var levelTexts = func() (texts [5]protocols) {
	for i := range texts {
		level := slog.Level(4*i - 4)
		texts[i] = both(memoMsg, func(w *writer) {
			if !w.json {
				w.memoize()
			}
			w.nonePair(keyArgs)
			w.textPair(keyLevelName, formatters.LevelName(level))
			w.intPair(keyLevelNo, int64(formatters.PythonLevel(level)))
		})
	}
	return texts
}()

// levelText returns the text for a level, or nil.
func levelText(level slog.Level) *protocols {
	if i := level + 4; i >= 0 && i <= 16 && i%4 == 0 {
		return &levelTexts[i/4]
	}
	return nil
}

// msecsText stands before msecs, relativeText before relativeCreated.
var (
	msecsText = both(memoMSecs, func(w *writer) {
		w.key(keyNames[keyMSecs])
		w.beforeFloat()
	})
	relativeText = both(memoMSecs+1, func(w *writer) {
		w.key(keyNames[keyRelativeCreated])
		w.beforeFloat()
	})
)

// placeText returns what tells of a place in the source, and stands before created.
func placeText(o *formatters.Origin) protocols {
	return both(memoPath, func(w *writer) {
		w.textPair(keyPathName, o.PathName)
		w.textPair(keyFileName, o.FileName)
		w.textPair(keyModule, o.Module)
		w.nonePair(keyExcInfo)
		w.nonePair(keyExcText)
		w.nonePair(keyStackInfo)
		w.intPair(keyLineNo, o.LineNo)
		w.optionalPair(keyFuncName, o.FuncName)
		w.key(keyNames[keyCreated])
		w.beforeFloat()
	})
}

// places holds the texts of the places seen so far: a hash table of lists that only
// grow, by at most one entry for each call site of the program.
var places [1024]atomic.Pointer[place]

// A place is where records are made. It is immutable.
type place struct {
	pc   uintptr
	text protocols
	next *place
}

// placeOf returns the text of pc, or nil if there is no name of a function, which is None then.
func placeOf(pc uintptr) *protocols {
	list := &places[uint64(pc)*0x9E3779B97F4A7C15>>54]
	first := list.Load()
	for p := first; p != nil; p = p.next {
		if p.pc == pc {
			return &p.text
		}
	}
	return addPlace(list, first, pc)
}

func addPlace(list *atomic.Pointer[place], first *place, pc uintptr) *protocols {
	o := formatters.NewOrigin(slog.NewRecord(time.Time{}, 0, "", pc))
	if o.FuncName == "" {
		return nil
	}
	p := &place{pc: pc, text: placeText(o), next: first}
	list.CompareAndSwap(first, p) // if another goroutine was first, the next record tries again
	return &p.text
}
