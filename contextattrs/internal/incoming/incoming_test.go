package incoming

import (
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"
)

// harmless are all characters that an id may have.
const harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=:@"

func TestIsIDByte(t *testing.T) {
	for c := range 256 {
		if want := strings.IndexByte(harmless, byte(c)) >= 0; IsIDByte(byte(c)) != want {
			t.Errorf("%q: %t", rune(c), !want)
		}
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"": false, "a": true, harmless: true, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false,
		strings.Repeat("x", 1<<20): false, "a b": false, "a\n": false, "\ra": false, "a\x00": false, "é": false, "a,b": false, `a"b`: false,
	} {
		if ValidID(id) != want {
			t.Errorf("%.20q: %t", id, !want)
		}
	}
}

func TestID(t *testing.T) {
	made := func(id string) func() string { return func() string { return id } }
	for _, c := range []struct {
		sent []string
		take bool
		make func() string
		want string // "" is a random one
	}{
		{[]string{"r-1"}, true, made("own"), "r-1"},
		{[]string{"r-1"}, false, made("own"), "own"},
		{[]string{"r-1", "r-2"}, true, made("own"), "own"},
		{[]string{"r 1"}, true, made("own"), "own"},
		{[]string{""}, true, made("own"), "own"},
		{nil, true, made("own"), "own"},
		{nil, true, made("not valid\n"), ""},
		{nil, true, made(""), ""},
		{nil, true, nil, ""},
		{[]string{"r-1"}, false, nil, ""},
	} {
		got := ID(c.sent, c.take, c.make)
		if c.want != "" && got != c.want || !ValidID(got) {
			t.Errorf("%q, %t: %q, want %q", c.sent, c.take, got, c.want)
		}
		if again := ID(c.sent, c.take, c.make); c.want == "" && again == got {
			t.Errorf("%q, %t: %q twice", c.sent, c.take, got)
		}
	}
}

func TestIDAsksOnlyWhenItHasTo(t *testing.T) {
	ID([]string{"r-1"}, true, func() string {
		t.Error("made one though a good one was sent")
		return "own"
	})
}

func TestLevel(t *testing.T) {
	for sent, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "DEBUG": slog.LevelDebug, "Info": slog.LevelInfo, "warn": slog.LevelWarn, "warning": slog.LevelWarn,
		"error": slog.LevelError, "critical": slog.LevelError + 4, "info+2": slog.LevelInfo + 2, "DEBUG-4": slog.LevelDebug - 4,
	} {
		if got, ok := Level([]string{sent}); !ok || got != want {
			t.Errorf("%q: %v, %t", sent, got, ok)
		}
	}
	for _, sent := range [][]string{
		nil, {}, {""}, {"debug", "debug"}, {" debug"}, {"debug\n"}, {"verbose"}, {"10"}, {"debug+"}, {"debug+999999999999"}, {strings.Repeat("d", 1<<20)},
	} {
		if got, ok := Level(sent); ok {
			t.Errorf("%.30q: %v", sent, got)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 0, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc... (cut)"}, {"aé", 3, "aé"}, {"aéb", 2, "a... (cut)"}, {"日本", 4, "日... (cut)"},
	} {
		if got := Cut(c.text, c.limit); got != c.want {
			t.Errorf("%q, %d: %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("aéb日", uint8(2))
	f.Fuzz(func(t *testing.T, text string, limit uint8) {
		got := Cut(text, int(limit))
		begin, cut := strings.CutSuffix(got, "... (cut)")
		switch {
		case len(text) <= int(limit):
			if got != text {
				t.Errorf("%q, %d: %q", text, limit, got)
			}
		case !cut || len(begin) > int(limit) || utf8.ValidString(text) && !strings.HasPrefix(text, begin):
			t.Errorf("%q, %d: %q", text, limit, got)
		case !utf8.ValidString(begin):
			t.Errorf("%q, %d: a torn character in %q", text, limit, got)
		}
	})
}

func TestTrace(t *testing.T) {
	const (
		trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
		good        = "00-" + trace + "-" + span + "-01"
	)
	for _, sent := range []string{good, good[:53] + "ff", "cc" + good[2:], "cc" + good[2:] + "-more", "01" + good[2:] + "-"} {
		if gotTrace, gotSpan, ok := Trace([]string{sent}); !ok || gotTrace != trace || gotSpan != span {
			t.Errorf("%q: %q, %q, %t", sent, gotTrace, gotSpan, ok)
		}
	}
	none := [][]string{nil, {}, {good, good}}
	for _, bad := range []string{
		"", "00", good[:54], good + "-more", "ff" + good[2:], "cc" + good[2:] + "more", "0x" + good[2:], strings.ToUpper(good), good[:53] + "0x",
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01", "00-" + trace + "-" + strings.Repeat("0", 16) + "-01",
		" " + good, good + "\n", strings.Replace(good, "4b", "4\n", 1), strings.ReplaceAll(good, "-", "_"), strings.Repeat("0", 1<<20),
	} {
		none = append(none, []string{bad})
	}
	for _, sent := range none {
		if gotTrace, gotSpan, ok := Trace(sent); ok || gotTrace != "" || gotSpan != "" {
			t.Errorf("%.80q: %q, %q", sent, gotTrace, gotSpan)
		}
	}
}

// FuzzTrace has what is taken be in the header, in its place.
func FuzzTrace(f *testing.F) {
	f.Add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Add("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")
	f.Fuzz(func(t *testing.T, sent string) {
		trace, span, ok := Trace([]string{sent})
		if ok && (len(trace) != 32 || len(span) != 16 || !strings.HasPrefix(sent[2:], "-"+trace+"-"+span+"-") || !ValidID(trace+span)) {
			t.Errorf("%q: %q, %q", sent, trace, span)
		}
	})
}
