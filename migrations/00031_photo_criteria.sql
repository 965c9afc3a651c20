-- +goose Up

-- What is measured of photographs, what is said of their rights, and all languages of the shop may be
-- asked for.
with added as (
  insert into criterion (code, check_name, level, params, position, updated_by)
  values ('shot_list',       'shot_list',       'off',      '{}',                                        41, 'shop'),
         ('photo_sharpness', 'photo_sharpness', 'advisory', '{"numbers": {"least": 28}}',                42, 'shop'),
         ('photo_light',     'photo_light',     'off',      '{"numbers": {"bright": 110, "dark": 185}}', 43, 'shop'),
         ('photo_ground',    'photo_ground',    'off',      '{"numbers": {"spread": 90, "detail": 12}}', 44, 'shop'),
         ('all_languages',   'all_languages',   'off',      '{}',                                        71, 'shop'),
         ('photo_licence',   'photo_licence',   'blocking', '{}',                                        45, 'shop')
  returning id, version, code, check_name, expression, level, scope, families, params, sentences, updated_by
)
insert into criterion_history (criterion_id, version, rule, actor)
select id, version, jsonb_build_object('code', code, 'check', check_name, 'expression', expression, 'level', level, 'scope', scope, 'families', families, 'params', params, 'sentences', sentences), updated_by
from added;
