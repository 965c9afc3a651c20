package setting

const sqlNewest = `
select value
from setting
where key = @key and valid_from <= now()
order by valid_from desc, id desc
limit 1`

const sqlInsert = `
insert into setting (key, value, valid_from, set_by)
values (@key, @value, coalesce(@valid_from::timestamptz, now()), @actor)`

const sqlVersions = `
select valid_from, set_by, value
from setting
where key = @key
order by valid_from desc, id desc
limit @limit`
