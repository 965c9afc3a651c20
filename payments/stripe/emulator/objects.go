package emulator

import "encoding/json"

// The records carry the field names of API version 2023-10-16. What never varies is in shapes.json;
// fields that begin with an underscore are the emulator's own and are never shown.

type metadata map[string]string

type address struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}

type session struct {
	ID                 string           `json:"id"`
	AmountSubtotal     int64            `json:"amount_subtotal"`
	AmountTotal        int64            `json:"amount_total"`
	CancelURL          *string          `json:"cancel_url"`
	ClientReferenceID  *string          `json:"client_reference_id"`
	Created            int64            `json:"created"`
	Currency           string           `json:"currency"`
	CustomerDetails    *customerDetails `json:"customer_details"`
	CustomerEmail      *string          `json:"customer_email"`
	ExpiresAt          int64            `json:"expires_at"`
	Locale             *string          `json:"locale"`
	Metadata           metadata         `json:"metadata"`
	PaymentIntent      *string          `json:"payment_intent"`
	PaymentMethodTypes []string         `json:"payment_method_types"`
	PaymentStatus      string           `json:"payment_status"`
	ShippingCost       *shippingCost    `json:"shipping_cost"`
	ShippingOptions    []shippingOption `json:"shipping_options"`
	Status             string           `json:"status"`
	SubmitType         *string          `json:"submit_type"`
	SuccessURL         string           `json:"success_url"`
	TotalDetails       totalDetails     `json:"total_details"`
	// Template is what the intent will be made of.
	Template intentTemplate `json:"_intent"`
	// Pending is the instrument whose holder is being asked.
	Pending *pendingPayment `json:"_pending,omitempty"`
}

type customerDetails struct {
	Address   *address `json:"address"`
	Email     *string  `json:"email"`
	Name      *string  `json:"name"`
	Phone     *string  `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
	TaxIDs    []string `json:"tax_ids"`
}

type shippingCost struct {
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	ShippingRate   string `json:"shipping_rate"`
}

type shippingOption struct {
	ShippingAmount int64  `json:"shipping_amount"`
	ShippingRate   string `json:"shipping_rate"`
}

type totalDetails struct {
	AmountDiscount int64 `json:"amount_discount"`
	AmountShipping int64 `json:"amount_shipping"`
	AmountTax      int64 `json:"amount_tax"`
}

type intentTemplate struct {
	Description               *string         `json:"description"`
	Metadata                  metadata        `json:"metadata"`
	ReceiptEmail              *string         `json:"receipt_email"`
	Shipping                  json.RawMessage `json:"shipping"`
	StatementDescriptor       *string         `json:"statement_descriptor"`
	StatementDescriptorSuffix *string         `json:"statement_descriptor_suffix"`
	CaptureMethod             string          `json:"capture_method"`
}

type pendingPayment struct {
	PaymentMethod string     `json:"payment_method"`
	Instrument    instrument `json:"instrument"`
}

type item struct {
	ID             string `json:"id"`
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Price          price  `json:"price"`
	Quantity       int64  `json:"quantity"`
	Session        string `json:"_session"`
}

type price struct {
	ID                string `json:"id"`
	Created           int64  `json:"created"`
	Currency          string `json:"currency"`
	Product           string `json:"product"`
	UnitAmount        int64  `json:"unit_amount"`
	UnitAmountDecimal string `json:"unit_amount_decimal"`
}

type product struct {
	ID           string   `json:"id"`
	Created      int64    `json:"created"`
	DefaultPrice *string  `json:"default_price"`
	Description  *string  `json:"description"`
	Images       []string `json:"images"`
	Metadata     metadata `json:"metadata"`
	Name         string   `json:"name"`
	Updated      int64    `json:"updated"`
}

type shippingRate struct {
	ID               string          `json:"id"`
	Created          int64           `json:"created"`
	DeliveryEstimate json.RawMessage `json:"delivery_estimate"`
	DisplayName      string          `json:"display_name"`
	FixedAmount      money           `json:"fixed_amount"`
	Metadata         metadata        `json:"metadata"`
}

type money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

type intent struct {
	ID                        string          `json:"id"`
	Amount                    int64           `json:"amount"`
	AmountReceived            int64           `json:"amount_received"`
	CanceledAt                *int64          `json:"canceled_at"`
	CancellationReason        *string         `json:"cancellation_reason"`
	CaptureMethod             string          `json:"capture_method"`
	ClientSecret              string          `json:"client_secret"`
	Created                   int64           `json:"created"`
	Currency                  string          `json:"currency"`
	Description               *string         `json:"description"`
	LastPaymentError          json.RawMessage `json:"last_payment_error"`
	LatestCharge              *string         `json:"latest_charge"`
	Metadata                  metadata        `json:"metadata"`
	NextAction                *nextAction     `json:"next_action"`
	PaymentMethod             *string         `json:"payment_method"`
	PaymentMethodTypes        []string        `json:"payment_method_types"`
	ReceiptEmail              *string         `json:"receipt_email"`
	Shipping                  json.RawMessage `json:"shipping"`
	StatementDescriptor       *string         `json:"statement_descriptor"`
	StatementDescriptorSuffix *string         `json:"statement_descriptor_suffix"`
	Status                    string          `json:"status"`
	Session                   string          `json:"_session"`
}

type nextAction struct {
	Type          string            `json:"type"`
	RedirectToURL map[string]string `json:"redirect_to_url"`
}

type billing struct {
	Address address `json:"address"`
	Email   *string `json:"email"`
	Name    *string `json:"name"`
	Phone   *string `json:"phone"`
}

type paymentMethod struct {
	ID             string          `json:"id"`
	BillingDetails billing         `json:"billing_details"`
	Created        int64           `json:"created"`
	Metadata       metadata        `json:"metadata"`
	Type           string          `json:"type"`
	Card           json.RawMessage `json:"card,omitempty"`
	SEPADebit      json.RawMessage `json:"sepa_debit,omitempty"`
	Bancontact     json.RawMessage `json:"bancontact,omitempty"`
	IDEAL          json.RawMessage `json:"ideal,omitempty"`
	Klarna         json.RawMessage `json:"klarna,omitempty"`
	PayPal         json.RawMessage `json:"paypal,omitempty"`
	Instrument     instrument      `json:"_instrument"`
}

type charge struct {
	ID                        string          `json:"id"`
	Amount                    int64           `json:"amount"`
	AmountCaptured            int64           `json:"amount_captured"`
	AmountRefunded            int64           `json:"amount_refunded"`
	BalanceTransaction        *string         `json:"balance_transaction"`
	BillingDetails            billing         `json:"billing_details"`
	Captured                  bool            `json:"captured"`
	Created                   int64           `json:"created"`
	Currency                  string          `json:"currency"`
	Description               *string         `json:"description"`
	Disputed                  bool            `json:"disputed"`
	FailureCode               *string         `json:"failure_code"`
	FailureMessage            *string         `json:"failure_message"`
	Metadata                  metadata        `json:"metadata"`
	Outcome                   map[string]any  `json:"outcome"`
	Paid                      bool            `json:"paid"`
	PaymentIntent             string          `json:"payment_intent"`
	PaymentMethod             string          `json:"payment_method"`
	PaymentMethodDetails      json.RawMessage `json:"payment_method_details"`
	ReceiptEmail              *string         `json:"receipt_email"`
	ReceiptURL                *string         `json:"receipt_url"`
	Refunded                  bool            `json:"refunded"`
	Shipping                  json.RawMessage `json:"shipping"`
	StatementDescriptorSuffix *string         `json:"statement_descriptor_suffix"`
	Status                    string          `json:"status"`
	Method                    string          `json:"_method"`
	Instrument                instrument      `json:"_instrument"`
}

type refund struct {
	ID                        string          `json:"id"`
	Amount                    int64           `json:"amount"`
	BalanceTransaction        *string         `json:"balance_transaction"`
	Charge                    string          `json:"charge"`
	Created                   int64           `json:"created"`
	Currency                  string          `json:"currency"`
	DestinationDetails        json.RawMessage `json:"destination_details"`
	FailureBalanceTransaction *string         `json:"failure_balance_transaction,omitempty"`
	FailureReason             *string         `json:"failure_reason,omitempty"`
	Metadata                  metadata        `json:"metadata"`
	PaymentIntent             string          `json:"payment_intent"`
	Reason                    *string         `json:"reason"`
	Status                    string          `json:"status"`
}

type transaction struct {
	ID                string      `json:"id"`
	Amount            int64       `json:"amount"`
	AvailableOn       int64       `json:"available_on"`
	Created           int64       `json:"created"`
	Currency          string      `json:"currency"`
	Description       *string     `json:"description"`
	Fee               int64       `json:"fee"`
	FeeDetails        []feeDetail `json:"fee_details"`
	Net               int64       `json:"net"`
	ReportingCategory string      `json:"reporting_category"`
	Source            *string     `json:"source"`
	Type              string      `json:"type"`
	Payout            string      `json:"_payout,omitempty"`
}

type feeDetail struct {
	Amount      int64   `json:"amount"`
	Application *string `json:"application"`
	Currency    string  `json:"currency"`
	Description string  `json:"description"`
	Type        string  `json:"type"`
}

type dispute struct {
	ID                   string          `json:"id"`
	Amount               int64           `json:"amount"`
	Charge               string          `json:"charge"`
	Created              int64           `json:"created"`
	Currency             string          `json:"currency"`
	EvidenceDetails      evidenceDetails `json:"evidence_details"`
	IsChargeRefundable   bool            `json:"is_charge_refundable"`
	Metadata             metadata        `json:"metadata"`
	PaymentIntent        string          `json:"payment_intent"`
	PaymentMethodDetails map[string]any  `json:"payment_method_details,omitempty"`
	Reason               string          `json:"reason"`
	Status               string          `json:"status"`
	Evidence             metadata        `json:"_evidence"`
	Transactions         []string        `json:"_transactions"`
}

type evidenceDetails struct {
	DueBy           int64 `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int64 `json:"submission_count"`
}

type payout struct {
	ID                        string   `json:"id"`
	Amount                    int64    `json:"amount"`
	ArrivalDate               int64    `json:"arrival_date"`
	BalanceTransaction        *string  `json:"balance_transaction"`
	Created                   int64    `json:"created"`
	Currency                  string   `json:"currency"`
	Description               *string  `json:"description"`
	Destination               *string  `json:"destination"`
	FailureBalanceTransaction *string  `json:"failure_balance_transaction"`
	FailureCode               *string  `json:"failure_code"`
	FailureMessage            *string  `json:"failure_message"`
	Metadata                  metadata `json:"metadata"`
	ReconciliationStatus      string   `json:"reconciliation_status"`
	Status                    string   `json:"status"`
}

type event struct {
	ID         string       `json:"id"`
	APIVersion string       `json:"api_version"`
	Created    int64        `json:"created"`
	Data       eventData    `json:"data"`
	Request    eventRequest `json:"request"`
	Type       string       `json:"type"`
}

type eventData struct {
	Object             json.RawMessage            `json:"object"`
	PreviousAttributes map[string]json.RawMessage `json:"previous_attributes,omitempty"`
}

type eventRequest struct {
	ID             *string `json:"id"`
	IdempotencyKey *string `json:"idempotency_key"`
}

type endpoint struct {
	ID            string   `json:"id"`
	APIVersion    *string  `json:"api_version"`
	Created       int64    `json:"created"`
	Description   *string  `json:"description"`
	EnabledEvents []string `json:"enabled_events"`
	Metadata      metadata `json:"metadata"`
	Status        string   `json:"status"`
	URL           string   `json:"url"`
	Secret        string   `json:"_secret"`
}

func (session) kind() string       { return "checkout.session" }
func (item) kind() string          { return "item" }
func (product) kind() string       { return "product" }
func (shippingRate) kind() string  { return "shipping_rate" }
func (intent) kind() string        { return "payment_intent" }
func (paymentMethod) kind() string { return "payment_method" }
func (charge) kind() string        { return "charge" }
func (refund) kind() string        { return "refund" }
func (transaction) kind() string   { return "balance_transaction" }
func (dispute) kind() string       { return "dispute" }
func (payout) kind() string        { return "payout" }
func (event) kind() string         { return "event" }
func (endpoint) kind() string      { return "webhook_endpoint" }

func (r session) key() string       { return r.ID }
func (r item) key() string          { return r.ID }
func (r product) key() string       { return r.ID }
func (r shippingRate) key() string  { return r.ID }
func (r intent) key() string        { return r.ID }
func (r paymentMethod) key() string { return r.ID }
func (r charge) key() string        { return r.ID }
func (r refund) key() string        { return r.ID }
func (r transaction) key() string   { return r.ID }
func (r dispute) key() string       { return r.ID }
func (r payout) key() string        { return r.ID }
func (r event) key() string         { return r.ID }
func (r endpoint) key() string      { return r.ID }

// some is a pointer to a copy of v.
func some[T any](v T) *T { return &v }

// maybe is nil for the empty string.
func maybe(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// or reads an optional string.
func or(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}
