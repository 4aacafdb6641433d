// Package interoptest has no code, but tests: handlers that others have written, as targets
// of a tree that is reconfigured while it logs. It is a module of its own, so that
// nobody who uses handlers requires what the tests do.
package interoptest
