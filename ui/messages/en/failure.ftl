# What happened, what was kept, what to do: one message for each failure that the backend names.

# Vaults and the installation
failure-unknown-vault = This installation has no such vault. Go back to the list of vaults.
failure-unopened = The vault cannot be opened. Nothing of it was changed, and the other vaults are not touched. Keep the data folder and put back a backup.
failure-already-member = You are a member of this vault already. Nothing was changed.
failure-blocked = A rule of the vault does not allow it now. Nothing was done.
failure-reads-only = This installation was put back from an older copy, so it only reads until enough other members have told what it said last. Nothing is lost: wait until they are online.
failure-no-configuration = There are no words to compare yet: not every member has joined.
failure-no-key = This installation holds no key of the vault, so it cannot do this.
failure-stored-event = An event in the database cannot be read. Nothing was changed. Keep the data folder and put back a backup.
failure-stored-identity = The identity in the database cannot be used. Nothing was changed. Keep the data folder and put back a backup.
failure-own-chain = It could not be put on the installation’s own record, so it was not done. Try again.
failure-rules-old = The vault is being set up by old rules, which ask nobody to prove their key. Nothing was ratified. The organiser must update the program and make a new vault.
failure-randomness = This computer gives no randomness, so nothing was made. Restart it and try again.
failure-own-event = What was to be written would contradict your own record, so it was not written. This is a defect: please report it.
failure-stopped = The installation has stopped. What was committed is whole. Open it again.

# Opening, locking, passphrase
failure-fresh = There is no installation yet. Make one, or put back a backup.
failure-not-fresh = There is an installation here already. It was left as it is.
failure-locked = Conclave is locked. Open it by its passphrase.
failure-not-locked = Conclave is open already.
failure-locked-meanwhile = Conclave was locked before the answer came. Open it and look whether it was done.
failure-wrong-passphrase = The passphrase is wrong. Nothing was opened or changed. Try again.
failure-passphrase-weak = The passphrase could be guessed. Choose a longer one, of several words that have nothing in common.
failure-passphrase-empty = The passphrase is empty. Type one.
failure-passphrase-long = The passphrase is too long. Choose a shorter one.
failure-words-apart = The words of a key are only shown to who types the passphrase again.
failure-in-use = Another program has this installation open. Close it, then try again.
failure-not-there = There is no installation in the data folder. Nothing was made.
failure-already-there = There is an installation in the folder already. It was left as it is.
failure-key-file = The key file conclave.key cannot be used. Put back a copy of it, or a backup.
failure-in-memory = This installation lives in memory alone: it has no passphrase and no backup.

# Disk and database
failure-database-newer = A newer program wrote the database. Nothing was changed. Update this program.
failure-database-damaged = The database is damaged. Nothing was changed. Keep the data folder and put back a backup.
failure-database-disk = The database could not be read or written. What was there before is whole. Check the disk, then open it again.
failure-no-cipher = This build cannot encrypt, so nothing was written. Install a proper build.
failure-disk-full = The disk is full. Nothing of this step was kept, what was there before is whole. Free some space and try again.
failure-not-writable = The folder or file cannot be written. Nothing was changed. Give this account leave to write there.
failure-file = A file could not be read or written. What was there before is whole. Check the disk, then try again.
failure-vault-exists = This vault is here already. Nothing was changed.
failure-other-vault = Records of two vaults came together, so nothing was written. This is a defect: please report it.
failure-wallet-fixed = The wallet of the vault cannot be changed so, and was not. This is a defect: please report it.
failure-out-of-range = A number is larger than the database can keep. Nothing was written.
failure-app-event-order = The installation’s own record did not fit together, so nothing was written. This is a defect: please report it.

# Files, backups, clipboard, pictures
failure-not-a-backup = This file is not a backup of Conclave, or it was cut. Nothing was changed. Choose another file.
failure-backup-large = The backup would be larger than can be put back, so it was not kept. Close the program and copy its data folder.
failure-exports-missing = The folder for exports is not there. Nothing was written. Choose a folder that exists in the settings, by its whole path.
failure-file-unwritable = The file could not be written, and nothing of it was kept. Check the disk, or choose another folder in the settings.
failure-file-malformed = The file did not arrive whole. Nothing was changed. Choose it once more.
failure-text-long = This is larger than is taken. Nothing was changed.
failure-copy-long = The text is too long to be copied. Save it as a file instead.
failure-clipboard-unreachable = The clipboard cannot be reached. Nothing was copied. Try again, or type it.
failure-qr-none = There is no QR code in the picture that can be read. Take it again, straight and sharp.
failure-qr-several = There are several QR codes in the picture. Cut out the one that is meant.
failure-image-unreadable = The picture cannot be read. PNG and JPEG are read, up to 20 MB and 50 megapixels.
failure-auto-lock-long = That is longer than a day. Choose at most 1440 minutes, or 0 for never. Nothing was changed.
failure-bridges = These bridges cannot be used. Nothing was changed. Paste whole lines, one bridge on each.
failure-request-malformed = The window asked something that this program does not know. Nothing was done. Start the program again.
failure-broken = A part of the program failed. What is on the disk is whole. Close the program and open it again.

# Coins and payments
failure-funds = There is not enough to pay this with its fee. Nothing was proposed.
failure-coin-unknown = This is not a coin of the vault that can be spent. Look at the list of coins.
failure-coin-frozen = The coin is frozen here. Unfreeze it first, or choose another.
failure-coin-not-frozen = The coin is not frozen here. Nothing was changed.
failure-coin-not-free = The coin is not free: another payment holds it, or it has not lain long enough for a recovery.
failure-coin-unconfirmed = The coin is in no block yet. Wait for one, or speed up its transaction.
failure-too-many-coins = The payment would spend more coins than one transaction can. Choose fewer, and make several payments.
failure-dust = What is left after the fee is too little to be sent. Nothing was proposed.
failure-nothing-to-spend = This transaction pays the vault no free coin, so there is nothing to speed it up with.
failure-not-unconfirmed = The transaction does not wait for a block, as far as the chain source shows. There is nothing to speed up.
failure-fee-unknown = The chain source has not shown yet what this transaction pays. Try again in a moment.
failure-fee-rate-reached = The transaction pays that fee rate already.
failure-payment-unbuilt = The payment could not be built. Nothing was proposed. Look at the amounts and the fee.
failure-wallet-unopened = The wallet of the vault cannot be opened. Nothing was changed. Keep the data folder and put back a backup.
failure-wallet-update = What the chain source says does not fit what is known. Nothing was taken. Choose another chain source.
failure-unknown-proposal = There is no such payment in this vault. Go back to its payments.
failure-signature-invalid = A signature is not valid for this payment, so it was not kept. Nothing else was changed.
failure-payment-inconsistent = The payment does not hold together. Nothing was put on record.
failure-replacement-not-possible = The payment cannot take the place of the other one. Nothing was put on record. Raise the fee.
failure-nothing-to-replace = The payment is in a block, or one of its coins is spent. There is nothing to replace.
failure-expiry-wrong = A payment can wait for a minute up to 30 days. Choose another time.
failure-not-yours = Only who proposed it can take it back. You can refuse it.
failure-address-wrong = This is not an address of the vault’s network. Check it with who gave it to you.
failure-no-more-addresses = The vault has no more addresses.
failure-guard-unable = The payment cannot be judged, so nothing was signed or approved.
failure-psbt-malformed = This is not a PSBT that can be read. Nothing was taken.
failure-psbt-not-satisfied = The signatures do not suffice yet. Nothing was sent; what is there is kept.

# Keys and signing
failure-not-our-key = This key is not one of the vault’s keys. Nothing was signed.
failure-seed-words-wrong = These are not the words of a key. They are 12 to 24 words of the English list, in order. Look for a mistyped one.
failure-key-unreadable = The stored key cannot be read. Nothing was signed. Put back a backup.
failure-key-refused = A key is not taken. Nothing was put on record.
failure-key-unproven = A key is not proven. Nothing was put on record. Wait until every member’s program has been online.

# Setting up and changing a vault
failure-words-differ = The words differ from your own. Nothing was ratified. Do not go on before all have compared them by voice: somebody may hold other keys.
failure-place-doubled = One invitation was used by several. Nothing was ratified. Clear up by voice who they are.
failure-own-entry-differs = The configuration names another key, name or role for you than you joined with. Nothing was ratified. Do not ratify it.
failure-unknown-successor = This change was not proposed, or does not follow the present configuration. Nothing was put on record.
failure-vote-given = Your vote is given to another change. Take it back first.
failure-vote-taken-back = You took your vote for this change back. Propose it again.
failure-no-vote = You have no vote for this change to take back.
failure-vote-final = The change is accepted. A vote for it cannot be taken back any more.
failure-no-change = The proposal would change nothing. Nothing was put on record.
failure-not-a-member = Somebody who is named is not a member of this vault, or is named twice.
failure-not-a-candidate = Somebody who is to become a member has not joined by an invitation for that. Send one first.
failure-place-role = An active vault takes auditors and approvers, or a keyholder in the place of one whose installation is lost.
failure-reason-too-long = The reason is too long, or has characters that cannot be shown. Shorten it.
failure-not-frozen = No freeze stands in this vault.
failure-unknown-freeze = There is no such freeze in this vault.
failure-not-listed = The address is not on that list. Nothing was changed.
failure-change-not-possible = The vault cannot be changed so. Nothing was put on record.
failure-configuration-not-possible = A vault cannot be set up so. Nothing was put on record.
failure-not-an-invitation = This is not an invitation of Conclave. Nothing was joined.
failure-invitation-damaged = The invitation was not copied whole. Copy it again, or ask for it again.
failure-invitation-malformed = The invitation cannot be read. Ask for another one.
failure-invitation-expired = The invitation has expired. Ask the organiser for a new one.

# Network
failure-address-malformed = The address of a relay or chain source is not of the right form. A relay is ws://NAME.onion, wss://HOST or ws://127.0.0.1:PORT; a chain source tcp://NAME.onion:PORT, ssl://HOST:PORT or tcp://127.0.0.1:PORT.
failure-not-loopback = The address leads to another machine, where only this one (127.0.0.1) is meant.
failure-address-plain = This address would be reached in the clear, by anybody on the way. Use wss:// for a relay, ssl:// for a chain source, or an .onion address. Nothing was done.
failure-address-onion = The onion address is mistyped or not whole. Nothing was done. Copy it again.
failure-chain-unreachable = The chain source cannot be reached. What is shown is what was last known. Try again later.
failure-chain-refused = The network refuses the transaction. Its signatures are kept.
failure-chain-declined = The chain source could not answer. Try again later.
failure-chain-malformed = The chain source answered what cannot be right, and nothing of it was taken. Choose another one.
failure-event-too-large = What was to be written is too large for one event. Nothing was put on record. Shorten it.
failure-event-malformed = An event is not of the right form, so it was not taken.
failure-event-forged = An event is not signed by who it names, so it was not taken.
failure-event-kind = An event is of another kind than belongs here, so it was not taken.
failure-event-tag = An event lacks something that belongs to it, so it was not taken.
failure-event-time = The times in an event contradict each other, so it was not taken.

# Fields
failure-field-address = The address is not right. Nothing was done. Check it.
failure-field-after = The list has changed. Look at it from its start.
failure-field-amount = The amount is not right. Nothing was done. Check it.
failure-field-before = The list has changed. Look at it from its start.
failure-field-by = There is no such member in the record.
failure-field-coin = The coin is not named as TXID:VOUT.
failure-field-expires-seconds = A payment can wait for at most 30 days. Choose another time.
failure-field-fee-rate = The fee rate must be 1 to 10000 sat/vB. Nothing was done.
failure-field-invitation = The invitation does not fit what was asked. Nothing was joined.
failure-field-keyholders = This number of keys and signatures cannot be. Nothing was made.
failure-field-kind = There is no such kind of event.
failure-field-limit = That many cannot be shown at once.
failure-field-own-network = The invitation names a relay on the own network, which is reached in the clear and without Tor. Nothing was joined. Agree to that first.
failure-field-parent = Name a payment of this vault, or a transaction by its id.
failure-field-place = There is no such place in this vault. Choose another one.
failure-field-recipients = A payment has 1 to 100 recipients. Nothing was proposed.
failure-field-recovery = This vault has no recovery: its coins are spent by its threshold alone. Nothing was proposed.
failure-field-request = This program cannot do that yet. Nothing was done.
failure-field-seed-words = The words of the lost key are needed exactly where the invitation replaces a keyholder. Nothing was joined.

# Watched descriptors and labels
failure-already-watched = This descriptor is watched already. Nothing was changed.
failure-not-watched = This is a vault and no watched descriptor. It stays.
failure-too-many-watched = No more descriptors can be watched. Forget one first.
failure-descriptor-network = The descriptor is of another network. Nothing was taken.
failure-stored-descriptor = The stored descriptor is not the one that was watched. Keep the data folder and put back a backup.
failure-descriptor-malformed = This is not a descriptor that can be read. Nothing was taken.
failure-checksum-wrong = The descriptor was changed or mistyped: its checksum is wrong. Nothing was taken.
failure-not-supported = Its form is known, but not supported. Nothing was taken.
failure-private-key-inside = There is a private key in the descriptor. Nothing was taken. Use the descriptor with public keys.
failure-key-duplicated = One key stands in it twice. Nothing was taken.
failure-oversize = It is too large. Nothing was taken.
failure-file-too-large = The file is too large. Nothing was taken. Cut it into parts.
failure-file-too-long = The file has too many lines. Nothing was taken. Cut it into parts.
failure-too-many-labels = There would be too many labels. Nothing was taken.
failure-label-too-long = A label has at most 255 characters. Nothing was changed.
failure-label-odd = A label cannot have characters that do not show. Nothing was changed.
failure-field-label = The label is about nothing that this vault has. Nothing was changed.
failure-field-points = That many points cannot be shown at once.

# Files with signatures
failure-outputs-changed = The file is of another transaction. Nothing was taken.
failure-sighash-unexpected = A signature would not cover the whole transaction. Nothing was taken.
failure-finals-prefilled = The file is final already. Nothing was taken. Export it from the other program before it is made final.
failure-psbt-unsigned = There is no signature in the file. Nothing was taken.
failure-replacement-unrelated = The payment spends no coin of the one that it should replace. Nothing was put on record.
failure-replacement-unpaid = The payment does not pay enough more to take the place of the other one. Nothing was put on record. Raise the fee.
