package ledger

const sqlEntries = `
with numbered as (
  select seq, row_number() over (partition by case when @yearly::bool then extract(year from booked_on) end order by seq) as n
  from entry
  where booked_on between @start::date and @last::date
)
select e.journal, b.n, e.booked_on, l.account, e.reference, e.label, l.debit, l.credit, e.validated_on, l.analytic
from numbered b
join entry e on e.seq = b.seq
join entry_line l on l.entry_seq = e.seq
where e.booked_on >= @first::date
order by e.seq, l.n`

// The entries of a period that is its own exercise: they are numbered as they come.
const sqlEntriesOfExercise = `
select e.journal, e.seq, e.booked_on, l.account, e.reference, e.label, l.debit, l.credit, e.validated_on, l.analytic
from entry e
join entry_line l on l.entry_seq = e.seq
where e.booked_on between @first::date and @last::date
order by e.seq, l.n`

const sqlLabelsOfAccounts = `
select number, label
from account`

const sqlLabelsOfJournals = `
select code, label
from journal`

const sqlOpeningBalances = `
select l.account, a.label, sum(l.debit - l.credit)::bigint
from entry e join entry_line l on l.entry_seq = e.seq join account a on a.number = l.account
where e.booked_on < @start::date
group by l.account, a.label
having sum(l.debit - l.credit) <> 0
order by l.account`
