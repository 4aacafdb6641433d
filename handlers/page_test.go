package handlers_test

import (
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

var handlersPage = filepath.Join("docs", "handlers.md")

// TestPageExamples shows the examples, which go test runs, in docs/handlers.md.
func TestPageExamples(t *testing.T) {
	shown := 0
	for _, file := range []string{"page_example_test.go", "dedup_test.go", "ratelimit_test.go", "redact_test.go", "sample_test.go", "writer_test.go"} {
		shown += oracle.ParseSource(t, file).CheckExamples(t, handlersPage)
	}
	if shown < 13 {
		t.Errorf("only %d examples", shown)
	}
}

// TestPageFields makes the tables of options and of statistics.
func TestPageFields(t *testing.T) {
	for _, table := range []struct{ file, of string }{
		{"queue.go", "QueueOptions"}, {"queue.go", "QueueStats"}, {"flight.go", "FlightOptions"}, {"flight.go", "FlightStats"},
		{"failover.go", "FailoverOptions"}, {"failover.go", "FailoverStats"}, {"router.go", "Route"}, {"router.go", "RouterOptions"}, {"router.go", "RouterStats"},
		{"retry.go", "RetryOptions"}, {"retry.go", "RetryStats"}, {"recover.go", "RecoverStats"},
		{"sample.go", "SampleOptions"}, {"sample.go", "SampleStats"}, {"ratelimit.go", "RateLimitOptions"}, {"ratelimit.go", "RateLimitStats"},
		{"dedup.go", "DedupOptions"}, {"dedup.go", "DedupStats"}, {"redact.go", "RedactOptions"}, {"redact.go", "RedactStats"},
	} {
		oracle.CheckSection(t, handlersPage, table.of, oracle.ParseSource(t, table.file).FieldTable(t, table.of))
	}
}
