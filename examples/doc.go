// Package examples holds a program for each recipe, one directory each:
//
//   - hello: two loggers and a level;
//   - quickstart: several packages, a console, a file and a receiver over the
//     network, a level changed while the program runs;
//   - ways: two destinations, a drop-in for slog, a handler of slog under
//     named loggers, the attrs of a request, JSON, a file that rotates, the network;
//   - console: what people see on a terminal;
//   - wrapper: a handler of one's own around others;
//   - manyprocesses: programs of Go and Python that send to one, which writes
//     a file that rotates;
//   - httpserver: a server whose records tell which request they belong to, and
//     that logs each request;
//   - service: a server with a flight recorder, a queue and a file that rotates, which
//     hides secrets, and ends without a loss;
//   - modules, multihandlers, destinations, rotation, network, adapter, filter: the
//     first three recipes of Python's logging cookbook, and those of rotating files,
//     of records over a network, and of contextual information by an adapter or a
//     filter, whose output equals CPython's.
package examples
