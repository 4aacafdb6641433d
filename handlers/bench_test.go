package handlers_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// The wrappers that have no file of tests with a benchmark of their own.

func BenchmarkLevel(b *testing.B) {
	benchmarkWrapper(b, func(next slog.Handler) slog.Handler { return handlers.NewLevel(next, slog.LevelInfo) })
}

func BenchmarkFilter(b *testing.B) {
	benchmarkWrapper(b, func(next slog.Handler) slog.Handler { return handlers.NewFilter(next, handlers.NameFilter("")) })
}

func BenchmarkFanout(b *testing.B) {
	benchmarkWrapper(b, func(next slog.Handler) slog.Handler { return handlers.NewFanout(next, next) })
}

func BenchmarkMemory(b *testing.B) {
	benchmarkWrapper(b, func(next slog.Handler) slog.Handler {
		return handlers.NewMemory(next, handlers.MemoryOptions{Capacity: 100})
	})
}

func BenchmarkFile(b *testing.B) {
	f, err := handlers.NewFile(filepath.Join(b.TempDir(), "app.log"), plain{}, nil, handlers.FileOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	benchmarkWrapper(b, func(slog.Handler) slog.Handler { return f })
}

func BenchmarkNewStdLog(b *testing.B) {
	l := handlers.NewStdLog(slog.DiscardHandler, slog.LevelInfo)
	b.ReportAllocs()
	for b.Loop() {
		l.Print("one line of another package")
	}
}
