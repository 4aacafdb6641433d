package configserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The tests of this file make parts of docs/configserver.md from the code, its comments
// and its examples.

var page = filepath.Join("docs", "configserver.md")

func TestPageOptions(t *testing.T) {
	oracle.CheckSection(t, page, "options", oracle.ParseSource(t, "options.go").FieldTable(t, "Options"))
}

func TestPageExample(t *testing.T) {
	if n := oracle.ParseSource(t, "example_test.go").CheckExamples(t, page); n != 1 {
		t.Errorf("%d examples", n)
	}
}

func TestPageKinds(t *testing.T) {
	oracle.CheckSection(t, page, "kinds", fmt.Sprintf("`%s`; with a `Root` also `%s`. Formats and filters are `%s`.\n",
		strings.Join(streamKinds, "`, `"), strings.Join(fileKinds, "`, `"), strings.Join(formatKinds, "`, `")))
}

// The envelope of the page is that of TestEnvelopeVector.
func TestPageEnvelope(t *testing.T) {
	oracle.CheckSection(t, page, "envelope", "```text\n"+
		"key       0123456789abcdef0123456789abcdef (32 bytes of ASCII)\n"+
		"audience  billing@host1\n"+
		"time      1700000000123\n"+
		"nonce     000102030405060708090a0b0c0d0e0f\n"+
		"document  [loggers]\\nkeys=root\\n\n"+
		"MAC       "+vectorMAC+"\n"+
		"```\n")
}

// The sender of the page is that of the example, which TestPythonEnvelope runs.
func TestPagePython(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "configserver", "send_signed.py"))
	if err != nil {
		t.Fatal(err)
	}
	oracle.CheckSection(t, page, "python", "```python\n"+string(text)+"```\n")
}

// threats are what somebody may try, what stands against it, and the test that shows it.
var threats = []struct{ what, against, test string }{
	{"A document has something executed: `args=`, `class=`, `()`, `ext://`, `cfg://`, `.`", "Expressions are literals, names are looked up in a registry, nothing is imported or called.", "TestOracleHostile"},
	{"It writes to a file elsewhere: absolute, by `..`, through a symbolic link", "Where each name leads is looked up by os.Root before anything is opened, and has to be below `Options.Config.Root`; without a root no kind that opens files is allowed. Files are then opened by their names.", "TestOracleHostile"},
	{"It has a file read: as a certificate, to learn from the error what it is", "Kinds that read files are not among `DefaultKinds`. Where a program allows them, files of certificates have to be below the root too, and are opened by os.Root.", "TestHostileCertificates"},
	{"It has records sent elsewhere, or opens connections", "Kinds that do are not among `DefaultKinds`.", "TestOracleHostile"},
	{"It fails halfway, as CPython's does after it has cleared all", "All of it holds or nothing.", "TestOracleListen"},
	{"It is built to take endless time or memory", "1 MiB at most, and what reads it is linear; deep nesting and expansion are bounded.", "TestOracleHostile"},
	{"It names ever more loggers, or one of many parts, which the tree keeps", "`Options.MaxLoggers` bounds how many documents make in all.", "TestMaxLoggers"},
	{"Another machine connects", "Serve refuses to begin where others can, unless HMAC or client certificates say who sends.", "TestGuard"},
	{"Another user of this machine connects", "To a TCP port of loopback any user can: give `Options.HMAC`, or listen on a unix socket, where Linux says who it is.", "TestUnixRefused"},
	{"A web page sends a request to the port", "The first bytes of HTTP and of TLS are a length above the limit. That holds while `Options.MaxBytes` is below 500 MB.", "TestFrames"},
	{"A document is changed on its way", "Its HMAC is wrong then, or TLS notices.", "TestEnvelopeChanged"},
	{"One that was seen is sent again", "Its nonce is remembered until its time is over; what is older than the server is refused.", "TestHMAC"},
	{"It is sent to another server with the same key", "`HMAC.Audience` is part of what is signed.", "TestHMAC"},
	{"A peer sends slowly, or nothing, or never closes", "Each part has its time, and for one connection too many the oldest goes that is still sending.", "TestSlow"},
	{"Thousands of connections with rubbish", "A bounded number at once; refusals are told ten a second, the others counted; documents among them are applied.", "TestManyShort"},
	{"A thousand connections at once that say nothing", "64 are held, the oldest that says nothing goes, and a document among them is applied.", "TestThousand"},
	{"A length of 4 GiB and nothing behind it", "Refused above the limit, and no memory is taken for what has not come.", "TestLengthIsNotBelieved"},
}

func TestPageThreats(t *testing.T) {
	names := oracle.NamesOfTests(t, ".")
	var b strings.Builder
	b.WriteString("| what somebody tries | what stands against it | shown by |\n|---|---|---|\n")
	for _, threat := range threats {
		if !names[threat.test] {
			t.Errorf("there is no %s", threat.test)
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", threat.what, threat.against, threat.test)
	}
	oracle.CheckSection(t, page, "threats", b.String())
}
