package formatters

import (
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestLevelScale(t *testing.T) {
	for _, test := range []struct {
		level  slog.Level
		python int
		name   string
	}{
		{LevelNotSet, 0, "NOTSET"},
		{slog.LevelDebug - 2, 5, "DEBUG-2"},
		{slog.LevelDebug, 10, "DEBUG"},
		{slog.LevelInfo, 20, "INFO"},
		{slog.LevelInfo + 2, 25, "INFO+2"},
		{slog.LevelWarn, 30, "WARNING"},
		{slog.LevelError, 40, "ERROR"},
		{LevelCritical, 50, "CRITICAL"},
		{LevelCritical + 4, 60, "CRITICAL+4"},
	} {
		if got := PythonLevel(test.level); got != test.python {
			t.Errorf("PythonLevel(%d) = %d, want %d", test.level, got, test.python)
		}
		if got := FromPythonLevel(test.python); got != test.level {
			t.Errorf("FromPythonLevel(%d) = %d, want %d", test.python, got, test.level)
		}
		if got := LevelName(test.level); got != test.name {
			t.Errorf("LevelName(%d) = %s, want %s", test.level, got, test.name)
		}
		if got, err := ParseLevel(strings.ToLower(test.name)); got != test.level || err != nil {
			t.Errorf("ParseLevel(%s) = %d, %v", test.name, got, err)
		}
	}
}

// A threshold from Python never lets a lower number pass.
func TestFromPythonLevelRoundsUp(t *testing.T) {
	for n := -300; n <= 300; n++ {
		if l := FromPythonLevel(n); n != 0 && (PythonLevel(l) < n || PythonLevel(l-1) >= n && l-1 != LevelNotSet) && n > 0 {
			t.Errorf("FromPythonLevel(%d) = %d, which is %d", n, l, PythonLevel(l))
		}
	}
	for _, n := range []int{math.MaxInt, math.MinInt, math.MaxInt / 2, math.MinInt / 2} {
		if l := FromPythonLevel(n); (l > 0) != (n > 0) {
			t.Errorf("FromPythonLevel(%d) = %d", n, l)
		}
		if p := PythonLevel(slog.Level(n)); n != math.MinInt && (p > 0) != (n > 0) {
			t.Errorf("PythonLevel(%d) = %d", n, p)
		}
	}
}

func TestParseLevelRefuses(t *testing.T) {
	for _, s := range []string{
		"", "NOSUCH", "+5", "INFO+", "INFO+x", "INFO+1.5", "NOTSET+1", "10", "DEBUG-9223372036854775808",
		"CRITICAL+9223372036854775807", "INFO+99999999999999999999", "ERROR-99999999999999999999", "INFO-9223372036854775808",
	} {
		if l, err := ParseLevel(s); err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("ParseLevel(%q) = %d, %v; want an error that names it", s, l, err)
		}
	}
}

func TestParseLevelReadsNames(t *testing.T) {
	for _, l := range []slog.Level{math.MaxInt, math.MinInt + 1, -1000, -8, -1, 1, 7, 11, 13, min(1<<40, math.MaxInt)} {
		if got, err := ParseLevel(LevelName(l)); got != l || err != nil {
			t.Errorf("ParseLevel(LevelName(%d)) = %d, %v", l, got, err)
		}
	}
}

func TestLevelNames(t *testing.T) {
	var names LevelNames
	names.Add(2, "NOTICE")
	names.Add(slog.LevelDebug, "TRACE")
	names.Add(slog.LevelDebug, "FINE")
	for l, want := range map[slog.Level]string{2: "NOTICE", slog.LevelDebug: "FINE", 3: "INFO+3", slog.LevelWarn: "WARNING"} {
		if got := names.Name(l); got != want {
			t.Errorf("Name(%d) = %s, want %s", l, got, want)
		}
	}
	for s, want := range map[string]slog.Level{"NOTICE": 2, "TRACE": -4, "FINE": -4, "debug": -4, "WARN": 4, "Fatal": 12} {
		if got, err := names.Parse(s); got != want || err != nil {
			t.Errorf("Parse(%s) = %d, %v; want %d", s, got, err, want)
		}
	}
	f := Must(Percent("%(levelname)s", &Options{Levels: &names}))
	if got := render(f, newRecord(2, "")); got != "NOTICE" {
		t.Errorf("%%(levelname)s prints %q", got)
	}
	names.Add(2, "LATER\n")
	if got := render(f, newRecord(2, "")); got != `LATER\n` {
		t.Errorf("after another Add %%(levelname)s prints %q", got)
	}
}

func TestLevelNamesConcurrently(t *testing.T) {
	var names LevelNames
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 200 {
				names.Add(slog.Level(i), "MINE")
				if got := names.Name(slog.Level(i)); got != "MINE" {
					t.Errorf("got %s", got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestLevelNamesLevels(t *testing.T) {
	want := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, LevelCritical}
	var own LevelNames
	if got := own.Levels(); !slices.Equal(got, want) || !slices.Equal((*LevelNames)(nil).Levels(), want) {
		t.Errorf("%v, want %v", got, want)
	}
	own.Add(-8, "TRACE")
	own.Add(slog.LevelInfo, "NEWS")
	if got := own.Levels(); !slices.Equal(got, append([]slog.Level{-8}, want...)) {
		t.Errorf("with TRACE: %v", got)
	}
}
