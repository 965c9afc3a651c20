-- +goose Up

-- What the office asks of its articles before they are put online: a check of the shop's list with
-- its parameters, or an expression of the office's own.
create table criterion (
  id         bigint generated always as identity primary key,
  code       text        not null constraint "a criterion's code is used once" unique,
  check_name text        not null,
  expression text        not null default '',
  level      text        not null constraint "a criterion blocks, advises or is off" check (level in ('blocking', 'advisory', 'off')),
  scope      text        not null default 'all' constraint "a criterion is for all families, only some, or all but some" check (scope in ('all', 'only', 'except')),
  families   text[]      not null default '{}',
  params     jsonb       not null default '{}',
  sentences  jsonb       not null default '{}',
  position   integer     not null,
  version    integer     not null default 1,
  updated_by text        not null,
  updated_at timestamptz not null default clock_timestamp(),
  constraint "only an own criterion has an expression" check ((check_name = 'expression') = (expression <> ''))
);

-- Every rule that ever held, and who set it.
create table criterion_history (
  id           bigint generated always as identity primary key,
  criterion_id bigint      not null references criterion,
  version      integer     not null,
  rule         jsonb       not null,
  actor        text        not null,
  at           timestamptz not null default clock_timestamp(),
  constraint "a criterion has each version once" unique (criterion_id, version)
);
call make_append_only('criterion_history');

insert into criterion (code, check_name, level, scope, families, params, position, updated_by)
select code, code, level, scope, families::text[], params::jsonb, 10 * row_number() over (order by position), 'shop'
from (values
  ( 1, 'photo',            'blocking', 'all',    '{}',                   '{"numbers": {"least": 1}}'),
  ( 2, 'photo_resolution', 'advisory', 'all',    '{}',                   '{"numbers": {"pixels": 1200}}'),
  ( 3, 'photo_shape',      'off',      'all',    '{}',                   '{"numbers": {"percent": 40}}'),
  ( 4, 'alt_text',         'blocking', 'all',    '{}',                   '{"numbers": {"least": 1}}'),
  ( 5, 'name',             'blocking', 'all',    '{}',                   '{"numbers": {"least": 1, "most": 120}}'),
  ( 6, 'short',            'blocking', 'all',    '{}',                   '{"numbers": {"least": 20, "most": 0}}'),
  ( 7, 'description',      'blocking', 'all',    '{}',                   '{"numbers": {"least": 80, "most": 0}}'),
  ( 8, 'translated',       'off',      'all',    '{}',                   '{}'),
  ( 9, 'seo',              'off',      'all',    '{}',                   '{"numbers": {"title": 70, "description": 160}}'),
  (10, 'forbidden_words',  'blocking', 'all',    '{}',                   '{}'),
  (11, 'category',         'blocking', 'all',    '{}',                   '{}'),
  (12, 'maker',            'advisory', 'all',    '{}',                   '{}'),
  (13, 'option_labels',    'advisory', 'all',    '{}',                   '{}'),
  (14, 'gtin',             'off',      'all',    '{}',                   '{}'),
  (15, 'price',            'blocking', 'all',    '{}',                   '{}'),
  (16, 'price_range',      'advisory', 'all',    '{}',                   '{"numbers": {"least": 50, "most": 50000}}'),
  (17, 'price_above_cost', 'advisory', 'all',    '{}',                   '{"numbers": {"percent": 0}}'),
  (18, 'vat_class',        'blocking', 'all',    '{}',                   '{}'),
  (19, 'dimensions',       'blocking', 'all',    '{}',                   '{}'),
  (20, 'deliverable',      'blocking', 'all',    '{}',                   '{}'),
  (21, 'customs_code',     'off',      'all',    '{}',                   '{"numbers": {"digits": 6}}'),
  (22, 'gift_card',        'blocking', 'all',    '{}',                   '{}'),
  (23, 'ingredients',      'blocking', 'only',   '{food,alcohol}',       '{}'),
  (24, 'net_quantity',     'blocking', 'only',   '{food,alcohol}',       '{}'),
  (25, 'origin',           'blocking', 'only',   '{food,alcohol}',       '{}'),
  (26, 'operator',         'blocking', 'only',   '{food,alcohol}',       '{}'),
  (27, 'alcohol',          'blocking', 'only',   '{alcohol}',            '{}'),
  (28, 'alcohol_words',    'blocking', 'only',   '{alcohol}',            '{}'),
  (29, 'book',             'blocking', 'only',   '{book}',               '{}'),
  (30, 'isbn',             'blocking', 'only',   '{book}',               '{}'),
  (31, 'book_price',       'blocking', 'only',   '{book}',               '{}'),
  (32, 'manufacturer',     'blocking', 'except', '{food,alcohol,book}',  '{}'),
  (33, 'composition',      'blocking', 'only',   '{textile}',            '{}'),
  (34, 'warnings',         'blocking', 'only',   '{toy}',                '{}'),
  (35, 'stock',            'advisory', 'all',    '{}',                   '{"numbers": {"least": 1}}'),
  (36, 'legal_facts',      'blocking', 'all',    '{}',                   '{}'),
  (37, 'review',           'off',      'all',    '{}',                   '{}')
) as rule (position, code, level, scope, families, params);

insert into criterion_history (criterion_id, version, rule, actor)
select id, version, jsonb_build_object('code', code, 'check', check_name, 'expression', expression, 'level', level, 'scope', scope, 'families', families, 'params', params, 'sentences', sentences), updated_by
from criterion;

-- Who answers for a product: the VAT class that a person chose, a reviewer's word, a publication.
create table product_signature (
  id          bigint generated always as identity primary key,
  product_id  bigint      not null references product,
  what        text        not null constraint "one signs a VAT class, a review or a publication" check (what in ('vat_class', 'review', 'publication')),
  value       text        not null,
  fingerprint text        not null default '',
  note        text        not null default '',
  actor       text        not null,
  at          timestamptz not null default clock_timestamp()
);
create index product_signature_newest on product_signature (product_id, what, id desc);
call make_append_only('product_signature');

-- Who worked on a product, and when last: no author reviews their own work.
create table product_author (
  product_id bigint      not null references product on delete cascade,
  actor      text        not null,
  edited_at  timestamptz not null default clock_timestamp(),
  primary key (product_id, actor)
);

insert into product_author (product_id, actor, edited_at)
select p.id, a.actor, max(a.at)
from audit_log a join product p on a.subject = 'product:' || p.slug
where a.action in ('product.create', 'product.update') or a.action like 'photo.%'
group by p.id, a.actor;

insert into product_signature (product_id, what, value, actor, at)
select p.id, 'vat_class', p.vat_class, a.actor, a.at
from product p
join lateral (
  select actor, at from audit_log where subject = 'product:' || p.slug and action in ('product.create', 'product.update') order by id desc limit 1
) a on true;

-- What the rules last said of a product, so that lists need not ask them anew.
create table product_judgement (
  product_id    bigint      primary key references product on delete cascade,
  version       integer     not null,
  revision      bigint      not null,
  score         integer     not null constraint "a score is a percentage" check (score between 0 and 100),
  failing       text[]      not null,
  advice        integer     not null,
  failing_since timestamptz,
  judged_at     timestamptz not null default clock_timestamp(),
  constraint "what fails has failed since some moment" check ((failing = '{}') = (failing_since is null))
);
create index product_judgement_failing on product_judgement (product_id) where failing <> '{}';

-- Publications that wait for their hour.
create table publication_plan (
  id          bigint generated always as identity primary key,
  product_id  bigint      not null references product on delete cascade,
  publish_at  timestamptz not null,
  planned_by  text        not null,
  planned_at  timestamptz not null default clock_timestamp(),
  state       text        not null default 'planned' constraint "a plan is planned, done, refused or cancelled" check (state in ('planned', 'done', 'refused', 'cancelled')),
  failing     text[]      not null default '{}',
  answered_at timestamptz,
  constraint "an answered plan has its moment" check ((state = 'planned') = (answered_at is null))
);
create unique index "a product has one plan at a time" on publication_plan (product_id) where state = 'planned';
create index publication_plan_due on publication_plan (publish_at) where state = 'planned';

-- What a bulk edit changed, so that it can be undone.
create table bulk_edit (
  id       bigint generated always as identity primary key,
  changes  jsonb       not null,
  undoes   bigint      references bulk_edit constraint "a bulk edit is undone once" unique,
  actor    text        not null,
  at       timestamptz not null default clock_timestamp()
);
call make_append_only('bulk_edit');
