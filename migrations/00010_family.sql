-- +goose Up

-- What kinds of articles there are. An office adds its own, each under the law of one that the shop
-- knows; facts are what its articles say of themselves, required what they must say before they are
-- sold, shots the photographs that show them whole.
create table family (
  code     text    primary key constraint "a family's code has small letters, digits and underscores" check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  follows  text    not null references family,
  position integer not null default 0,
  labels   jsonb   not null constraint "a family has a French name" check (coalesce(labels ->> 'fr', '') <> ''),
  facts    text[]  not null default '{}',
  required text[]  not null default '{}',
  shots    jsonb   not null default '[]',
  built_in boolean not null default false,
  version  integer not null default 1,
  constraint "what a family must say is among what it says" check (required <@ facts)
);

insert into family (code, follows, position, built_in, labels, facts, required, shots) values
('tableware', 'tableware', 1, true, '{"fr": "Vaisselle", "en": "Tableware", "nl": "Servies", "de": "Geschirr"}',
 '{manufacturer,responsible,identifier,warnings,composition,care}', '{manufacturer}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "back", "labels": {"fr": "Le dos ou l’anse", "en": "The back or the handle"}}, {"code": "scale", "labels": {"fr": "En main ou à table, pour la taille", "en": "In hand or on a table, for its size"}}]'),
('textile', 'textile', 2, true, '{"fr": "Textile", "en": "Textile", "nl": "Textiel", "de": "Textil"}',
 '{manufacturer,responsible,identifier,composition,care,warnings}', '{manufacturer,composition}',
 '[{"code": "front", "labels": {"fr": "À plat, de face", "en": "Laid flat, front"}}, {"code": "back", "labels": {"fr": "À plat, de dos", "en": "Laid flat, back"}}, {"code": "detail", "labels": {"fr": "La matière ou l’impression de près", "en": "The cloth or the print close up"}}, {"code": "worn", "labels": {"fr": "Porté ou utilisé", "en": "Worn or in use"}}]'),
('paper', 'paper', 3, true, '{"fr": "Papeterie", "en": "Stationery", "nl": "Papierwaren", "de": "Papeterie"}',
 '{manufacturer,responsible,identifier,author,publisher,warnings}', '{manufacturer}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "detail", "labels": {"fr": "Le papier ou l’impression de près", "en": "The paper or the print close up"}}]'),
('book', 'book', 4, true, '{"fr": "Livre", "en": "Book", "nl": "Boek", "de": "Buch"}',
 '{author,publisher,isbn,book_condition,manufacturer,responsible}', '{author,publisher,isbn}',
 '[{"code": "cover", "labels": {"fr": "La couverture", "en": "The cover"}}, {"code": "inside", "labels": {"fr": "Une double page", "en": "An open spread"}}, {"code": "back", "labels": {"fr": "Le dos du livre", "en": "The back cover"}}]'),
('food', 'food', 5, true, '{"fr": "Alimentation", "en": "Food", "nl": "Voeding", "de": "Lebensmittel"}',
 '{ingredients,allergens,net_quantity,storage,nutrition,manufacturer,identifier,use,origin}', '{ingredients,net_quantity,manufacturer,origin}',
 '[{"code": "front", "labels": {"fr": "L’emballage de face", "en": "The pack from the front"}}, {"code": "label", "labels": {"fr": "L’étiquette, lisible", "en": "The label, legible"}}, {"code": "served", "labels": {"fr": "Servi", "en": "Served"}}]'),
('alcohol', 'alcohol', 6, true, '{"fr": "Boisson alcoolisée", "en": "Alcoholic drink", "nl": "Alcoholische drank", "de": "Alkoholisches Getränk"}',
 '{alcohol,ingredients,allergens,net_quantity,storage,nutrition,manufacturer,identifier,warnings,origin}', '{alcohol,net_quantity,manufacturer,origin}',
 '[{"code": "front", "labels": {"fr": "La bouteille de face", "en": "The bottle from the front"}}, {"code": "label", "labels": {"fr": "L’étiquette, lisible", "en": "The label, legible"}}]'),
('toy', 'toy', 7, true, '{"fr": "Jouet", "en": "Toy", "nl": "Speelgoed", "de": "Spielzeug"}',
 '{manufacturer,responsible,identifier,age,warnings,composition}', '{manufacturer,warnings}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "scale", "labels": {"fr": "Dans la main, pour la taille", "en": "In a hand, for its size"}}, {"code": "box", "labels": {"fr": "La boîte avec ses avertissements", "en": "The box with its warnings"}}]'),
('cosmetics', 'cosmetics', 8, true, '{"fr": "Cosmétiques et bougies", "en": "Cosmetics and candles", "nl": "Cosmetica en kaarsen", "de": "Kosmetik und Kerzen"}',
 '{manufacturer,responsible,identifier,ingredients,net_quantity,warnings,use,storage}', '{manufacturer}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "label", "labels": {"fr": "L’étiquette avec ses mentions", "en": "The label with its wording"}}]'),
('jewellery', 'jewellery', 9, true, '{"fr": "Bijoux et magnets", "en": "Jewellery and magnets", "nl": "Sieraden en magneten", "de": "Schmuck und Magnete"}',
 '{manufacturer,responsible,identifier,composition,warnings,care}', '{manufacturer}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "scale", "labels": {"fr": "Porté ou dans la main, pour la taille", "en": "Worn or in a hand, for its size"}}]'),
('accessory', 'accessory', 10, true, '{"fr": "Accessoire", "en": "Accessory", "nl": "Accessoire", "de": "Accessoire"}',
 '{manufacturer,responsible,identifier,composition,warnings,care}', '{manufacturer}',
 '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}, {"code": "used", "labels": {"fr": "Utilisé", "en": "In use"}}]'),
('gift_set', 'gift_set', 11, true, '{"fr": "Coffret", "en": "Gift set", "nl": "Geschenkset", "de": "Geschenkset"}',
 '{manufacturer,responsible,identifier,ingredients,allergens,net_quantity,storage,alcohol,warnings,origin}', '{manufacturer}',
 '[{"code": "closed", "labels": {"fr": "Fermé", "en": "Closed"}}, {"code": "open", "labels": {"fr": "Ouvert, tout ce qu’il contient", "en": "Open, with all it holds"}}]'),
('digital_guide', 'digital_guide', 12, true, '{"fr": "Guide numérique", "en": "Digital guide", "nl": "Digitale gids", "de": "Digitaler Führer"}',
 '{author,publisher,use}', '{publisher,use}',
 '[{"code": "cover", "labels": {"fr": "La couverture", "en": "The cover"}}, {"code": "screen", "labels": {"fr": "Une page à l’écran", "en": "A page on a screen"}}]'),
('gift_card', 'gift_card', 13, true, '{"fr": "Carte cadeau", "en": "Gift card", "nl": "Cadeaukaart", "de": "Geschenkkarte"}',
 '{use}', '{}', '[{"code": "front", "labels": {"fr": "De face", "en": "From the front"}}]');

alter table product add constraint "a product is of a known family" foreign key (family) references family (code);
