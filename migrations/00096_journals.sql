-- +goose Up

-- An entry may lie in every journal that there is: payouts have had one of their own since the books
-- were opened, and could not be booked in it.
alter table entry drop constraint entry_journal_check;
alter table entry add constraint "an entry lies in a journal that there is" check (journal in ('AN', 'VE', 'ST', 'CA', 'CC', 'BQ', 'OD'));
