package ledger

const sqlInvoices = `
select d.issued_at, d.number, d.kind, coalesce(i.number, ''), d.order_number,
       coalesce(d.data::jsonb -> 'buyer' ->> 'name', ''), coalesce(d.data::jsonb -> 'buyer' ->> 'company', ''), coalesce(d.data::jsonb -> 'buyer' ->> 'siren', ''), coalesce(d.data::jsonb -> 'buyer' ->> 'vat_number', ''),
       d.country, d.regime, d.gross,
       (select coalesce(sum(v.net), 0)::bigint from document_vat v where v.document_id = d.id),
       (select coalesce(sum(v.vat), 0)::bigint from document_vat v where v.document_id = d.id),
       d.payment_method, coalesce(f.sha256, '')
from document d left join document i on i.id = d.refers_to left join document_file f on f.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
order by d.kind desc, d.year, d.n`

const sqlInvoiceFiles = `
select d.id, d.kind, d.number, d.order_id, d.order_number, d.refund_id, d.issued_at, d.gross, d.data, f.pdf, coalesce(f.sha256, '')
from document d left join document_file f on f.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
order by d.kind desc, d.year, d.n`
