// Package shop is the room that knows catalogue, payments and ledger: who buys, what it costs to
// reach them, and how an order lives from the cart to the last parcel.
package shop
