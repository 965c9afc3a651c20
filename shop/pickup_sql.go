package shop

const sqlPointsNear = `
select carrier, code, name, line1, line2, postal_code, city, country, hours
from pickup_point
where carrier = @carrier and country = @country
order by case
    when @code::text = '' then 5
    when postal_code = @code then 0
    when left(postal_code, 4) = left(@code, 4) then 1
    when left(postal_code, 3) = left(@code, 3) then 2
    when left(postal_code, 2) = left(@code, 2) then 3
    else 4
  end,
  case when postal_code ~ '^[0-9]{1,8}$' and @code ~ '^[0-9]{1,8}$' then abs(postal_code::bigint - @code::bigint) else 0 end,
  postal_code, name, code
limit @limit`

const sqlPointAt = `
select carrier, code, name, line1, line2, postal_code, city, country, hours
from pickup_point
where carrier = @carrier and code = @code`

const sqlCountPoints = `
select carrier, count(*)
from pickup_point
group by carrier
order by carrier`

const sqlDeletePoints = `
delete from pickup_point
where carrier = @carrier`

const sqlInsertPoint = `
insert into pickup_point (carrier, code, name, line1, line2, postal_code, city, country, hours)
values (@carrier, @code, @name, @line1, @line2, @postal_code, @city, @country, @hours)`
