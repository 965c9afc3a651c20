package shop

const sqlInsertTax = `
insert into order_tax (order_id, regime, country)
values (@order_id, @regime, @country)`

const sqlRegimeOf = `
select regime
from order_tax
where order_id = @order_id`
