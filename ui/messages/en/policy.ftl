# A vault's policy, freezes, and changes that are voted on.

policy-title = Policy
policy-lead = What payments of { $name } need, and what stops them.
policy-loading = Reading the policy …
policy-rules = The rules
policy-not-active = These rules hold once all keyholders have ratified.
policy-keyholders-change = Keyholders change the rules, by a vote.
policy-change = Propose other rules …

# Sentences
policy-every = { $approvals ->
    [one] Every payment needs one approval.
   *[other] Every payment needs { $approvals } approvals.
}
policy-below = { $approvals ->
    [one] Below { $below } a payment needs one approval.
   *[other] Below { $below } a payment needs { $approvals } approvals.
}
policy-tier = { $approvals ->
    [one] From { $from } on it needs one approval.
   *[other] From { $from } on it needs { $approvals } approvals.
}
policy-tier-keyholders = From { $from } on it needs { $approvals ->
    [one] one approval
   *[other] { $approvals } approvals
}, at least { $keyholders } by keyholders.
policy-tier-approvers = From { $from } on it needs { $approvals ->
    [one] one approval
   *[other] { $approvals } approvals
}, at least { $approvers } by { $approvers ->
    [one] an approver
   *[other] approvers
}.
policy-tier-both = From { $from } on it needs { $approvals } approvals, at least { $keyholders } by keyholders and { $approvers } by { $approvers ->
    [one] an approver
   *[other] approvers
}.
policy-what-counts = What counts is all that leaves the vault, fee included.
policy-any-address = Any address may be paid.
policy-any-but = Any address may be paid but those named below.
policy-no-address = No address outside the vault may be paid.
policy-only-addresses = { $count ->
    [one] Only this address may be paid:
   *[other] Only these { $count } addresses may be paid:
}
policy-denied = { $count ->
    [one] This address is never paid:
   *[other] These { $count } addresses are never paid:
}
policy-freeze = { $release ->
    [one] Any keyholder can freeze the vault at once; one keyholder releases it.
   *[other] Any keyholder can freeze the vault at once; { $release } keyholders release it together.
}

# The form
policy-form-approvals = Approvals of every payment
policy-form-approvals-hint = From 1 to { $most }: so many members can approve.
policy-form-tiers = Larger payments
policy-form-tiers-hint = From an amount on more approvals can be asked for. Each step asks for no less than the one before.
policy-form-tier = Step { $number }
policy-form-tier-add = Another step
policy-form-tier-remove = Remove this step
policy-form-tier-from = From
policy-form-tier-from-hint = All that leaves the vault, fee included
policy-form-tier-approvals = Approvals
policy-form-tier-keyholders = of them by keyholders
policy-form-tier-approvers = of them by approvers
policy-form-tier-any = Empty: anybody who can approve
policy-form-tier-order = It must begin above { $before }.
policy-form-tier-sum = { $sum } are asked for by role: so many there must be in all.
policy-form-release = Keyholders who release a freeze
policy-form-release-hint = Usually as many as sign a payment.
policy-form-allow-empty = Add an address: with an empty list nobody could be paid.
policy-form-both-lists = An address is on both lists: it cannot be allowed and never paid.
policy-edit = Other rules
policy-edit-lists = Addresses
policy-edit-only = Only listed addresses may be paid
policy-edit-only-hint = For a vault that pays the same few again and again.
policy-edit-allow = May be paid
policy-edit-allow-none = None yet.
policy-edit-deny = Never paid
policy-edit-deny-none = None.
policy-edit-preview = What would be otherwise
policy-edit-not-yet = This shows when everything above is filled in.
policy-edit-nothing = Nothing yet.
policy-edit-check = Something above is not right yet.
policy-edit-votes = By proposing you vote for it. It holds when enough keyholders have compared twelve words and voted, too.
policy-edit-act = Propose these rules
policy-edit-leave = Leave them as they are
list-add = Add
list-add-label = Address to add
list-remove = Take it off the list
list-checking = Looking at it …
list-twice = It is on the list already.
list-not-an-address = This is not an address.
list-wrong-network = This address is of another network.
list-own = This is an address of this vault: its own addresses need no list.

# Changes that are voted on
changes-title = Proposed changes
change-by = Proposed by { $name }
change-votes = { $have } of { $need } votes
change-voters = { $have } of { $need } votes: { $names }.
change-settles = Nothing is otherwise: it settles that two configurations were accepted at once.
change-not-you = Keyholders vote on it.
change-vote = Vote for it: the words are the same
change-voting = Comparing and voting …
change-voted = You have voted for the change.
change-you-voted = You have voted for it. Read your words to those who have not.
change-take-back = Take my vote back …
change-take-back-ask = Take your vote back?
change-take-back-means = You cannot vote for this change again: it would have to be proposed anew.
change-take-back-act = Take the vote back
change-vote-taken = Your vote is taken back.
change-proposed = Proposed. You have voted for it; the others are asked.
change-proposing = Proposing …
change-needs-votes = It happens when enough keyholders have voted for it.

difference-rules = The rules have version { $to }, now { $from }: older programs permit nothing any more.
difference-approvals = Every payment needs { $to } approvals, now { $from }.
difference-tier-comes = New: { $tier }
difference-tier-goes = No longer: { $tier }
difference-allow-only = Only these addresses may be paid:
difference-allow-none = No address outside the vault may be paid.
difference-allow-any = Any address may be paid that is not on the list of those never paid.
difference-allowed = This address may be paid:
difference-not-allowed = This address may no longer be paid:
difference-denied = This address is never paid:
difference-not-denied = This address may be paid again:
difference-release = A freeze is released by { $to } keyholders, now by { $from }.
difference-relays = Messages pass { $to }; now { $from }.
difference-joins = { $name } becomes a member: { $role }.
difference-leaves = { $name } leaves.
difference-leaves-key = { $name } leaves. The key stays in the descriptor and can sign until the coins are moved to another vault.
difference-replaced = { $new } takes the place of { $old }, with the same key.

# Freezes
freeze-title = Something is wrong?
freeze-text = Any keyholder can stop all payments at once. A vote of the keyholders lets them go on.
freeze-open = Freeze the vault …
freeze-ask = Freeze { $name }?
freeze-act = Freeze now
freeze-means = Every member’s program stops approving, signing and sending as soon as it hears of it. It takes a vote of the keyholders to release the freeze.
freeze-reason = Why
freeze-reason-hint = The others read this. You may leave it empty.
freeze-done = { $name } is frozen.
freeze-stands = Frozen by { $name }: no payment goes on
freeze-no-reason = No reason was given.
freeze-not-admitted = It is not in the record yet, because what it builds on is missing; it stops payments all the same.
freeze-votes = Votes to release it: { $have } of { $need }, by { $names }.
freeze-you-voted = You have voted to release it.
freezes-released = { $count ->
    [one] One freeze that was released
   *[other] { $count } freezes that were released
}
freeze-was = { $name } froze the vault,
release-open = Vote to release it …
release-ask = Vote to release this freeze?
release-means = { $need ->
    [one] Payments go on at once.
   *[other] Payments go on when { $need } keyholders have voted. Your vote cannot be taken back.
}
release-act = Vote to release
release-done = You have voted to release the freeze.
