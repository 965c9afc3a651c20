-- +goose Up

-- Words that the office says mean the same: a search for one finds the others.
create table search_synonym (
  id     bigint generated always as identity primary key,
  lang   text        not null,
  words  text[]      not null constraint "synonyms are at least two" check (cardinality(words) >= 2),
  set_by text        not null,
  set_at timestamptz not null default now()
);
create index search_synonym_by_lang on search_synonym (lang, id);

-- The staff's list, whatever it is narrowed to, reads the rows that it shows and few others.
create index product_by_state on product (state, slug);
create index product_of_category on product (category_id, slug);
create index product_by_change on product (updated_at);
create index search_miss_by_times on search_miss (times desc, last_at desc);
