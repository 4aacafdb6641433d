package files

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/rotate"
)

const processes = 4

// memberVar, in its environment, makes of this program a process that writes:
// its arguments are the peer, the path, the limit, and how many lines.
const memberVar = "FILES_MEMBER"

func TestMain(m *testing.M) {
	if os.Getenv(memberVar) != "" {
		member(os.Args[1], os.Args[2], must(strconv.ParseInt(os.Args[3], 10, 64)), must(strconv.Atoi(os.Args[4])))
		return
	}
	tempDir = must(os.MkdirTemp("", "files"))
	code := m.Run()
	os.RemoveAll(tempDir)
	os.Exit(code)
}

// sharing are the peers that several processes open at once. Some are not made
// for it, and are used so. raw-file and limit-shared are floors, and do not rotate.
var sharing = []peer{
	{name: "raw-file", open: openRaw},
	{name: "limit-shared", open: openLocked},
	{name: "slogsuite-shared", open: ours(rotate.Options{Shared: true})},
	{name: "lumberjack", open: openLumberjack, least: mib},
	{name: "timberjack", open: openTimberjack, least: mib},
	{name: "phuslu-file", open: openPhuslu},
}

// member opens the file, says so, waits for standard input to end, writes, and
// says how much processor time that took.
func member(name, path string, limit int64, lines int) {
	i := slices.IndexFunc(sharing, func(p peer) bool { return p.name == name })
	w := sharing[i].open(path, limit)
	line := shape.Line(lineLen)
	fmt.Println("ready")
	must(io.ReadAll(os.Stdin))
	start := lat.CPU()
	for range lines {
		_, _ = w.Write(line) // what is refused is counted as lost
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	fmt.Println(int64(lat.CPU() - start))
}

// BenchmarkShared has four processes write one file. -cpu is how many processors
// each of them may use.
func BenchmarkShared(b *testing.B) {
	self := must(os.Executable())
	python, version := findPython()
	for _, limit := range []int64{64 * kib, 1 * mib} {
		for _, p := range sharing {
			if limit >= p.least {
				b.Run(sizeName(limit)+"/"+p.name, func(b *testing.B) { together(b, lat.AtLeast(b, 40_000), limit, self, p.name) })
			}
		}
		if python != "" {
			name := sizeName(limit) + "/python-clh-" + version
			b.Run(name, func(b *testing.B) { together(b, lat.AtLeast(b, 2_000), limit, python, "member.py") })
		}
	}
}

// findPython returns a Python that has concurrent-log-handler, and the latter's
// version; "" if there is none. PYTHON may name one.
func findPython() (python, version string) {
	const program = "import concurrent_log_handler, importlib.metadata as m; print(m.version('concurrent-log-handler'))"
	for _, python := range []string{os.Getenv("PYTHON"), "python3", "/usr/bin/python3"} {
		if python == "" {
			continue
		}
		if out, err := exec.Command(python, "-c", program).Output(); err == nil {
			return python, strings.TrimSpace(string(out))
		}
	}
	return "", ""
}

// together starts the processes, lets all go at once, and reports.
func together(b *testing.B, lines int, limit int64, program, peer string) {
	path := newPath(b)
	team := make([]*process, processes)
	for i := range team {
		team[i] = start(b, program, peer, path, strconv.FormatInt(limit, 10), strconv.Itoa(share(lines, processes, i)))
	}
	for _, p := range team {
		p.expect(b) // ready
	}
	b.ResetTimer()
	for _, p := range team {
		p.stdin.Close()
	}
	var cpu time.Duration
	for _, p := range team {
		cpu += time.Duration(must(strconv.ParseInt(p.expect(b), 10, 64)))
	}
	b.StopTimer()
	for _, p := range team {
		if err := p.cmd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu)/float64(lines), "cpu-ns/op")
	b.ReportMetric(float64(b.Elapsed())/float64(lines), "ns/op")
	reportRate(b, lines)
	reportLoss(b, path, lines)
}

// A process is one of those that write a file together.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	said  *bufio.Reader
}

// start starts a process, which ends with the benchmark at the latest.
func start(b *testing.B, program string, args ...string) *process {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Env = append(os.Environ(), memberVar+"=1", fmt.Sprintf("GOMAXPROCS=%d", runtime.GOMAXPROCS(0)))
	cmd.Stderr = os.Stderr
	stdin := must(cmd.StdinPipe())
	stdout := must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return &process{cmd, stdin, bufio.NewReader(stdout)}
}

// expect returns the next line that the process says.
func (p *process) expect(b *testing.B) string {
	b.Helper()
	line, err := p.said.ReadString('\n')
	if err != nil {
		b.Fatalf("%s: %v", p.cmd, err)
	}
	return strings.TrimSpace(line)
}
