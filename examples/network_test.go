package examples

import (
	"bufio"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// comparePairs runs the variant's receiver and sender, in Python and ours, in all pairings.
// Without a python3 ours are the only ones.
func (r *recipe) comparePairs(t *testing.T, python string, want map[string]string) {
	type end struct {
		name    string
		program []string
	}
	servers := []end{{"ours", []string{filepath.Join(binaries, "network"), "server"}}}
	clients := []end{{"ours", append([]string{filepath.Join(binaries, "network"), "client"}, r.flags()...)}}
	if python != "" {
		servers = append(servers, end{"CPython's", []string{python, "server.py"}})
		clients = append(clients, end{"CPython's", []string{python, "client.py"}})
	}
	for _, server := range servers {
		for _, client := range clients {
			t.Run(client.name+" to "+server.name, func(t *testing.T) {
				t.Parallel()
				equal(t, client.name+" to "+server.name, r.normalise(t, r.runPair(t, server.program, client.program)), want)
			})
		}
	}
}

var port = regexp.MustCompile(`^port (\d+)\n$`)

// runPair starts a receiver, runs a sender with the port that it prints, and waits for both.
func (r *recipe) runPair(t *testing.T, server, client []string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a receiver that does not end
	defer cancel()
	given := read(t, r.dir)
	delete(given, "case.json")
	dir := directory(t, given)

	var stdout, stderr strings.Builder
	receiver := command(ctx, dir, server[0], server[1:]...)
	receiver.Stderr = &stderr
	pipe, err := receiver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	for {
		line, err := out.ReadString('\n')
		stdout.WriteString(line)
		if err != nil {
			t.Fatalf("%s: %v, %v\n%s%s", receiver, err, receiver.Wait(), &stdout, &stderr)
		}
		if m := port.FindStringSubmatch(line); m != nil {
			client = append(client[:len(client):len(client)], m[1])
			break
		}
	}
	sent := complete(t, command(ctx, dir, client[0], client[1:]...))
	if _, err := out.WriteTo(&stdout); err != nil {
		t.Error(err)
	}
	if err := receiver.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s%s", receiver, err, &stdout, &stderr)
	}
	files := written(t, dir, given)
	files["client-stdout.txt"], files["client-stderr.txt"] = sent.stdout, sent.stderr
	return outcome{stdout.String(), stderr.String(), files}
}
