package ledger

const sqlDistanceSales = `
select coalesce(sum(v.net) filter (where d.issued_at >= @first), 0)::bigint,
       coalesce(sum(v.net) filter (where d.issued_at < @first), 0)::bigint
from document d join document_vat v on v.document_id = d.id
where d.regime in ('distance', 'oss') and d.issued_at >= @before and d.issued_at < @until`
