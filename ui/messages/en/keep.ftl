# The record.

record-title = Record
record-lead = Everything that every member did, signed by who did it. Nothing is changed and nothing is taken out.
record-judging = Is it whole?
record-verify = Verify the record
record-verifying = Verifying every signature and chain …
record-export-lines = Write it as JSON lines
record-export-table = Write it as a table (CSV)
record-filters = What is shown
record-by = By
record-by-all = everybody
record-kind = What
record-kind-all = everything
record-void = Only what has no effect
record-loading = Reading the record …
record-none = Nothing in the record is like this.
record-when = When
record-who = Who
record-what = What
record-more = Show earlier ones
record-without-effect = without effect
record-event = The event
record-whole = { $events ->
    [one] The record is whole: 1 event.
   *[other] The record is whole: { $events } events.
}
record-whole-means = Every event is signed by its author, none is missing or changed, and all of them together give the state that is shown. A record that was cut off at its end looks whole as well: compare the newest events with the other members.
record-whole-facts = Newest events to compare
record-state = State
record-authored = { $events ->
    [one] 1 event, the newest
   *[other] { $events } events, the newest
}
record-faulty = The record has a fault at place { $line }.
record-faulty-means = Nothing was changed. Sign nothing with this installation until you know why, and compare its record with another member’s.

# What events say, after the author's name
saying-unknown = Something that this program does not know: “{ $kind }”
saying-malformed = Something that is no action
saying-created = Made the vault “{ $name }”: { $threshold } signatures a payment; places: { $places }
saying-place = { $count } × { $role }
saying-joined = Joined as “{ $name }”
saying-joined-as = Joined as “{ $name }”: { $roles }
saying-configuration = Put up configuration { $cfg }
saying-configuration-of = Put up a configuration: { $threshold } signatures and { $approvals } approvals a payment; members: { $members } ({ $cfg })
saying-ratified = Ratified configuration { $cfg }
saying-address-issued = Gave out deposit address { $address } (index { $index })
saying-address-attested = Derived the same deposit address { $address } (index { $index })
saying-proposed = Proposed a payment: { $payment }
saying-proposed-instead = Proposed a payment: { $payment }; in the place of { $old }
saying-self-test-proposed = Proposed a self-test that every keyholder signs: { $payment }
saying-approved = Approved { $payment }
saying-rejected = Refused { $payment }
saying-signed = { $signatures ->
    [one] Signed { $payment } (1 signature)
   *[other] Signed { $payment } ({ $signatures } signatures)
}
saying-finalised = Put the signatures together of { $payment }
saying-broadcast = Sent { $payment } to the network
saying-confirmed = Saw { $payment } in block { $height }
saying-place-opened = Opened a place for a member: { $role }
saying-place-opened-for = Opened a place for a new identity of { $name }
saying-identity-replaced = Proved to hold the key of { $name }
saying-voted = Voted for configuration { $cfg }
saying-vote-released = Took back the vote for configuration { $cfg }
saying-frozen = Froze the vault: “{ $reason }”
saying-freeze-released = { $freezes ->
    [one] Voted to release a freeze
   *[other] Voted to release { $freezes } freezes
}
saying-challenged = Asked the keyholders to sign nonce { $nonce }
saying-key-proven = Proved to hold the own key, by { $nonces } nonces
saying-key-claimed = Claimed to hold the own key, by { $nonces } nonces
saying-payment = the payment of { $amount } ({ $txid })
saying-payment-unknown = a payment that does not stand here ({ $proposal })
saying-output = { $amount } to { $to }
saying-outputs-more = and { $more } more
saying-fee = fee { $fee }
saying-purpose = “{ $purpose }”

# Types of events
kind-created = Vault made
kind-joined = Member joined
kind-challenged = Proof of keys asked for
kind-key-proven = Key proven
kind-configuration-proposed = Configuration put up
kind-ratified = Ratification
kind-address-issued = Address given out
kind-address-attested = Address derived alike
kind-proposed = Payment proposed (first form)
kind-payment-proposed = Payment proposed
kind-self-test-proposed = Self-test proposed
kind-approved = Approval
kind-rejected = Refusal
kind-signed = Signature
kind-taproot-signed = Signature (Taproot)
kind-finalised = Signatures put together
kind-broadcast = Payment sent
kind-confirmed = Payment confirmed
kind-place-opened = Place opened
kind-identity-replaced = Identity replaced
kind-configuration-voted = Vote
kind-vote-released = Vote taken back
kind-frozen = Freeze
kind-freeze-released = Vote to release a freeze
