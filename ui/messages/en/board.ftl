# The set-up of a vault, its members, backup sheets and seed words.

nav-members = Members
member-you = you
member-heard = heard

# The board
board-title = Set-up of { $name }
board-title-unnamed = A vault that you joined
board-first-contact = Waits for the first message of who invited you.
board-gathering = { $open ->
    [0] All places are taken. The configuration comes by itself.
    [one] One place is still open.
   *[other] { $open } places are still open.
}
board-gathering-next = Nothing is to be done until everybody has joined. You can close this window; it goes on when you are back.
board-proving = Everybody is here. The programs now prove their keys to one another.
board-proving-next = That happens by itself as soon as each member’s program is open.
board-ratifying = { $have } of { $all } keyholders have ratified.
board-ratifying-next = Call one another and compare the twelve words. The vault works when all keyholders have ratified.
board-words = Compare the words
board-places = Places
board-about = What all will ratify
board-done = done
board-open = not yet
board-step-joined = Joined
board-step-challenged = Asked for proof
board-step-proven = Key proven
board-step-ratified = Ratified
board-key = Key
board-place-open = Waits for whoever has the invitation.
board-place-until = It holds until { $when }.
board-place-expired = The invitation has expired: this place stays empty, and the vault has to be made again.
board-finding-by = Seen with { $name }.
board-stop = Stop here. Do not ratify before you have spoken with the others.
board-trouble = Not every relay or chain source can be reached.
board-trouble-kept = Nothing is lost: what you do here is kept and sent later.

awaited-nothing = { $name } has done everything.
awaited-nothing-me = You have done everything.
awaited-joined = { $name } is here.
awaited-others-join = You are here. Waits for the others.
awaited-challenge = Waits for { $name }’s program to ask the others for proof of their keys.
awaited-challenge-me = Your program is about to ask the others for proof of their keys.
awaited-proof = Waits for { $name }’s program to prove its key.
awaited-proof-me = Your program proves its key as soon as it has been asked by all.
awaited-ratify = Waits for { $name } to compare the words and ratify.
awaited-ratify-me = Waits for you: compare the words and ratify.

# Comparing words
compare-show = Show my words, to read them out
compare-hide = Hide my words
compare-read-out = Read them out to the others by telephone or face to face. They cannot be copied.
compare-counting = Working out the words … this takes a moment, so that nobody can forge them.
compare-own = My words
compare-heard = What you heard from another member
compare-heard-hint = { $count } of 12 words. Type what you hear, not what is on your own screen: your words are hidden meanwhile.
compare-count = { $count ->
    [one] There are twelve words; this is 1.
   *[other] There are twelve words; these are { $count }.
}
compare-differ = Stop: the words differ.
compare-differ-means = You and the other member do not see the same. Either a word was misheard, or somebody has swapped a key on the way. Nothing was ratified.
compare-differ-do = Read the words to each other once more, slowly. If they still differ, send no money to this vault, tell all members, and make a new one.
ratify-why = If all hear the same words, all see the same members and keys, and nobody was swapped on the way. This cannot be taken back.
ratify-act = Ratify: the words are the same
ratify-busy = Comparing and ratifying …
ratify-done = You have ratified.
ratify-you-did = You have ratified. Read your words to those who have not.
ratify-not-yet = You can ratify when every key is proven. The words are there already.
ratify-no-key = Keyholders ratify. You can listen whether your words are the same as theirs.

# Members
members-title = Members
members-lead = Who holds { $name } together.
members-all = All members
members-this-program = this program
members-never-heard = not heard yet
members-signed = has signed once
members-not-signed = has not signed yet
members-signed-first = First signature
members-key-state = Key
members-id = Identity
members-more = Times, key and identity
members-former = Former members
members-former-text = Their keys stay in the descriptor and can sign until the coins are moved to another vault.
members-keyholders-change = Keyholders invite and remove members.
member-remove = Remove …
member-remove-ask = Propose to remove { $name }?
member-remove-act = Propose to remove
member-remove-means = { $name } would no longer see or approve anything new.
member-remove-key-means = { $name } would no longer see or approve anything new. The key stays in the descriptor: it can sign until the coins are moved to another vault.
member-replace = Installation lost …
invite-title = Invite somebody
invite-role = As what
invite-new = New member
invite-act = Make the invitation
invite-busy = Making the invitation …
invite-what-follows = Whoever joins by it is no member yet: a keyholder proposes them, and the keyholders vote.
invite-replaces = In the place of { $name }
invite-replaces-text = For the same person on a new installation. They need the words of their key, and the keyholders vote.
invite-not-instead = Invite somebody else
invite-instead-of = In the place of { $name }
candidates-title = Waiting to become members
candidates-text = They have joined by an invitation and see nothing of the vault yet.
candidate-role = Would be { $role }.
candidate-replaces = Would take the place of { $name }, with the same key.
candidate-unknown = Joined by an invitation that is not known here yet.
candidate-propose = Propose as a member
candidate-proposed = Proposed: the keyholders vote.
candidate-waits = Waits for a keyholder to propose them.

# Next steps
next-title = To be safe
next-sheet = Backup sheet
next-sheet-text = Without the descriptor nobody finds the coins again, however many keys there are. Print it or save it.
next-sheet-go = To the backup sheet
next-words = Words of your key
next-words-text = The only way to your key if this machine is lost. Write them down by hand.
next-words-go = To the words of your key
next-address = First address
next-address-text = Begin with a small amount.
next-address-go = To the first address
self-test = Self-test
self-test-text = A payment of the vault to itself that every keyholder signs. After it all know that each key works.
self-test-ring = { $have } of { $all } keys have signed once
self-test-all = Every key has signed once.
self-test-missing = Not signed yet: { $names }.
self-test-no-coins = It needs a coin: receive a small amount first.
self-test-keyholders = A keyholder can start it.
self-test-go = To the self-test payment
self-test-act = Start the self-test
self-test-busy = Making the payment …

# Backup sheet
sheet-title = Backup sheet of { $name }
sheet-lead = Keep it where you would find it in ten years, away from the words of your key. Nothing on it is secret, but whoever reads it sees all your payments.
sheet-loading = Putting the sheet together …
sheet-print = Print
sheet-printing = Opening the print dialog …
sheet-save = Save as a file
sheet-saving = Writing the file …
sheet-saved = Saved here:
sheet-kept = The sheet is still here.
sheet-vault = Vault
sheet-name = Name
sheet-text = { $text }
sheet-id = Id of the vault
sheet-for = Sheet of
sheet-quorum = Signatures
sheet-quorum-text = { $threshold } of { $keyholders } keys sign a payment
sheet-script = Addresses
sheet-recovery = Recovery
sheet-recovery-members = After { $after } blocks without a move, { $threshold } of the same keys are enough
sheet-recovery-own = After { $after } blocks without a move, { $threshold } of { $keys } other keys may sign
sheet-recovery-key = Recovery key
sheet-date = As of
sheet-members = Members and keys
sheet-keyholder = { $name }, { $place } ({ $role }), fingerprint { $fingerprint }
sheet-member = { $name }, { $role }, no key
sheet-former = { $name }, no longer a member; the key still counts
sheet-descriptor = Descriptor
sheet-descriptor-text = The whole wallet in one line, with its checksum. Any program that reads descriptors finds all addresses and coins by it.
sheet-first-address = First address, to check that a rebuilt wallet is the same
sheet-words = Roster words
sheet-words-text = The words that all members compared. Another sheet with the same words is of the same vault.
sheet-can = With this sheet you can
sheet-can-watch = see the balance and all payments of the vault
sheet-can-rebuild = rebuild the wallet in another program and pay, together with any { $threshold } of the keys
sheet-can-check = check that an address belongs to the vault
sheet-cannot = With it alone you cannot
sheet-cannot-sign = pay or sign anything
sheet-cannot-replace-words = bring back your own key: that needs its words, written down apart from this
sheet-cannot-secret = approve, vote or speak for a member
sheet-hand = By hand
sheet-hand-place = Where this sheet is kept
sheet-hand-words = Where the words of my key are (never write them here)
sheet-hand-seen = Last looked at, on
sheet-hand-note = Whom to call

# Words of one's own key
seed-title = Words of your key
seed-lead = Your key in { $name }, as 24 words.
seed-warning = Whoever has these words can sign in your place.
seed-warning-text = Write them on paper, by hand. Do not photograph them, do not type them anywhere, and keep them apart from the backup sheet. See that nobody looks on.
seed-no-key = You have no key in this vault, so there are no words to write down.
seed-passphrase-hint = The one that opens Conclave, once more.
seed-act = Ask for the words
seed-busy = Checking the passphrase … this takes a moment.
seed-kept = No words were shown.
seed-show = Show the words
seed-hide = Hide the words
seed-done = Done, clear them
seed-left = { $seconds ->
    [one] They are cleared in 1 second.
   *[other] They are cleared in { $seconds } seconds.
}
seed-hidden = { $count } words are ready. Nothing shows until you press.
seed-cleared = The words are cleared from the window.
seed-to-sheet = To the backup sheet
seed-to-members = To the members
