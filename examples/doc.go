// Package examples holds a program for each recipe, one directory each:
//
//   - hello: two loggers and a level;
//   - quickstart: several packages, a console and a file, a level changed
//     while the program runs;
//   - ways: two destinations, a drop-in for slog, a handler of slog under
//     named loggers, the attrs of a request, JSON;
//   - console: what people see on a terminal;
//   - wrapper: a handler of one's own around others;
//   - modules, multihandlers, destinations, rotation, network: the first three
//     recipes of Python's logging cookbook, and those of rotating files and of
//     records over a network, whose output equals CPython's.
package examples
