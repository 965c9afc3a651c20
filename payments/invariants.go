package payments

import "boutique/internal/invariant"

// Invariants are what must always be true of payments, refunds and the inbox.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{
			Name:     "payments_live_attempt",
			Sentence: "An order has at most one attempt that can still be paid.",
			Figure:   sqlFigurePayments, Broken: sqlBrokenLiveAttempts,
		},
		{
			Name:     "payments_history",
			Sentence: "A payment's state is the end of an unbroken chain of legal steps.",
			Figure:   sqlFigurePaymentSteps, Broken: sqlBrokenPaymentSteps,
		},
		{
			Name:     "payments_provider",
			Sentence: "Captured money names its session and its intent, and each names one payment.",
			Figure:   sqlFigureCaptured, Broken: sqlBrokenCaptured,
		},
		{
			Name:     "payments_overdue",
			Sentence: "No attempt is still waiting 15 minutes after its end.",
			Figure:   sqlFigureLive, Broken: sqlBrokenOverdue,
		},
		{
			Name:     "refunds_within_captured",
			Sentence: "What was given back of a payment is never more than what was captured.",
			Figure:   sqlFigureRefunds, Broken: sqlBrokenRefundSums,
		},
		{
			Name:     "refunds_history",
			Sentence: "A refund's state is the end of an unbroken chain of legal steps.",
			Figure:   sqlFigureRefundSteps, Broken: sqlBrokenRefundSteps,
		},
		{
			Name:     "refunds_stuck",
			Sentence: "No requested refund is older than an hour.",
			Figure:   sqlFigureRefunds, Broken: sqlBrokenStuckRefunds,
		},
		{
			Name:     "payments_inbox",
			Sentence: "No event of the provider waits for more than 15 minutes.",
			Figure:   sqlFigureEvents, Broken: sqlBrokenEvents,
		},
		{
			Name:     "payments_balance",
			Sentence: "On every balance transaction the net is the amount less the fee, and a refund has no fee.",
			Figure:   sqlFigureBalance, Broken: sqlBrokenBalance,
		},
		{
			Name:     "gift_cards_balance",
			Sentence: "A gift card's balance is the sum of its movements.",
			Figure:   sqlFigureGiftCards, Broken: sqlBrokenGiftBalances,
		},
		{
			Name:     "gift_cards_spent",
			Sentence: "What an order spent of a gift card is a captured payment of the same amount.",
			Figure:   sqlFigureGiftCards, Broken: sqlBrokenGiftUses,
		},
	}
}
