package payments

const (
	sqlKeepComparison = `
insert into comparison (since, movements, mended, different, failure)
values (@since, @movements, @mended, @different, @failure)
returning at`

	sqlComparisons = `
select at, since, movements, mended, different, failure
from comparison order by id desc limit @limit`

	// From before the last comparison that could ask, or three days ago.
	sqlCompareSince = `
select least(now() - interval '3 days', coalesce((select max(at) from comparison where failure = ''), now() - interval '3 days') - interval '1 day')`
)
