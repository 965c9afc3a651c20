-- +goose Up

-- What the reports of a period read of a document, and of the sales journal, stands in indexes of its
-- own: its text and its bytes, which are many times as long, need not be read for sums.
create index document_figures on document (issued_at, number) include (id, kind, order_number, country, payment_method, gross, regime);
drop index document_by_date;
create index entry_of_sales on entry (booked_on, seq) include (reference) where journal = 'VE';
