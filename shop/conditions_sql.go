package shop

const sqlCurrentConditions = `
select version, document
from shipping_conditions
where valid_from <= now()
order by valid_from desc, version desc
limit 1`

const sqlCurrentVersion = `
select version
from shipping_conditions
where valid_from <= now()
order by valid_from desc, version desc
limit 1`

const sqlConditionsAt = `
select version, document
from shipping_conditions
where version = @version`

const sqlInsertConditions = `
insert into shipping_conditions (document, set_by)
values (@document, @actor)
returning version`
