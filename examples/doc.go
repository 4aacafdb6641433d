// Package examples holds a program for each recipe, one directory each:
//
//   - hello: two loggers and a level, in ten lines;
//   - quickstart: several packages, a console and a file, a level changed
//     while the program runs;
//   - modules, multihandlers, destinations: the first three recipes of
//     Python's logging cookbook, whose output equals CPython's.
package examples
