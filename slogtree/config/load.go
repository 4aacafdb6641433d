package config

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Env is the environment variable that [FromEnv] reads.
const Env = "SLOG_CONFIG"

// maxFile is the size of the largest file that is read, in bytes.
const maxFile = 4 << 20

// Load reads a file: with [ParseINI] if its extension is ".conf", ".ini" or
// ".cfg", with [ParseDict] if it is ".json", ".yaml" or ".yml". By any other extension, or
// none, the text decides: one that begins with a brace is JSON, one whose first line
// that says something is a [section] is INI, one with a key "version" is YAML; of another
// the error says that it is none of them. Errors are those of
// reading the file, or an [*Error] each.
func Load(path string) (*Config, error) { return Options{}.Load(path) }

// Load is [Load] with options. Filename is the path unless it is set.
func (o Options) Load(path string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return o.parse(path, data)
}

// FromEnv loads the file that the environment variable SLOG_CONFIG names, and
// applies it to tree. If it isn't set or is empty it does nothing, and returns
// neither a Report nor an error.
//
// SLOG_LEVELS, which [slogtree.Default] reads, has the last word in that tree: a rule
// there decides on a logger's level whatever the file says.
func FromEnv(ctx context.Context, tree *slogtree.Tree) (*Report, error) {
	path := os.Getenv(Env)
	if path == "" {
		return nil, nil
	}
	c, err := Load(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Env, err)
	}
	report, err := c.Apply(ctx, tree)
	if err != nil {
		return report, fmt.Errorf("%s: %w", Env, err)
	}
	return report, nil
}

// readFile reads a file that may be a pipe, so its size is not known before.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("config: %w", err)
	case len(data) > maxFile:
		return nil, &Error{Filename: path, Reason: fmt.Sprintf("the file has more than %d bytes", maxFile)}
	}
	return data, nil
}

// parse parses a file's text.
func (o Options) parse(path string, data []byte) (*Config, error) {
	if o.Filename == "" {
		o.Filename = path
	}
	switch formatOf(path, data) {
	case formatINI:
		return ParseINI(data, o)
	case formatDict:
		return ParseDict(data, o)
	}
	reason := "the text is neither INI, nor JSON, nor YAML with a key \"version\""
	if len(bytes.TrimSpace(data)) == 0 {
		reason = "the file is empty"
	}
	return nil, &Error{Filename: o.Filename, Reason: fmt.Sprintf("the extension %q is none of %s, and %s",
		filepath.Ext(path), strings.Join(slices.Concat(extensions[formatINI], extensions[formatDict]), ", "), reason)}
}

// A format is how a document is written.
type format int

const (
	unknownFormat format = iota
	formatINI
	formatDict // JSON or YAML
)

var extensions = map[format][]string{
	formatINI:  {".conf", ".ini", ".cfg"},
	formatDict: {".json", ".yaml", ".yml"},
}

// formatOf returns the format of a file by its extension, else by its text.
func formatOf(path string, data []byte) format {
	ext := strings.ToLower(filepath.Ext(path))
	for f, exts := range extensions {
		if slices.Contains(exts, ext) {
			return f
		}
	}
	return formatOfText(data)
}

// formatOfText looks at lines without white space around them. A list in JSON
// begins as a section does, but is no configuration.
func formatOfText(data []byte) format {
	first := true
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		switch {
		case first && line[0] == '{':
			return formatDict
		case first && line[0] == '[':
			return formatINI
		case isVersion(line):
			return formatDict
		}
		first = false
	}
	return unknownFormat
}

// isVersion reports whether a line of YAML has the key "version".
func isVersion(line []byte) bool {
	key, _, ok := bytes.Cut(line, []byte(":"))
	return ok && string(bytes.Trim(bytes.TrimSpace(key), `"'`)) == "version"
}
