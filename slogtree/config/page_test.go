package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

var page = filepath.Join("docs", "configuration.md")

// The programs of the page, with their output, are the examples.
func TestPageExamples(t *testing.T) {
	if shown := oracle.ParseSource(t, "example_test.go").CheckExamples(t, page); shown < 3 {
		t.Errorf("only %d examples were found", shown)
	}
}

// The page has a table of the options of each kind.
func TestPageKinds(t *testing.T) {
	for _, of := range []sort{ofHandlers, ofFormatters, ofFilters} {
		var b strings.Builder
		rows := 0
		for _, k := range DefaultRegistry().Kinds() {
			if k.sort() == of {
				k.table(&b)
				rows++
			}
		}
		if rows == 0 {
			t.Errorf("no %ss", of)
		}
		oracle.CheckSection(t, page, string(of)+"s", b.String())
	}
}

// table writes what a kind is, and its options.
func (k *Kind) table(b *strings.Builder) {
	fmt.Fprintf(b, "### %s\n\n%s", k.Name, k.Doc)
	if len(k.Classes) > 0 {
		fmt.Fprintf(b, " In Python: `%s`", strings.Join(k.Classes, "`, `"))
		if len(k.Args) > 0 {
			fmt.Fprintf(b, ", whose arguments are %s", strings.Join(k.Args, ", "))
		}
		b.WriteString(".")
	}
	b.WriteString("\n\n")
	if len(k.Options) == 0 {
		return
	}
	b.WriteString("| option | takes | default | |\n|---|---|---|---|\n")
	for _, o := range k.Options {
		name := "`" + o.Name + "`"
		if o.Python != "" {
			name += ", `" + o.Python + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, o.takes(), o.shown(), cell(o.Doc))
	}
	b.WriteString("\n")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func (o *Option) takes() string {
	if o.Choices != nil {
		return "`" + strings.Join(o.Choices, "`, `") + "`"
	}
	return string(o.Type)
}

func (o *Option) shown() string {
	switch {
	case o.Required:
		return "must be given"
	case o.Default == "":
		return ""
	}
	return "`" + o.Default + "`"
}

// Each kind of the default registry is complete, its defaults are values of their types, and
// what Python calls things is there.
func TestKinds(t *testing.T) {
	names := map[string]bool{}
	for _, k := range DefaultRegistry().Kinds() {
		if err := k.check(); err != nil {
			t.Error(err)
		}
		if id := string(k.sort()) + " " + k.Name; names[id] {
			t.Errorf("two kinds: %s", id)
		} else {
			names[id] = true
		}
		if k.Doc == "" || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s: doc %q", k.Name, k.Doc)
		}
		for _, o := range k.Options {
			if o.Doc == "" || strings.HasSuffix(o.Doc, ".") {
				t.Errorf("%s.%s: doc %q", k.Name, o.Name, o.Doc)
			}
			if o.Default == "" {
				continue
			}
			if o.Choices != nil && !slices.Contains(o.Choices, o.Default) {
				t.Errorf("%s.%s: default %q is no choice", k.Name, o.Name, o.Default)
			}
			v := textValue(o.Default)
			switch o.Type {
			case TypeInt, TypeSize, TypeFloat, TypeBool:
				v = readJSON([]byte(o.Default), &problems{})
			case TypeStream:
				v = &value{kind: external, text: strings.TrimPrefix(o.Default, "ext://")}
			}
			if _, _, wrong := o.decode(v, true); wrong != "" {
				t.Errorf("%s.%s: default %q: %s", k.Name, o.Name, o.Default, wrong)
			}
		}
	}
}
