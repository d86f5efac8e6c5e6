# Предложение платежа и лист подписания.

flow-coin = Монета этого хранилища
flow-leaves = Уходит
flow-comes-back = Возвращается, доказано
flow-fee = Комиссия
flow-head-what = Что
flow-head-amount = Сумма
flow-head-where = Куда
