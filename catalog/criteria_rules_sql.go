package catalog

const sqlRules = `
select id, code, check_name, expression, level, scope, families, params, sentences, position, version, updated_by, updated_at,
       coalesce((select max(id) from criterion_history), 0) as revision
from criterion
order by position, id`

const sqlInsertRule = `
insert into criterion (code, check_name, expression, level, scope, families, params, sentences, position, updated_by)
values (@code, @check, @expression, @level, @scope, @families, @params, @sentences,
        coalesce((select position from criterion where check_name = @check and @check <> 'expression' order by position limit 1), (select coalesce(max(position), 0) + 10 from criterion)), @actor)
returning id`

const sqlUpdateRule = `
update criterion
set expression = @expression, level = @level, scope = @scope, families = @families, params = @params, sentences = @sentences,
    version = version + 1, updated_by = @actor, updated_at = clock_timestamp()
where id = @id and version = @version and check_name = @check
returning id`

const sqlKeepRule = `
insert into criterion_history (criterion_id, version, rule, actor)
select id, version, jsonb_build_object('code', code, 'check', check_name, 'expression', expression, 'level', level, 'scope', scope, 'families', families, 'params', params, 'sentences', sentences), @actor
from criterion
where id = @id`

const sqlProductIDsAfter = `
select id
from product
where state <> 'retired' and id > @after
order by id
limit @limit`
