package rotate

import (
	"os"
	"os/signal"
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
	var once sync.Once
	stop = func() {
		once.Do(func() { signal.Stop(got); close(quit) })
		<-ended
	}
	if !f.addStop(stop) {
		stop()
	}
	return stop
}

// addStop reports whether Close will call stop; it can't any more once it has begun.
func (f *File) addStop(stop func()) bool {
	defer f.unlock(f.lock())
	if f.closed || f.ending {
		return false
	}
	f.stops = append(f.stops, stop)
	return true
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
