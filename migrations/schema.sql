-- What all migrations together make: a snapshot to read, kept true by a test and never applied.

create table account (
  number text not null,
  label text not null,
  constraint account_pkey PRIMARY KEY (number)
);
grant delete, insert, select, update on account to boutique_app;

create table account_mapping (
  id bigint generated always as identity not null,
  valid_from date not null,
  standard text not null,
  family text default ''::text not null,
  rate integer,
  country text default ''::text not null,
  method text default ''::text not null,
  account text not null,
  label text not null,
  analytic text default ''::text not null,
  set_by text not null,
  set_at timestamp with time zone default clock_timestamp() not null,
  constraint account_mapping_pkey PRIMARY KEY (id),
  constraint "a mapped country is ISO 3166-1 alpha-2" CHECK (country ~ '^([A-Z]{2})?$'::text),
  constraint "a mapped rate is in basis points" CHECK (rate >= 0 AND rate <= 10000),
  constraint "an account begins with three digits" CHECK (account ~ '^[0-9]{3}[0-9A-Z]{0,17}$'::text),
  constraint "an account has a label" CHECK (label <> ''::text)
);
CREATE INDEX account_mapping_in_force ON public.account_mapping USING btree (standard, valid_from);
CREATE TRIGGER account_mapping_is_append_only BEFORE DELETE OR UPDATE ON account_mapping FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_mapping_is_never_emptied BEFORE TRUNCATE ON account_mapping FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on account_mapping to boutique_app;

create table attempt (
  scope text not null,
  who text not null,
  at timestamp with time zone default now() not null
);
CREATE INDEX attempt_recent ON public.attempt USING btree (scope, who, at);
grant delete, insert, select, update on attempt to boutique_app;

create table audit_log (
  id bigint generated always as identity not null,
  at timestamp with time zone default clock_timestamp() not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb default '{}'::jsonb not null,
  request_id text default ''::text not null,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_by_subject ON public.audit_log USING btree (subject, id DESC);
CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_is_never_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on audit_log to boutique_app;

create table back_in_stock (
  id uuid default gen_random_uuid() not null,
  variant_id bigint not null,
  email citext not null,
  lang text not null,
  asked_at timestamp with time zone default now() not null,
  told_at timestamp with time zone,
  constraint back_in_stock_pkey PRIMARY KEY (id),
  constraint back_in_stock_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
CREATE UNIQUE INDEX "an address waits once for an article" ON public.back_in_stock USING btree (variant_id, email) WHERE (told_at IS NULL);
grant delete, insert, select, update on back_in_stock to boutique_app;

create table balance_line (
  id text not null,
  kind text not null,
  source text default ''::text not null,
  description text default ''::text not null,
  amount bigint not null,
  fee bigint not null,
  net bigint not null,
  currency text not null,
  at timestamp with time zone not null,
  payment_id uuid,
  refund_id uuid,
  dispute_id text,
  seen_at timestamp with time zone default clock_timestamp() not null,
  constraint balance_line_pkey PRIMARY KEY (id),
  constraint balance_line_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES dispute(id),
  constraint balance_line_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint balance_line_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund(id),
  constraint "what is left is the amount less the fee" CHECK (net = (amount - fee))
);
CREATE INDEX balance_line_by_time ON public.balance_line USING btree (at, id);
CREATE INDEX balance_line_of_payment ON public.balance_line USING btree (payment_id);
CREATE TRIGGER balance_line_is_append_only BEFORE DELETE OR UPDATE ON balance_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_line_is_never_emptied BEFORE TRUNCATE ON balance_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on balance_line to boutique_app;

create table booked_sale (
  entry_seq bigint not null,
  reference text not null,
  booked_on date not null,
  gross bigint not null,
  net bigint not null,
  vat bigint not null,
  constraint "a sale's lines come in at once" PRIMARY KEY (entry_seq),
  constraint booked_sale_entry_seq_fkey FOREIGN KEY (entry_seq) REFERENCES entry(seq)
);
CREATE INDEX booked_sale_figures ON public.booked_sale USING btree (booked_on, entry_seq) INCLUDE (reference, gross, net, vat);
CREATE TRIGGER booked_sale_is_append_only BEFORE DELETE OR UPDATE ON booked_sale FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booked_sale_is_never_emptied BEFORE TRUNCATE ON booked_sale FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant select on booked_sale to boutique_app;

create table bulk_edit (
  id bigint generated always as identity not null,
  changes jsonb not null,
  undoes bigint,
  actor text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint bulk_edit_pkey PRIMARY KEY (id),
  constraint "a bulk edit is undone once" UNIQUE (undoes),
  constraint bulk_edit_undoes_fkey FOREIGN KEY (undoes) REFERENCES bulk_edit(id)
);
CREATE TRIGGER bulk_edit_is_append_only BEFORE DELETE OR UPDATE ON bulk_edit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bulk_edit_is_never_emptied BEFORE TRUNCATE ON bulk_edit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on bulk_edit to boutique_app;

create table candidate (
  id bigint generated always as identity not null,
  name text not null,
  stage text not null,
  owner text default ''::text not null,
  supplier text default ''::text not null,
  cost bigint,
  notes text default ''::text not null,
  product_id bigint,
  version integer default 1 not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  history_seq integer default 0 not null,
  constraint candidate_pkey PRIMARY KEY (id),
  constraint "a candidate has a name" CHECK (name <> ''::text),
  constraint "a candidate is at a known stage" CHECK (stage = ANY (ARRAY['idea'::text, 'selected'::text, 'preparation'::text, 'review'::text, 'online'::text, 'retired'::text])),
  constraint "a candidate's cost is not negative" CHECK (cost >= 0),
  constraint "a candidate's stage is the end of its history" FOREIGN KEY (id, history_seq, stage) REFERENCES candidate_history(candidate_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint candidate_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
CREATE INDEX candidate_by_stage ON public.candidate USING btree (stage, id);
CREATE UNIQUE INDEX "a product comes from one candidate" ON public.candidate USING btree (product_id) WHERE (product_id IS NOT NULL);
grant delete, insert, select, update on candidate to boutique_app;

create table candidate_history (
  candidate_id bigint not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint candidate_history_pkey PRIMARY KEY (candidate_id, seq),
  constraint "a candidate's move begins where the last one ended" FOREIGN KEY (candidate_id, before_seq, before_state) REFERENCES candidate_history(candidate_id, seq, to_state),
  constraint "a candidate's move has an end" UNIQUE (candidate_id, seq, to_state),
  constraint candidate_history_candidate_id_fkey FOREIGN KEY (candidate_id) REFERENCES candidate(id),
  constraint candidate_history_seq_check CHECK (seq > 0)
);
CREATE TRIGGER candidate_history_is_append_only BEFORE DELETE OR UPDATE ON candidate_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER candidate_history_is_never_emptied BEFORE TRUNCATE ON candidate_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on candidate_history to boutique_app;

create table cart (
  id uuid not null,
  lang text default 'fr'::text not null,
  country text default 'FR'::text not null,
  postal_code text default ''::text not null,
  shown_shipping jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  voucher_code text default ''::text not null,
  gift_codes text[] default '{}'::text[] not null,
  constraint cart_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on cart to boutique_app;

create table cart_line (
  cart_id uuid not null,
  sku text not null,
  quantity integer not null,
  shown_price bigint not null,
  added_at timestamp with time zone default clock_timestamp() not null,
  constraint cart_line_pkey PRIMARY KEY (cart_id, sku),
  constraint "a cart line has 1 to 99 pieces" CHECK (quantity >= 1 AND quantity <= 99),
  constraint cart_line_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES cart(id) ON DELETE CASCADE
);
grant delete, insert, select, update on cart_line to boutique_app;

create table catalog_version (
  one boolean default true not null,
  version bigint not null,
  constraint catalog_version_pkey PRIMARY KEY (one),
  constraint catalog_version_one_check CHECK (one)
);
grant delete, insert, select, update on catalog_version to boutique_app;

create table category (
  id bigint generated always as identity not null,
  slug text not null,
  parent_id bigint,
  position integer default 0 not null,
  photo_sha256 text,
  constraint category_pkey PRIMARY KEY (id),
  constraint "a category's slug is used once" UNIQUE (slug),
  constraint category_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES category(id)
);
grant delete, insert, select, update on category to boutique_app;

create table category_text (
  category_id bigint not null,
  lang text not null,
  name text not null,
  description text default ''::text not null,
  constraint category_text_pkey PRIMARY KEY (category_id, lang),
  constraint "a category has a name" CHECK (name <> ''::text),
  constraint category_text_category_id_fkey FOREIGN KEY (category_id) REFERENCES category(id) ON DELETE CASCADE
);
grant delete, insert, select, update on category_text to boutique_app;

create table chart_account (
  chart text not null,
  standard text not null,
  valid_from date default '2000-01-01'::date not null,
  account text not null,
  label text not null,
  constraint chart_account_pkey PRIMARY KEY (chart, standard, valid_from),
  constraint "a chart is pcg, m4 or m57" CHECK (chart = ANY (ARRAY['pcg'::text, 'm4'::text, 'm57'::text]))
);
grant delete, insert, select, update on chart_account to boutique_app;

create table closing (
  n bigint not null,
  kind text not null,
  first date not null,
  last date not null,
  entry_seq bigint not null,
  entry_hash bytea not null,
  data text not null,
  prev_hash bytea not null,
  hash bytea not null,
  signature bytea not null,
  public_key bytea not null,
  sealed_by text not null,
  sealed_at timestamp with time zone default clock_timestamp() not null,
  constraint closing_pkey PRIMARY KEY (n),
  constraint "a closing ends after it begins" CHECK (last >= first),
  constraint "a closing is of a day, a month or a year" CHECK (kind = ANY (ARRAY['day'::text, 'month'::text, 'year'::text])),
  constraint "a period is closed once" UNIQUE (kind, first),
  constraint closing_n_check CHECK (n > 0)
);
CREATE TRIGGER closing_is_append_only BEFORE DELETE OR UPDATE ON closing FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_is_never_emptied BEFORE TRUNCATE ON closing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on closing to boutique_app;

create table collection (
  shipment_id uuid not null,
  code text not null,
  ready_at timestamp with time zone default now() not null,
  reminded_at timestamp with time zone,
  unclaimed_at timestamp with time zone,
  handed_to text default ''::text not null,
  handed_at timestamp with time zone,
  constraint collection_pkey PRIMARY KEY (shipment_id),
  constraint "a collection's code is used once" UNIQUE (code),
  constraint collection_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES shipment(id)
);
grant delete, insert, select, update on collection to boutique_app;

create table comparison (
  id bigint generated always as identity not null,
  at timestamp with time zone default clock_timestamp() not null,
  since timestamp with time zone not null,
  movements integer not null,
  mended text[] not null,
  different text[] not null,
  failure text default ''::text not null,
  constraint comparison_pkey PRIMARY KEY (id)
);
CREATE TRIGGER comparison_is_append_only BEFORE DELETE OR UPDATE ON comparison FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comparison_is_never_emptied BEFORE TRUNCATE ON comparison FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on comparison to boutique_app;

create table criterion (
  id bigint generated always as identity not null,
  code text not null,
  check_name text not null,
  expression text default ''::text not null,
  level text not null,
  scope text default 'all'::text not null,
  families text[] default '{}'::text[] not null,
  params jsonb default '{}'::jsonb not null,
  sentences jsonb default '{}'::jsonb not null,
  position integer not null,
  version integer default 1 not null,
  updated_by text not null,
  updated_at timestamp with time zone default clock_timestamp() not null,
  constraint criterion_pkey PRIMARY KEY (id),
  constraint "a criterion blocks, advises or is off" CHECK (level = ANY (ARRAY['blocking'::text, 'advisory'::text, 'off'::text])),
  constraint "a criterion is for all families, only some, or all but some" CHECK (scope = ANY (ARRAY['all'::text, 'only'::text, 'except'::text])),
  constraint "a criterion's code is used once" UNIQUE (code),
  constraint "only an own criterion has an expression" CHECK ((check_name = 'expression'::text) = (expression <> ''::text))
);
grant delete, insert, select, update on criterion to boutique_app;

create table criterion_history (
  id bigint generated always as identity not null,
  criterion_id bigint not null,
  version integer not null,
  rule jsonb not null,
  actor text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint criterion_history_pkey PRIMARY KEY (id),
  constraint "a criterion has each version once" UNIQUE (criterion_id, version),
  constraint criterion_history_criterion_id_fkey FOREIGN KEY (criterion_id) REFERENCES criterion(id)
);
CREATE TRIGGER criterion_history_is_append_only BEFORE DELETE OR UPDATE ON criterion_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER criterion_history_is_never_emptied BEFORE TRUNCATE ON criterion_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on criterion_history to boutique_app;

create table desk_counter (
  year integer not null,
  last integer default 0 not null,
  constraint desk_counter_pkey PRIMARY KEY (year)
);
grant delete, insert, select, update on desk_counter to boutique_app;

create table desk_deposit (
  id uuid not null,
  means text not null,
  amount bigint not null,
  reference text default ''::text not null,
  actor text not null,
  at timestamp with time zone not null,
  constraint desk_deposit_pkey PRIMARY KEY (id),
  constraint desk_deposit_amount_check CHECK (amount > 0),
  constraint desk_deposit_means_check CHECK (means = ANY (ARRAY['cash'::text, 'cheque'::text, 'card_terminal'::text]))
);
CREATE TRIGGER desk_deposit_is_append_only BEFORE DELETE OR UPDATE ON desk_deposit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER desk_deposit_is_never_emptied BEFORE TRUNCATE ON desk_deposit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on desk_deposit to boutique_app;

create table desk_deposit_line (
  deposit_id uuid not null,
  number text not null,
  constraint desk_deposit_line_pkey PRIMARY KEY (deposit_id, number),
  constraint "a receipt is deposited once" UNIQUE (number),
  constraint desk_deposit_line_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES desk_deposit(id),
  constraint desk_deposit_line_number_fkey FOREIGN KEY (number) REFERENCES desk_receipt(number)
);
CREATE TRIGGER desk_deposit_line_is_append_only BEFORE DELETE OR UPDATE ON desk_deposit_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER desk_deposit_line_is_never_emptied BEFORE TRUNCATE ON desk_deposit_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on desk_deposit_line to boutique_app;

create table desk_receipt (
  number text not null,
  year integer not null,
  n integer not null,
  kind text not null,
  payment_id uuid not null,
  refund_id uuid,
  order_id uuid not null,
  order_number text not null,
  means text not null,
  amount bigint not null,
  reference text default ''::text not null,
  actor text not null,
  at timestamp with time zone not null,
  constraint desk_receipt_pkey PRIMARY KEY (number),
  constraint "a refund is given back once" UNIQUE (refund_id),
  constraint desk_receipt_amount_check CHECK (amount > 0),
  constraint desk_receipt_n_check CHECK (n > 0),
  constraint desk_receipt_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint desk_receipt_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund(id),
  constraint "the desk takes or gives back" CHECK (kind = ANY (ARRAY['receipt'::text, 'refund'::text])),
  constraint "the desk's means are known" CHECK (means = ANY (ARRAY['cash'::text, 'cheque'::text, 'card_terminal'::text, 'transfer'::text])),
  constraint "the desk's numbers count up without a double" UNIQUE (year, n),
  constraint "what is given back names its refund" CHECK ((kind = 'refund'::text) = (refund_id IS NOT NULL))
);
CREATE INDEX desk_receipt_by_day ON public.desk_receipt USING btree (at);
CREATE UNIQUE INDEX "a payment is taken once at the desk" ON public.desk_receipt USING btree (payment_id) WHERE (kind = 'receipt'::text);
CREATE TRIGGER desk_receipt_is_append_only BEFORE DELETE OR UPDATE ON desk_receipt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER desk_receipt_is_never_emptied BEFORE TRUNCATE ON desk_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on desk_receipt to boutique_app;

create table desk_session (
  payment_id uuid not null,
  order_id uuid not null,
  number text not null,
  amount bigint not null,
  state text default 'open'::text not null,
  expires_at timestamp with time zone not null,
  means text default ''::text not null,
  reference text default ''::text not null,
  taken_by text default ''::text not null,
  taken_at timestamp with time zone,
  constraint desk_session_pkey PRIMARY KEY (payment_id),
  constraint "a desk session is in a known state" CHECK (state = ANY (ARRAY['open'::text, 'complete'::text, 'expired'::text])),
  constraint desk_session_amount_check CHECK (amount > 0),
  constraint desk_session_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint "money that was taken has its means, its date and who took it" CHECK ((state = 'complete'::text) = (means <> ''::text AND taken_by <> ''::text AND taken_at IS NOT NULL)),
  constraint "the desk takes cash, cheques and cards" CHECK (means = ANY (ARRAY[''::text, 'cash'::text, 'cheque'::text, 'card_terminal'::text]))
);
grant delete, insert, select, update on desk_session to boutique_app;

create table dispute (
  id text not null,
  payment_id uuid not null,
  order_id uuid not null,
  amount bigint not null,
  reason text default ''::text not null,
  status text not null,
  open boolean not null,
  due_by timestamp with time zone,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint dispute_pkey PRIMARY KEY (id),
  constraint "a dispute that is closed has its date" CHECK (open = (closed_at IS NULL)),
  constraint dispute_amount_check CHECK (amount > 0),
  constraint dispute_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id)
);
CREATE INDEX dispute_of_order ON public.dispute USING btree (order_id);
CREATE INDEX dispute_open ON public.dispute USING btree (due_by) WHERE open;
grant delete, insert, select, update on dispute to boutique_app;

create table dispute_history (
  dispute_id text not null,
  status text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint dispute_history_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES dispute(id)
);
CREATE INDEX dispute_history_of_dispute ON public.dispute_history USING btree (dispute_id, at);
CREATE TRIGGER dispute_history_is_append_only BEFORE DELETE OR UPDATE ON dispute_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispute_history_is_never_emptied BEFORE TRUNCATE ON dispute_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on dispute_history to boutique_app;

create table document (
  id uuid not null,
  kind text not null,
  series text not null,
  year integer not null,
  n integer not null,
  number text not null,
  order_id uuid not null,
  order_number text not null,
  refund_id uuid,
  refers_to uuid,
  country text not null,
  payment_method text not null,
  issued_at timestamp with time zone not null,
  gross bigint not null,
  data text not null,
  regime text not null,
  buyer_siren text default ''::text not null,
  constraint document_pkey PRIMARY KEY (id),
  constraint "a credit note refers to its invoice" CHECK ((kind = 'credit_note'::text) = (refers_to IS NOT NULL AND refund_id IS NOT NULL)),
  constraint "a document has a known VAT regime" CHECK (regime = ANY (ARRAY['domestic'::text, 'distance'::text, 'oss'::text, 'export'::text, 'franchise'::text])),
  constraint "a document is an invoice or a credit note" CHECK (kind = ANY (ARRAY['invoice'::text, 'credit_note'::text])),
  constraint "a document's number is used once" UNIQUE (number),
  constraint "a refund has one credit note" UNIQUE (refund_id),
  constraint "a series counts up without a double" UNIQUE (series, year, n),
  constraint document_n_check CHECK (n > 0),
  constraint document_refers_to_fkey FOREIGN KEY (refers_to) REFERENCES document(id)
);
CREATE INDEX document_abroad ON public.document USING btree (issued_at) WHERE (regime = ANY (ARRAY['distance'::text, 'oss'::text]));
CREATE INDEX document_exported ON public.document USING btree (issued_at) WHERE (regime = 'export'::text);
CREATE INDEX document_figures ON public.document USING btree (issued_at, number) INCLUDE (id, kind, order_number, country, payment_method, gross, regime);
CREATE UNIQUE INDEX "an order has one invoice" ON public.document USING btree (order_id) WHERE (kind = 'invoice'::text);
CREATE TRIGGER document_is_append_only BEFORE DELETE OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_is_never_emptied BEFORE TRUNCATE ON document FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on document to boutique_app;

create table document_counter (
  series text not null,
  year integer not null,
  last integer default 0 not null,
  constraint document_counter_pkey PRIMARY KEY (series, year)
);
grant delete, insert, select, update on document_counter to boutique_app;

create table document_file (
  document_id uuid not null,
  sha256 text not null,
  pdf bytea not null,
  drawn_at timestamp with time zone default now() not null,
  constraint document_file_pkey PRIMARY KEY (document_id),
  constraint document_file_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id)
);
CREATE TRIGGER document_file_is_append_only BEFORE DELETE OR UPDATE ON document_file FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_file_is_never_emptied BEFORE TRUNCATE ON document_file FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on document_file to boutique_app;

create table document_vat (
  document_id uuid not null,
  rate integer not null,
  goods_gross bigint not null,
  shipping_gross bigint not null,
  gross bigint not null,
  net bigint not null,
  vat bigint not null,
  exemption text default ''::text not null,
  issued_at timestamp with time zone not null,
  number text not null,
  kind text not null,
  order_number text not null,
  country text not null,
  regime text not null,
  payment_method text not null,
  constraint document_vat_pkey PRIMARY KEY (document_id, rate, exemption),
  constraint document_vat_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint "goods and shipping make the gross" CHECK ((goods_gross + shipping_gross) = gross),
  constraint "net and VAT make the gross" CHECK ((net + vat) = gross)
);
CREATE INDEX document_vat_figures ON public.document_vat USING btree (issued_at, number, rate DESC, exemption) INCLUDE (kind, order_number, country, regime, payment_method, goods_gross, shipping_gross, gross, net, vat);
CREATE TRIGGER "a VAT row bears its document" BEFORE INSERT ON document_vat FOR EACH ROW EXECUTE FUNCTION vat_row_bears_its_document();
CREATE TRIGGER document_vat_is_append_only BEFORE DELETE OR UPDATE ON document_vat FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_vat_is_never_emptied BEFORE TRUNCATE ON document_vat FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on document_vat to boutique_app;

create table entry (
  seq bigint not null,
  journal text not null,
  booked_at timestamp with time zone not null,
  booked_on date not null,
  reference text not null,
  label text not null,
  order_id uuid,
  cause text not null,
  data text not null,
  prev_hash bytea not null,
  hash bytea not null,
  validated_on date not null,
  constraint entry_pkey PRIMARY KEY (seq),
  constraint "a fact is booked once" UNIQUE (cause),
  constraint "an entry lies in a journal that there is" CHECK (journal = ANY (ARRAY['AN'::text, 'VE'::text, 'ST'::text, 'CA'::text, 'CC'::text, 'BQ'::text, 'OD'::text])),
  constraint entry_seq_check CHECK (seq > 0)
);
CREATE INDEX entry_by_day ON public.entry USING btree (booked_on, seq);
CREATE INDEX entry_of_sales ON public.entry USING btree (booked_on, seq) INCLUDE (reference) WHERE (journal = 'VE'::text);
CREATE TRIGGER entry_is_append_only BEFORE DELETE OR UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_is_never_emptied BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on entry to boutique_app;

create table entry_line (
  entry_seq bigint not null,
  n integer not null,
  account text not null,
  debit bigint default 0 not null,
  credit bigint default 0 not null,
  standard text not null,
  analytic text default ''::text not null,
  constraint entry_line_pkey PRIMARY KEY (entry_seq, n),
  constraint "a line is a debit or a credit" CHECK (debit > 0 AND credit = 0 OR credit > 0 AND debit = 0),
  constraint entry_line_account_fkey FOREIGN KEY (account) REFERENCES account(number),
  constraint entry_line_entry_seq_fkey FOREIGN KEY (entry_seq) REFERENCES entry(seq)
);
CREATE INDEX entry_line_by_account ON public.entry_line USING btree (account);
CREATE INDEX entry_line_by_standard ON public.entry_line USING btree (standard);
CREATE TRIGGER "a sale is added up" AFTER INSERT ON entry_line REFERENCING NEW TABLE AS come_in FOR EACH STATEMENT EXECUTE FUNCTION sale_is_added_up();
CREATE CONSTRAINT TRIGGER "debits equal credits" AFTER INSERT ON entry_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_must_balance();
CREATE TRIGGER entry_line_is_append_only BEFORE DELETE OR UPDATE ON entry_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_line_is_never_emptied BEFORE TRUNCATE ON entry_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on entry_line to boutique_app;

create table export_proof (
  document_id uuid not null,
  seq integer not null,
  event text not null,
  kind text default ''::text not null,
  reference text default ''::text not null,
  proved_on date,
  vat bigint default 0 not null,
  reason text default ''::text not null,
  actor text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint export_proof_pkey PRIMARY KEY (document_id, seq),
  constraint "VAT stands where there is no proof" CHECK (
CASE event
    WHEN 'taxed'::text THEN vat > 0
    WHEN 'credited'::text THEN vat >= 0
    ELSE vat = 0
END),
  constraint "a held proof has its kind, its reference and its day" CHECK ((event = 'held'::text) = (kind <> ''::text) AND (event = 'held'::text) = (reference <> ''::text) AND (event = 'held'::text) = (proved_on IS NOT NULL)),
  constraint "a proof is held, withdrawn or replaced by VAT" CHECK (event = ANY (ARRAY['held'::text, 'withdrawn'::text, 'taxed'::text, 'credited'::text])),
  constraint "a proof is of a known kind" CHECK (kind = ANY (ARRAY[''::text, 'exit_certificate'::text, 'import_declaration'::text, 'transport_document'::text, 'postal_receipt'::text, 'other'::text])),
  constraint "a proof is withdrawn for a reason" CHECK (event <> 'withdrawn'::text OR reason <> ''::text),
  constraint export_proof_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint export_proof_seq_check CHECK (seq > 0)
);
CREATE TRIGGER export_proof_is_append_only BEFORE DELETE OR UPDATE ON export_proof FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_proof_is_never_emptied BEFORE TRUNCATE ON export_proof FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on export_proof to boutique_app;

create table export_vat (
  document_id uuid not null,
  seq integer not null,
  rate integer not null,
  goods_net bigint not null,
  goods_vat bigint not null,
  shipping_net bigint not null,
  shipping_vat bigint not null,
  booked_on date not null,
  constraint export_vat_pkey PRIMARY KEY (document_id, seq, rate),
  constraint export_vat_document_id_seq_fkey FOREIGN KEY (document_id, seq) REFERENCES export_proof(document_id, seq)
);
CREATE INDEX export_vat_by_day ON public.export_vat USING btree (booked_on);
CREATE TRIGGER export_vat_is_append_only BEFORE DELETE OR UPDATE ON export_vat FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_vat_is_never_emptied BEFORE TRUNCATE ON export_vat FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on export_vat to boutique_app;

create table family (
  code text not null,
  follows text not null,
  position integer default 0 not null,
  labels jsonb not null,
  facts text[] default '{}'::text[] not null,
  required text[] default '{}'::text[] not null,
  shots jsonb default '[]'::jsonb not null,
  built_in boolean default false not null,
  version integer default 1 not null,
  constraint family_pkey PRIMARY KEY (code),
  constraint "a family has a French name" CHECK (COALESCE(labels ->> 'fr'::text, ''::text) <> ''::text),
  constraint "a family's code has small letters, digits and underscores" CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'::text),
  constraint family_follows_fkey FOREIGN KEY (follows) REFERENCES family(code),
  constraint "what a family must say is among what it says" CHECK (required <@ facts)
);
grant delete, insert, select, update on family to boutique_app;

create table fraud_warning (
  id text not null,
  payment_id uuid not null,
  order_id uuid not null,
  kind text default ''::text not null,
  warned_at timestamp with time zone not null,
  done_at timestamp with time zone,
  done_by text default ''::text not null,
  constraint fraud_warning_pkey PRIMARY KEY (id),
  constraint fraud_warning_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id)
);
CREATE INDEX fraud_warning_waiting ON public.fraud_warning USING btree (warned_at) WHERE (done_at IS NULL);
grant delete, insert, select, update on fraud_warning to boutique_app;

create table gift_card (
  id uuid not null,
  code_hash bytea not null,
  hint text not null,
  initial bigint not null,
  balance bigint not null,
  order_id uuid not null,
  expires_at timestamp with time zone not null,
  voided_at timestamp with time zone,
  issued_at timestamp with time zone default now() not null,
  lost_at timestamp with time zone,
  constraint gift_card_pkey PRIMARY KEY (id),
  constraint "a gift card is never overspent" CHECK (balance >= 0),
  constraint "a gift card's code is used once" UNIQUE (code_hash),
  constraint gift_card_initial_check CHECK (initial > 0)
);
CREATE INDEX gift_card_of_order ON public.gift_card USING btree (order_id);
grant delete, insert, select, update on gift_card to boutique_app;

create table gift_card_movement (
  id bigint generated always as identity not null,
  card_id uuid not null,
  kind text not null,
  amount bigint not null,
  order_id uuid not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint gift_card_movement_pkey PRIMARY KEY (id),
  constraint "a gift card moves for a known reason" CHECK (kind = ANY (ARRAY['issue'::text, 'hold'::text, 'release'::text, 'refund'::text, 'void'::text, 'dispute'::text])),
  constraint gift_card_movement_amount_check CHECK (amount <> 0),
  constraint gift_card_movement_card_id_fkey FOREIGN KEY (card_id) REFERENCES gift_card(id)
);
CREATE INDEX gift_card_movement_of_card ON public.gift_card_movement USING btree (card_id);
CREATE TRIGGER gift_card_movement_is_append_only BEFORE DELETE OR UPDATE ON gift_card_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER gift_card_movement_is_never_emptied BEFORE TRUNCATE ON gift_card_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on gift_card_movement to boutique_app;

create table gift_card_use (
  order_id uuid not null,
  card_id uuid not null,
  amount bigint not null,
  state text not null,
  payment_id uuid,
  constraint gift_card_use_pkey PRIMARY KEY (order_id, card_id),
  constraint gift_card_use_amount_check CHECK (amount > 0),
  constraint gift_card_use_card_id_fkey FOREIGN KEY (card_id) REFERENCES gift_card(id),
  constraint gift_card_use_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint gift_card_use_state_check CHECK (state = ANY (ARRAY['held'::text, 'spent'::text, 'released'::text])),
  constraint "spent money is a payment" CHECK ((state = 'spent'::text) = (payment_id IS NOT NULL))
);
grant delete, insert, select, update on gift_card_use to boutique_app;

create table idempotency (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  subject text not null,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_pkey PRIMARY KEY (scope, key)
);
grant delete, insert, select, update on idempotency to boutique_app;

create table journal (
  code text not null,
  label text not null,
  constraint journal_pkey PRIMARY KEY (code)
);
grant delete, insert, select, update on journal to boutique_app;

create table journal_head (
  one boolean default true not null,
  seq bigint not null,
  hash bytea not null,
  constraint journal_head_pkey PRIMARY KEY (one),
  constraint journal_head_one_check CHECK (one)
);
grant delete, insert, select, update on journal_head to boutique_app;

create table mail (
  id bigint generated always as identity not null,
  kind text not null,
  subject_ref text not null,
  message_id text not null,
  recipient text not null,
  subject_line text not null,
  lang text not null,
  source bytea not null,
  created_at timestamp with time zone default now() not null,
  sent_at timestamp with time zone,
  tries integer default 0 not null,
  last_error text,
  next_try_at timestamp with time zone,
  unanswered integer default 0 not null,
  given_up_at timestamp with time zone,
  asked_at timestamp with time zone,
  constraint mail_pkey PRIMARY KEY (id),
  constraint "a Message-ID is used once" UNIQUE (message_id),
  constraint "a fact is mailed once" UNIQUE (kind, subject_ref),
  constraint "a mail that was sent is not given up" CHECK (sent_at IS NULL OR given_up_at IS NULL)
);
CREATE INDEX mail_unsent ON public.mail USING btree (id) WHERE (sent_at IS NULL);
grant delete, insert, select, update on mail to boutique_app;

create table maker (
  id bigint generated always as identity not null,
  slug text not null,
  name text not null,
  town text default ''::text not null,
  address text default ''::text not null,
  website text default ''::text not null,
  latitude_e6 integer,
  longitude_e6 integer,
  local boolean default false not null,
  photo_sha256 text default ''::text not null,
  constraint maker_pkey PRIMARY KEY (id),
  constraint "a latitude is on the globe" CHECK (latitude_e6 >= '-90000000'::integer AND latitude_e6 <= 90000000),
  constraint "a longitude is on the globe" CHECK (longitude_e6 >= '-180000000'::integer AND longitude_e6 <= 180000000),
  constraint "a maker has a name" CHECK (name <> ''::text),
  constraint "a maker's slug is used once" UNIQUE (slug),
  constraint "a place has both its coordinates" CHECK ((latitude_e6 IS NULL) = (longitude_e6 IS NULL))
);
grant delete, insert, select, update on maker to boutique_app;

create table maker_map (
  id bigint generated always as identity not null,
  svg text not null,
  width integer not null,
  height integer not null,
  north_e6 integer not null,
  south_e6 integer not null,
  west_e6 integer not null,
  east_e6 integer not null,
  set_by text not null,
  set_at timestamp with time zone default now() not null,
  constraint maker_map_pkey PRIMARY KEY (id),
  constraint "a map has a height in degrees" CHECK (north_e6 > south_e6),
  constraint "a map has a width in degrees" CHECK (east_e6 > west_e6),
  constraint maker_map_height_check CHECK (height > 0),
  constraint maker_map_width_check CHECK (width > 0)
);
CREATE TRIGGER maker_map_is_append_only BEFORE DELETE OR UPDATE ON maker_map FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER maker_map_is_never_emptied BEFORE TRUNCATE ON maker_map FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on maker_map to boutique_app;

create table maker_photo (
  maker_id bigint not null,
  sha256 text not null,
  ext text not null,
  width integer not null,
  height integer not null,
  bytes bigint not null,
  thumbhash bytea,
  made text default ''::text not null,
  focal_x integer default 50 not null,
  focal_y integer default 50 not null,
  credit text default ''::text not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint maker_photo_pkey PRIMARY KEY (maker_id),
  constraint "a maker's photo is a JPEG, PNG or WebP" CHECK (ext = ANY (ARRAY['jpg'::text, 'png'::text, 'webp'::text])),
  constraint "a maker's photo is named by its SHA-256" CHECK (sha256 ~ '^[0-9a-f]{64}$'::text),
  constraint maker_photo_bytes_check CHECK (bytes > 0),
  constraint maker_photo_focal_x_check CHECK (focal_x >= 0 AND focal_x <= 100),
  constraint maker_photo_focal_y_check CHECK (focal_y >= 0 AND focal_y <= 100),
  constraint maker_photo_height_check CHECK (height > 0),
  constraint maker_photo_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES maker(id) ON DELETE CASCADE,
  constraint maker_photo_width_check CHECK (width > 0)
);
CREATE INDEX maker_photo_by_name ON public.maker_photo USING btree (sha256);
grant delete, insert, select, update on maker_photo to boutique_app;

create table maker_photo_text (
  maker_id bigint not null,
  lang text not null,
  alt text not null,
  constraint maker_photo_text_pkey PRIMARY KEY (maker_id, lang),
  constraint maker_photo_text_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES maker_photo(maker_id) ON DELETE CASCADE
);
grant delete, insert, select, update on maker_photo_text to boutique_app;

create table maker_text (
  maker_id bigint not null,
  lang text not null,
  story text not null,
  constraint maker_text_pkey PRIMARY KEY (maker_id, lang),
  constraint maker_text_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES maker(id) ON DELETE CASCADE
);
grant delete, insert, select, update on maker_text to boutique_app;

create table market_offer (
  id bigint generated always as identity not null,
  item text not null,
  shop text not null,
  price bigint not null,
  delivery bigint,
  seen_on date not null,
  source text default ''::text not null,
  notes text default ''::text not null,
  product_id bigint,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint market_offer_pkey PRIMARY KEY (id),
  constraint "an offer has a price" CHECK (price > 0),
  constraint "an offer names its item" CHECK (item <> ''::text),
  constraint "an offer names its shop" CHECK (shop <> ''::text),
  constraint "an offer's delivery is not negative" CHECK (delivery >= 0),
  constraint market_offer_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
CREATE INDEX market_offer_by_day ON public.market_offer USING btree (seen_on DESC, id DESC);
CREATE INDEX market_offer_of_product ON public.market_offer USING btree (product_id, price);
grant delete, insert, select, update on market_offer to boutique_app;

create table market_photo (
  offer_id bigint not null,
  kind text not null,
  data bytea not null,
  constraint market_photo_pkey PRIMARY KEY (offer_id),
  constraint "an offer's photo has at most 4 MB" CHECK (octet_length(data) >= 1 AND octet_length(data) <= 4194304),
  constraint "an offer's photo is a JPEG, PNG or WebP" CHECK (kind = ANY (ARRAY['image/jpeg'::text, 'image/png'::text, 'image/webp'::text])),
  constraint market_photo_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES market_offer(id) ON DELETE CASCADE
);
grant delete, insert, select, update on market_photo to boutique_app;

create table order_history (
  order_id uuid not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint order_history_pkey PRIMARY KEY (order_id, seq),
  constraint "a step begins where the last one ended" FOREIGN KEY (order_id, before_seq, before_state) REFERENCES order_history(order_id, seq, to_state),
  constraint "a step's end is known" UNIQUE (order_id, seq, to_state),
  constraint order_history_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint order_history_seq_check CHECK (seq > 0)
);
CREATE TRIGGER order_history_is_append_only BEFORE DELETE OR UPDATE ON order_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_history_is_never_emptied BEFORE TRUNCATE ON order_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on order_history to boutique_app;

create table order_line (
  order_id uuid not null,
  position integer not null,
  variant_id bigint not null,
  sku text not null,
  name text not null,
  options text default ''::text not null,
  quantity integer not null,
  unit_price bigint not null,
  total bigint not null,
  vat_class text not null,
  vat_rate integer not null,
  net bigint not null,
  vat bigint not null,
  weight_g integer default 0 not null,
  photo_sha256 text default ''::text not null,
  slug text default ''::text not null,
  no_withdrawal text default ''::text not null,
  discount bigint default 0 not null,
  gift_card boolean default false not null,
  analytic_code text default ''::text not null,
  constraint order_line_pkey PRIMARY KEY (order_id, "position"),
  constraint "a line's net and VAT make its total" CHECK ((net + vat) = total),
  constraint "a line's total is quantity times price less its discount" CHECK (total = (quantity * unit_price - discount) AND discount >= 0 AND total >= 0),
  constraint order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint order_line_quantity_check CHECK (quantity > 0),
  constraint order_line_unit_price_check CHECK (unit_price > 0),
  constraint order_line_vat_rate_check CHECK (vat_rate >= 0 AND vat_rate <= 10000)
);
CREATE UNIQUE INDEX "an order names a SKU once" ON public.order_line USING btree (order_id, sku);
CREATE TRIGGER order_line_is_append_only BEFORE DELETE OR UPDATE ON order_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_line_is_never_emptied BEFORE TRUNCATE ON order_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on order_line to boutique_app;

create table order_return (
  id uuid not null,
  number text not null,
  order_id uuid not null,
  state text not null,
  name text not null,
  email text not null,
  reason text default ''::text not null,
  declared_at timestamp with time zone not null,
  refund_by date not null,
  due bigint not null,
  due_shipping bigint not null,
  refund_id uuid,
  history_seq integer default 0 not null,
  constraint order_return_pkey PRIMARY KEY (id),
  constraint "a return is in a known state" CHECK (state = ANY (ARRAY['declared'::text, 'received'::text, 'refunded'::text, 'closed'::text])),
  constraint "a return's number is used once" UNIQUE (number),
  constraint "a return's state is the end of its history" FOREIGN KEY (id, history_seq, state) REFERENCES return_history(return_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint order_return_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint "the shipping due is part of what is due" CHECK (due_shipping >= 0 AND due_shipping <= due),
  constraint "what is due is not negative" CHECK (due >= 0)
);
CREATE INDEX order_return_of_order ON public.order_return USING btree (order_id);
CREATE INDEX order_return_open ON public.order_return USING btree (refund_by) WHERE (state = ANY (ARRAY['declared'::text, 'received'::text]));
grant delete, insert, select, update on order_return to boutique_app;

create table order_tax (
  order_id uuid not null,
  regime text not null,
  country text not null,
  constraint order_tax_pkey PRIMARY KEY (order_id),
  constraint "an order has a known VAT regime" CHECK (regime = ANY (ARRAY['domestic'::text, 'distance'::text, 'oss'::text, 'export'::text, 'franchise'::text])),
  constraint order_tax_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);
CREATE TRIGGER order_tax_is_append_only BEFORE DELETE OR UPDATE ON order_tax FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_tax_is_never_emptied BEFORE TRUNCATE ON order_tax FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on order_tax to boutique_app;

create table order_vat (
  order_id uuid not null,
  rate integer not null,
  goods_gross bigint not null,
  shipping_gross bigint not null,
  gross bigint not null,
  net bigint not null,
  vat bigint not null,
  exemption text default ''::text not null,
  constraint order_vat_pkey PRIMARY KEY (order_id, rate, exemption),
  constraint "a rate's goods and shipping make its gross" CHECK ((goods_gross + shipping_gross) = gross),
  constraint "a rate's net and VAT make its gross" CHECK ((net + vat) = gross),
  constraint order_vat_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);
CREATE TRIGGER order_vat_is_append_only BEFORE DELETE OR UPDATE ON order_vat FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_vat_is_never_emptied BEFORE TRUNCATE ON order_vat FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on order_vat to boutique_app;

create table orders (
  id uuid not null,
  number text not null,
  key_hash bytea not null,
  cart_id uuid,
  payment_id uuid,
  state text not null,
  lang text not null,
  email text not null,
  name text not null,
  phone text default ''::text not null,
  company text default ''::text not null,
  siren text default ''::text not null,
  vat_number text default ''::text not null,
  line1 text not null,
  line2 text default ''::text not null,
  postal_code text not null,
  city text not null,
  country text not null,
  shipping_kind text not null,
  shipping_method text not null,
  shipping_label text not null,
  quote jsonb not null,
  promise_from date,
  promise_to date,
  goods_total bigint not null,
  shipping_total bigint not null,
  total bigint not null,
  terms_version text not null,
  birth_date date,
  placed_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  history_seq integer default 0 not null,
  standard_shipping bigint,
  voucher_code text default ''::text not null,
  shipping_discount bigint default 0 not null,
  gift_total bigint default 0 not null,
  pays_at text default 'online'::text not null,
  constraint orders_pkey PRIMARY KEY (id),
  constraint "a cart becomes one order" UNIQUE (cart_id),
  constraint "a paid order knows its payment" CHECK ((payment_id IS NULL) = (confirmed_at IS NULL)),
  constraint "an order is delivered or collected" CHECK (shipping_kind = ANY (ARRAY['delivery'::text, 'collection'::text])),
  constraint "an order is in a known state" CHECK (state = ANY (ARRAY['awaiting_payment'::text, 'confirmed'::text, 'completed'::text, 'expired'::text, 'cancelled'::text])),
  constraint "an order is paid online or at the desk" CHECK (pays_at = ANY (ARRAY['online'::text, 'desk'::text])),
  constraint "an order's number is used once" UNIQUE (number),
  constraint "an order's state is the end of its history" FOREIGN KEY (id, history_seq, state) REFERENCES order_history(order_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint "an order's total is goods plus shipping" CHECK (total = (goods_total + shipping_total)),
  constraint "gift cards pay no more than the order" CHECK (gift_total >= 0 AND gift_total <= total),
  constraint orders_goods_total_check CHECK (goods_total >= 0),
  constraint orders_shipping_discount_check CHECK (shipping_discount >= 0),
  constraint orders_shipping_total_check CHECK (shipping_total >= 0)
);
CREATE INDEX orders_awaiting ON public.orders USING btree (expires_at) WHERE (state = 'awaiting_payment'::text);
CREATE INDEX orders_by_email ON public.orders USING btree (lower(email));
CREATE INDEX orders_by_placed ON public.orders USING btree (placed_at DESC, id);
grant delete, insert, select, update on orders to boutique_app;

create table parcel (
  shipment_id uuid not null,
  n integer not null,
  carton text default ''::text not null,
  weight_g integer not null,
  tracking_number text default ''::text not null,
  pieces jsonb not null,
  packed_by text not null,
  packed_at timestamp with time zone default now() not null,
  constraint parcel_pkey PRIMARY KEY (shipment_id, n),
  constraint "a parcel has a weight" CHECK (weight_g >= 1 AND weight_g <= 200000),
  constraint parcel_n_check CHECK (n > 0),
  constraint parcel_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES shipment(id)
);
CREATE TRIGGER parcel_is_append_only BEFORE DELETE OR UPDATE ON parcel FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER parcel_is_never_emptied BEFORE TRUNCATE ON parcel FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on parcel to boutique_app;

create table payment (
  id uuid not null,
  order_id uuid not null,
  n integer not null,
  gateway text not null,
  state text not null,
  amount bigint not null,
  currency text default 'EUR'::text not null,
  idempotency_key text not null,
  request jsonb not null,
  session_id text,
  session_url text default ''::text not null,
  intent_id text,
  charge_id text default ''::text not null,
  method text default ''::text not null,
  fee bigint,
  quarantined text default ''::text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  captured_at timestamp with time zone,
  history_seq integer default 0 not null,
  constraint payment_pkey PRIMARY KEY (id),
  constraint "a payment is in a known state" CHECK (state = ANY (ARRAY['creating'::text, 'open'::text, 'processing'::text, 'captured'::text, 'failed'::text, 'expired'::text])),
  constraint "a payment is made by a known gateway" CHECK (gateway = ANY (ARRAY['stripe'::text, 'desk'::text, 'none'::text, 'gift_card'::text])),
  constraint "a payment's key is used once" UNIQUE (idempotency_key),
  constraint "a payment's state is the end of its history" FOREIGN KEY (id, history_seq, state) REFERENCES payment_history(payment_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint "a session pays one order" UNIQUE (session_id),
  constraint "an intent is captured once" UNIQUE (intent_id),
  constraint "an order's attempts are counted" UNIQUE (order_id, n),
  constraint "captured money has its date" CHECK ((state = 'captured'::text) = (captured_at IS NOT NULL)),
  constraint payment_amount_check CHECK (amount >= 0),
  constraint "payments are in euros" CHECK (currency = 'EUR'::text)
);
CREATE INDEX payment_of_order ON public.payment USING btree (order_id);
CREATE INDEX payment_unsettled ON public.payment USING btree (expires_at) WHERE (state = ANY (ARRAY['creating'::text, 'open'::text, 'processing'::text]));
CREATE UNIQUE INDEX "an order has one live attempt" ON public.payment USING btree (order_id) WHERE (state = ANY (ARRAY['creating'::text, 'open'::text, 'processing'::text]));
grant delete, insert, select, update on payment to boutique_app;

create table payment_balance (
  id text not null,
  payment_id uuid not null,
  refund_id uuid,
  kind text not null,
  amount bigint not null,
  fee bigint not null,
  net bigint not null,
  at timestamp with time zone not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  constraint payment_balance_pkey PRIMARY KEY (id),
  constraint payment_balance_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint payment_balance_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund(id)
);
CREATE INDEX payment_balance_of_payment ON public.payment_balance USING btree (payment_id);
CREATE TRIGGER payment_balance_is_append_only BEFORE DELETE OR UPDATE ON payment_balance FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_balance_is_never_emptied BEFORE TRUNCATE ON payment_balance FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on payment_balance to boutique_app;

create table payment_event (
  id text not null,
  type text not null,
  api_version text default ''::text not null,
  livemode boolean not null,
  object_id text not null,
  payload bytea not null,
  received_at timestamp with time zone default now() not null,
  done_at timestamp with time zone,
  outcome text default ''::text not null,
  tries integer default 0 not null,
  last_error text default ''::text not null,
  constraint payment_event_pkey PRIMARY KEY (id)
);
CREATE INDEX payment_event_unfinished ON public.payment_event USING btree (received_at) WHERE (done_at IS NULL);
grant delete, insert, select, update on payment_event to boutique_app;

create table payment_history (
  payment_id uuid not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint payment_history_pkey PRIMARY KEY (payment_id, seq),
  constraint "a payment's step begins where the last one ended" FOREIGN KEY (payment_id, before_seq, before_state) REFERENCES payment_history(payment_id, seq, to_state),
  constraint "a payment's step has an end" UNIQUE (payment_id, seq, to_state),
  constraint payment_history_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id),
  constraint payment_history_seq_check CHECK (seq > 0)
);
CREATE TRIGGER payment_history_is_append_only BEFORE DELETE OR UPDATE ON payment_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_history_is_never_emptied BEFORE TRUNCATE ON payment_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on payment_history to boutique_app;

create table payout (
  id text not null,
  amount bigint not null,
  currency text not null,
  status text not null,
  automatic boolean not null,
  failure text default ''::text not null,
  created_at timestamp with time zone not null,
  arrives_on date not null,
  listed_at timestamp with time zone,
  constraint payout_pkey PRIMARY KEY (id)
);
CREATE INDEX payout_by_day ON public.payout USING btree (arrives_on DESC, id);
grant delete, insert, select, update on payout to boutique_app;

create table payout_line (
  payout_id text not null,
  line_id text not null,
  constraint payout_line_pkey PRIMARY KEY (payout_id, line_id),
  constraint payout_line_line_id_fkey FOREIGN KEY (line_id) REFERENCES balance_line(id),
  constraint payout_line_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES payout(id)
);
CREATE TRIGGER payout_line_is_append_only BEFORE DELETE OR UPDATE ON payout_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_line_is_never_emptied BEFORE TRUNCATE ON payout_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on payout_line to boutique_app;

create table photo (
  id bigint generated always as identity not null,
  product_id bigint not null,
  sha256 text not null,
  ext text not null,
  position integer not null,
  width integer not null,
  height integer not null,
  bytes bigint not null,
  thumbhash bytea,
  focal_x integer default 50 not null,
  focal_y integer default 50 not null,
  created_at timestamp with time zone default now() not null,
  source_sha256 text,
  source_ext text,
  source_width integer,
  source_height integer,
  source_bytes bigint,
  turn integer default 0 not null,
  cut_x integer default 0 not null,
  cut_y integer default 0 not null,
  cut_width integer default 10000 not null,
  cut_height integer default 10000 not null,
  made text default ''::text not null,
  view text default ''::text not null,
  credit text default ''::text not null,
  licence text default ''::text not null,
  licence_until date,
  constraint photo_pkey PRIMARY KEY (id),
  constraint "a cut lies within the photo" CHECK (cut_x >= 0 AND cut_y >= 0 AND cut_width > 0 AND cut_height > 0 AND (cut_x + cut_width) <= 10000 AND (cut_y + cut_height) <= 10000),
  constraint "a photo belongs to its product" UNIQUE (id, product_id),
  constraint "a photo is a JPEG, PNG or WebP" CHECK (ext = ANY (ARRAY['jpg'::text, 'png'::text, 'webp'::text])),
  constraint "a photo is named by its SHA-256" CHECK (sha256 ~ '^[0-9a-f]{64}$'::text),
  constraint "a photo is turned by quarters" CHECK (turn = ANY (ARRAY[0, 90, 180, 270])),
  constraint "a photo that was cut or turned has a source" CHECK ((source_sha256 IS NULL) = (turn = 0 AND cut_x = 0 AND cut_y = 0 AND cut_width = 10000 AND cut_height = 10000) AND (source_sha256 IS NULL) = (source_ext IS NULL) AND (source_sha256 IS NULL) = (source_width IS NULL) AND (source_sha256 IS NULL) = (source_height IS NULL) AND (source_sha256 IS NULL) = (source_bytes IS NULL)),
  constraint "a photo's source is named by its SHA-256" CHECK (source_sha256 ~ '^[0-9a-f]{64}$'::text),
  constraint "a product shows a photo once" UNIQUE (product_id, sha256),
  constraint photo_bytes_check CHECK (bytes > 0),
  constraint photo_focal_x_check CHECK (focal_x >= 0 AND focal_x <= 100),
  constraint photo_focal_y_check CHECK (focal_y >= 0 AND focal_y <= 100),
  constraint photo_height_check CHECK (height > 0),
  constraint photo_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id),
  constraint photo_width_check CHECK (width > 0),
  constraint "photos of a product are in order" UNIQUE (product_id, "position") DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX photo_by_licence ON public.photo USING btree (licence_until) WHERE (licence_until IS NOT NULL);
CREATE INDEX photo_by_sha256 ON public.photo USING btree (sha256);
CREATE INDEX photo_by_source ON public.photo USING btree (source_sha256) WHERE (source_sha256 IS NOT NULL);
CREATE UNIQUE INDEX "a product takes a photo once" ON public.photo USING btree (product_id, COALESCE(source_sha256, sha256));
grant delete, insert, select, update on photo to boutique_app;

create table photo_quality (
  sha256 text not null,
  recipe integer not null,
  sharpness integer not null,
  dark integer not null,
  middle integer not null,
  bright integer not null,
  ground_spread integer not null,
  ground_detail integer not null,
  tilt integer,
  fingerprint bit(115) not null,
  measured_at timestamp with time zone default now() not null,
  constraint photo_quality_pkey PRIMARY KEY (sha256),
  constraint "what is measured is named by its SHA-256" CHECK (sha256 ~ '^[0-9a-f]{64}$'::text)
);
grant delete, insert, select, update on photo_quality to boutique_app;

create table photo_text (
  photo_id bigint not null,
  lang text not null,
  alt text not null,
  constraint photo_text_pkey PRIMARY KEY (photo_id, lang),
  constraint photo_text_photo_id_fkey FOREIGN KEY (photo_id) REFERENCES photo(id) ON DELETE CASCADE
);
grant delete, insert, select, update on photo_text to boutique_app;

create table pickup_point (
  carrier text not null,
  code text not null,
  name text not null,
  line1 text not null,
  line2 text default ''::text not null,
  postal_code text not null,
  city text not null,
  country text not null,
  hours text default ''::text not null,
  constraint pickup_point_pkey PRIMARY KEY (carrier, code),
  constraint "a pickup point has a code" CHECK (code <> ''::text)
);
CREATE INDEX pickup_point_by_place ON public.pickup_point USING btree (carrier, country, postal_code);
grant delete, insert, select, update on pickup_point to boutique_app;

create table price (
  id bigint generated always as identity not null,
  variant_id bigint not null,
  amount bigint not null,
  valid_from timestamp with time zone default now() not null,
  set_by text not null,
  set_at timestamp with time zone default clock_timestamp() not null,
  reduction_id bigint,
  constraint price_pkey PRIMARY KEY (id),
  constraint "a price is at least one cent" CHECK (amount > 0),
  constraint price_reduction_id_fkey FOREIGN KEY (reduction_id) REFERENCES reduction(id),
  constraint price_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
CREATE INDEX price_newest ON public.price USING btree (variant_id, valid_from DESC, id DESC);
CREATE TRIGGER price_is_append_only BEFORE DELETE OR UPDATE ON price FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER price_is_never_emptied BEFORE TRUNCATE ON price FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on price to boutique_app;

create table product (
  id bigint generated always as identity not null,
  slug text not null,
  family text not null,
  category_id bigint,
  maker_id bigint,
  vat_class text not null,
  state text default 'draft'::text not null,
  published_at timestamp with time zone,
  first_sold_on timestamp with time zone,
  legal jsonb default '{}'::jsonb not null,
  shipping_classes text[] default '{}'::text[] not null,
  origin_country text default ''::text not null,
  customs_code text default ''::text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  analytic_code text default ''::text not null,
  constraint product_pkey PRIMARY KEY (id),
  constraint "a product is draft, published or retired" CHECK (state = ANY (ARRAY['draft'::text, 'published'::text, 'retired'::text])),
  constraint "a product is of a known family" FOREIGN KEY (family) REFERENCES family(code),
  constraint "a product's slug is used once" UNIQUE (slug),
  constraint "a published product has its date" CHECK (state <> 'published'::text OR published_at IS NOT NULL),
  constraint product_category_id_fkey FOREIGN KEY (category_id) REFERENCES category(id),
  constraint product_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES maker(id)
);
CREATE INDEX product_by_category ON public.product USING btree (category_id);
CREATE INDEX product_by_change ON public.product USING btree (updated_at);
CREATE INDEX product_by_maker ON public.product USING btree (maker_id);
CREATE INDEX product_by_state ON public.product USING btree (state, slug);
CREATE INDEX product_of_category ON public.product USING btree (category_id, slug);
CREATE INDEX product_of_category_and_state ON public.product USING btree (category_id, state, slug);
grant delete, insert, select, update on product to boutique_app;

create table product_author (
  product_id bigint not null,
  actor text not null,
  edited_at timestamp with time zone default clock_timestamp() not null,
  constraint product_author_pkey PRIMARY KEY (product_id, actor),
  constraint product_author_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
grant delete, insert, select, update on product_author to boutique_app;

create table product_draft (
  product_id bigint not null,
  author text not null,
  version integer not null,
  content jsonb not null,
  saved_at timestamp with time zone default now() not null,
  constraint product_draft_pkey PRIMARY KEY (product_id, author),
  constraint product_draft_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
grant delete, insert, select, update on product_draft to boutique_app;

create table product_former_slug (
  slug text not null,
  product_id bigint not null,
  constraint product_former_slug_pkey PRIMARY KEY (slug),
  constraint product_former_slug_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
grant delete, insert, select, update on product_former_slug to boutique_app;

create table product_import (
  id bigint generated always as identity not null,
  name text not null,
  bytes bigint not null,
  zipped boolean not null,
  state text not null,
  done integer default 0 not null,
  total integer default 0 not null,
  report jsonb,
  problem text default ''::text not null,
  actor text not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint product_import_pkey PRIMARY KEY (id),
  constraint "an import arrives, is judged, then brought in" CHECK (state = ANY (ARRAY['arriving'::text, 'judging'::text, 'judged'::text, 'refused'::text, 'importing'::text, 'done'::text, 'failed'::text]))
);
grant delete, insert, select, update on product_import to boutique_app;

create table product_import_part (
  import_id bigint not null,
  n integer not null,
  data bytea not null,
  constraint product_import_part_pkey PRIMARY KEY (import_id, n),
  constraint product_import_part_import_id_fkey FOREIGN KEY (import_id) REFERENCES product_import(id) ON DELETE CASCADE
);
grant delete, insert, select, update on product_import_part to boutique_app;

create table product_judgement (
  product_id bigint not null,
  version integer not null,
  revision bigint not null,
  score integer not null,
  failing text[] not null,
  advice integer not null,
  failing_since timestamp with time zone,
  judged_at timestamp with time zone default clock_timestamp() not null,
  constraint product_judgement_pkey PRIMARY KEY (product_id),
  constraint "a score is a percentage" CHECK (score >= 0 AND score <= 100),
  constraint product_judgement_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE,
  constraint "what fails has failed since some moment" CHECK ((failing = '{}'::text[]) = (failing_since IS NULL))
);
CREATE INDEX product_judgement_failing ON public.product_judgement USING btree (product_id) WHERE (failing <> '{}'::text[]);
grant delete, insert, select, update on product_judgement to boutique_app;

create table product_option (
  product_id bigint not null,
  code text not null,
  position integer not null,
  labels jsonb not null,
  constraint product_option_pkey PRIMARY KEY (product_id, code),
  constraint product_option_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
grant delete, insert, select, update on product_option to boutique_app;

create table product_option_value (
  product_id bigint not null,
  option text not null,
  code text not null,
  position integer not null,
  labels jsonb not null,
  swatch text default ''::text not null,
  constraint product_option_value_pkey PRIMARY KEY (product_id, option, code),
  constraint "a swatch is a colour like #B5472F" CHECK (swatch = ''::text OR swatch ~ '^#[0-9A-Fa-f]{6}$'::text),
  constraint product_option_value_product_id_option_fkey FOREIGN KEY (product_id, option) REFERENCES product_option(product_id, code) ON DELETE CASCADE
);
grant delete, insert, select, update on product_option_value to boutique_app;

create table product_revision (
  product_id bigint not null,
  version integer not null,
  content jsonb not null,
  author text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint product_revision_pkey PRIMARY KEY (product_id, version),
  constraint product_revision_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
CREATE TRIGGER product_revision_is_append_only BEFORE DELETE OR UPDATE ON product_revision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER product_revision_is_never_emptied BEFORE TRUNCATE ON product_revision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on product_revision to boutique_app;

create table product_signature (
  id bigint generated always as identity not null,
  product_id bigint not null,
  what text not null,
  value text not null,
  fingerprint text default ''::text not null,
  note text default ''::text not null,
  actor text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint product_signature_pkey PRIMARY KEY (id),
  constraint "one signs a VAT class, a review or a publication" CHECK (what = ANY (ARRAY['vat_class'::text, 'review'::text, 'publication'::text])),
  constraint product_signature_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
CREATE INDEX product_signature_newest ON public.product_signature USING btree (product_id, what, id DESC);
CREATE TRIGGER product_signature_is_append_only BEFORE DELETE OR UPDATE ON product_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER product_signature_is_never_emptied BEFORE TRUNCATE ON product_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on product_signature to boutique_app;

create table product_text (
  product_id bigint not null,
  lang text not null,
  name text default ''::text not null,
  short text default ''::text not null,
  description text default ''::text not null,
  seo_title text default ''::text not null,
  seo_description text default ''::text not null,
  updated_at timestamp with time zone default now() not null,
  constraint product_text_pkey PRIMARY KEY (product_id, lang),
  constraint product_text_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
grant delete, insert, select, update on product_text to boutique_app;

create table publication_plan (
  id bigint generated always as identity not null,
  product_id bigint not null,
  publish_at timestamp with time zone not null,
  planned_by text not null,
  planned_at timestamp with time zone default clock_timestamp() not null,
  state text default 'planned'::text not null,
  failing text[] default '{}'::text[] not null,
  answered_at timestamp with time zone,
  constraint publication_plan_pkey PRIMARY KEY (id),
  constraint "a plan is planned, done, refused or cancelled" CHECK (state = ANY (ARRAY['planned'::text, 'done'::text, 'refused'::text, 'cancelled'::text])),
  constraint "an answered plan has its moment" CHECK ((state = 'planned'::text) = (answered_at IS NULL)),
  constraint publication_plan_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
CREATE INDEX publication_plan_due ON public.publication_plan USING btree (publish_at) WHERE (state = 'planned'::text);
CREATE UNIQUE INDEX "a product has one plan at a time" ON public.publication_plan USING btree (product_id) WHERE (state = 'planned'::text);
grant delete, insert, select, update on publication_plan to boutique_app;

create table reduction (
  id bigint generated always as identity not null,
  variant_id bigint not null,
  amount bigint not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  set_by text not null,
  set_at timestamp with time zone default clock_timestamp() not null,
  constraint reduction_pkey PRIMARY KEY (id),
  constraint "a reduced price is at least one cent" CHECK (amount > 0),
  constraint "a reduction ends after it begins" CHECK (ends_at > starts_at),
  constraint reduction_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
CREATE INDEX reduction_of_variant ON public.reduction USING btree (variant_id, starts_at);
CREATE TRIGGER reduction_is_append_only BEFORE DELETE OR UPDATE ON reduction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reduction_is_never_emptied BEFORE TRUNCATE ON reduction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on reduction to boutique_app;

create table reduction_end (
  reduction_id bigint not null,
  ended_at timestamp with time zone not null,
  set_by text not null,
  set_at timestamp with time zone default clock_timestamp() not null,
  constraint reduction_end_pkey PRIMARY KEY (reduction_id),
  constraint reduction_end_reduction_id_fkey FOREIGN KEY (reduction_id) REFERENCES reduction(id)
);
CREATE TRIGGER reduction_end_is_append_only BEFORE DELETE OR UPDATE ON reduction_end FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reduction_end_is_never_emptied BEFORE TRUNCATE ON reduction_end FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on reduction_end to boutique_app;

create table refund (
  id uuid not null,
  payment_id uuid not null,
  order_id uuid not null,
  state text not null,
  amount bigint not null,
  reason text default ''::text not null,
  origin text not null,
  detail jsonb default '{}'::jsonb not null,
  idempotency_key text not null,
  provider_id text,
  failure text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  history_seq integer default 0 not null,
  constraint refund_pkey PRIMARY KEY (id),
  constraint "a refund at the provider is recorded once" UNIQUE (provider_id),
  constraint "a refund is in a known state" CHECK (state = ANY (ARRAY['requested'::text, 'pending'::text, 'succeeded'::text, 'failed'::text])),
  constraint "a refund's key is used once" UNIQUE (idempotency_key),
  constraint "a refund's state is the end of its history" FOREIGN KEY (id, history_seq, state) REFERENCES refund_history(refund_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint refund_amount_check CHECK (amount > 0),
  constraint refund_origin_check CHECK (origin = ANY (ARRAY['shop'::text, 'dashboard'::text])),
  constraint refund_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id)
);
CREATE INDEX refund_of_order ON public.refund USING btree (order_id);
CREATE INDEX refund_unsettled ON public.refund USING btree (created_at) WHERE (state = ANY (ARRAY['requested'::text, 'pending'::text]));
grant delete, insert, select, update on refund to boutique_app;

create table refund_history (
  refund_id uuid not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint refund_history_pkey PRIMARY KEY (refund_id, seq),
  constraint "a refund's step begins where the last one ended" FOREIGN KEY (refund_id, before_seq, before_state) REFERENCES refund_history(refund_id, seq, to_state),
  constraint "a refund's step has an end" UNIQUE (refund_id, seq, to_state),
  constraint refund_history_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund(id),
  constraint refund_history_seq_check CHECK (seq > 0)
);
CREATE TRIGGER refund_history_is_append_only BEFORE DELETE OR UPDATE ON refund_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_history_is_never_emptied BEFORE TRUNCATE ON refund_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on refund_history to boutique_app;

create table rendition (
  photo_sha256 text not null,
  recipe integer not null,
  width integer not null,
  height integer not null,
  ext text not null,
  sha256 text not null,
  bytes bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint rendition_pkey PRIMARY KEY (photo_sha256, recipe, width, ext),
  constraint rendition_bytes_check CHECK (bytes > 0),
  constraint rendition_ext_check CHECK (ext = ANY (ARRAY['jpg'::text, 'webp'::text])),
  constraint rendition_height_check CHECK (height > 0),
  constraint rendition_width_check CHECK (width > 0)
);
grant delete, insert, select, update on rendition to boutique_app;

create table return_history (
  return_id uuid not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint return_history_pkey PRIMARY KEY (return_id, seq),
  constraint "a return's step begins where the last one ended" FOREIGN KEY (return_id, before_seq, before_state) REFERENCES return_history(return_id, seq, to_state),
  constraint "a return's step has an end" UNIQUE (return_id, seq, to_state),
  constraint return_history_return_id_fkey FOREIGN KEY (return_id) REFERENCES order_return(id),
  constraint return_history_seq_check CHECK (seq > 0)
);
CREATE TRIGGER return_history_is_append_only BEFORE DELETE OR UPDATE ON return_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER return_history_is_never_emptied BEFORE TRUNCATE ON return_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on return_history to boutique_app;

create table return_line (
  return_id uuid not null,
  sku text not null,
  quantity integer not null,
  unsent integer default 0 not null,
  constraint return_line_pkey PRIMARY KEY (return_id, sku),
  constraint return_line_quantity_check CHECK (quantity > 0),
  constraint return_line_return_id_fkey FOREIGN KEY (return_id) REFERENCES order_return(id),
  constraint "what was never sent is part of what is given back" CHECK (unsent >= 0 AND unsent <= quantity)
);
CREATE TRIGGER return_line_is_append_only BEFORE DELETE OR UPDATE ON return_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER return_line_is_never_emptied BEFORE TRUNCATE ON return_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on return_line to boutique_app;

create table return_outcome (
  return_id uuid not null,
  sku text not null,
  restocked integer not null,
  written_off integer not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint return_outcome_pkey PRIMARY KEY (return_id, sku),
  constraint return_outcome_restocked_check CHECK (restocked >= 0),
  constraint return_outcome_return_id_fkey FOREIGN KEY (return_id) REFERENCES order_return(id),
  constraint return_outcome_written_off_check CHECK (written_off >= 0)
);
CREATE TRIGGER return_outcome_is_append_only BEFORE DELETE OR UPDATE ON return_outcome FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER return_outcome_is_never_emptied BEFORE TRUNCATE ON return_outcome FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on return_outcome to boutique_app;

create table search_miss (
  lang text not null,
  query text not null,
  times bigint default 0 not null,
  last_at timestamp with time zone default now() not null,
  constraint search_miss_pkey PRIMARY KEY (lang, query)
);
CREATE INDEX search_miss_by_times ON public.search_miss USING btree (times DESC, last_at DESC);
grant delete, insert, select, update on search_miss to boutique_app;

create table search_synonym (
  id bigint generated always as identity not null,
  lang text not null,
  words text[] not null,
  set_by text not null,
  set_at timestamp with time zone default now() not null,
  constraint search_synonym_pkey PRIMARY KEY (id),
  constraint "synonyms are at least two" CHECK (cardinality(words) >= 2)
);
CREATE INDEX search_synonym_by_lang ON public.search_synonym USING btree (lang, id);
grant delete, insert, select, update on search_synonym to boutique_app;

create table sessions (
  token text not null,
  data bytea not null,
  expiry timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (token)
);
CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expiry);
grant delete, insert, select, update on sessions to boutique_app;

create table setting (
  id bigint generated always as identity not null,
  key text not null,
  valid_from timestamp with time zone default now() not null,
  value jsonb not null,
  set_by text not null,
  set_at timestamp with time zone default now() not null,
  constraint setting_pkey PRIMARY KEY (id)
);
CREATE INDEX setting_newest ON public.setting USING btree (key, valid_from DESC, id DESC);
CREATE TRIGGER setting_is_append_only BEFORE DELETE OR UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER setting_is_never_emptied BEFORE TRUNCATE ON setting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on setting to boutique_app;

create table shelf (
  sku text not null,
  place text not null,
  constraint shelf_pkey PRIMARY KEY (sku),
  constraint "a place is at most 20 characters" CHECK (length(place) <= 20)
);
grant delete, insert, select, update on shelf to boutique_app;

create table shipment (
  id uuid not null,
  order_id uuid not null,
  n integer not null,
  kind text not null,
  state text not null,
  carrier text default ''::text not null,
  tracking_number text default ''::text not null,
  created_at timestamp with time zone default now() not null,
  history_seq integer default 0 not null,
  constraint shipment_pkey PRIMARY KEY (id),
  constraint "a shipment is in a known state" CHECK (state = ANY (ARRAY['preparing'::text, 'shipped'::text, 'delivered'::text, 'ready'::text, 'collected'::text, 'unpacked'::text])),
  constraint "a shipment's state is the end of its history" FOREIGN KEY (id, history_seq, state) REFERENCES shipment_history(shipment_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED,
  constraint "an order's shipments are counted" UNIQUE (order_id, n),
  constraint shipment_kind_check CHECK (kind = ANY (ARRAY['delivery'::text, 'collection'::text])),
  constraint shipment_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);
grant delete, insert, select, update on shipment to boutique_app;

create table shipment_history (
  shipment_id uuid not null,
  seq integer not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  actor text not null,
  reason text default ''::text not null,
  at timestamp with time zone default clock_timestamp() not null,
  before_seq integer generated always as (NULLIF((seq - 1), 0)) stored,
  before_state text generated always as (
CASE
    WHEN (seq > 1) THEN from_state
    ELSE NULL::text
END) stored,
  constraint shipment_history_pkey PRIMARY KEY (shipment_id, seq),
  constraint "a shipment's step begins where the last one ended" FOREIGN KEY (shipment_id, before_seq, before_state) REFERENCES shipment_history(shipment_id, seq, to_state),
  constraint "a shipment's step has an end" UNIQUE (shipment_id, seq, to_state),
  constraint shipment_history_seq_check CHECK (seq > 0),
  constraint shipment_history_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES shipment(id)
);
CREATE TRIGGER shipment_history_is_append_only BEFORE DELETE OR UPDATE ON shipment_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shipment_history_is_never_emptied BEFORE TRUNCATE ON shipment_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on shipment_history to boutique_app;

create table shipment_line (
  shipment_id uuid not null,
  sku text not null,
  quantity integer not null,
  constraint shipment_line_pkey PRIMARY KEY (shipment_id, sku),
  constraint shipment_line_quantity_check CHECK (quantity > 0),
  constraint shipment_line_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES shipment(id)
);
CREATE TRIGGER shipment_line_is_append_only BEFORE DELETE OR UPDATE ON shipment_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shipment_line_is_never_emptied BEFORE TRUNCATE ON shipment_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on shipment_line to boutique_app;

create table shipping_conditions (
  version integer generated always as identity not null,
  valid_from timestamp with time zone default now() not null,
  document jsonb not null,
  set_by text not null,
  set_at timestamp with time zone default now() not null,
  constraint shipping_conditions_pkey PRIMARY KEY (version)
);
CREATE TRIGGER shipping_conditions_is_append_only BEFORE DELETE OR UPDATE ON shipping_conditions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shipping_conditions_is_never_emptied BEFORE TRUNCATE ON shipping_conditions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on shipping_conditions to boutique_app;

create table staff (
  id bigint generated always as identity not null,
  email citext not null,
  name text default ''::text not null,
  role text not null,
  password_hash text not null,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint staff_pkey PRIMARY KEY (id),
  constraint "a role is one of four" CHECK (role = ANY (ARRAY['manager'::text, 'catalog'::text, 'orders'::text, 'accountant'::text])),
  constraint "a staff member's address is used once" UNIQUE (email)
);
grant delete, insert, select, update on staff to boutique_app;

create table staff_token (
  id bigint generated always as identity not null,
  name text not null,
  role text not null,
  hash bytea not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint staff_token_pkey PRIMARY KEY (id),
  constraint "a token is issued once" UNIQUE (hash),
  constraint "a token's role is one of four" CHECK (role = ANY (ARRAY['manager'::text, 'catalog'::text, 'orders'::text, 'accountant'::text]))
);
grant delete, insert, select, update on staff_token to boutique_app;

create table stock (
  variant_id bigint not null,
  location text not null,
  on_hand integer default 0 not null,
  reserved integer default 0 not null,
  low_at integer,
  moved_at timestamp with time zone default clock_timestamp() not null,
  constraint stock_pkey PRIMARY KEY (variant_id, location),
  constraint "a threshold is not negative" CHECK (low_at >= 0),
  constraint "reserved stock is not negative" CHECK (reserved >= 0),
  constraint "stock on hand is not negative" CHECK (on_hand >= 0),
  constraint stock_location_fkey FOREIGN KEY (location) REFERENCES stock_location(code),
  constraint stock_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id),
  constraint "what is reserved is on hand" CHECK (reserved <= on_hand)
);
CREATE INDEX stock_moved ON public.stock USING btree (moved_at) WHERE (location = 'web'::text);
CREATE TRIGGER stock_says_when_it_moved BEFORE INSERT OR UPDATE ON stock FOR EACH ROW EXECUTE FUNCTION stock_moves();
grant delete, insert, select, update on stock to boutique_app;

create table stock_count (
  id bigint generated always as identity not null,
  location text not null,
  started_by text not null,
  started_at timestamp with time zone default now() not null,
  closed_by text,
  closed_at timestamp with time zone,
  constraint stock_count_pkey PRIMARY KEY (id),
  constraint "a closed count was closed by somebody" CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
  constraint stock_count_location_fkey FOREIGN KEY (location) REFERENCES stock_location(code)
);
CREATE UNIQUE INDEX "a place is counted once at a time" ON public.stock_count USING btree (location) WHERE (closed_at IS NULL);
grant delete, insert, select, update on stock_count to boutique_app;

create table stock_count_line (
  count_id bigint not null,
  variant_id bigint not null,
  expected integer not null,
  counted integer,
  counted_by text default ''::text not null,
  constraint stock_count_line_pkey PRIMARY KEY (count_id, variant_id),
  constraint "a count is not negative" CHECK (counted >= 0 AND counted <= 1000000),
  constraint stock_count_line_count_id_fkey FOREIGN KEY (count_id) REFERENCES stock_count(id),
  constraint stock_count_line_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
grant delete, insert, select, update on stock_count_line to boutique_app;

create table stock_hold (
  order_id uuid not null,
  variant_id bigint not null,
  location text default 'web'::text not null,
  quantity integer not null,
  state text default 'held'::text not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint stock_hold_pkey PRIMARY KEY (order_id, variant_id, location),
  constraint "a hold is held, taken or released" CHECK (state = ANY (ARRAY['held'::text, 'taken'::text, 'released'::text])),
  constraint "a hold keeps something" CHECK (quantity > 0),
  constraint stock_hold_location_fkey FOREIGN KEY (location) REFERENCES stock_location(code),
  constraint stock_hold_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
CREATE INDEX stock_hold_live ON public.stock_hold USING btree (variant_id, location) WHERE (state = 'held'::text);
grant delete, insert, select, update on stock_hold to boutique_app;

create table stock_location (
  code text not null,
  name text not null,
  constraint stock_location_pkey PRIMARY KEY (code)
);
grant delete, insert, select, update on stock_location to boutique_app;

create table stock_movement (
  id bigint generated always as identity not null,
  variant_id bigint not null,
  location text not null,
  delta integer not null,
  reason text not null,
  reference text default ''::text not null,
  actor text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint stock_movement_pkey PRIMARY KEY (id),
  constraint "a movement moves something" CHECK (delta <> 0),
  constraint stock_movement_location_fkey FOREIGN KEY (location) REFERENCES stock_location(code),
  constraint stock_movement_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id)
);
CREATE INDEX stock_movement_of_variant ON public.stock_movement USING btree (variant_id, location, id DESC);
CREATE TRIGGER stock_movement_is_append_only BEFORE DELETE OR UPDATE ON stock_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_movement_is_never_emptied BEFORE TRUNCATE ON stock_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on stock_movement to boutique_app;

create table upload (
  id text not null,
  product_id bigint,
  name text not null,
  bytes bigint not null,
  received bigint default 0 not null,
  actor text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  maker_id bigint,
  constraint upload_pkey PRIMARY KEY (id),
  constraint "an upload has a size" CHECK (bytes > 0),
  constraint "an upload is for one product or one maker" CHECK (num_nonnulls(product_id, maker_id) = 1),
  constraint "an upload receives what it said" CHECK (received >= 0 AND received <= bytes),
  constraint upload_maker_id_fkey FOREIGN KEY (maker_id) REFERENCES maker(id) ON DELETE CASCADE,
  constraint upload_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id) ON DELETE CASCADE
);
CREATE INDEX upload_by_maker ON public.upload USING btree (maker_id) WHERE (maker_id IS NOT NULL);
CREATE INDEX upload_by_product ON public.upload USING btree (product_id);
grant delete, insert, select, update on upload to boutique_app;

create table upload_part (
  upload_id text not null,
  start bigint not null,
  data bytea not null,
  constraint upload_part_pkey PRIMARY KEY (upload_id, start),
  constraint upload_part_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES upload(id) ON DELETE CASCADE
);
grant delete, insert, select, update on upload_part to boutique_app;

create table variant (
  id bigint generated always as identity not null,
  product_id bigint not null,
  sku text not null,
  gtin text default ''::text not null,
  position integer default 0 not null,
  cost bigint,
  weight_g integer default 0 not null,
  length_mm integer default 0 not null,
  width_mm integer default 0 not null,
  height_mm integer default 0 not null,
  retired_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  vat_class text default ''::text not null,
  customs_code text default ''::text not null,
  origin_country text default ''::text not null,
  analytic_code text default ''::text not null,
  constraint variant_pkey PRIMARY KEY (id),
  constraint "a SKU is used once" UNIQUE (sku),
  constraint "a cost is not negative" CHECK (cost >= 0),
  constraint "a height is not negative" CHECK (height_mm >= 0),
  constraint "a length is not negative" CHECK (length_mm >= 0),
  constraint "a variant belongs to its product" UNIQUE (id, product_id),
  constraint "a weight is not negative" CHECK (weight_g >= 0),
  constraint "a width is not negative" CHECK (width_mm >= 0),
  constraint variant_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);
CREATE INDEX variant_by_product ON public.variant USING btree (product_id, "position");
CREATE UNIQUE INDEX "a GTIN is used once" ON public.variant USING btree (gtin) WHERE (gtin <> ''::text);
grant delete, insert, select, update on variant to boutique_app;

create table variant_option_value (
  variant_id bigint not null,
  option text not null,
  value text not null,
  constraint variant_option_value_pkey PRIMARY KEY (variant_id, option),
  constraint variant_option_value_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES variant(id) ON DELETE CASCADE
);
grant delete, insert, select, update on variant_option_value to boutique_app;

create table variant_photo (
  variant_id bigint not null,
  photo_id bigint not null,
  product_id bigint not null,
  constraint variant_photo_pkey PRIMARY KEY (variant_id),
  constraint "a photo shows a variant of its product" FOREIGN KEY (variant_id, product_id) REFERENCES variant(id, product_id) ON DELETE CASCADE,
  constraint "a variant shows a photo of its product" FOREIGN KEY (photo_id, product_id) REFERENCES photo(id, product_id) ON DELETE CASCADE
);
CREATE INDEX variant_photo_by_photo ON public.variant_photo USING btree (photo_id);
grant delete, insert, select, update on variant_photo to boutique_app;

create table voucher (
  id uuid not null,
  code citext not null,
  kind text not null,
  value bigint not null,
  products text[] default '{}'::text[] not null,
  minimum_goods bigint default 0 not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  once_per_customer boolean default false not null,
  usage_limit integer,
  used integer default 0 not null,
  disabled_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint voucher_pkey PRIMARY KEY (id),
  constraint "a voucher is an amount, a percentage or free shipping" CHECK (kind = ANY (ARRAY['amount'::text, 'percent'::text, 'free_shipping'::text])),
  constraint "a voucher is not used more often than its limit" CHECK (used >= 0 AND (usage_limit IS NULL OR used <= usage_limit)),
  constraint "a voucher's code is used once" UNIQUE (code),
  constraint "a voucher's value is sensible" CHECK (kind = 'free_shipping'::text AND value = 0 OR kind = 'amount'::text AND value > 0 OR kind = 'percent'::text AND value >= 1 AND value <= 100),
  constraint voucher_minimum_goods_check CHECK (minimum_goods >= 0),
  constraint voucher_usage_limit_check CHECK (usage_limit > 0)
);
grant delete, insert, select, update on voucher to boutique_app;

create table voucher_use (
  order_id uuid not null,
  voucher_id uuid not null,
  customer text not null,
  once boolean not null,
  active boolean default true not null,
  at timestamp with time zone default now() not null,
  constraint voucher_use_pkey PRIMARY KEY (order_id),
  constraint voucher_use_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint voucher_use_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES voucher(id)
);
CREATE INDEX voucher_use_of_voucher ON public.voucher_use USING btree (voucher_id);
CREATE UNIQUE INDEX "a customer uses a voucher once" ON public.voucher_use USING btree (voucher_id, customer) WHERE (once AND active);
grant delete, insert, select, update on voucher_use to boutique_app;

create view catalog_v_hold as
 SELECT stock_hold.order_id,
    stock_hold.variant_id,
    stock_hold.location,
    stock_hold.quantity,
    stock_hold.state
   FROM stock_hold;
grant delete, insert, select, update on catalog_v_hold to boutique_app;

create view catalog_v_reduction as
 SELECT r.id,
    r.variant_id,
    r.amount,
    r.starts_at,
    COALESCE(e.ended_at, r.ends_at) AS ends_at,
    r.set_by,
    e.reduction_id IS NOT NULL AS ended
   FROM reduction r
     LEFT JOIN reduction_end e ON e.reduction_id = r.id
  WHERE COALESCE(e.ended_at, r.ends_at) > r.starts_at;
grant delete, insert, select, update on catalog_v_reduction to boutique_app;

create view ledger_v_export as
 SELECT d.id,
    d.number,
    d.order_id,
    d.order_number,
    d.country,
    d.issued_at,
    d.gross + COALESCE(c.credited, 0::bigint) AS gross,
    COALESCE(e.seq, 0) AS step,
    COALESCE(e.event, ''::text) AS event,
    COALESCE(e.kind, ''::text) AS kind,
    COALESCE(e.reference, ''::text) AS reference,
    e.proved_on,
    COALESCE(e.vat, 0::bigint) AS vat,
    COALESCE(e.actor, ''::text) AS actor,
    e.at
   FROM document d
     LEFT JOIN ( SELECT document.refers_to,
            sum(document.gross)::bigint AS credited
           FROM document
          WHERE document.regime = 'export'::text AND document.kind = 'credit_note'::text
          GROUP BY document.refers_to) c ON c.refers_to = d.id
     LEFT JOIN LATERAL ( SELECT export_proof.seq,
            export_proof.event,
            export_proof.kind,
            export_proof.reference,
            export_proof.proved_on,
            export_proof.vat,
            export_proof.actor,
            export_proof.at
           FROM export_proof
          WHERE export_proof.document_id = d.id
          ORDER BY export_proof.seq DESC
         LIMIT 1) e ON true
  WHERE d.regime = 'export'::text AND d.kind = 'invoice'::text;
grant delete, insert, select, update on ledger_v_export to boutique_app;

create view ledger_v_invoice as
 SELECT document.order_id,
    document.number,
    document.issued_at,
    document.gross
   FROM document
  WHERE document.kind = 'invoice'::text;
grant delete, insert, select, update on ledger_v_invoice to boutique_app;

create view ledger_v_provider as
 SELECT e.cause,
    sum(l.debit - l.credit)::bigint AS amount
   FROM entry e
     JOIN entry_line l ON l.entry_seq = e.seq
  WHERE l.standard = '517'::text
  GROUP BY e.cause;
grant delete, insert, select, update on ledger_v_provider to boutique_app;

create view ledger_v_report as
 SELECT (d.issued_at AT TIME ZONE 'Europe/Paris'::text)::date AS day,
        CASE
            WHEN v.exemption = 'voucher'::text THEN 'outside_scope'::text
            WHEN d.regime = ANY (ARRAY['oss'::text, 'export'::text]) THEN 'not_taxed_in_france'::text
            WHEN d.regime = 'franchise'::text THEN 'franchise'::text
            WHEN v.exemption <> ''::text THEN 'exempt'::text
            ELSE 'goods_taxed'::text
        END AS category,
    v.rate,
        CASE
            WHEN d.buyer_siren = ''::text THEN ''::text
            ELSE d.number
        END AS invoice_number,
    sum(v.net)::bigint AS net,
    sum(v.vat)::bigint AS vat,
    sum(
        CASE
            WHEN d.regime = ANY (ARRAY['domestic'::text, 'distance'::text]) THEN v.vat
            ELSE 0::bigint
        END)::bigint AS vat_in_france,
    count(DISTINCT d.id) AS transactions
   FROM document d
     JOIN document_vat v ON v.document_id = d.id
  GROUP BY ((d.issued_at AT TIME ZONE 'Europe/Paris'::text)::date), (
        CASE
            WHEN v.exemption = 'voucher'::text THEN 'outside_scope'::text
            WHEN d.regime = ANY (ARRAY['oss'::text, 'export'::text]) THEN 'not_taxed_in_france'::text
            WHEN d.regime = 'franchise'::text THEN 'franchise'::text
            WHEN v.exemption <> ''::text THEN 'exempt'::text
            ELSE 'goods_taxed'::text
        END), v.rate, (
        CASE
            WHEN d.buyer_siren = ''::text THEN ''::text
            ELSE d.number
        END);
grant delete, insert, select, update on ledger_v_report to boutique_app;

create view payments_v_balance as
 SELECT l.id,
    l.kind,
    l.net,
    l.at,
    l.payment_id,
    COALESCE(l.refund_id, ( SELECT r.id
           FROM refund r
          WHERE r.provider_id = l.source AND (l.kind = ANY (ARRAY['refund'::text, 'refund_failure'::text])))) AS refund_id,
    l.dispute_id,
    COALESCE(( SELECT p.quarantined <> ''::text
           FROM payment p
          WHERE p.id = l.payment_id), false) AS quarantined,
    l.source
   FROM balance_line l
  WHERE l.currency = 'EUR'::text;
grant delete, insert, select, update on payments_v_balance to boutique_app;

create view payments_v_captured as
 SELECT p.id AS payment_id,
    p.order_id,
    p.amount,
    COALESCE(( SELECT sum(r.amount) AS sum
           FROM refund r
          WHERE r.payment_id = p.id AND (r.state = ANY (ARRAY['requested'::text, 'pending'::text, 'succeeded'::text]))), 0::numeric)::bigint AS refunded
   FROM payment p
  WHERE p.state = 'captured'::text AND p.quarantined = ''::text;
grant delete, insert, select, update on payments_v_captured to boutique_app;

create view payments_v_disputed as
 SELECT DISTINCT dispute.order_id
   FROM dispute
  WHERE dispute.open OR dispute.status = 'lost'::text;
grant delete, insert, select, update on payments_v_disputed to boutique_app;

create view payments_v_gift as
 SELECT p.order_id,
    sum(p.amount)::bigint AS amount,
    COALESCE(sum(( SELECT sum(r.amount) AS sum
           FROM refund r
          WHERE r.payment_id = p.id AND (r.state = ANY (ARRAY['requested'::text, 'pending'::text, 'succeeded'::text])))), 0::numeric)::bigint AS refunded
   FROM payment p
  WHERE p.gateway = 'gift_card'::text AND p.state = 'captured'::text
  GROUP BY p.order_id;
grant delete, insert, select, update on payments_v_gift to boutique_app;

create view payments_v_money as
 SELECT p.order_id,
    COALESCE(sum(p.amount) FILTER (WHERE p.state = 'captured'::text AND p.quarantined = ''::text), 0::numeric)::bigint AS captured,
    COALESCE(( SELECT sum(r.amount) AS sum
           FROM refund r
          WHERE r.order_id = p.order_id AND (r.state = ANY (ARRAY['requested'::text, 'pending'::text, 'succeeded'::text]))), 0::numeric)::bigint AS refunded,
    bool_or(p.state = 'processing'::text) AS processing,
    bool_or(p.state = ANY (ARRAY['creating'::text, 'open'::text])) AS waiting,
    bool_or(p.state = ANY (ARRAY['failed'::text, 'expired'::text])) AS failed,
    bool_or(p.quarantined <> ''::text) AS quarantined
   FROM payment p
  GROUP BY p.order_id;
grant delete, insert, select, update on payments_v_money to boutique_app;

create view payments_v_movement as
 SELECT p.id,
    p.order_id,
    'payment'::text AS kind,
    p.captured_at AS at,
    p.gateway,
    p.method,
    COALESCE(p.intent_id, ''::text) AS provider_id,
    p.amount,
    p.state,
    COALESCE(( SELECT sum(b.fee) AS sum
           FROM payment_balance b
          WHERE b.payment_id = p.id AND b.refund_id IS NULL), 0::numeric)::bigint AS fee
   FROM payment p
  WHERE p.state = 'captured'::text
UNION ALL
 SELECT r.id,
    r.order_id,
    'refund'::text AS kind,
    r.created_at AS at,
    p.gateway,
    p.method,
    COALESCE(r.provider_id, ''::text) AS provider_id,
    - r.amount AS amount,
    r.state,
    COALESCE(( SELECT sum(b.fee) AS sum
           FROM payment_balance b
          WHERE b.refund_id = r.id), 0::numeric)::bigint AS fee
   FROM refund r
     JOIN payment p ON p.id = r.payment_id
  WHERE r.state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]);
grant delete, insert, select, update on payments_v_movement to boutique_app;

create view shop_v_status as
 WITH ordered AS (
         SELECT order_line.order_id,
            sum(order_line.quantity) AS quantity
           FROM order_line
          GROUP BY order_line.order_id
        ), sent AS (
         SELECT s.order_id,
            sum(l.quantity) AS quantity
           FROM shipment s
             JOIN shipment_line l ON l.shipment_id = s.id
          WHERE s.state = ANY (ARRAY['shipped'::text, 'delivered'::text, 'collected'::text])
          GROUP BY s.order_id
        ), came_back AS (
         SELECT r.order_id,
            sum(o_1.restocked + o_1.written_off) AS quantity
           FROM order_return r
             JOIN return_outcome o_1 ON o_1.return_id = r.id
          GROUP BY r.order_id
        )
 SELECT o.id AS order_id,
        CASE
            WHEN sums.captured > 0 AND sums.refunded >= sums.captured THEN 'refunded'::text
            WHEN sums.captured > 0 AND sums.refunded > 0 THEN 'partially_refunded'::text
            WHEN sums.captured > 0 OR o.confirmed_at IS NOT NULL THEN 'paid'::text
            WHEN COALESCE(m.processing, false) THEN 'processing'::text
            WHEN COALESCE(m.failed, false) AND NOT COALESCE(m.waiting, false) THEN 'failed'::text
            ELSE 'unpaid'::text
        END AS payment_status,
        CASE
            WHEN COALESCE(sent.quantity, 0::bigint) = 0 THEN 'unfulfilled'::text
            WHEN COALESCE(came_back.quantity, 0::bigint) >= ordered.quantity THEN 'returned'::text
            WHEN sent.quantity < ordered.quantity THEN 'partially_fulfilled'::text
            ELSE 'fulfilled'::text
        END AS fulfilment_status
   FROM orders o
     JOIN ordered ON ordered.order_id = o.id
     LEFT JOIN sent ON sent.order_id = o.id
     LEFT JOIN came_back ON came_back.order_id = o.id
     LEFT JOIN payments_v_money m ON m.order_id = o.id
     LEFT JOIN payments_v_captured c ON c.payment_id = o.payment_id
     LEFT JOIN payments_v_gift g ON g.order_id = o.id
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN c.payment_id IS NOT NULL THEN c.amount + COALESCE(g.amount, 0::bigint)
                    ELSE COALESCE(m.captured, 0::bigint)
                END AS captured,
                CASE
                    WHEN c.payment_id IS NOT NULL THEN c.refunded + COALESCE(g.refunded, 0::bigint)
                    ELSE COALESCE(m.refunded, 0::bigint)
                END AS refunded) sums;
grant delete, insert, select, update on shop_v_status to boutique_app;

CREATE OR REPLACE FUNCTION public.entry_must_balance()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (select sum(debit) - sum(credit) from entry_line where entry_seq = new.entry_seq) <> 0 then
    raise exception 'entry % does not balance', new.entry_seq using errcode = 'check_violation';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.lowest_price_before(of_variant bigint, began timestamp with time zone, on_sale timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  with practised as (
    select distinct on (valid_from) amount, valid_from
    from price
    where variant_id = of_variant and valid_from < began
    order by valid_from, id desc
  ), since as (
    select greatest(began - interval '30 days', on_sale) as day
  )
  select min(amount)
  from practised, since
  where since.day is not null and since.day < began
    and (valid_from > since.day or valid_from = (select max(valid_from) from practised where valid_from <= since.day))
$function$;

CREATE OR REPLACE PROCEDURE public.make_append_only(IN target regclass)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('revoke update, delete, truncate on %s from public, boutique_app', target);
  execute format('create trigger %I before update or delete on %s for each row execute function refuse_change()',
                 replace(target::text, '.', '_') || '_is_append_only', target);
  execute format('create trigger %I before truncate on %s for each statement execute function refuse_change()',
                 replace(target::text, '.', '_') || '_is_never_emptied', target);
end
$procedure$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only: record a correction as a new row', tg_table_name
    using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.sale_is_added_up()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
begin
  insert into booked_sale (entry_seq, reference, booked_on, gross, net, vat)
  select e.seq, e.reference, e.booked_on,
         coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0),
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%'), 0),
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0)
  from come_in l join entry e on e.seq = l.entry_seq
  where e.journal = 'VE'
  group by e.seq;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.stock_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.moved_at := clock_timestamp();
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.vat_row_bears_its_document()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  select issued_at, number, kind, order_number, country, regime, payment_method
  into new.issued_at, new.number, new.kind, new.order_number, new.country, new.regime, new.payment_method
  from document
  where id = new.document_id;
  return new;
end
$function$;
