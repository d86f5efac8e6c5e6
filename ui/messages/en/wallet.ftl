# A vault's money: overview, coins, addresses, transactions, labels, what is only watched.

overview-history = Balance over time, now { $balance }
overview-history-loading = Reading the balance over time …
overview-pay = Propose a payment
overview-receive = Receive
overview-waits = Waits for you
overview-payments = Open payments
overview-payments-none = No payment is open.
overview-payments-all = All payments
overview-activity = Last transactions
overview-activity-all = All transactions
overview-members = Members
overview-members-all = Members and set-up
overview-backup-sheet = Backup sheet
overview-member = Member
overview-roles = Role
overview-heard = Last heard from
overview-signed = First signed
overview-you = (you)
overview-here = here
overview-present = present
overview-away = away
overview-silent = silent for long
overview-never-heard = never heard from
overview-no-key = holds no key
overview-never-signed = not yet
overview-health = Health
overview-network = Network
overview-connected = Relays and chain source answer
overview-chain = Chain
overview-record = Record
overview-all-hold = all members hold all of it
overview-lag = { $members ->
    [one] 1 member has not told that they hold all of it
   *[other] { $members } members have not told that they hold all of it
}
overview-events = { $events ->
    [one] 1 event
   *[other] { $events } events
}
overview-waiting = { $events ->
    [one] 1 event waits for others that it builds on
   *[other] { $events } events wait for others that they build on
}
overview-script = Addresses
overview-whose = Whose doing: { $whose }
overview-frozen = { $name } has frozen this vault: nothing is paid.
overview-frozen-more = How it is released

coins-title = Coins
coins-lead = Every coin that nothing has spent. A frozen coin is left out of the payments that you propose; the others are not told.
coins-loading = Reading the coins …
coins-none = No coin lies here yet. Give out an address to receive some.
coins-count = { $count ->
    [one] 1 coin
   *[other] { $count } coins
}
coins-amount = Amount
coins-address = Address
coins-state = State
coins-freezing = Spending
coins-change = Change { $index }
coins-deposit = Deposit { $index }
coins-copy = Copy the coin’s name (transaction and output)
coins-held = held by a payment
coins-unconfirmed = in no block yet
coins-frozen = frozen here
coins-free = free
coins-block = Block { $height }
coins-until = until
coins-freeze = Freeze
coins-unfreeze = Unfreeze

label = Label
label-write = Write the label of { $what }
label-keep = Keep
label-keeping = Keeping …
label-of-coin = this coin
label-of-transaction = this transaction
label-of-address = this address
labels-title = Labels
labels-lead = Labels stay in this installation. They are read and written as BIP329, which other wallets know.
labels-export = Write all labels to a file
labels-import = Read labels from a file
labels-unreadable = This file is not text. Nothing was read.
labels-taken = { $taken ->
    [one] 1 label was read.
   *[other] { $taken } labels were read.
}
labels-unknown = { $unknown ->
    [one] 1 of them is about something that is not seen here; it is kept all the same.
   *[other] { $unknown } of them are about things that are not seen here; they are kept all the same.
}
labels-frozen = { $frozen ->
    [one] 1 coin is frozen now, as the file asks.
   *[other] { $frozen } coins are frozen now, as the file asks.
}
labels-refused = { $refused ->
    [one] 1 line is no label and was left out.
   *[other] { $refused } lines are no labels and were left out.
}
labels-line = Line { $line }:

transactions-title = Transactions
transactions-loading = Reading the transactions …
transactions-none = No transaction yet.
transactions-count = { $count ->
    [one] 1 transaction
   *[other] { $count } transactions
}
transactions-when = When
transactions-amount = Amount
transactions-id = Transaction
transactions-came = came
transactions-went = went
transactions-payment = the payment
transactions-copy = Copy the transaction’s id
transactions-export = Write all to a table (CSV)

addresses-title = Addresses
addresses-lead = Derived here from the descriptor that all keyholders ratified.
addresses-loading = Deriving the addresses …
addresses-none = None was given out or used yet.
addresses-which = Which
addresses-deposits = For deposits
addresses-change = For change
addresses-index = Index
addresses-balance = Lies there
addresses-received = Ever came
addresses-issued = Given out by { $name }
addresses-attested = Derived alike by { $names }

watch-title = Watch a descriptor
watch-lead = For a wallet or vault that you want to see and not to use from here: no key is asked for, and nothing can be paid.
watch-name = What you call it
watch-descriptor = Descriptor
watch-descriptor-hint = One line for both kinds of addresses (<0;1>), or a line each. With public keys only.
watch-file = Read it from a file
watch-chain = Chain source
watch-chain-hint = An Electrum server, such as ssl://electrum.example:50002, reached through Tor, or one on this machine. It learns which addresses you ask about.
watch-check = Look at it
watch-begin = Watch it
watch-busy = Reading …
watch-understood = What was understood
watch-kind = Kind
watch-quorum = Signatures
watch-m-of-n = { $threshold } of { $keys }
watch-keys = Keys
watch-addresses = First addresses
watch-whole = The whole descriptor
watch-copy = Copy the descriptor
watched-lead = Watched only: this installation holds no key of it.
watched-block = Block { $height }
watched-what = What it is
watched-chain = Chain source
chain-change = Ask this one from now on
chain-changed = The other chain source is asked from now on.
watched-forget = Watch it no more
watched-forget-title = Watch { $name } no more?
watched-forget-text = What was read of it and its labels go from this installation. Coins are not touched. You can watch it again with the same descriptor.

export-busy = Writing …
export-kept = No file was written.
export-saved = { $kilobytes ->
    [one] Written, 1 kB:
   *[other] Written, { $kilobytes } kB:
}
export-copy-path = Copy the path
pager = Parts of the list
pager-newer = Newer
pager-older = Older

warning-checksum-missing = There is no checksum: a mistyped character would not show (checksum-missing)
warning-origin-missing = A key does not say which master key it comes from: signing devices may refuse it (origin-missing)
warning-fingerprint-zero = A fingerprint is 00000000: signing devices will not find their key (fingerprint-zero)
warning-depth-differs = A key’s depth is not the length of its path: the path may be wrong (depth-differs)
warning-multi-unsorted = The order of the keys matters: a program that sorts them gets other addresses (multi-unsorted)
warning-key-reused = One key stands in several places, with other paths (key-reused)
warning-change-missing = There are no addresses for change (change-missing)
warning-change-implied = Addresses for change are not in the text: /1/* beside /0/* is meant (change-implied)
warning-not-ranged = There is one address alone: every payment shows as the same (not-ranged)
warning-not-sane = Not every way to spend is sound: it may be altered on its way, or never be possible (not-sane)
