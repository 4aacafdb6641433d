package examples

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// compareConfigured runs the variant's server and sender, in Python and ours, in all pairings.
// Without a python3 ours are the only ones.
func (r *recipe) compareConfigured(t *testing.T, python string, want map[string]string) {
	binary := filepath.Join(binaries, "configserver")
	flags := []string{"server"}
	for _, name := range []string{"cfgname", "rounds"} { // newlevel is in the documents
		flags = append(flags, r.flag(name))
	}
	servers := map[string][]string{"ours": append([]string{binary}, flags...)}
	senders := map[string][]string{"ours": {binary, "send"}}
	if python != "" {
		servers["CPython's"] = []string{python, "server.py"}
		senders["CPython's"] = []string{python, "send_config.py"}
	}
	for whose, server := range servers {
		for from, sender := range senders {
			t.Run(from+" to "+whose, func(t *testing.T) {
				t.Parallel()
				o := r.runConfigured(t, server, sender)
				if whose == "ours" {
					refusals := strings.Count(o.stderr, `msg="configuration refused"`)
					if refusals != 1 || !strings.Contains(o.stderr, "there is no section [formatters]") || strings.Count(o.stderr, "\n") != 3 {
						t.Errorf("of three documents the second has no formatters: %s", o.stderr)
					}
					o.stderr = want["stderr.txt"] // which has the names of Python's exceptions
				} else {
					o.stderr = strings.Join(exceptions.FindAllString(o.stderr, -1), "")
				}
				equal(t, from+" to "+whose, r.normalise(t, o), want)
			})
		}
	}
}

// exceptions are the lines of Python's tracebacks that say what it was.
var exceptions = regexp.MustCompile(`(?m)^[A-Za-z_.]+(Error|Exception)\b.*\n`)

// flag returns one of the flags.
func (r *recipe) flag(name string) string {
	for _, f := range r.flags() {
		if strings.HasPrefix(f, "-"+name+"=") {
			return f
		}
	}
	return ""
}

var listening = regexp.MustCompile(`^listening on port (\d+)\n$`)

// runConfigured starts a server, sends it the next file each time that it waits for one, and waits for its end.
func (r *recipe) runConfigured(t *testing.T, server, sender []string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a server that does not end
	defer cancel()
	given := read(t, r.dir)
	delete(given, "case.json")
	dir := directory(t, given)

	var stdout, stderr, sent strings.Builder
	cmd := command(ctx, dir, server[0], server[1:]...)
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	documents, port := []string{"new1.conf", "broken.conf", "new2.json"}, ""
	for lines := bufio.NewReader(pipe); ; {
		line, err := lines.ReadString('\n')
		stdout.WriteString(line)
		if err != nil {
			break
		}
		if m := listening.FindStringSubmatch(line); m != nil {
			port = m[1]
		}
		if line == "waiting for a new configuration\n" && len(documents) > 0 {
			client := append(sender[1:len(sender):len(sender)], documents[0], port)
			sent.WriteString(printed(t, command(ctx, dir, sender[0], client...)))
			documents = documents[1:]
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	files := written(t, dir, given)
	files["client-stdout.txt"] = sent.String()
	return outcome{stdout.String(), stderr.String(), files}
}

// printed runs a sender, which fails if its document is refused, and returns its output.
func printed(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stdout strings.Builder
	cmd.Stdout = &stdout
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Error(err)
	}
	return stdout.String()
}

// Without arguments the example sends to itself, and the broken file changes nothing.
func TestConfigserver(t *testing.T) {
	cmd := command(t.Context(), t.TempDir(), filepath.Join(binaries, "configserver"))
	o := complete(t, cmd)
	rounds := strings.Split(o.stdout, "waiting for a new configuration\n")
	if len(rounds) != 4 || rounds[1] != rounds[2] || rounds[1] != "WARNING:simpleExample:warn message\nERROR:simpleExample:error message\nCRITICAL:simpleExample:critical message\n" {
		t.Errorf("%q", rounds)
	}
	if !strings.HasPrefix(rounds[3], "DEBUG    debug message\n") || !strings.HasSuffix(rounds[3], "done\n") {
		t.Errorf("%q", rounds[3])
	}
}
