package ledger

const sqlLockHead = `
select seq, hash
from journal_head
for update`

const sqlBooked = `
select exists (select from entry where cause = @cause)`

const sqlInsertEntry = `
insert into entry (seq, journal, booked_at, booked_on, reference, label, order_id, cause, data, prev_hash, hash, validated_on)
values (@seq::bigint, @journal, @booked_at, @booked_on, @reference, @label, @order_id, @cause, @data, @prev_hash, @hash,
        greatest((clock_timestamp() at time zone 'Europe/Paris')::date, (select validated_on from entry where seq = @seq::bigint - 1)))`

const sqlInsertEntryLines = `
insert into entry_line (entry_seq, n, account, debit, credit, standard, analytic)
select @seq::bigint, l.n, l.account, l.debit, l.credit, l.standard, l.analytic
from unnest(@accounts::text[], @debits::bigint[], @credits::bigint[], @standards::text[], @analytics::text[]) with ordinality as l (account, debit, credit, standard, analytic, n)`

const sqlMoveHead = `
update journal_head
set seq = @seq, hash = @hash`

const sqlChain = `
select prev_hash, seq, data, hash, journal, booked_at, booked_on, reference, label, order_id, cause
from entry
where seq > @after::bigint and seq <= @through::bigint
order by seq`

const sqlLastEntry = `
select coalesce(max(seq), 0)
from entry`

const sqlChainBytes = `
select seq, data, prev_hash, hash
from entry
where seq > @after::bigint and seq <= @through::bigint
order by seq`

const sqlHead = `
select seq, hash
from journal_head`

// The account that was named and the analytic code are sent where there is one: the first with its length.
const sqlLinesOfEntries = `
select entry_seq, account, debit, credit,
       case when standard <> account or analytic <> '' then octet_length(standard) || ':' || standard || analytic end
from entry_line
where entry_seq > @after::bigint and entry_seq <= @through::bigint
order by entry_seq, n`
