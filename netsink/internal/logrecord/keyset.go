package logrecord

import "log/slog"

// A keySet remembers keys, not quite exactly.
type keySet [4]uint64

// add adds a key, and reports whether it may have been there. It looks at the length, and at the first and the last byte.
func (s *keySet) add(prefix, key string) (again bool) {
	first := byte(0)
	if prefix != "" {
		first = prefix[0]
	} else if key != "" {
		first = key[0]
	}
	last := byte(0)
	if key != "" {
		last = key[len(key)-1]
	}
	h := (uint64(len(prefix)+len(key))<<16 | uint64(first)<<8 | uint64(last)) * 0x9E3779B97F4A7C15 >> 56
	bit := uint64(1) << (h & 63)
	again = s[h>>6]&bit != 0
	s[h>>6] |= bit
	return again
}

// hasKeyTwice reports whether two attrs have the same key: of those of With, of the context, and of the
// record, which stand in the groups of the prefix. It is for few attrs.
func hasKeyTwice(with []pair, prefix string, ctxAttrs []slog.Attr, r *slog.Record) (twice bool) {
	n := 0
	for i := range ctxAttrs {
		key := ctxAttrs[i].Key
		for j := range with {
			twice = twice || with[j].key == key
		}
		for j := range i {
			twice = twice || ctxAttrs[j].Key == key
		}
	}
	r.Attrs(func(a slog.Attr) bool {
		for j := range with {
			twice = twice || isJoined(with[j].key, prefix, a.Key)
		}
		for j := range ctxAttrs {
			twice = twice || isJoined(ctxAttrs[j].Key, prefix, a.Key)
		}
		twice = twice || isAmongFirst(a.Key, r, n)
		n++
		return !twice
	})
	return twice
}

// isJoined reports whether whole is prefix and key.
func isJoined(whole, prefix, key string) bool {
	return len(whole) == len(prefix)+len(key) && whole[:len(prefix)] == prefix && whole[len(prefix):] == key
}

// isAmongFirst reports whether one of r's first n attrs has the key.
func isAmongFirst(key string, r *slog.Record, n int) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		n--
		found = n >= 0 && a.Key == key
		return n > 0 && !found
	})
	return found
}
