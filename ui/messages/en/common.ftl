# Words that mean the same on every page: roles, states, dangers, what is lacking, units, times.

ask-again = Ask again
cancel = Cancel
technical-details = Technical details
nothing-changed = Nothing was changed.
shown-is-old = What is shown is what was last known.
nobody = nobody yet
names-and = { $first } and { $last }
balance = Balance
balance-unconfirmed = not in a block yet
fee = Fee
approved-by = Approved by
signed-by = Signed by
waits-for-you = { $count ->
    [one] 1 waits for you
   *[other] { $count } wait for you
}
watched-only = Watched only
copy-address = Copy the address
copy-key = Copy the key
copy-path = Copy the path
copied = Copied. The clipboard is cleared in 60 seconds.
qr-too-long = The text is too long for one QR code. Use the file instead.
file-too-large = The file is larger than { $kilobytes } kB. Nothing was read.
file-unreadable = The file could not be read. Pick it again, or another one.
confirm-leave = Leave it
confirm-type-word = Type “{ $word }” to go on

# Roles
role-keyholder = keyholder
role-approver = approver
role-mediator = mediator
role-auditor = auditor
role-signer = automatic signer
role-keyholder-explained = Holds one of the vault’s keys: approves payments and signs them.
role-approver-explained = Approves payments or refuses them. Holds no key.
role-mediator-explained = Holds a key and decides where the two sides of a deal disagree.
role-auditor-explained = Reads everything and verifies it. Can do nothing else.
role-signer-explained = A program that holds a key and signs by itself.

# Vaults
vault-status-gathering = gathers its members
vault-status-proving = waits until every key is proven
vault-status-ratifying = waits for ratification
vault-status-active = active
key-state-unproven = key not proven yet
key-state-proven = key proven
script-p2wsh-sortedmulti = Native segwit (P2WSH), keys sorted
script-p2wsh-multi = Native segwit (P2WSH), keys in a fixed order
script-nested-sortedmulti = Segwit within P2SH, keys sorted
script-nested-multi = Segwit within P2SH, keys in a fixed order
script-legacy-sortedmulti = Without segwit (P2SH), keys sorted
script-legacy-multi = Without segwit (P2SH), keys in a fixed order
script-taproot-multi = Taproot
template-low-trust-3-of-5 = Five equal keys, three sign
template-hot-2-of-3 = A desk and its security team, two of three
template-escrow-2-of-3 = Buyer, seller and mediator, two of three
template-low-trust-3-of-5-explained = For people who do not trust one another much. Two of the five can be lost or refuse, and the other three still pay.
template-hot-2-of-3-explained = For everyday payments. The desk signs, the security team signs after a check, and a backup key lies elsewhere.
template-escrow-2-of-3-explained = For one deal. Buyer and seller settle it by themselves; the mediator signs only when they disagree.

# Payments
proposal-status-proposed = Waits for approvals
proposal-status-approved = Waits for signatures
proposal-status-signed = Signed, waits to be sent
proposal-status-broadcast = Sent, waits for a block
proposal-status-confirmed = Confirmed
proposal-status-rejected = Refused
proposal-status-expired = Expired, its coins are free
proposal-status-replaced = Replaced by another payment
replacement-fee-bump = Pays the same recipients the same amounts, with a higher fee.
replacement-cancel = Pays nobody: all comes back to the vault, less the fee.
replacement-other-payment = Pays others, or other amounts: judge it as a payment of its own.

# Steps of the practice vault
step-ahead = ahead
step-running = at work
step-done = done
step-failed = failed

# Passphrases
passphrase = Passphrase
passphrase-show = Show
passphrase-hide = Hide
advice-longer = Make it longer.
advice-uncommon = Leave out names, dates and common passwords.
advice-less-regular = Leave out repetitions and rows of keys.
advice-more-words = Add words that have nothing to do with one another.

# What is typed
form-empty = Fill this in.
form-too-long = At most { $most } characters fit here.
form-not-a-number = Type a whole number, digits only.
form-out-of-range = Type a number from { $least } to { $most }.
form-no-server = Type an address such as { $form }.
form-not-the-same = This is not what you typed above.
server-here = This machine, without Tor
server-own-network = Own network, in the clear and without Tor
tor-off = Tor: not needed
tor-starting = Tor: connecting, { $percent } %
tor-ready = Tor: connected
tor-failed = Tor: not connected; nothing is sent
hosting-off = Not served
hosting-waiting = Waits for Tor
hosting-publishing = Being made known; that may take a few minutes
hosting-reachable = Can be reached
hosting-failed = Cannot be reached; it is tried again
tor-trouble-configuration = Its configuration or a bridge cannot be used. Correct them.
tor-trouble-folder = Its folder cannot be used. Close other programs that use this data folder, and look whether the disk is full.
tor-trouble-offline = This machine seems to have no network. Connect it.
tor-trouble-filtered = The network seems to block Tor. Add bridges below.
tor-trouble-clock = The clock of this machine is wrong. Set it right.
tor-trouble-directory = Tor’s directory cannot be fetched. It is tried again; if that lasts, look at clock and network.
tor-trouble-unreachable = The Tor network cannot be reached. It is tried again; bridges may help.
amount-empty = Type an amount.
amount-not-a-number = Type digits with one point, such as 0.25.
amount-points-doubled = Use one point only, and spaces between thousands.
amount-comma-unclear = Write a point: 1,000 is a thousand to some and one to others.
amount-groups-uneven = Spaces belong between groups of three digits.
amount-too-many-decimals = At most eight digits fit behind the point.
amount-sat-divided = A satoshi cannot be divided: leave the point out.
amount-more-than-there-is = There are only 21 million bitcoin.
amount-zero = Type an amount above zero.
rate-empty = Type a fee rate.
rate-not-a-number = Type digits with one point, such as 2.5.
rate-too-many-decimals = At most three digits fit behind the point.
rate-zero = Type a fee rate above zero.
rate-too-high = At most 10 000 sat/vB are taken.

# Times
time-just-now = just now
time-minutes-ago = { $minutes ->
    [one] 1 minute ago
   *[other] { $minutes } minutes ago
}
time-hours-ago = { $hours ->
    [one] 1 hour ago
   *[other] { $hours } hours ago
}
time-days-ago = { $days ->
    [one] yesterday
   *[other] { $days } days ago
}
time-in-minutes = { $minutes ->
    [one] in 1 minute
   *[other] in { $minutes } minutes
}
time-in-hours = { $hours ->
    [one] in 1 hour
   *[other] in { $hours } hours
}
time-in-days = { $days ->
    [one] in 1 day
   *[other] in { $days } days
}
time-seconds = { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}
time-minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
time-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
time-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}

# What is lacking
unmet-not-active = The vault is not active: not every keyholder has ratified.
unmet-rules-unknown = The vault’s rules are newer than this program: update it.
unmet-configuration-changed = The vault’s configuration has changed: propose the payment again.
unmet-configurations-doubled = Two configurations were accepted at once: the keyholders must vote to settle it.
unmet-role-missing = Only a member with this role can do it: { $role }.
unmet-approvals-missing = { $have } of { $need } approvals are given.
unmet-role-approvals-missing = { $have } of { $need } approvals by this role are given: { $role }.
unmet-destination-denied = This address is on the list of those never paid: { $address }
unmet-destination-not-allowed = This address is not on the list of those that may be paid: { $address }
unmet-frozen = { $name } has frozen the vault: nothing goes on until the freeze is released.
unmet-signatures-missing = { $have } of { $need } keyholders have signed.
unmet-rejected = { $name } refused it.
unmet-ended = The payment is over: it is sent, or one of its coins is spent.
unmet-coin-reserved = Another payment holds one of its coins.
unmet-expired = It was not signed in the time that its proposer gave it: propose it again.
unmet-void = The proposal has no effect.
unmet-challenge-missing = The nonce of { $name } is not here yet: wait until their program has sent it.
unmet-key-proof-missing = { $name } has not proven to hold the key in the configuration (key-unproven).
unmet-two-stories = { $name } told different members different stories (two-stories).
unmet-already-signed = This key has signed already.
unmet-danger = { $danger }.
unmet-funds-missing = { $need } are needed, { $have } can be spent.

failure-kind-rule = A rule does not allow it now.
failure-kind-input = Something in what was asked is not right.
failure-kind-network = A relay or the chain source could not be reached.
failure-kind-machine = This machine could not do it.

# Failures of which the window knows no more than this
failure-silent = The program behind the window did not answer.
failure-unexpected = The program behind the window answered something else than what was asked.

# Dangers: in plain words, then the fixed name
finding-transaction-not-proposed = The transaction is not the one that was proposed (transaction-not-proposed)
finding-input-not-ours = It spends a coin that is not this vault’s (input-not-ours)
finding-change-not-ours = The change would not come back to this vault (change-not-ours)
finding-previous-transaction-missing = An input’s amount cannot be proven without its previous transaction (previous-transaction-missing)
finding-previous-transaction-foreign = A previous transaction is not the one that the input names (previous-transaction-foreign)
finding-amount-unproven = An input’s amount is not what the chain says (amount-unproven)
finding-sighash-unexpected = A signature would not cover the whole transaction (sighash-unexpected)
finding-finals-prefilled = It came with signatures already filled in (finals-prefilled)
finding-input-duplicated = It spends one coin twice (input-duplicated)
finding-fee-negative = More would go out than comes in (fee-negative)
finding-locktime-ahead = It could be held back and sent when it is forgotten (locktime-ahead)
finding-fee-absurd = The fee is absurdly high (fee-absurd)
finding-two-stories = A member told different members different stories: their consents and proposals no longer count here (two-stories)
finding-chain-broken = An event does not follow the one that its author wrote before it (chain-broken)
finding-event-forged = An event is not signed by the member in whose name it came (event-forged)
finding-message-malformed = A message that no honest program writes came in (message-malformed)
finding-stranger-refused = Somebody who is not a member sent a message (stranger-refused)
finding-flood-refused = A member sends more than is kept of what waits for missing events (flood-refused)
finding-relay-withholds = A relay keeps messages back (relay-withholds)
finding-clock-ahead = A member’s clock is far ahead of this machine’s, or this machine’s is behind (clock-ahead)
finding-action-unknown = A member uses a newer program: nothing is permitted until this one is updated (action-unknown)
finding-backup-restored = This installation was put back from an older copy: it only reads until the others have told what it said last (backup-restored)
finding-invitation-doubled = One invitation was used by several: one of them is not who was invited (invitation-doubled)
finding-words-differ = The words of the others differ: they may hold other keys (words-differ)
finding-double-vote = Two successors of one configuration were accepted: somebody voted twice, and nothing is permitted until the others have voted again (double-vote)
finding-database-damaged = The database is not what this program wrote (database-damaged)
finding-change-index-far = The change would come back at an index where no program looks for it (change-index-far)
finding-origin-swapped = A key’s origin is claimed otherwise than the descriptor says (origin-swapped)
finding-key-duplicated = One key stands twice (key-duplicated)
finding-script-mismatch = A script is not the one that the coin asks for (script-mismatch)
finding-signature-invalid = A signature is not valid (signature-invalid)
finding-psbt-malformed = It is not a PSBT that can be read (psbt-malformed)
finding-oversize = It is too large (oversize)
finding-outputs-changed = The files are of different transactions (outputs-changed)
finding-fee-unverified = The fee cannot be proven (fee-unverified)
finding-fields-conflict = Two files contradict each other (fields-conflict)
finding-key-foreign = The key is not one of this wallet (key-foreign)
finding-descriptor-malformed = It is not a descriptor that can be read (descriptor-malformed)
finding-checksum-wrong = The descriptor was changed or mistyped (checksum-wrong)
finding-not-supported = Its form is known, but not supported (not-supported)
finding-private-key-inside = There is a private key inside (private-key-inside)
finding-key-unproven = A member has not shown that they hold the key that stands under their name (key-unproven)
finding-own-key-swapped = A configuration names another key for a member than their own (own-key-swapped)
finding-origin-unknown = A key does not say which seed and path it comes from (origin-unknown)
finding-address-differs = A member’s program derives another deposit address: pay nothing to it (address-differs)
