package ledger

// Regime is how VAT sees a document.
type Regime string

// The regimes: taxed in France; sold to another member state with French VAT, under the yearly
// threshold of distance sales; taxed where the shopper lives, declared through the one-stop shop;
// exported without VAT; sold by an office that bears no VAT.
const (
	RegimeDomestic  Regime = "domestic"
	RegimeDistance  Regime = "distance"
	RegimeOSS       Regime = "oss"
	RegimeExport    Regime = "export"
	RegimeFranchise Regime = "franchise"
)

// regime is the one that was named, else what the country and the exemptions say.
func (n New) regime() Regime {
	if n.Regime != "" {
		return n.Regime
	}
	for _, v := range n.Document.VAT {
		if v.Exemption == "export" {
			return RegimeExport
		}
	}
	if n.Country == "FR" || n.Country == "MC" {
		return RegimeDomestic
	}
	return RegimeDistance
}
