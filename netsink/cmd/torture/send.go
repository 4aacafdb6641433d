//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// sendOptions say what a sender does.
type sendOptions struct {
	ID         string
	Network    string
	Address    string
	JSON       bool
	CA         string // a certificate; "" is no TLS
	Window     int
	Buffer     int
	MaxWait    time.Duration
	Overflow   netsink.Overflow
	Handlers   int           // each with a connection
	Goroutines int           // for each Handler
	Numbered   bool          // a Handler's goroutines number their records together, in the order in which they are sent
	Size       int           // the most bytes of a message
	Pause      time.Duration // the longest one between bursts of records
	Records    uint64        // at most, of each writer; 0 is until stdin ends
	CloseTime  time.Duration
	Seed       uint64
}

// A sent is what became of the records of one writer.
type sent struct {
	Name    string
	Last    uint64             // number
	Dropped []rotatetest.Range // Handle returned an error
	Windows []rotatetest.Range // nobody knows of them; for Numbered only
}

// A result is what a sender has done.
type result struct {
	Writers    []sent
	Stats      netsink.Stats // sums
	Wait       time.Duration // the longest Handle
	Close      time.Duration // the longest Close
	CloseErrs  []string
	Errs       map[string]uint64 // what OnError was told, by kind
	Goroutines int               // left at the end, of those of netsink
	Heap       uint64            // the most that was in use
}

// send is the program of a sender.
func send(options string) int {
	var o sendOptions
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		fmt.Fprintln(os.Stderr, "torture send:", err)
		return 2
	}
	stop := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	res, err := sendAll(o, stop)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(res)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture send:", err)
		return 1
	}
	return 0
}

// A link is a Handler and those who log by it.
type link struct {
	o       sendOptions
	h       *netsink.Handler
	writers []*sent
	order   sync.Mutex // for Numbered
	wait    atomic.Int64

	mu      sync.Mutex // guards what follows
	windows []rotatetest.Range
	errs    map[string]uint64
}

func sendAll(o sendOptions, stop <-chan struct{}) (*result, error) {
	before := ours()
	var links []*link
	for i := range o.Handlers {
		l, err := newLink(o, i)
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	heap := watchHeap()
	var group sync.WaitGroup
	for i, l := range links {
		for g := range o.Goroutines {
			group.Go(func() { l.log(rand.New(rand.NewPCG(o.Seed, uint64(i<<16|g))), l.writer(g), stop) })
		}
	}
	group.Wait()
	res := &result{Errs: map[string]uint64{}}
	for _, l := range links {
		l.end(res)
	}
	res.Heap = heap()
	for end := time.Now().Add(2 * time.Second); ours() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	res.Goroutines = max(0, ours()-before)
	return res, nil
}

func newLink(o sendOptions, i int) (*link, error) {
	l := &link{o: o, errs: map[string]uint64{}}
	no := netsink.Options{
		BufferBytes: o.Buffer, MaxWait: o.MaxWait, Overflow: o.Overflow, Window: o.Window, CloseTimeout: o.CloseTime,
		RetryMin: 5 * time.Millisecond, RetryMax: 100 * time.Millisecond, OnError: l.failed,
	}
	if o.JSON {
		no.Protocol = netsink.JSON
	}
	if o.CA != "" {
		pem, err := os.ReadFile(o.CA)
		if err != nil {
			return nil, err
		}
		no.TLS = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}
		no.TLS.RootCAs.AppendCertsFromPEM(pem)
	}
	n := o.Goroutines
	if o.Numbered {
		n = 1
	}
	for g := range n {
		l.writers = append(l.writers, &sent{Name: fmt.Sprintf("%s-%d-%d", o.ID, i, g)})
	}
	var err error
	l.h, err = netsink.NewHandler(o.Network, o.Address, no)
	return l, err
}

func (l *link) writer(g int) *sent {
	if l.o.Numbered {
		return l.writers[0]
	}
	return l.writers[g]
}

// failed is OnError.
func (l *link) failed(err error) {
	kind := "other"
	var u *netsink.UnconfirmedError
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.As(err, &u) {
		kind = "unconfirmed"
		l.windows = append(l.windows, rotatetest.Range{First: u.First, Last: u.Last})
	}
	l.errs[kind]++
}

// log logs bursts of records until it is enough.
func (l *link) log(rng *rand.Rand, w *sent, stop <-chan struct{}) {
	handler := slog.Handler(l.h)
	for {
		for range 1 + rng.IntN(200) {
			select {
			case <-stop:
				return
			default:
			}
			if !l.one(handler, w, 30+rng.IntN(l.o.Size)) {
				return
			}
		}
		if l.o.Pause > 0 {
			time.Sleep(time.Duration(rng.Int64N(int64(l.o.Pause))))
		}
	}
}

// one logs a record. It reports false if it was the last one.
func (l *link) one(h slog.Handler, w *sent, size int) bool {
	if l.o.Numbered {
		l.order.Lock()
		defer l.order.Unlock()
	}
	if l.o.Records > 0 && w.Last >= l.o.Records {
		return false
	}
	w.Last++
	line := bytes.TrimSuffix(rotatetest.AppendLine(nil, w.Name, w.Last, size), []byte("\n"))
	start := time.Now()
	err := h.Handle(context.Background(), slog.NewRecord(start, slog.LevelInfo, string(line), 0))
	took := int64(time.Since(start))
	for old := l.wait.Load(); took > old && !l.wait.CompareAndSwap(old, took); old = l.wait.Load() {
	}
	if err != nil {
		w.Dropped = addNumber(w.Dropped, w.Last)
	}
	return true
}

// addNumber adds a number that is greater than all in ranges.
func addNumber(ranges []rotatetest.Range, n uint64) []rotatetest.Range {
	if k := len(ranges); k > 0 && ranges[k-1].Last+1 == n {
		ranges[k-1].Last = n
		return ranges
	}
	return append(ranges, rotatetest.Range{First: n, Last: n})
}

// end closes the Handler, and adds what it has done to res.
func (l *link) end(res *result) {
	start := time.Now()
	err := l.h.Close(context.Background())
	res.Close = max(res.Close, time.Since(start))
	l.settle()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		res.CloseErrs = append(res.CloseErrs, err.Error())
	}
	for _, w := range l.writers {
		if l.o.Numbered {
			w.Windows = merged(l.windows)
		}
		res.Writers = append(res.Writers, *w)
	}
	for kind, n := range l.errs {
		res.Errs[kind] += n
	}
	res.Wait = max(res.Wait, time.Duration(l.wait.Load()))
	addStats(&res.Stats, l.h.Stats())
}

// settle waits until OnError was told of all: Close does not.
func (l *link) settle() {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		told := uint64(0)
		l.mu.Lock()
		for _, n := range l.errs {
			told += n
		}
		l.mu.Unlock()
		if told >= l.h.Stats().Errors {
			return
		}
	}
}

func addStats(sum *netsink.Stats, s netsink.Stats) {
	sum.Records += s.Records
	sum.Sent += s.Sent
	sum.Dropped += s.Dropped
	sum.Queued += s.Queued
	sum.Unconfirmed += s.Unconfirmed
	sum.Markers += s.Markers
	sum.Connects += s.Connects
	sum.Errors += s.Errors
}

// merged returns ranges in order, without overlaps.
func merged(ranges []rotatetest.Range) (sorted []rotatetest.Range) {
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, func(a, b rotatetest.Range) int { return int(int64(a.First) - int64(b.First)) })
	for _, r := range ranges {
		if n := len(sorted); n > 0 && r.First <= sorted[n-1].Last+1 {
			sorted[n-1].Last = max(sorted[n-1].Last, r.Last)
			continue
		}
		sorted = append(sorted, r)
	}
	return sorted
}

// ours returns how many goroutines run code of netsink, or were begun by it.
func ours() int {
	buf := make([]byte, 1<<20)
	n := 0
	for stack := range bytes.SplitSeq(buf[:runtime.Stack(buf, true)], []byte("\n\n")) {
		if bytes.Contains(stack, []byte("/slogsuite/netsink.")) {
			n++
		}
	}
	return n
}

// watchHeap looks how much memory is in use, until what it returns is called.
func watchHeap() (most func() uint64) {
	quit, ended := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		peak := uint64(0)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-ticker.C:
			case <-quit:
				ended <- peak
				return
			}
		}
	}()
	return func() uint64 { close(quit); return <-ended }
}
