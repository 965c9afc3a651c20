package setting

const sqlNewestAt = `
select value
from setting
where key = @key and valid_from <= @at
order by valid_from desc, id desc
limit 1`
