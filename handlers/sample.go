package handlers

import (
	"context"
	"hash/maphash"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// droppedKey is the key of the attr that tells of records that were left out.
const droppedKey = "dropped"

// SampleOptions say which records a [Sample] lets through.
type SampleOptions struct {
	// Interval is how long records of one message are counted together, from the
	// first of them. 0 means a second.
	Interval time.Duration

	// First is how many records of one message and level pass in each interval.
	// 0 means 100.
	First int

	// Thereafter lets each record of that number pass, beyond First: with 10 the
	// tenth, the twentieth and so on. 0 lets none pass.
	Thereafter int

	// Level is the level from which all records pass. Nil means ERROR.
	Level slog.Leveler
}

// A Sample passes on, of each message at each level, the first records of an
// interval and every so-many-th of the rest. Attrs make no difference, so give
// records that belong together one message.
//
// What is dropped is counted. The next record of that message that passes has at top
// level an attr "dropped", with the number of those before it; what is left
// untold, or was in a record that the next handler failed to take, is told by Flush and
// Close, in a record at WARN, "records dropped by sampling". A Sample goes on working
// after Close.
//
// It keeps at most 64 KiB, whatever comes: of 2048 messages it knows how many
// there were. When there are more, the one whose interval began longest ago is
// forgotten, and begins anew. So a rare message is never dropped on account of a
// frequent one, unless their 64-bit hashes are equal. A record costs no
// allocation, unless it tells of dropped ones. There is no goroutine, and no OnError: what
// fails is what Handle, Flush or Close returns, and a tree reports it to its own.
//
// It is zapcore.NewSamplerWithOptions of go.uber.org/zap; CPython has no such
// handler. Use [NewSample]; the zero value is not usable.
type Sample struct {
	next slog.Handler
	base slog.Handler // next as NewSample got it
	core *sampler
}

// SampleStats tell what a Sample and all derived from it have done. In is always
// Out + Dropped.
type SampleStats struct {
	In      uint64 // records given to Handle
	Out     uint64 // of In, passed on to the next handler
	Dropped uint64 // of In
	Untold  uint64 // of Dropped, those no record has told of yet
	Markers uint64 // records of our own, in none of the above
}

// NewSample returns a Sample that passes records on to next. It panics if next is nil.
func NewSample(next slog.Handler, o SampleOptions) *Sample {
	mustHave("NewSample", next)
	if o.Interval <= 0 {
		o.Interval = time.Second
	}
	o.Interval = min(o.Interval, forever)
	if o.First == 0 {
		o.First = 100
	}
	if o.Level == nil {
		o.Level = slog.LevelError
	}
	next = Adopt(next)
	return &Sample{next, next, newSampler(o)}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Sample) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *Sample) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *Sample) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Sample(Stream(stderr))".
func (h *Sample) String() string { return "Sample(" + describe(h.next) + ")" }

// Enabled asks the wrapped handler.
func (h *Sample) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes r on, or drops it.
func (h *Sample) Handle(ctx context.Context, r slog.Record) error {
	exempt := r.Level >= h.core.o.Level.Level()
	pass, untold := h.core.admit(&r, exempt)
	if !pass {
		return nil
	}
	if untold > 0 {
		return h.tell(ctx, h.next, r, untold)
	}
	return h.next.Handle(ctx, r)
}

// tell hands over a record that tells of dropped ones. Unless next takes it, they stay
// untold.
func (h *Sample) tell(ctx context.Context, next slog.Handler, r slog.Record, untold uint64) (err error) {
	told := false
	defer func() { // the handler may panic
		if !told {
			h.core.giveBack(untold)
		}
	}()
	err = next.Handle(contextattrs.WithAttrs(ctx, slog.Uint64(droppedKey, untold)), r)
	told = err == nil
	return err
}

// Flush tells of what was dropped and is untold yet. If the next handler fails, it
// stays untold.
func (h *Sample) Flush() error {
	untold := h.core.takeUntold()
	if untold == 0 {
		return nil
	}
	ctx := context.Background()
	if !h.base.Enabled(ctx, slog.LevelWarn) {
		h.core.giveBack(untold)
		return nil
	}
	err := h.tell(ctx, h.base, slog.NewRecord(time.Now(), slog.LevelWarn, "records dropped by sampling", 0), untold)
	if err == nil {
		h.core.countMarker()
	}
	return err
}

// Close is Flush.
func (h *Sample) Close() error { return h.Flush() }

// Stats returns the counts so far.
func (h *Sample) Stats() SampleStats { return h.core.stats() }

// WithAttrs returns a Sample with the same counts that adds attrs to records.
func (h *Sample) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Sample{h.next.WithAttrs(attrs), h.base, h.core}
}

// WithGroup returns a Sample with the same counts that qualifies later attrs.
func (h *Sample) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Sample{h.next.WithGroup(name), h.base, h.core}
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *Sample) WithLoggerName(key, name string) slog.Handler {
	return &Sample{BindName(h.next, key, name), h.base, h.core}
}

// forever is as good as any longer time, and leaves room for sums.
const forever = time.Duration(math.MaxInt64 / 8)

// The size of a sampler's state. A message has one set to be in, so that a lookup
// looks at a few places only.
const (
	sampleSets = 512
	sampleWays = 4
)

// A sampler is what all Samples derived from one share.
type sampler struct {
	o     SampleOptions
	start time.Time
	seed  maphash.Seed
	sets  [sampleSets]sampleSet

	mu      sync.Mutex
	exempt  uint64 // records that passed for their level
	untold  uint64 // of messages that were forgotten
	markers uint64
}

type sampleSet struct {
	mu           sync.Mutex
	out, dropped uint64
	slots        [sampleWays]sampleSlot
}

// A sampleSlot counts the records of one message at one level.
type sampleSlot struct {
	hash   uint64        // of both
	until  time.Duration // the end of the interval, since the sampler's start; 0 if the slot is empty
	n      uint32        // records in it, no more than can be counted
	untold uint32        // dropped ones
}

func newSampler(o SampleOptions) *sampler {
	return &sampler{o: o, start: time.Now(), seed: maphash.MakeSeed()}
}

// hash tells messages and levels apart.
func (s *sampler) hash(r *slog.Record) uint64 {
	const odd = 0x9e3779b97f4a7c15 // the golden ratio, as in splitmix64
	x := (maphash.String(s.seed, r.Message) ^ uint64(r.Level)) * odd
	return x ^ x>>32
}

// admit counts r, and reports whether it passes and how many of its message were
// dropped before it and not told of.
func (s *sampler) admit(r *slog.Record, exempt bool) (pass bool, untold uint64) {
	if exempt {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.exempt++
		return true, 0
	}
	hash, now := s.hash(r), time.Since(s.start)
	set := &s.sets[hash%sampleSets]
	set.mu.Lock()
	defer set.mu.Unlock()
	slot, forgotten := set.find(hash)
	if forgotten > 0 {
		s.giveBack(uint64(forgotten))
	}
	pass = slot.count(now, &s.o)
	switch {
	case pass:
		set.out++
		untold, slot.untold = uint64(slot.untold), 0
	default:
		set.dropped++
		if slot.untold++; slot.untold == 0 {
			slot.untold--
			s.giveBack(1)
		}
	}
	return pass, untold
}

// find returns the slot for hash, that of the oldest interval if it has none yet,
// and how many records nobody was told of when that was somebody else's.
func (s *sampleSet) find(hash uint64) (slot *sampleSlot, forgotten uint32) {
	slot = &s.slots[0]
	for i := range s.slots {
		one := &s.slots[i]
		if one.until != 0 && one.hash == hash {
			return one, 0
		}
		if one.until < slot.until {
			slot = one
		}
	}
	forgotten = slot.untold
	*slot = sampleSlot{hash: hash}
	return slot, forgotten
}

// count counts one record, and reports whether it passes.
func (s *sampleSlot) count(now time.Duration, o *SampleOptions) bool {
	if s.until == 0 || now >= s.until {
		s.until, s.n = max(now+o.Interval, 1), 0
	}
	if s.n++; s.n == 0 {
		s.n-- // the count stands still
	}
	first := uint32(min(max(o.First, 0), 1<<31-1))
	if s.n <= first {
		return true
	}
	return o.Thereafter > 0 && uint64(s.n-first)%uint64(o.Thereafter) == 0
}

// takeUntold returns how many records were dropped that nobody was told of, and
// takes them for told.
func (s *sampler) takeUntold() uint64 {
	s.mu.Lock()
	n := s.untold
	s.untold = 0
	s.mu.Unlock()
	for i := range s.sets {
		set := &s.sets[i]
		set.mu.Lock()
		for j := range set.slots {
			n += uint64(set.slots[j].untold)
			set.slots[j].untold = 0
		}
		set.mu.Unlock()
	}
	return n
}

func (s *sampler) giveBack(untold uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.untold += untold
}

func (s *sampler) countMarker() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.markers++
}

// stats adds up what the sets have. Each is asked under its lock, so the sums fit.
func (s *sampler) stats() SampleStats {
	var st SampleStats
	for i := range s.sets {
		set := &s.sets[i]
		set.mu.Lock()
		st.Out += set.out
		st.Dropped += set.dropped
		for j := range set.slots {
			st.Untold += uint64(set.slots[j].untold)
		}
		set.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Out += s.exempt
	st.Untold += s.untold
	st.Markers = s.markers
	st.In = st.Out + st.Dropped
	return st
}
