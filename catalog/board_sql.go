package catalog

const sqlCandidates = `
select c.id, c.name, c.stage, c.owner, c.supplier, c.cost, c.notes, coalesce(p.slug, '') as product, coalesce(p.state = 'published', false) as published,
       c.version, c.created_by, c.created_at
from candidate c
left join product p on p.id = c.product_id
where @id::bigint = 0 or c.id = @id
order by c.id desc
limit 1000`

const sqlCandidateMoves = `
select from_state, event, to_state, actor, reason, at
from candidate_history
where candidate_id = @id
order by seq desc`

const sqlInsertCandidate = `
insert into candidate (name, stage, owner, supplier, cost, notes, product_id, created_by, history_seq)
values (@name, 'idea', @owner, @supplier, @cost, @notes, @product_id, @actor, 1)
returning id`

const sqlUpdateCandidate = `
update candidate
set name = @name, owner = @owner, supplier = @supplier, cost = @cost, notes = @notes, product_id = @product_id, version = version + 1
where id = @id`

const sqlLockCandidate = `
select c.stage, c.name, c.history_seq, c.version, c.product_id, coalesce(p.slug, ''), coalesce(p.state = 'published', false), c.cost
from candidate c
left join product p on p.id = c.product_id
where c.id = @id
for update of c`

const sqlInsertMove = `
insert into candidate_history (candidate_id, seq, from_state, event, to_state, actor, reason)
values (@id, @seq, @from, @event, @to, @actor, @reason)`

const sqlMoveCandidate = `
update candidate
set stage = @stage, history_seq = @seq
where id = @id`
