// Verify tells whether log files of numbered lines have all that was written to
// them: what was lost, doubled or torn. It is [rotatetest.Verify] for a shell.
//
//	verify [flags] FILE...
//
// It prints a table, and exits with 1 if anything is wrong, with 2 if it could not
// tell. See package rotatetest for the lines, which its AppendLine makes.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are the flags.
type options struct {
	check   rotatetest.Check
	acks    string
	foreign string
	json    bool
	writers int
}

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: verify [flags] FILE...\n")
		flags.PrintDefaults()
	}
	o.define(flags)
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 && o.acks == "" { // with acknowledgements, no file is an answer
		flags.Usage()
		return 2
	}
	report, err := o.verify(flags.Args())
	if err == nil {
		err = o.print(stdout, report)
	}
	if err != nil {
		fmt.Fprintln(stderr, "verify:", err)
		return 2
	}
	if err := report.Err(); err != nil {
		fmt.Fprintln(stderr, "verify:", err)
		return 1
	}
	return 0
}

func (o *options) define(flags *flag.FlagSet) {
	flags.StringVar(&o.acks, "acks", "", "read from this `directory` what each writer was acknowledged, a file for each")
	flags.IntVar(&o.check.Torn, "torn", 0, "allow so many torn lines: one for each writer that was killed")
	flags.BoolVar(&o.check.Pruned, "pruned", false, "old files were deleted: a writer's lines may begin late and end early")
	flags.BoolVar(&o.check.AnyOrder, "any-order", false, "writers write from several goroutines")
	flags.BoolVar(&o.check.Doubtful, "doubtful", false, "a line whose write failed may be there: its sync failed")
	flags.StringVar(&o.foreign, "foreign", "", "allow other lines that match this `expression`")
	flags.BoolVar(&o.json, "json", false, "print the report as JSON")
	flags.IntVar(&o.writers, "writers", 20, "show at most so many writers, those first with which something is wrong")
}

func (o *options) verify(files []string) (*rotatetest.Report, error) {
	if o.acks != "" {
		acks, err := rotatetest.ReadAcks(o.acks)
		if err != nil {
			return nil, err
		}
		o.check.Acks = acks
	}
	if o.foreign != "" {
		re, err := regexp.Compile(o.foreign)
		if err != nil {
			return nil, fmt.Errorf("-foreign: %w", err)
		}
		o.check.Foreign = re.Match
	}
	return o.check.Verify(files...)
}

func (o *options) print(w io.Writer, report *rotatetest.Report) error {
	if !o.json {
		_, err := io.WriteString(w, report.Table(o.writers))
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(report)
}
