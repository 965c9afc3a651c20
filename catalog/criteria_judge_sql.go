package catalog

const sqlStaleJudgements = `
select p.id
from product p left join product_judgement j on j.product_id = p.id
where p.state <> 'retired' and p.id > @after
  and (j.product_id is null or j.version <> p.version or j.revision <> @revision or j.judged_at < now() - interval '1 hour')
order by p.id
limit @limit`

const sqlPutJudgements = `
insert into product_judgement (product_id, version, revision, score, failing, advice, failing_since)
select t.id, t.version, @revision, t.score, string_to_array(t.failing, ','), t.advice, case when t.failing <> '' then clock_timestamp() end
from unnest(@ids::bigint[], @versions::integer[], @scores::integer[], @failing::text[], @advice::integer[]) as t (id, version, score, failing, advice)
join product p on p.id = t.id
order by t.id
on conflict (product_id) do update
set version = excluded.version, revision = excluded.revision, score = excluded.score, failing = excluded.failing, advice = excluded.advice, judged_at = clock_timestamp(),
    failing_since = case when excluded.failing <> '{}' then coalesce(product_judgement.failing_since, excluded.failing_since) end`

const sqlFlagged = `
select p.slug, coalesce(nullif(t.name, ''), p.slug) as name, j.failing, j.score, j.failing_since, count(*) over ()::int as count
from product_judgement j
join product p on p.id = j.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
where j.failing <> '{}' and p.state = 'published'
order by j.failing_since, p.slug
limit @limit`

const sqlStandings = `
select product_id, score, cardinality(failing)::int as failing
from product_judgement
where product_id = any(@ids)`

const sqlCountFailing = `
select code, count(*)::int
from product_judgement j
join product p on p.id = j.product_id and p.state <> 'retired'
cross join unnest(j.failing) as code
group by code`
