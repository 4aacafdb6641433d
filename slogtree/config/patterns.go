package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// maxPatterns bounds what all regular expressions of a document are made into, in instructions and ranges of
// characters: "(?:abc){1000}" are a few bytes there, and many compiled.
const maxPatterns = 200_000

// patternsOf compiles patterns. Package regexp takes time in proportion to the text, whatever the pattern.
func patternsOf(a *Args) (patterns []*regexp.Regexp, err error) {
	for _, text := range a.Texts("patterns") {
		if err := a.pay(text); err != nil {
			return nil, fmt.Errorf("patterns: %w", err)
		}
		p, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("patterns: %w", err)
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// pay takes what a pattern costs off what the document has left, when it is read.
func (a *Args) pay(pattern string) error {
	if a.spent == nil {
		return nil
	}
	if *a.spent <= maxPatterns {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return err
		}
		*a.spent += patternCost(re)
	}
	if *a.spent > maxPatterns {
		return errors.New("those of the document are too large together")
	}
	return nil
}

// patternCost returns what re is made into, or more, and no more than it takes to be too much.
func patternCost(re *syntax.Regexp) int {
	cost := 2 + len(re.Rune)
	for _, sub := range re.Sub {
		cost = min(cost+patternCost(sub), maxPatterns+1)
	}
	if re.Op == syntax.OpRepeat {
		cost *= max(re.Min+1, re.Max) // 1001 at most
	}
	return min(cost, maxPatterns+1)
}
