// Package oracle reads the vectors of this directory, which CPython made, for
// the tests that replay them. README.md describes their form.
//
// A test loads a file with [Load], into a struct of its own whose fields of
// type [Value] hold Python values; counts with a [Tally] what it replayed and
// what it set aside and why; and ends with [Tally.Report].
package oracle

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// DirEnv is the environment variable that names another directory of vectors
// of the same form.
const DirEnv = "ORACLE_DIR"

// Root returns the module's root: the nearest directory upward from the
// working directory that has a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("oracle: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("oracle: no go.mod above the working directory")
		}
		dir = up
	}
}

// Dir returns the directory of the vectors: ORACLE_DIR, else testdata/oracle.
// A relative path counts from the module's root.
func Dir() (string, error) {
	dir := os.Getenv(DirEnv)
	if filepath.IsAbs(dir) {
		return dir, nil
	}
	root, err := Root()
	if dir == "" {
		dir = filepath.Join("testdata", "oracle")
	}
	return filepath.Join(root, dir), err
}

// foreign reports whether the vectors are not the repository's own.
func foreign() bool { return os.Getenv(DirEnv) != "" }

// Load decodes each line of NAME.jsonl or NAME.jsonl.gz into a T, which is a
// struct with JSON tags. It fails the test if the file is missing, empty or
// malformed. A directory given by ORACLE_DIR may hold some files only: a test
// whose file is not there is skipped.
func Load[T any](t testing.TB, name string) []T {
	t.Helper()
	lines, err := readLines(name)
	if errors.Is(err, fs.ErrNotExist) && foreign() && hasVectors(t) {
		t.Skipf("oracle: no %s in %s", name, os.Getenv(DirEnv))
	}
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("oracle: %s holds no vectors", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	vectors := make([]T, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal(line, &vectors[i]); err != nil {
			t.Fatalf("oracle: %s line %d: %v", name, i+1, err)
		}
	}
	return vectors
}

// hasVectors reports whether the directory holds any vectors, so that a wrong
// path isn't taken for a directory that lacks one file.
func hasVectors(t testing.TB) bool {
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.jsonl*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found) > 0
}

func readLines(name string) ([][]byte, error) {
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+".jsonl")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = readGzip(path + ".gz")
	}
	if err != nil {
		return nil, fmt.Errorf("oracle: %w", err)
	}
	return splitLines(data)
}

func readGzip(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// splitLines splits at \n alone: a line may hold U+2028 and the like.
func splitLines(data []byte) ([][]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		return nil, errors.New("oracle: the last line has no end")
	}
	return bytes.Split(data[:len(data)-1], []byte("\n")), nil
}
