package catalog

const sqlLockVariant = `
select id
from variant
where id = @id
for no key update`

// The ordinary price at a moment; none while the article has never had one.
const sqlOrdinaryPriceAt = `
select amount
from price
where variant_id = @variant_id and reduction_id is null and valid_from <= coalesce(@at::timestamptz, now())
order by valid_from desc, id desc
limit 1`

const sqlInsertReductionPrice = `
insert into price (variant_id, amount, valid_from, set_by, reduction_id)
values (@variant_id, @amount, @valid_from, @actor, @reduction_id)`

// The reduction of an article in whose days a moment lies.
const sqlReductionAt = `
select exists (
  select from catalog_v_reduction
  where variant_id = @variant_id and starts_at <= coalesce(@at::timestamptz, now()) and ends_at > coalesce(@at::timestamptz, now()))`

// When reductions end, or would have ended, after a moment: rows of theirs at which none begins.
const sqlReductionEndsAfter = `
select distinct on (p.valid_from) p.reduction_id as id, p.valid_from as at
from price p
where p.variant_id = @variant_id and p.reduction_id is not null and p.valid_from > coalesce(@at::timestamptz, now())
  and not exists (select from catalog_v_reduction r where r.variant_id = p.variant_id and r.starts_at = p.valid_from)
order by p.valid_from, p.id desc`

const sqlReductionOverlaps = `
select exists (
  select from catalog_v_reduction
  where variant_id = @variant_id and starts_at < @ends_at and ends_at > @starts_at)`

const sqlPricePlannedWithin = `
select exists (
  select from price
  where variant_id = @variant_id and reduction_id is null and valid_from > @starts_at and valid_from < @ends_at)`

const sqlInsertReduction = `
insert into reduction (variant_id, amount, starts_at, ends_at, set_by)
values (@variant_id, @amount, @starts_at, @ends_at, @actor)
returning id`

const sqlReductionToEnd = `
select r.id, r.variant_id, r.starts_at, r.ends_at, v.sku, p.slug
from catalog_v_reduction r
join variant v on v.id = r.variant_id
join product p on p.id = v.product_id
where r.id = @id`

const sqlEndReduction = `
insert into reduction_end (reduction_id, ended_at, set_by)
values (@id, @ended_at, @actor)`

const sqlNewBookVariant = `
select f.follows = 'book' and coalesce(p.legal ->> 'book_condition', 'new') <> 'used'
from variant v
join product p on p.id = v.product_id
join family f on f.code = p.family
where v.id = @id`

const sqlReducedVariant = `
select exists (
  select from catalog_v_reduction r join variant v on v.id = r.variant_id
  where v.product_id = @id and r.ends_at > now())`

const sqlNow = `select now()`

// The reductions in force of some products' articles. What is reduced again, further and without a
// pause, began with its first reduction: the price before that one is the one to name.
const sqlReductionsOf = `
with recursive running as (
  select r.id, r.variant_id, r.amount, r.ends_at, r.starts_at as began, r.amount as first_amount
  from catalog_v_reduction r join variant v on v.id = r.variant_id
  where v.product_id = any(@ids) and r.starts_at <= now() and r.ends_at > now()
  union all
  select w.id, w.variant_id, w.amount, w.ends_at, b.starts_at, b.amount
  from running w join catalog_v_reduction b on b.variant_id = w.variant_id and b.ends_at = w.began and b.amount > w.first_amount
), whole as (
  select id, variant_id, amount, ends_at, min(began) as began
  from running
  group by id, variant_id, amount, ends_at
)
select v.product_id, w.variant_id, w.amount, w.began, w.ends_at, coalesce(lowest_price_before(w.variant_id, w.began, p.published_at), 0) as lowest
from whole w
join variant v on v.id = w.variant_id
join product p on p.id = v.product_id`

const sqlPriceHistory = `
select r.id, r.amount, r.valid_from, r.set_by, r.set_at, r.reduction_id is not null as of_reduction, r.valid_from > now() as planned,
       not exists (select from price n where n.variant_id = r.variant_id and n.valid_from = r.valid_from and n.id > r.id) as counts
from price r
where r.variant_id = @variant_id
order by r.valid_from desc, r.id desc
limit @limit`

const sqlReductionsToCome = `
select r.id, r.variant_id, r.amount, r.starts_at, r.ends_at, r.set_by, r.starts_at <= now() as running
from catalog_v_reduction r join variant v on v.id = r.variant_id
where v.product_id = @id and r.ends_at > now()
order by r.starts_at, r.id`

// What would have to be named if an article were reduced now.
const sqlLowestIfReducedNow = `
select v.id, coalesce(lowest_price_before(v.id, now(), p.published_at), 0)
from variant v join product p on p.id = v.product_id
where p.id = @id`

const sqlPlannedPrice = `
select r.variant_id, r.valid_from, v.sku, p.slug
from price r
join variant v on v.id = r.variant_id
join product p on p.id = v.product_id
where r.id = @id and r.reduction_id is null and r.valid_from > now()`
