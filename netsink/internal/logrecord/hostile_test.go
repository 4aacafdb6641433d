package logrecord

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A hostileVector is a payload, as base64 of parts, and how often each comes.
type hostileVector struct {
	ID, Category, Label, Must string
	Segments                  [][2]any `json:"payload_segments"`
	CPython                   struct {
		Error struct{ Class, Text string }
	}
}

// isNarrow reports whether CPython 3 refuses a payload for 8-bit text that is not ASCII. In what Python 2
// sends it has to be taken, as package pickle does, and counts such vectors.
func (v *hostileVector) isNarrow() bool {
	return v.CPython.Error.Class == "UnicodeDecodeError" && strings.HasPrefix(v.CPython.Error.Text, "'ascii' codec")
}

func (v *hostileVector) payload() []byte { return unpack(v.Segments) }

func unpack(segments [][2]any) (out []byte) {
	for _, s := range segments {
		text, _ := s[0].(string)
		n, _ := s[1].(float64)
		p, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			panic(err)
		}
		out = append(out, bytes.Repeat(p, int(n))...)
	}
	return out
}

// hostileFormatters print all that a record has, in every form.
var hostileFormatters = []formatters.Formatter{
	formatters.Must(formatters.Percent("%(asctime)s %(created)f %(msecs)d %(name)s %(levelname)s %(levelno)d %(process)d %(thread)d %(threadName)s %(message)s %(attrs)s", nil)),
	formatters.Must(formatters.Percent("%(message)s", &formatters.Options{Raw: true})),
	formatters.JSON(nil),
	formatters.Logfmt(nil),
}

// logged decodes p, and prints the record in every form. It returns how long that is.
func logged(d *Decoder, p []byte) (length int, err error) {
	logger, r, err := d.Decode(p)
	if err != nil {
		return 0, err
	}
	var buf []byte
	for _, f := range hostileFormatters {
		buf = f.WithLoggerName("logger", logger).Append(buf[:0], nil, r)
		length += len(buf)
	}
	_, err = fmt.Fprint(discard{}, slog.AnyValue(r))
	return length, err
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// check decodes and prints a payload, and returns what is not as it must be.
func (v *hostileVector) check(d *Decoder, p []byte) error {
	if v.Must == "reject_every_prefix" {
		for n := range p {
			if _, _, err := d.Decode(p[:n]); err == nil {
				return fmt.Errorf("the first %d of %d bytes pass", n, len(p))
			}
		}
	}
	length, err := logged(d, p)
	switch most := 64*len(p) + 64*usual.Nodes; {
	case v.Must == "reject" && err == nil && !v.isNarrow():
		return fmt.Errorf("it passes")
	case (v.Must == "accept" || v.Must == "reject_every_prefix") && err != nil:
		return err
	case length > most:
		return fmt.Errorf("%d bytes print as %d", len(p), length)
	}
	return nil
}

const hostileEnv = "LOGRECORD_HOSTILE_CHILD"

// TestOracleHostileRecords replays each payload in a child process of its own, or with -short 50 in one, which has little
// memory and an empty directory, which has to stay empty, and has no way to start a program by its name.
func TestOracleHostileRecords(t *testing.T) {
	if os.Getenv(hostileEnv) != "" {
		hostileChild(t)
		return
	}
	const canary = "/tmp/PWNED_BY_PICKLE" // what the payloads would touch
	if _, err := os.Stat(canary); err == nil {
		t.Fatalf("%s is there before the test", canary)
	}
	each := 1
	if testing.Short() {
		each = 50
	}
	work := make(chan []hostileVector)
	var children sync.WaitGroup
	for range runtime.NumCPU() {
		children.Go(func() {
			for vectors := range work {
				runChild(t, vectors)
			}
		})
	}
	for vectors := range slices.Chunk(oracle.Load[hostileVector](t, "hostile_pickles"), each) {
		work <- vectors
	}
	close(work)
	children.Wait()
	if _, err := os.Stat(canary); err == nil {
		t.Errorf("%s came to be", canary)
	}
}

// runChild fails the test unless all that a child makes of the vectors is as it must be.
func runChild(t *testing.T, vectors []hostileVector) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestOracleHostileRecords$", "-test.v")
	var in bytes.Buffer
	for _, v := range vectors {
		if err := json.NewEncoder(&in).Encode(v); err != nil {
			t.Error(err)
		}
	}
	cmd.Dir, cmd.Stdin = t.TempDir(), &in
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PATH=") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, hostileEnv+"=1", "TMPDIR="+cmd.Dir, "GOCOVERDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("the child: %v\n%s", err, out[max(0, len(out)-2000):])
	}
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("the child left %v, %v", left, err)
	}
	verdicts := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if id, verdict, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " verdict: "); ok {
			verdicts[id] = verdict
		}
	}
	for _, v := range vectors {
		if verdict, ok := verdicts[v.ID]; !ok || verdict != "" {
			t.Errorf("%s %s %q must %s: %v %s", v.ID, v.Category, v.Label, v.Must, ok, verdict)
		}
	}
}

// hostileChild says of each vector what is wrong. What decoding and printing allocate, in sum, is in proportion
// to the payload, beside what the bound on values allows, and so is the time.
func hostileChild(t *testing.T) {
	limitMemory(t)
	d := NewDecoder(usual)
	for in := json.NewDecoder(os.Stdin); ; {
		var v hostileVector
		if err := in.Decode(&v); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		p := v.payload()
		runs := 1
		if v.Must == "reject_every_prefix" {
			runs += len(p)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		err := v.check(d, p)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		if most := uint64(runs * (24<<20 + 16*len(p))); err == nil && used > most {
			err = fmt.Errorf("%d bytes cost %d of memory", len(p), used)
		}
		if most := time.Duration(runs) * 5 * time.Second; err == nil && took > most {
			err = fmt.Errorf("%d bytes took %v", len(p), took)
		}
		fmt.Printf("%s verdict: %s\n", v.ID, oneLine(err))
		if os.Getenv("SHOW_COST") != "" {
			fmt.Printf("%9d bytes %9d KB %v %s\n", len(p), used>>10, took, v.Label)
		}
	}
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(fmt.Sprint(err), "\n", "; ")
}
