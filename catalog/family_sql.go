package catalog

const sqlFamilies = `
select f.code, f.follows, f.position, f.labels, f.facts, f.required, f.shots, f.built_in, f.version
from family f
where @code::text = '' or f.code = @code
order by f.position, f.code`

const sqlCountFamilies = `
select family, count(*)::int
from product
group by family`

const sqlLockFamily = `
select version
from family
where code = @code
for update`

const sqlInsertFamily = `
insert into family (code, follows, position, labels, facts, required, shots)
select @code, @follows, coalesce(max(position), 0) + 1, @labels, @facts, @required, @shots
from family`

const sqlUpdateFamily = `
update family
set follows = @follows, labels = @labels, facts = @facts, required = @required, shots = @shots, version = version + 1
where code = @code`

const sqlDeleteFamily = `
delete from family
where code = @code and not built_in and not exists (select from product where family = @code)`

const sqlLawOf = `
select follows
from family
where code = @code`
