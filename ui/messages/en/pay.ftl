# Proposing a payment, and its signing sheet.

flow-coin = Coin of this vault
flow-leaves = Leaves
flow-comes-back = Comes back, proven
flow-fee = Fee
flow-head-what = What
flow-head-amount = Amount
flow-head-where = Where
