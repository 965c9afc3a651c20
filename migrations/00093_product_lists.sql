-- +goose Up

-- The staff's list walks the products in the order of their slugs, whatever narrows it: a category in
-- one state has an index in that order too, so that a page is read and nothing is sorted.
create index product_of_category_and_state on product (category_id, state, slug);
