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

const sqlKnowAccount = `
insert into account (number, label)
values (@number, @label)
on conflict (number) do nothing`

const sqlInsertMapping = `
insert into account_mapping (valid_from, standard, family, rate, country, method, account, label, analytic, set_by)
values (@valid_from::date, @standard, @family, @rate, @country, @method, @account, @label, @analytic, @actor)`
