# The frame around every page, unlocking, the list of vaults, settings.

opening = Opening Conclave …
opening-kept = Nothing was opened, and nothing is lost.

frame-skip = Go to the page
frame-vaults = Vaults
frame-all-vaults = All vaults
frame-add-vault = Add a vault
frame-back = Back (Alt+Left)
lock-now = Lock

nav-overview = Overview
nav-receive = Receive
nav-propose = Pay
nav-transactions = Transactions
nav-coins = Coins
nav-addresses = Addresses
nav-policy = Policy
nav-record = Record
nav-board = Set-up

status-line = Connections
status-network = Network: regtest, money for practice
status-tor-off = Tor: off; only this machine is reached
status-tip = Block { $height }
status-tip-age = Block { $height }, { $age }
status-members = { $all ->
    [one] { $seen } of 1 other member seen today
   *[other] { $seen } of { $all } other members seen today
}
status-trouble = Not everything is reached

unlock-title = Conclave is locked
unlock-auto-locked = It locked itself because nobody used it for a while.
unlock = Unlock
unlock-busy = Unlocking …
unlock-wrong-count = { $count ->
    [one] One wrong passphrase since it was last open.
   *[other] { $count } wrong passphrases since it was last open.
}
unlock-forgotten = Nobody can reset a passphrase that is forgotten. With the words of your key you can join your vaults again on a new installation.

vaults-title = Vaults
vaults-loading = Reading your vaults …
vaults-none = There is no vault here yet. What would you like to begin with?
vaults-total = Together
vaults-ring = { $threshold } of { $keyholders }
vaults-heard = others heard
vaults-frozen = Frozen: nothing can be paid
vaults-unopened = Vault { $vault } cannot be opened
vaults-unopened-kept = Nothing of it was changed, and the other vaults are not touched.
vault-gone-title = Not here
vault-gone = This vault is not in this installation.
wait-ratify = Compare the words with the others, and ratify
wait-approve = Approve or refuse “{ $purpose }”
wait-sign = Sign “{ $purpose }”
wait-vote = Vote on a proposed change

settings-title = Settings
