package pickle

// A memo is where a pickle keeps values to come back to, by number. A pickler counts from 0, or
// from 1, so most are in a slice; what a number says is never how much is allocated.
type memo struct {
	dense  []any
	sparse map[uint64]any
	count  int
}

// An absence stands for a number in dense that was not given.
type absence struct{}

func (m *memo) put(n uint64, v any) {
	if _, known := m.get(n); !known {
		m.count++
	}
	switch d := uint64(len(m.dense)); {
	case n < d:
		m.dense[n] = v
	case n == d:
		m.dense = append(m.dense, v)
	case n == 1 && d == 0:
		m.dense = append(m.dense, absence{}, v)
	default:
		if m.sparse == nil {
			m.sparse = map[uint64]any{}
		}
		m.sparse[n] = v
	}
}

func (m *memo) get(n uint64) (any, bool) {
	if n < uint64(len(m.dense)) {
		if v := m.dense[n]; v != (absence{}) {
			return v, true
		}
	}
	v, ok := m.sparse[n]
	return v, ok
}
