package label

import (
	"strconv"
	"time"

	"boutique/internal/money"
	"boutique/internal/text"
)

// EvidenceBook writes the sections of a dispute's evidence in the order's language.
type EvidenceBook struct{ t text.Printer }

// NewEvidence begins sections in a language.
func NewEvidence(lang text.Lang) EvidenceBook { return EvidenceBook{words.In(lang)} }

// Payment is how and when the order was paid.
func (b EvidenceBook) Payment(at time.Time, means, reference string) EvidenceSection {
	if id := "evidence_means_" + means; b.t.Has(id) {
		means = b.t.T(id)
	}
	s := EvidenceSection{Title: b.t.T("evidence_payment"), Facts: []Fact{{b.t.T("evidence_paid"), b.t.DateTime(at)}, {b.t.T("evidence_means"), means}}}
	if reference != "" {
		s.Facts = append(s.Facts, Fact{b.t.T("evidence_reference"), reference})
	}
	return s
}

// Terms is which terms were accepted, when and how.
func (b EvidenceBook) Terms(version string, at time.Time) EvidenceSection {
	return EvidenceSection{Title: b.t.T("evidence_terms"), Facts: []Fact{
		{b.t.T("evidence_terms_version"), version}, {b.t.T("evidence_terms_how"), b.t.T("evidence_terms_text", "at", b.t.DateTime(at))}, {b.t.T("evidence_button"), b.t.T("evidence_button_text")},
	}}
}

// Sent is the head under which parcels and collections stand.
func (b EvidenceBook) Sent() EvidenceSection { return EvidenceSection{Title: b.t.T("evidence_sent")} }

// Parcel names a parcel or a collection and how it is traced.
func (b EvidenceBook) Parcel(n int, collected bool, carrier, number, url string) []Fact {
	name := b.t.T("evidence_parcel", "n", n)
	if collected {
		return []Fact{{b.t.T("evidence_collected", "n", n), carrier}}
	}
	facts := []Fact{{name, carrier}}
	if number != "" {
		facts[0].Value = b.t.T("evidence_tracked", "carrier", carrier, "number", number)
	}
	if url != "" {
		facts = append(facts, Fact{"", url})
	}
	return facts
}

// Step is what happened to a parcel; ok is false for what says nothing to a bank.
func (b EvidenceBook) Step(event string, at time.Time) (Fact, bool) {
	id := "evidence_event_" + event
	if !b.t.Has(id) {
		return Fact{}, false
	}
	return Fact{"", b.t.T("evidence_step", "event", b.t.T(id), "at", b.t.DateTime(at))}, true
}

// Documents is the head under which documents, refunds and withdrawals stand.
func (b EvidenceBook) Documents() EvidenceSection {
	return EvidenceSection{Title: b.t.T("evidence_documents")}
}

// Document names an invoice or a credit note.
func (b EvidenceBook) Document(credit bool, number string, at time.Time, gross money.Amount) Fact {
	name := b.t.T("evidence_invoice")
	if credit {
		name = b.t.T("evidence_credit")
	}
	return Fact{name, number + " · " + b.t.Date(at) + " · " + b.t.Money(gross)}
}

// Refund names money that went back.
func (b EvidenceBook) Refund(at time.Time, amount money.Amount) Fact {
	return Fact{b.t.T("evidence_refund"), b.t.Date(at) + " · " + b.t.Money(amount)}
}

// Withdrawal names a withdrawal that was declared.
func (b EvidenceBook) Withdrawal(number string, at time.Time, pieces int) Fact {
	return Fact{b.t.T("evidence_withdrawal"), number + " · " + b.t.Date(at) + " · " + strconv.Itoa(pieces)}
}
