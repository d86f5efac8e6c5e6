# Making a vault and joining one: places, the form, invitations.

# Places
place-key = Key { $number }
place-approver = Approver { $number }
place-auditor = Auditor { $number }
place-desk = Desk
place-backup = Backup
place-security = Security team
place-buyer = Buyer
place-seller = Seller
place-mediator = Mediator
place-own = { $title }
place-key-does = Approves payments and signs them with a key of their own.
place-desk-does = Proposes everyday payments and signs them first.
place-backup-does = Keeps a key elsewhere, for the day when one of the other two is lost.
place-security-does = Checks every payment against its own rules and signs second.
place-buyer-does = Pays in, and signs to release the money or to get it back.
place-seller-does = Delivers, and signs to receive the money or to give it back.
place-mediator-does = Signs only if buyer and seller disagree, with whom they find right.
place-approver-does = Approves payments or refuses them. Has no key.
place-auditor-does = Sees and verifies everything. Can do nothing.
place-instructions-keyholder = Tell them: install Conclave, choose “Join a vault” and paste this. Then stay near the telephone: before the vault works, all of you read twelve words to one another.
place-instructions-signer = For the machine that signs by itself: join with this on it, and let somebody compare the twelve words there.
place-instructions-approver = Tell them: install Conclave, choose “Join a vault” and paste this. They need no key and write nothing down.
place-instructions-auditor = Tell them: install Conclave, choose “Join a vault” and paste this. From then on they see all that happens.

# What a vault is made of
fact-relays = Relays
fact-script = Addresses
fact-quorum = Signatures
fact-vault-id = Vault’s id
fact-chain-source = Chain source

# Create
create-title = Make a vault
create-lead = Choose what it is for. The others join by the invitations that you hand out at the end.
create-kind = What kind of vault?
create-own = Your own choice
create-own-text = From 1 to 15 equal keys, and as many signatures as you say.
create-choose-first = Choose one of them to go on.
create-quorum = { $threshold } of { $keyholders } keys sign
create-every-key = Each key
create-threshold = Signatures
create-threshold-hint = How many keys a payment needs
create-keyholders = Keys
create-keyholders-hint = At most 15
create-names = Names
create-name = The vault’s name
create-name-hint = All members see it. It cannot be changed later.
create-member = Your name
create-member-hint = So the others will know you.
create-place = Your own place
create-others = Other members and invitations
create-approvers = Approvers
create-approvers-hint = They approve payments and have no key. None is usual.
create-auditors = Auditors
create-auditors-hint = They see and verify everything, and can do nothing.
create-days = Invitations hold
create-days-hint = Who has not joined by then cannot join any more, and the vault has to be made again.
create-days-unit = days
create-servers = Connections
create-relay = Relay { $number }
create-relay-hint = Carries the members’ messages, encrypted. It cannot read them. Such as wss://relay.example or ws://127.0.0.1:7777
create-relay-more-hint = If one fails or keeps messages back, the others carry them.
create-relay-more = Another relay
create-relay-twice = This relay is already there.
create-own-relay = Serve a relay from this computer
create-own-relay-hint = This program serves it through Tor, for this vault’s members alone. It carries messages while the program is open and unlocked. No other relay is needed.
create-chain-hint = The server that you ask about coins and blocks. Each member asks one of their own. Such as ssl://electrum.example:50002 or tcp://127.0.0.1:50001
create-advanced = Advanced: kind of addresses, recovery, first policy
create-script = Kind of addresses
create-script-hint = The first is right for almost everybody. It cannot be changed later.
create-recovery = A second way to spend, after a long time
create-recovery-hint = If too many keys are lost, fewer keys or other ones can move coins that have lain still.
create-recovery-blocks = After how many blocks
create-recovery-blocks-hint = 144 blocks are about a day, 25 920 about half a year. At most 65 535.
create-recovery-threshold = Signatures that it then needs
create-recovery-keys = Keys that may sign then
create-recovery-keys-hint = One on each line, [fingerprint/path]tpub. Leave it empty for the members’ own keys.
create-recovery-no-easier = One signature is enough already: recovery by the same keys would be no easier.
create-policy = Set the first policy yourself
create-policy-hint = Otherwise it is this. Members can change it later by a vote.
create-check-above = Something above is not right yet. Look under “Advanced”, too.
create-kept = No vault was made. What you typed is still there.
create-act = Make the vault
create-busy = Making keys and invitations …

# Invitations
invitations-title = Invitations to { $name }
invitations-lead = The vault is made. Hand each invitation to exactly one person, by a way that nobody else reads.
invitations-once = They are shown this once.
invitations-secret = Whoever has an invitation can take its place. Conclave does not keep it: when you leave this page or lock, it is gone.
invitations-each = { $count ->
    [one] One invitation
   *[other] { $count } invitations
}
invitations-none = You are its only member: there is nobody to invite.
invitations-go-on = Go on to the set-up
invitations-leave-title = Have you handed out all invitations?
invitations-leave-text = They cannot be shown again. A place whose invitation is lost stays empty, and the vault has to be made anew.
invitations-leave-act = Leave the invitations
invitation-for = Invitation for { $title }
invitation-copy = Copy the invitation
invitation-once = This invitation is shown this once.

# Join
join-title = Join a vault
join-lead = Somebody gave you an invitation: a text that begins with conclave1, or its QR code.
join-invitation = Invitation
join-invitation-hint = Paste all of it. Line breaks do no harm.
join-picture = Read a picture of its QR code
join-picture-reading = Looking for the code in the picture …
join-picture-kept = The picture was not kept.
join-empty = Paste the invitation, or pick a picture of it.
join-not-an-invitation = This is not an invitation: it must begin with conclave1.
join-damaged = The invitation is not whole. Copy it again from beginning to end.
join-expired = This invitation has expired. Ask for a new one.
join-told = What you would join
join-role = You will be
join-until = Holds until
join-own-network = A relay of this vault is on the own network
join-own-network-text = It is reached in the clear and without Tor: whoever is on that network sees that you talk to it, and how much.
join-own-network-agree = I agree to that
join-told-rest = Its name, the others, and how many must sign come when you have joined. Nothing binds you before you ratify.
join-you = You
join-chain-hint = The server that you ask about coins and blocks; your own choice. Such as ssl://electrum.example:50002 or tcp://127.0.0.1:50001
join-replaces = This invitation replaces a lost installation.
join-replaces-text = You need the words of its key in this vault. Whoever reads them can sign: type them only where nobody looks on.
join-seed = The words of the lost installation’s key
join-seed-hint = In order, with spaces between. They are cleared from this page when you have joined.
join-seed-count = { $count ->
    [one] There are 12 to 24 words; this is 1.
   *[other] There are 12 to 24 words; these are { $count }.
}
join-kept = You have not joined. What you typed is still there.
join-act = Join the vault
join-busy = Making your key and joining …
