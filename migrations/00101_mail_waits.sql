-- +goose Up

-- What no mail server has taken keeps its own time: when it is tried again, how often it was handed over whole
-- without an answer, and whether the shop has given it up and leaves it to staff, who may ask for it anew.
alter table mail add column next_try_at timestamptz;
alter table mail add column unanswered integer not null default 0;
alter table mail add column given_up_at timestamptz;
alter table mail add column asked_at timestamptz;
alter table mail add constraint "a mail that was sent is not given up" check (sent_at is null or given_up_at is null);

-- The queue tried each mail thirty times, and no more.
update mail set given_up_at = now() where sent_at is null and tries >= 30;
