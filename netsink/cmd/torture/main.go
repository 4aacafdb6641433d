//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "send" {
		os.Exit(send(os.Args[2]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(conduct(ctx, os.Args[1:], os.Stdout))
}

// A scenario is one way to lose a record.
type scenario struct {
	name  string
	about string
	play  func(*run) error
}

var scenarios = []scenario{
	{"restart", "slogd is ended by SIGTERM and started again, many times: nothing is lost", restart},
	{"kill", "slogd is killed: what is missing lies in the windows that were told", kill},
	{"stall", "slogd is killed when the system's buffers are full: the windows are large enough", stall},
	{"drain", "slogd is killed while it drains: what that loses is counted", killDrain},
	{"cut", "connections are reset anywhere, or end: so does this", cut},
	{"pause", "slogd is stopped for a while: callers wait no longer than they may, and drops are told", pause},
	{"slow", "a reader takes next to nothing: time and memory are bounded", slow},
	{"close", "handlers are opened and closed by all kinds of peers: Close returns, nothing is left", openClose},
	{"python", "slogd is ended by SIGTERM while CPython sends: what that loses is counted", pythons},
	{"controls", "what has to be seen is seen", controls},
}

// A run is one run of this program.
type run struct {
	ctx   context.Context
	out   io.Writer
	rng   *rand.Rand
	short bool
	dir   string // for all files
	self  string // the program of the senders
	slogd string
	ca    string // a certificate that slogd has

	only  string // kind
	name  string // of the scenario
	sites int    // made so far
}

// conduct runs the scenarios that are asked for.
func conduct(ctx context.Context, args []string, out io.Writer) int {
	r := &run{ctx: ctx, out: out}
	f := flag.NewFlagSet("torture", flag.ContinueOnError)
	f.SetOutput(out)
	f.BoolVar(&r.short, "short", false, "the short form, below a minute")
	seed := f.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is random here")
	f.StringVar(&r.only, "only", "", "for restart, kill and drain: only tcp, unix or tls")
	keep := f.Bool("keep", false, "keep the files")
	dir := f.String("dir", "", "where the files go; a temporary directory by default")
	f.Usage = func() {
		fmt.Fprintln(out, "usage: torture [flags] [SCENARIO...]")
		f.PrintDefaults()
		for _, s := range scenarios {
			fmt.Fprintf(out, "  %-8s  %s\n", s.name, s.about)
		}
	}
	if f.Parse(args) != nil {
		return 2
	}
	chosen, err := choose(f.Args())
	if err == nil {
		err = r.prepare(*dir)
	}
	if err != nil {
		fmt.Fprintln(out, "torture:", err)
		return 2
	}
	if !*keep {
		defer os.RemoveAll(r.dir)
	}
	fmt.Fprintf(out, "seed %d, files in %s\n", *seed, r.dir)
	failed := 0
	start := time.Now()
	for _, s := range chosen {
		if !r.one(s, *seed) {
			failed++
		}
	}
	fmt.Fprintf(out, "%d scenarios, %d failed, in %.1f s\n", len(chosen), failed, time.Since(start).Seconds())
	return min(failed, 1)
}

func choose(names []string) ([]scenario, error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	var chosen []scenario
	for _, name := range names {
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scenario %q", name)
		}
		chosen = append(chosen, scenarios[i])
	}
	return chosen, nil
}

// prepare makes the directory, and what slogd needs.
func (r *run) prepare(dir string) (err error) {
	if r.dir, err = os.MkdirTemp(dir, "torture"); err != nil {
		return err
	}
	if r.self, err = os.Executable(); err != nil {
		return err
	}
	r.slogd = filepath.Join(r.dir, "slogd")
	build := exec.CommandContext(r.ctx, "go", "build", "-o", r.slogd, "github.com/slogsuite/slogsuite/netsink/cmd/slogd")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	r.ca = filepath.Join(r.dir, "ca")
	return writeCertificate(r.ca)
}

// A leftOut error is why a scenario can't be played here.
type leftOut struct{ why string }

func (e leftOut) Error() string { return "left out: " + e.why }

// one plays one scenario. Its random numbers do not depend on those before it.
func (r *run) one(s scenario, seed uint64) (ok bool) {
	h := fnv.New64a()
	io.WriteString(h, s.name)
	r.name, r.rng = s.name, rand.New(rand.NewPCG(seed, h.Sum64()))
	start := time.Now()
	err := r.ctx.Err()
	if err == nil {
		err = s.play(r)
	}
	verdict := "ok"
	if err != nil {
		verdict = err.Error()
		if !errors.As(err, new(leftOut)) {
			verdict = "FAIL: " + verdict
		}
	}
	r.logf("%s (%.1f s)", verdict, time.Since(start).Seconds())
	return !strings.HasPrefix(verdict, "FAIL")
}

// logf says what was done.
func (r *run) logf(format string, args ...any) {
	fmt.Fprintf(r.out, "%-8s  %s\n", r.name, fmt.Sprintf(format, args...))
}

// pick returns the figure of the short form, or of the long one.
func (r *run) pick(short, long int) int {
	if r.short {
		return short
	}
	return long
}

// pause waits for a random time.
func (r *run) pause(most time.Duration) { r.sleep(time.Duration(r.rng.Int64N(int64(most)))) }

func (r *run) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.ctx.Done():
	}
}

// waitFor waits until something is so.
func (r *run) waitFor(what string, most time.Duration, is func() bool) error {
	for end := time.Now().Add(most); !is(); r.sleep(2 * time.Millisecond) {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("after %v there is not %s", most, what)
		}
	}
	return nil
}

// none returns an error if one of the counts is 0: then the scenario has not done what it is for.
func none(counts map[string]uint64) error {
	var zero []string
	for name, n := range counts {
		if n == 0 {
			zero = append(zero, name)
		}
	}
	if len(zero) == 0 {
		return nil
	}
	slices.Sort(zero)
	return fmt.Errorf("not tried hard enough, 0 are the counts of: %s", strings.Join(zero, ", "))
}
