package rotatetest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A Report is what is in the files that were verified.
type Report struct {
	Files int
	Bytes uint64 // decompressed
	Lines uint64 // whole numbered lines, doubled ones too

	Writers []Writer // by name

	// Torn are lines that are no whole numbered ones, nor allowed otherwise: pieces,
	// two writers' lines in one, or anything else. A piece without a line break at
	// the end of a file is one too.
	Torn    uint64
	Allowed uint64 // Check.Torn

	// Glued are those of Torn at whose end a whole line stands: it was written after
	// a piece that nobody had ended, and does not count as there.
	Glued uint64

	Markers uint64 // records that tell what was lost
	Marked  uint64 // records that were lost, as told by these
	Foreign uint64 // other lines that Check.Foreign allows

	Samples []Sample // of what is wrong, the first few
}

// A Writer is what is there of one.
type Writer struct {
	Name        string
	Lines       uint64 // whole ones, doubled ones too
	First, Last uint64 // the least and the greatest number, 0 if there is none
	Acked       uint64 // Ack.Last
	Unacked     uint64 // lines after the last that was acknowledged
	Failed      uint64 // numbers whose Write has returned an error

	Lost       uint64  // numbers that have to be there and are not
	Missing    []Range // which these are, the first few
	Doubled    uint64  // lines that were there already
	Disordered uint64  // lines after a greater number in the same file
	Denied     uint64  // lines that are there though their Write has returned an error, and Check.Doubtful is not set
	Torn       uint64  // torn lines that are the beginning of one of this writer's
}

// A Sample is a line that is not as it should be.
type Sample struct {
	Kind string // "torn", "glued", "doubled" or "disordered"
	File string
	Line uint64 // in File, from 1
	Text string // quoted, without its middle if it is long
}

const (
	maxSamples  = 8
	maxMissing  = 20
	maxTroubled = 20 // writers that String shows
)

// Err returns an error that tells what was lost, doubled or torn and is not
// allowed, nil if nothing was.
func (r *Report) Err() error {
	var wrong []string
	count := func(n uint64, what string) {
		if n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d %s", n, what))
		}
	}
	t := r.Total()
	count(t.Lost, "lost")
	count(t.Doubled, "doubled")
	if r.Torn > r.Allowed {
		wrong = append(wrong, fmt.Sprintf("%d torn (%d allowed)", r.Torn, r.Allowed))
	}
	count(t.Disordered, "out of order")
	count(t.Denied, "there though their Write returned an error")
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("rotatetest: lines: %s", strings.Join(wrong, ", "))
}

// Total returns the sums of all writers. Torn there is of lines that are known to be
// a writer's, as it is in each of them.
func (r *Report) Total() Writer {
	t := Writer{Name: "all"}
	for i := range r.Writers {
		w := &r.Writers[i]
		t.Lines += w.Lines
		t.Acked += w.Acked
		t.Unacked += w.Unacked
		t.Failed += w.Failed
		t.Lost += w.Lost
		t.Doubled += w.Doubled
		t.Disordered += w.Disordered
		t.Denied += w.Denied
		t.Torn += w.Torn
	}
	return t
}

// OK reports whether nothing of a writer was lost, doubled, disordered or denied.
func (w *Writer) OK() bool { return w.Lost+w.Doubled+w.Disordered+w.Denied == 0 }

// String returns a table for people. Where there are many writers, it has those with
// which something is wrong, and some others.
func (r *Report) String() string { return r.Table(maxTroubled) }

// Table is String with at most so many writers.
func (r *Report) Table(writers int) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "writer\tlines\tfirst\tlast\tacked\tfailed\tlost\tdoubled\tdisordered\tdenied\ttorn\t")
	for _, w := range r.worst(writers) {
		w.row(t)
	}
	total := r.Total()
	total.row(t)
	t.Flush()
	if more := len(r.Writers) - writers; more > 0 {
		fmt.Fprintf(&b, "%d more writers are not shown\n", more)
	}
	for i := range r.Writers {
		w := &r.Writers[i]
		if len(w.Missing) > 0 && i < writers {
			fmt.Fprintf(&b, "%s misses %s\n", w.Name, rangesText(w.Missing, w.Lost))
		}
	}
	for _, s := range r.Samples {
		fmt.Fprintf(&b, "%s: %s:%d: %s\n", s.Kind, s.File, s.Line, s.Text)
	}
	fmt.Fprintf(&b, "%d files, %d lines, %d bytes: %d lost, %d doubled, %d torn (%d glued; %d allowed), %d foreign, %d markers of %d lost\n",
		r.Files, r.Lines, r.Bytes, total.Lost, total.Doubled, r.Torn, r.Glued, r.Allowed, r.Foreign, r.Markers, r.Marked)
	return b.String()
}

func (w *Writer) row(t *tabwriter.Writer) {
	fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", w.Name, w.Lines, w.First, w.Last, w.Acked, w.Failed,
		w.Lost, w.Doubled, w.Disordered, w.Denied, w.Torn)
}

// worst returns at most n writers, by name, those first with which something is wrong.
func (r *Report) worst(n int) []Writer {
	list := slices.Clone(r.Writers)
	slices.SortStableFunc(list, func(a, b Writer) int { return cmp.Compare(order(&a), order(&b)) })
	return list[:min(n, len(list))]
}

func order(w *Writer) int {
	if w.OK() {
		return 1
	}
	return 0
}

// rangesText prints ranges that hold n numbers, or the first of them.
func rangesText(ranges []Range, n uint64) string {
	var b strings.Builder
	for i, r := range ranges {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d", r.First)
		if r.Last > r.First {
			fmt.Fprintf(&b, "-%d", r.Last)
		}
		n -= r.Last - r.First + 1
	}
	if n > 0 {
		fmt.Fprintf(&b, " and %d more", n)
	}
	return b.String()
}

// report draws the sums when all files have been read.
func (s *scan) report() *Report {
	for name, ack := range s.Acks {
		w := s.writer([]byte(name))
		w.Acked, w.failed = ack.Last, ack.Failed
	}
	r := &s.sum
	r.Allowed = uint64(max(s.Torn, 0))
	for _, name := range slices.Sorted(maps.Keys(s.writers)) {
		w := s.writers[name]
		_, acked := s.Acks[name]
		w.judge(acked, s.Pruned)
		if s.Doubtful {
			w.Denied = 0
		}
		r.Writers = append(r.Writers, w.Writer)
	}
	return r
}

// judge says what has to be there of a writer, and is not.
func (w *writer) judge(acked, pruned bool) {
	first, last := uint64(1), w.Last
	if acked {
		last = w.Acked
	}
	if pruned {
		first, last = w.First, min(last, w.Last)
	}
	if first > 0 {
		w.lose(first, last)
	}
	for _, failed := range w.failed {
		w.Failed += failed.Last - failed.First + 1
		w.Denied += w.lines.count(failed)
	}
	if acked && w.Last > w.Acked {
		w.Unacked = w.lines.count(Range{w.Acked + 1, w.Last})
	}
}

func (w *writer) lose(first, last uint64) {
	for r := range w.lines.missing(first, last, w.failed) {
		w.Lost += r.Last - r.First + 1
		if len(w.Missing) < maxMissing {
			w.Missing = append(w.Missing, r)
		}
	}
}

// sample keeps a line for Samples. Of each kind there are only so many.
func (s *scan) sample(kind string, line []byte, file string, n uint64) {
	have := 0
	for i := range s.sum.Samples {
		if s.sum.Samples[i].Kind == kind {
			have++
		}
	}
	if have < maxSamples {
		s.sum.Samples = append(s.sum.Samples, Sample{kind, file, n, excerpt(line)})
	}
}

// excerpt quotes a line.
func excerpt(line []byte) string {
	const keep = 60
	if len(line) <= 2*keep {
		return strconv.Quote(string(line))
	}
	return fmt.Sprintf("%q ... %q (%d bytes)", line[:keep], line[len(line)-keep:], len(line))
}

// parseMarker parses the record of package rotate that tells what was lost, in its
// form of a line of text.
func parseMarker(line []byte) (lost uint64, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("rotate: "))
	if !ok {
		return 0, false
	}
	lost, n := parseNumber(rest)
	rest = rest[n:]
	if n == 0 || !bytes.HasPrefix(rest, []byte(" record")) {
		return 0, false
	}
	if !bytes.Contains(rest, []byte(" bytes) lost from ")) {
		return 0, false
	}
	return lost, true
}
