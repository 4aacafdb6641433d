package netsink_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The tests of this file make parts of docs/network.md from the code, its comments and
// its examples.

var networkPage = filepath.Join("docs", "network.md")

// TestPageFields makes the tables of options and of statistics, of both ends.
func TestPageFields(t *testing.T) {
	for _, table := range []struct{ file, of, section string }{
		{"options.go", "Options", "options"},
		{"stats.go", "Stats", "stats"},
		{"receiver/server.go", "Server", "server"},
		{"receiver/stats.go", "Stats", "serverstats"},
	} {
		oracle.CheckSection(t, networkPage, table.section, oracle.ParseSource(t, table.file).FieldTable(t, table.of))
	}
}

// TestPageExamples shows the examples, which go test runs, with their output.
func TestPageExamples(t *testing.T) {
	if n := oracle.ParseSource(t, "page_example_test.go").CheckExamples(t, networkPage); n < 2 {
		t.Errorf("only %d examples", n)
	}
}

// promises are what the page says of trouble, and the tests that hold us to it.
var promises = []struct{ when, what, tests string }{
	{"the receiver ends in order: its context ends, or slogd gets SIGTERM", "Nothing is lost. It says that it ends, reads what was sent until then, and the handler keeps the rest for the next.", "TestRestarts TestDrain TestEndIsNoticedBeforeWriting"},
	{"the receiver is killed, or the network breaks", "What was on its way is lost, and nobody can know what: this wire has no acknowledgements. The handler says between which of its records that is, by an `UnconfirmedError`: those in the last `Options.Window` bytes that it had sent.", "TestKilled"},
	{"a receiver ends, and does not come to read all: `Server.DrainTimeout` is over, it is killed while it ends, Python's handler raises", "What it had not read is lost, and within an `UnconfirmedError`: ours says so itself when it has read all, and one that closes first without that is not believed.", "TestHalfClosedPeer TestEndsWithoutReading TestDrainTimeoutIsTold"},
	{"the program ends without Close, or by os.Exit", "What was logged in the last milliseconds is lost.", "TestCloseAtOnce"},
	{"datagrams, by udp or unixgram", "Nothing is promised. What the system refuses is counted and told.", "TestDatagrams"},
	{"a connection breaks in the middle of a record", "The record is sent again, whole.", "TestTornIsSentAgain"},
	{"nobody listens, or takes anything", "Records wait in memory, up to `Options.BufferBytes`. Then `Options.Overflow` decides; no caller waits for longer than `Options.MaxWait` in all. It tries again after 1 s, 2 s, and so on up to 30 s.", "TestNeverReads TestWaitIsBounded TestBackoff"},
	{"nobody listens, with `Options.FailDown`", "From the moment an attempt to connect has failed until one succeeds, `Handler.Handle` refuses records, and a `handlers.Failover` gives them to its next handler.", "TestFailDown TestNoFailDown TestFailDownClosed TestFailDownBehindFailover"},
	{"records were dropped", "They are counted, and where they are missing stands a record that says how many.", "TestGaps"},
	{"the program ends", "`Handler.Close` sends what is left, within its context or `Options.CloseTimeout`; what it can't send is counted, and it returns an error that says so.", "TestCloseIsBounded TestCloseWaitsForPeer"},
	{"somebody sends what is no record, or too long a one", "Its connection is closed; why is counted and told. Others go on.", "TestHostileFrames TestOracleHostilePickles"},
	{"a peer sends slowly, or nothing, or a thousand do", "They hold up nobody else. A record has to be whole within `Server.FrameTimeout`.", "TestCrowd TestFrameTimeout"},
	{"a handler of the receiver fails or panics", "That is counted and told, and the next record comes.", "TestHandlerFails"},
}

// TestPagePromises makes the table of promises, and checks that the tests are there.
func TestPagePromises(t *testing.T) {
	there := oracle.NamesOfTests(t, ".")
	var b strings.Builder
	b.WriteString("| when | what happens |\n|---|---|\n")
	for _, p := range promises {
		fmt.Fprintf(&b, "| %s | %s |\n", p.when, p.what)
		for _, test := range strings.Fields(p.tests) {
			if !there[test] {
				t.Errorf("%s: there is no test %s", p.when, test)
			}
		}
	}
	oracle.CheckSection(t, networkPage, "promises", b.String())
}
