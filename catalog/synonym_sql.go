package catalog

const sqlSynonyms = `
select id, lang, words, set_by, set_at
from search_synonym
order by lang, words[1], id`

const sqlInsertSynonym = `
insert into search_synonym (lang, words, set_by)
values (@lang, @words, @actor)`

const sqlDeleteSynonym = `
delete from search_synonym
where id = @id
returning lang, words`

const sqlMisses = `
select lang, query, times, last_at
from search_miss
order by times desc, last_at desc
limit @limit`

const sqlDeleteMiss = `
delete from search_miss
where lang = @lang and query = @query`
