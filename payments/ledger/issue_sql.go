package ledger

const sqlLockSeries = `
select pg_advisory_xact_lock(hashtextextended('document series ' || @series, 0))`

const sqlClock = `
select clock_timestamp()`

const sqlNextNumber = `
insert into document_counter (series, year, last)
values (@series, @year, 1)
on conflict (series, year) do update set last = document_counter.last + 1
returning last`

const sqlSeriesTaken = `
select exists (select from document_counter where series = @series)
   and not exists (select from document where series = @series and kind = @kind)
    or exists (select from document where series = @series and kind <> @kind)`

const sqlInsertDocument = `
insert into document (id, kind, series, year, n, number, order_id, order_number, refund_id, refers_to, country, payment_method, issued_at, gross, data, regime, buyer_siren)
values (@id, @kind, @series, @year, @n, @number, @order_id, @order_number, @refund_id, @refers_to, @country, @payment_method, @issued_at, @gross, @data, @regime, @buyer_siren)`

const sqlInsertDocumentVAT = `
insert into document_vat (document_id, rate, goods_gross, shipping_gross, gross, net, vat, exemption)
values (@document_id, @rate, @goods_gross, @shipping_gross, @gross, @net, @vat, @exemption)`

const sqlDocumentsOfOrder = `
select id, kind, number, order_id, order_number, refund_id, issued_at, gross, data
from document
where order_id = @order_id
order by issued_at, number`

const sqlDocumentByNumber = `
select id, kind, number, order_id, order_number, refund_id, issued_at, gross, data
from document
where number = @number`

const sqlDocumentByID = `
select id, kind, number, order_id, order_number, refund_id, issued_at, gross, data
from document
where id = @id`

const sqlDocumentFile = `
select pdf, sha256
from document_file
where document_id = @document_id`

const sqlInsertDocumentFile = `
insert into document_file (document_id, sha256, pdf)
values (@document_id, @sha256, @pdf)
on conflict (document_id) do nothing`
