package receiver

import "sync/atomic"

// Stats tell what a Server has done.
type Stats struct {
	Records     uint64 // received, whole and well-formed
	Bytes       uint64 // their frames
	Skipped     uint64 // of Records: there was no handler for them, or it was not enabled for the level
	Failed      uint64 // of Records: the handler returned an error or panicked
	Refused     uint64 // frames that are no record, are too long, or cut short
	Connections uint64 // accepted so far
	Open        uint64 // of those, open now
	Timeouts    uint64 // connections closed because of one
	Errors      uint64 // that OnError was, or would be, told of
}

// Stats returns what the Server has done.
func (s *Server) Stats() Stats {
	st := s.state.Load()
	if st == nil {
		return Stats{}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	var sum tally
	sum.add(&st.ended)
	for f := range st.feeds {
		sum.add(&f.tally)
	}
	return Stats{
		Records:     sum.records.Load(),
		Bytes:       sum.bytes.Load(),
		Skipped:     sum.skipped.Load(),
		Failed:      sum.failed.Load(),
		Refused:     sum.refused.Load(),
		Connections: st.accepted,
		Open:        st.open,
		Timeouts:    st.timeouts.Load(),
		Errors:      st.report.count.Load(),
	}
}

// A tally is what one connection has counted. One for all would be written by all
// processors, which then wait for each other.
type tally struct {
	records, bytes, skipped, failed, refused atomic.Uint64
}

func (t *tally) add(other *tally) {
	t.records.Add(other.records.Load())
	t.bytes.Add(other.bytes.Load())
	t.skipped.Add(other.skipped.Load())
	t.failed.Add(other.failed.Load())
	t.refused.Add(other.refused.Load())
}
