package rotatetest_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// A file to which two writers write, and of which a line is cut.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "app.log")

	var text []byte
	for n := uint64(1); n <= 3; n++ {
		text = rotatetest.AppendLine(text, "web", n, 80)
		text = rotatetest.AppendLine(text, "cron", n, 80)
	}
	copy(text[200:], "\n") // in web's second line
	if err := os.WriteFile(name, text, 0o666); err != nil {
		log.Fatal(err)
	}

	report, err := rotatetest.Verify(name)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Err())
	for _, w := range report.Writers {
		fmt.Println(w.Name, w.Lines, "lines, missing:", w.Missing)
	}
	// Output:
	// rotatetest: lines: 1 lost, 2 torn (0 allowed)
	// cron 3 lines, missing: []
	// web 2 lines, missing: [{2 2}]
}

// A writer that may be killed at any time says what was acknowledged; a Check then
// knows what has to be there.
func ExampleOpenAckFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name, acks := filepath.Join(dir, "app.log"), filepath.Join(dir, "acks")
	if err := os.Mkdir(acks, 0o777); err != nil {
		log.Fatal(err)
	}

	// The writer.
	ack, err := rotatetest.OpenAckFile(acks, "web")
	if err != nil {
		log.Fatal(err)
	}
	defer ack.Close()
	for n := uint64(1); n <= 3; n++ {
		line := rotatetest.AppendLine(nil, "web", n, 80)
		if err := os.WriteFile(name, line, 0o666); err != nil { // a mistake: it should append
			log.Fatal(err)
		}
		if err := ack.Wrote(n); err != nil {
			log.Fatal(err)
		}
	}

	// Another program, later.
	known, err := rotatetest.ReadAcks(acks)
	if err != nil {
		log.Fatal(err)
	}
	report, err := rotatetest.Check{Acks: known}.Verify(name)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Err())
	// Output: rotatetest: lines: 2 lost
}
