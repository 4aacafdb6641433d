package handlers

import (
	"math"
	"strings"
	"sync"
	"time"
)

// A limiter is what all RateLimits derived from one share.
type limiter struct {
	o     RateLimitOptions
	start time.Time

	mu        sync.Mutex
	buckets   map[limitKey]*bucket
	others    bucket        // of keys beyond RateLimitOptions.Keys
	nextSweep time.Duration // since start
	counts    RateLimitStats
}

// A bucket is a token bucket as one time: when it will be full again. It is the
// generic cell rate algorithm of ITU-T I.371.
type bucket struct {
	full   time.Duration // since the limiter's start
	untold uint64        // dropped records
}

func newLimiter(o RateLimitOptions) *limiter {
	return &limiter{o: o, start: time.Now(), buckets: map[limitKey]*bucket{}}
}

// take takes a token, if there is one.
func (b *bucket) take(now time.Duration, o *RateLimitOptions) bool {
	full := max(b.full, now) + o.Every
	if full-now > o.whole() {
		return false
	}
	b.full = full
	return true
}

// whole returns how long an empty bucket takes to be full.
func (o *RateLimitOptions) whole() time.Duration {
	if int64(o.Burst) > math.MaxInt64/4/int64(o.Every) {
		return math.MaxInt64 / 4
	}
	return time.Duration(o.Burst) * o.Every
}

// exempt counts a record that passes for its level.
func (l *limiter) exempt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.In++
	l.counts.Out++
}

// admit counts a record, and reports whether it passes and how many were dropped
// before it.
func (l *limiter) admit(key limitKey) (b *bucket, pass bool, untold uint64) {
	now := time.Since(l.start)
	l.mu.Lock()
	defer l.mu.Unlock()
	b = l.bucket(key, now)
	l.counts.In++
	if !b.take(now, &l.o) {
		l.counts.Dropped++
		b.untold++
		return b, false, 0
	}
	l.counts.Out++
	untold, b.untold = b.untold, 0
	return b, true, untold
}

// bucket returns the bucket of a key. The caller holds mu.
func (l *limiter) bucket(key limitKey, now time.Duration) *bucket {
	if b := l.buckets[key]; b != nil {
		return b
	}
	if len(l.buckets) >= l.o.Keys && now >= l.nextSweep {
		l.sweep(now)
	}
	if len(l.buckets) >= l.o.Keys {
		return &l.others
	}
	b := &bucket{}
	key.name = strings.Clone(key.name) // it may be part of a large text
	l.buckets[key] = b
	return b
}

// sweep forgets buckets that are full, which new ones are too. It takes a time, and is
// not done again before another bucket can have filled. The caller holds mu.
func (l *limiter) sweep(now time.Duration) {
	l.nextSweep = now + l.o.Every
	for key, b := range l.buckets {
		if b.full <= now {
			l.others.untold += b.untold
			delete(l.buckets, key)
		}
	}
}

// settle keeps what could not be told for another time.
func (l *limiter) settle(b *bucket, untold uint64, told bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if told {
		l.counts.Markers++
		return
	}
	if b.full <= time.Since(l.start) {
		b = &l.others // b may be forgotten
	}
	b.untold += untold
}

func (l *limiter) takeUntold() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.others.untold
	l.others.untold = 0
	for _, b := range l.buckets {
		n += b.untold
		b.untold = 0
	}
	return n
}

func (l *limiter) stats() RateLimitStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.counts
	s.Keys, s.Untold = len(l.buckets), l.others.untold
	for _, b := range l.buckets {
		s.Untold += b.untold
	}
	return s
}
