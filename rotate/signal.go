package rotate

import (
	"os"
	"os/signal"
	"slices"
	"sync"
)

// ReopenOn calls Reopen when the process gets one of the signals, as after a
// logrotate that sends SIGHUP. What fails is told to Options.OnError. The goroutine that it starts
// ends with stop, which may be called several times, and with Close.
func (f *File) ReopenOn(sig ...os.Signal) (stop func()) {
	if len(sig) == 0 { // Notify takes that for all of them
		return func() {}
	}
	got, quit, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(got, sig...)
	go func() {
		defer close(ended)
		for {
			select {
			case <-got:
				f.reopenLater()
			case <-quit:
				return
			}
		}
	}()
	s := &stopper{end: func() { signal.Stop(got); close(quit) }, ended: ended}
	if !f.addStop(s) {
		s.stop()
	}
	return func() { s.stop(); f.dropStop(s) }
}

// A stopper ends the goroutine of one ReopenOn.
type stopper struct {
	once  sync.Once
	end   func()
	ended chan struct{}
}

func (s *stopper) stop() {
	s.once.Do(s.end)
	<-s.ended
}

// addStop reports whether Close will call stop; it can't any more once it has begun.
func (f *File) addStop(s *stopper) bool {
	defer f.unlock(f.lock())
	if f.closed || f.ending {
		return false
	}
	f.stops = append(f.stops, s)
	return true
}

func (f *File) dropStop(s *stopper) {
	defer f.unlock(f.lock())
	f.stops = slices.DeleteFunc(f.stops, func(t *stopper) bool { return t == s })
}

func (f *File) reopenLater() {
	defer f.unlock(f.lock())
	if f.closed || !f.out.isOpen() {
		return
	}
	if err := f.reopen(); err != nil {
		f.errs.add(f.wrap(err))
	}
	f.tune()
}
