// Command report turns the output of rounds of benchmarks into a page and a
// picture: medians, ratios, and whether what we promise holds.
//
//	report -out DIR RESULTS
//
// RESULTS holds a directory for each round, with a file PACKAGE.txt of
// go test -bench output for each package. DIR gets performance.md and
// performance.svg. A promise that does not hold is printed, and is no failure
// of the program; one that was not measured is.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", ".", "directory that gets performance.md and performance.svg")
	flag.Parse()
	if err := run(flag.Arg(0), *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// run writes the page and the picture of the results, and says on w what does
// not hold.
func run(results, out string, w io.Writer) error {
	r, err := readResults(os.DirFS(results))
	if err != nil {
		return err
	}
	verdicts, err := judge(r, allPromises())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "performance.svg"), []byte(plot(r)), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "performance.md"), []byte(page(r, thisMachine(), verdicts)), 0o644); err != nil {
		return err
	}
	kept := 0
	for _, v := range verdicts {
		if v.holds {
			kept++
			continue
		}
		fmt.Fprintf(w, "does not hold: %s: %s\n", v.promise, v.measured)
	}
	_, err = fmt.Fprintf(w, "%d of %d promises hold; see %s\n", kept, len(verdicts), filepath.Join(out, "performance.md"))
	return err
}
