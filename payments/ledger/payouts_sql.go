package ledger

const sqlPayouts = `
with moved as (
  select e.seq, e.booked_on, e.reference,
         coalesce(sum(l.debit - l.credit) filter (where l.standard like '512%' or l.standard like '515%'), 0) as banked,
         coalesce(sum(l.debit - l.credit) filter (where l.standard = '517'), 0) as provider
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.booked_on <= @last::date and l.standard ~ '^(512|515|517)'
  group by e.seq, e.booked_on, e.reference
), running as (
  select seq, booked_on, reference, banked, provider, sum(provider) over (order by booked_on, seq) as left_over
  from moved
)
select booked_on, reference, banked::bigint, seq, left_over::bigint
from running
where booked_on >= @first::date and banked <> 0 and provider <> 0
order by booked_on, seq`
