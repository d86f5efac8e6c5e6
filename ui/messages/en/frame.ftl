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
nav-payments = Payments
nav-transactions = Transactions
nav-coins = Coins
nav-addresses = Addresses
nav-policy = Policy
nav-record = Record
nav-board = Set-up

status-line = Connections
status-network = Network: regtest, money for practice
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
settings-lead = They are kept on this machine, and every change counts at once.
settings-kept = The settings are as before.
settings-version = Conclave, version

settings-looks = Language and look
settings-language = Language
settings-language-system = As the system
settings-theme = Colours
settings-theme-system = As the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-unit = Amounts in
settings-unit-btc = Bitcoin ({ $sign })
settings-unit-sat = Satoshi ({ $sign })

settings-safety = Lock and passphrase
settings-auto-lock = Lock by itself after
settings-auto-lock-hint = Counted from the last time that somebody used the window.
settings-auto-lock-never = Never
settings-passphrase = Change the passphrase
settings-passphrase-current = The passphrase until now
settings-passphrase-new = The new passphrase
settings-passphrase-backups = Backups that were written before still open by the earlier passphrase.
settings-passphrase-change = Change the passphrase
settings-passphrase-busy = Changing the passphrase …
settings-passphrase-changed = The passphrase is changed.

settings-notify = Notifications
settings-notify-on = Show notifications of the desktop
settings-notify-on-hint = Whoever looks at the screen can read them, even while Conclave is in the background.
settings-notify-what = They name
settings-notify-kind = what is asked of you: approve, sign, ratify
settings-notify-amount = the amount
settings-notify-vault = the vault

settings-network = Network
settings-network-name = Bitcoin network
settings-network-regtest = Regtest: money for practice. This version opens no other.
settings-tor-explained = Everything beyond this machine goes through Tor, inside this program. While Tor is not connected nothing is sent: it waits here.
settings-bridges = Bridges
settings-bridges-hint = Where Tor is blocked: one bridge on each line, as you were given it. Leave it empty for none.
settings-bridges-change = Use these bridges
settings-relays = Relays
settings-relays-vote = All members use the same relays; they change them by a vote:
own-relay = A relay of your own
own-relay-hint = This program serves it behind an onion address, for this vault’s members alone, while it is open and unlocked. Nobody else’s server is needed.
own-relay-serve = Serve a relay
own-relay-stop = Stop serving
own-relay-busy = Changing …
own-relay-begun = The relay is being served.
own-relay-stopped = The relay is served no more.
own-relay-kept = The relay is as before.
own-relay-used = The members’ messages pass it. While it is closed they wait, or pass the other relays.
own-relay-unused = No messages pass it yet: the members have to accept its address by a vote.
settings-chain = Chain source
settings-chain-hint = An Electrum server of your own choice. It tells this installation what is in the chain, and learns your addresses.
settings-chain-change = Use this chain source
settings-chain-busy = Changing the chain source …
settings-chain-changed = The chain source is changed. The coins are looked up again.
settings-chain-kept = The chain source is as before.

settings-files = Files
settings-home = Conclave keeps its data in
settings-exports = Folder for exports
settings-exports-hint = Exports, backup sheets and backups are written there, each under a new name. Leave it empty for the system’s folder for downloads.
settings-exports-change = Use this folder

settings-backup = Backup of everything
settings-backup-lead = One encrypted file with all vaults, keys and labels of this installation. It opens by the passphrase of now.
settings-backup-write = Write a backup
settings-backup-busy = Writing the backup …
settings-backup-kept = No file was left behind.
settings-backup-done = The backup is written.
settings-backup-after = Keep it on another machine. An installation that is put back from it first only reads, until the others have told what it said last.

settings-keys = Keys
settings-key-vault = Go to a vault
settings-key-vaults = Go to all vaults
settings-key-back = Go back
settings-key-lock = Lock
