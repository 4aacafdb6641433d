// Package payments takes the money, and logs it.
package payments

import (
	"errors"

	"github.com/slogsuite/slogsuite/slogtree"
)

var log = slogtree.Get("payments")

var errDeclined = errors.New("card declined")

// Charge takes an amount from a card. Cards that end in an odd digit are
// declined.
func Charge(card string, cents int) error {
	log := log.With("card", card[len(card)-4:])
	log.Debug("asking the bank", "cents", cents)
	if card[len(card)-1]%2 == 1 {
		log.Error("payment failed", "err", errDeclined)
		return errDeclined
	}
	log.Info("payment taken", "cents", cents)
	return nil
}
