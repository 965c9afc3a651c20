package mail

import "boutique/internal/invariant"

// Invariants are what must always be true of the outbox.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{Name: "mails", Sentence: "each mail was sent, waits for its next try, or is left to staff", Figure: sqlCountMails, Broken: sqlLostMails},
	}
}

const sqlCountMails = `
select count(*) from mail`

const sqlLostMails = `
select m.kind || ' about ' || m.subject_ref
from mail m
where m.sent_at is null and m.given_up_at is null and not exists (
  select from river_job j
  where j.kind = 'mail_send' and j.state in ('available', 'pending', 'retryable', 'running', 'scheduled') and (j.args->>'mail_id')::bigint = m.id
)
order by m.id`
