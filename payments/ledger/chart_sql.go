package ledger

const sqlChartAccounts = `
select distinct on (standard) standard, account, label
from chart_account
where chart = @chart and valid_from <= @day::date
order by standard, valid_from desc`

const sqlMappingsInForce = `
select id, valid_from, standard, family, rate, country, method, account, label, analytic, set_by
from account_mapping
where valid_from <= @day::date
order by valid_from, id`

const sqlMappings = `
select id, valid_from, standard, family, rate, country, method, account, label, analytic, set_by
from account_mapping
order by valid_from desc, id desc`

// Accounts that are known are left alone without a lock: nobody waits for another's new account.
const sqlKnowAccounts = `
insert into account (number, label)
select distinct on (n.number) n.number, n.label
from unnest(@numbers::text[], @labels::text[]) as n (number, label)
where not exists (select from account a where a.number = n.number)
order by n.number
on conflict (number) do nothing`

const sqlInsertMapping = `
insert into account_mapping (valid_from, standard, family, rate, country, method, account, label, analytic, set_by)
values (@valid_from::date, @standard, @family, @rate, @country, @method, @account, @label, @analytic, @actor)`

const sqlAccountLabels = `
select number, label
from account
where number = any(@numbers::text[])`

const sqlStandards = `
select number, label
from account
where number in (select standard from entry_line)
   or number ~ '^(411|4191|471|512|517|530|6278|7085)$' or number like '707%' or number like '44571%'
order by number`
