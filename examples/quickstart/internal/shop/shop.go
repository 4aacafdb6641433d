// Package shop sells things, and logs it.
package shop

import "github.com/slogsuite/slogsuite/slogtree"

// The loggers are made before main has configured anything. They find their
// level and handlers later, through their ancestors.
var (
	cartLog  = slogtree.Get("shop.cart")
	stockLog = slogtree.Get("shop.stock")
)

// Add puts an item into the cart.
func Add(sku string, left int) {
	stockLog.Debug("looking the item up", "sku", sku)
	cartLog.Info("item added", "sku", sku)
	if left < 3 {
		stockLog.Warn("nearly sold out", "sku", sku, "left", left)
	}
}
