# Desktop notifications: short, and nothing that others wrote but a vault's name.

notice-title = Conclave
notice-title-vault = Conclave: { $vault }
notice-approve = A payment was proposed and waits for your approval.
notice-approve-amount = A payment of { $amount } was proposed and waits for your approval.
notice-sign = A payment waits for your signature.
notice-sign-amount = A payment of { $amount } waits for your signature.
notice-sent = A payment was sent.
notice-sent-amount = A payment of { $amount } was sent.
notice-confirmed = A payment is confirmed.
notice-confirmed-amount = A payment of { $amount } is confirmed.
notice-deposit = A deposit arrived.
notice-deposit-amount = A deposit of { $amount } arrived.
notice-frozen = All payments are frozen.
notice-vote = A change of the vault waits for your vote.
notice-compare = Twelve words wait to be compared with the other members.
notice-something = Something happened. Open Conclave to see it.
notice-something-amount = Something about { $amount } happened. Open Conclave to see it.
notice-many = { $count } things happened. Open Conclave to see them.
