# Proposing a payment, and its signing sheet.

flow-coin = Coin of this vault
flow-leaves = Leaves
flow-comes-back = Comes back, proven
flow-fee = Fee
flow-head-what = What
flow-head-amount = Amount
flow-head-where = Where

amount-switch-unit = Amounts are in { $unit }. Switch to { $other }
rate-not-higher = Type a rate above { $rate } sat/vB.
fee-share = { $share } of what is paid

# What a payment waits for
payment-awaits-your-approval = Waits for you: approve it or refuse it.
payment-awaits-your-signature = Waits for your signature.
payment-awaits-approval-of = Waits for the approval of { $name }.
payment-awaits-approvals = { $more ->
    [one] Waits for 1 more approval.
   *[other] Waits for { $more } more approvals.
}
payment-awaits-approvals-of = { $more ->
    [one] Waits for 1 more approval. It can come from: { $names }.
   *[other] Waits for { $more } more approvals. They can come from: { $names }.
}
payment-awaits-signature-of = Waits for the signature of { $name }.
payment-awaits-signatures = { $more ->
    [one] Waits for 1 more signature.
   *[other] Waits for { $more } more signatures.
}
payment-awaits-signatures-of = { $more ->
    [one] Waits for 1 more signature. It can come from: { $names }.
   *[other] Waits for { $more } more signatures. They can come from: { $names }.
}
payment-awaits-sending = It has all it needs, and waits to be sent.
payment-awaits-block = It is sent, and waits for a block.
payment-last-heard = Last heard from

# Rules
rule-every = Every payment needs { $approvals ->
    [one] 1 approval
   *[other] { $approvals } approvals
} and { $signatures ->
    [one] 1 signature.
   *[other] { $signatures } signatures.
}
rule-from = What leaves is { $from } or more: that needs { $approvals ->
    [one] 1 approval
   *[other] { $approvals } approvals
} and { $signatures ->
    [one] 1 signature.
   *[other] { $signatures } signatures.
}
rule-recovery = The vault’s recovery pays: that needs { $approvals ->
    [one] 1 approval
   *[other] { $approvals } approvals
} and, by the keys of the recovery, { $signatures ->
    [one] 1 signature.
   *[other] { $signatures } signatures.
}
rule-by-role = { $count ->
    [one] 1 of the approvals must be by a member with this role: { $role }.
   *[other] { $count } of the approvals must be by members with this role: { $role }.
}

# The list of payments
payments-title = Payments
payments-new = Propose a payment
payments-none = No payment has been proposed yet. Whoever wants to pay proposes it here; the others approve and sign.
payments-open = Open
payments-over = Over
payments-more = { $count ->
    [one] Show 1 more
   *[other] Show { $count } more
}
payment-ring = { $approvals } of { $needapprovals } approvals, { $signatures } of { $needsignatures } signatures
payment-to-vault = Back to the vault
payment-to-several = { $count ->
    [one] 1 recipient
   *[other] { $count } recipients
}
payment-self-test = Self-test
payment-without-purpose = No purpose was given

# A new payment
propose-title = New payment
propose-lead = Nothing leaves the vault by proposing. The others see exactly this, approve it, and sign it.
propose-not-you = You can read this vault, but not propose payments: only keyholders and approvers can.
propose-recipients = To whom
propose-add-recipient = Add a recipient
propose-remove-recipient = Take this recipient out
propose-address = Address
propose-address-empty = Type or paste the address.
propose-address-none = This is not a bitcoin address. Look for a letter that is missing or too many.
propose-address-network = This address belongs to another bitcoin network. Money sent there from here is lost.
propose-address-denied = The policy never pays this address.
propose-address-not-allowed = The policy pays listed addresses only, and this one is not on the list.
propose-address-looking = Looking at the address …
propose-address-unlooked = The address could not be looked at. It is judged again before anything is proposed.
propose-address-own = This is an address of this vault itself: the money would only come back.
propose-address-new = A valid address. This vault has never paid it before.
propose-address-paid = { $times ->
    [one] This vault has paid it once before.
   *[other] This vault has paid it { $times } times before.
}
propose-address-similar = This address looks like another one, and is not the same.
propose-address-similar-do = Thieves make addresses that begin and end like one that you know, and hope that you copy theirs from the history. Compare the marked groups, and ask the recipient.
propose-address-this = You typed
propose-address-earlier = It looks like
propose-clipboard-changed = The clipboard holds something else than what you pasted.
propose-clipboard-changed-do = A program on this machine may swap addresses in the clipboard. Compare the whole address with its source before you go on.
propose-amount = Amount
propose-all = Gets all that is left after the fee
propose-all-gets = Gets
propose-all-later = all that is left
propose-fee = Fee
propose-fee-how-soon = How soon it should be in a block
propose-fee-soon = Soon
propose-fee-hour = Within an hour
propose-fee-day = Within a day
propose-fee-own = Another rate
propose-fee-own-explained = Type it yourself
propose-fee-loading = Asking the chain source about fees …
propose-fee-unknown = The chain source makes no estimate now. Type the rate yourself.
propose-fee-own-all-the-same = You can type the rate yourself all the same.
propose-rate = Fee rate
propose-rate-hint = At least { $least } sat/vB
propose-rate-low = The chain source takes nothing below { $least } sat/vB.
propose-purpose = What it is for
propose-purpose-hint = The others read this before they approve. It stays on record.
propose-more = Coins and expiry
propose-coins = Choose the coins myself
propose-coins-hint = Otherwise the program takes what is needed of the free ones.
propose-coins-loading = Reading the coins …
propose-coins-none = There is no coin in this vault yet.
propose-coins-more = The newest { $count } coins are shown.
propose-coins-chosen = { $count ->
    [one] 1 coin chosen:
   *[other] { $count } coins chosen:
}
propose-coin-frozen = frozen here
propose-coin-held = held by another payment
propose-coin-unconfirmed = in no block yet
propose-expiry = It may be signed for
propose-expiry-hint = As long it holds its coins. After that they are free again.
propose-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
propose-recovery = Pay by the vault’s recovery
propose-recovery-hint = Of coins that have lain still long enough, signed by the keys of the recovery.
propose-do = Propose this payment
propose-busy = Proposing …
propose-done = Proposed. The others see it now.
propose-kept = Nothing was proposed; what you typed is still here.
propose-not-sent = Proposing sends nothing: approvals and signatures come first.
preview-title = What it would be
preview-empty = Recipient, amount and fee: as soon as they are there, this shows what leaves and what comes back.
preview-loading = Working it out …
preview-kept = What you typed is still here.
preview-leaves = Leaves the vault
preview-change = Comes back
preview-coins = Spends
preview-coin-count = { $count ->
    [one] 1 coin
   *[other] { $count } coins
}
preview-rule = Rule
preview-approvers = May approve
preview-signers = May sign
preview-recovery-keys = whoever holds the keys of the recovery
preview-against = This stands against it

# The signing sheet
payment-title = Payment of { $amount }
payment-title-back = Payment back to the vault
payment-gone-title = Not here
payment-gone = This payment is not in this vault’s record.
payment-proposed-by = Proposed by { $name }
payment-in-block = Block { $height }
payment-expires = The time to sign it ends
payment-self-test-explained = This is a self-test: the money comes back to the vault, and every keyholder signs once, so that all know that each can.
payment-recovery-explained = The vault’s recovery pays here: coins that have lain still are signed by the recovery’s keys.
payment-replaces = This payment takes the place of another.
payment-show-replaced = Show the other payment
payment-replaced-by = Another payment would take the place of this one.
payment-show-replacing = Show that payment
payment-flow = The payment: coins of the vault on one side, what leaves, what comes back and the fee on the other
payment-recipients = To whom
payment-pays-nobody = Nobody outside the vault gets anything: all comes back, less the fee.
payment-proven = Proven on this machine: coins, amounts, change and fee.
payment-not-proven-yet = Not proven yet: the chain source has not shown the coins. Until then nothing can be signed here.
payment-has-findings = { $count ->
    [one] 1 danger was found: see below.
   *[other] { $count } dangers were found: see below.
}
payment-whole = All coins and outputs, with whole addresses
payment-coin = Coin
payment-output-back = Comes back, change { $index }
payment-output-leaves = Leaves
payment-more-ends = { $count ->
    [one] 1 more
   *[other] { $count } more
}
payment-purpose = What it is for
payment-no-purpose = The proposer gave no purpose.
payment-rule = Rule
payment-unmet = Still unmet
payment-all-met = All that the rule asks for is there.
payment-so-many = { $have } of { $need } needed
payment-signed-by-others = Keys of the recovery sign, which are no member’s.
payment-given = given
payment-given-in-vain = given, but does not count any more
payment-refused = refused
payment-not-yet = not yet
payment-not-given = not given
payment-you = (you)
payment-words = Words to compare
payment-words-explained = Read them to one another by voice before you approve or sign. Whoever sees other words sees another payment.
payment-words-loading = Reading the words …
payment-approve-of = Approve this payment of { $amount }
payment-approve-back = Approve this payment back to the vault
payment-approve-explained = Your approval goes on record under your name and cannot be taken back. You can still refuse the payment until it is sent.
payment-approved-now = Approved. The others see it now.
payment-approving = Approving …
payment-sign-of = Sign this payment of { $amount }
payment-sign-back = Sign this payment back to the vault
payment-sign-explained = Your key signs exactly what is shown here. A signature cannot be taken back: with enough of them the payment is sent by itself.
payment-signed-now = Signed. The others see it now.
payment-signing = Signing …
payment-reject-of = Refuse this payment of { $amount }
payment-reject-back = Refuse this payment back to the vault
payment-reject-explained = A refused payment cannot go on. If it is right after all, it must be proposed again.
payment-rejected-now = Refused. The others see it now.
payment-rejecting = Refusing …
payment-withdraw-of = Withdraw this payment of { $amount }
payment-withdraw-back = Withdraw this payment back to the vault
payment-withdraw-explained = It cannot go on then. Its coins are free again; you can propose it anew.
payment-withdrawn-now = Withdrawn. The others see it now.
payment-withdrawing = Withdrawing …
payment-danger = This payment must not be signed.
payment-danger-do = Nothing was signed here. Ask the proposer by another way than this program, and refuse it.
payment-otherwise = What else can be done
payment-new-rate = New fee rate
payment-bump = Raise the fee
payment-bump-explained = Proposes the same payment with a higher fee, in the place of this one. It needs approvals and signatures of its own.
payment-bump-costs = The fee would be about { $fee } instead of { $old }: about { $more } more. The exact fee stands on the new payment before anybody approves it.
payment-bump-do = Propose it with this fee
payment-cancel = Take the coins back
payment-cancel-explained = Proposes to send the coins back to the vault in the place of this payment. If this one comes into a block first, it is too late.
payment-cancel-costs = That costs at most about { $fee }. The exact fee stands on the new payment before anybody approves it.
payment-cancel-do = Propose to take them back
payment-speed-up = Speed it up by its change
payment-speed-up-explained = Proposes to spend what came back by this payment, with a fee for both: miners then take them together.
payment-speed-up-costs = That costs about { $more }, and the fee of the new payment itself. The exact fee stands on it before anybody approves it.
payment-speed-up-do = Propose to speed it up
payment-sign-with = Sign with a key of the recovery
payment-sign-with-explained = For a key that no installation holds. Its words are used for this signature and not kept.
payment-sign-with-words = The 12 or 24 words of the key
payment-sign-with-do = Sign with these words
payment-export = Sign on another device
payment-export-explained = The payment as a file (PSBT), with the signatures that are there. Nothing secret is in it.
payment-export-file = Write a file
payment-export-copy = Copy it as text
payment-export-qr = Show it as a QR code
payment-export-hide = Hide the QR code
payment-export-qr-title = The payment as a PSBT
payment-import = Take signatures from another device
payment-import-explained = Only signatures are taken, and each is verified against this payment before it counts.
payment-import-file = Pick a file
payment-import-picture = Pick a picture of a QR code
payment-import-text = Or paste it as text
payment-import-do = Take the signatures
payment-import-busy = Verifying …
payment-import-kept = No signature was taken; those that were there are still there.
payment-import-taken = The signatures were taken.
payment-import-of = { $count ->
    [one] 1 signature by { $name }
   *[other] { $count } signatures by { $name }
}
payment-import-recovery-key = a key of the recovery
payment-import-nothing = { $count ->
    [0] There was no new signature in it.
    [one] Nothing new: its signature was here already.
   *[other] Nothing new: its { $count } signatures were here already.
}
payment-txid = Transaction
payment-txid-copy = Copy the transaction’s id
payment-history = History
payment-history-loading = Reading the record …
payment-history-void = without effect
payment-all = All payments
