package desk

import "boutique/internal/invariant"

// Invariants are what must always be true of the desk.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{Name: "desk receipts", Sentence: "every payment that was taken at the desk has one receipt of its amount, and every refund that was given back there", Figure: sqlFigureReceipts, Broken: sqlBrokenReceipts},
		{Name: "desk numbers", Sentence: "the desk's receipts count from 1 each year without a gap", Figure: sqlFigureReceipts, Broken: sqlBrokenNumbers},
		{Name: "desk deposits", Sentence: "a deposit is the sum of its receipts", Figure: sqlFigureDeposits, Broken: sqlBrokenDeposits},
	}
}
