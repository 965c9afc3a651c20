package catalog

const sqlPlan = `
insert into publication_plan (product_id, publish_at, planned_by)
values (@product_id, @publish_at, @actor)`

const sqlCancelPlan = `
update publication_plan
set state = 'cancelled', answered_at = clock_timestamp()
where product_id = @product_id and state = 'planned'`

const sqlDuePlans = `
select p.slug
from publication_plan l join product p on p.id = l.product_id
where l.state = 'planned' and l.publish_at <= now()
order by l.publish_at, l.id`

const sqlLockDuePlan = `
select id, planned_by
from publication_plan
where product_id = @product_id and state = 'planned' and publish_at <= now()
for update`

const sqlAnswerPlan = `
update publication_plan
set state = @state, failing = @failing, answered_at = clock_timestamp()
where id = @id`

const sqlPlanOf = `
select p.slug, p.slug as name, l.publish_at, l.planned_by, l.state, l.failing, l.answered_at
from publication_plan l join product p on p.id = l.product_id
where l.product_id = @product_id and l.state = 'planned'`

const sqlPlans = `
select p.slug, coalesce(nullif(t.name, ''), p.slug) as name, l.publish_at, l.planned_by, l.state, l.failing, l.answered_at
from publication_plan l
join product p on p.id = l.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
where l.state = 'planned'
   or l.state = 'refused' and p.state <> 'published' and l.answered_at > now() - interval '7 days'
      and not exists (select from publication_plan later where later.product_id = p.id and later.id > l.id)
order by l.publish_at, l.id
limit @limit`
