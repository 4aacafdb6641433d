// Package beside lets packages below slogtree keep something with a tree, without methods of the tree that
// everybody sees. What is kept goes when the tree goes, even if it leads back to it, as it would not in a map
// with weak keys.
package beside

// Of returns the place that a *slogtree.Tree has for what package config keeps. Package slogtree sets it, since this
// package can't import that one. The place is nil at first; who uses it has a lock of its own.
var Of func(tree any) *any
