//! The tables, and how an older database becomes a newer one.
//!
//! A migration that was once released is never edited: a change of the tables is one more entry. What does not belong
//! here: reading and writing rows (see `rows` and `wallet`).

use rusqlite::{Connection, Transaction};

use super::{StoreError, app};

/// One step from a version to the next: the tables, and what cannot be said in SQL.
struct Migration {
    sql: &'static str,
    then: fn(&Transaction<'_>) -> Result<(), StoreError>,
}

/// Entry `i` leads from version `i` to version `i + 1`.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: VERSION_1, then: |_| Ok(()) },
    Migration { sql: VERSION_2, then: app::begin },
    Migration { sql: VERSION_3, then: |_| Ok(()) },
    Migration { sql: VERSION_4, then: |_| Ok(()) },
    Migration { sql: VERSION_5, then: |_| Ok(()) },
];

/// The version that this program writes.
pub(super) const KNOWN: u32 = MIGRATIONS.len() as u32;

const VERSION_1: &str = "
CREATE TABLE vault (
    vault       BLOB PRIMARY KEY NOT NULL CHECK (length(vault) = 32),
    created     BLOB NOT NULL CHECK (length(created) = 32),
    organiser   BLOB NOT NULL CHECK (length(organiser) = 32),
    identity    BLOB NOT NULL CHECK (length(identity) = 32),
    entropy     BLOB CHECK (length(entropy) IN (16, 20, 24, 28, 32)),
    relays      TEXT NOT NULL, -- a JSON array
    chain       TEXT NOT NULL,
    created_ms  INTEGER NOT NULL CHECK (created_ms >= 0)
) STRICT;

CREATE TABLE event (
    arrival     INTEGER PRIMARY KEY NOT NULL,
    vault       BLOB NOT NULL REFERENCES vault (vault),
    id          BLOB NOT NULL CHECK (length(id) = 32),
    author      BLOB NOT NULL CHECK (length(author) = 32),
    n           INTEGER NOT NULL CHECK (n >= 0),
    json        TEXT NOT NULL,
    received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
    UNIQUE (vault, id),
    UNIQUE (vault, author, n)
) STRICT;

CREATE TABLE refused (
    arrival     INTEGER PRIMARY KEY NOT NULL,
    vault       BLOB NOT NULL REFERENCES vault (vault),
    received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
    sender      BLOB CHECK (length(sender) = 32),
    reason      TEXT NOT NULL,
    bytes       BLOB NOT NULL
) STRICT;
CREATE INDEX refused_of_vault ON refused (vault, arrival);

CREATE TABLE heads (
    vault       BLOB NOT NULL REFERENCES vault (vault),
    member      BLOB NOT NULL CHECK (length(member) = 32),
    json        TEXT NOT NULL,
    received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
    PRIMARY KEY (vault, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet (
    vault             BLOB PRIMARY KEY NOT NULL REFERENCES vault (vault),
    descriptor        TEXT,
    change_descriptor TEXT,
    network           TEXT
) STRICT;

CREATE TABLE wallet_block (
    vault  BLOB NOT NULL REFERENCES vault (vault),
    height INTEGER NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (vault, height)
) STRICT, WITHOUT ROWID;

-- A transaction may be known by its times before its bytes are. Times are in seconds.
CREATE TABLE wallet_tx (
    vault        BLOB NOT NULL REFERENCES vault (vault),
    txid         BLOB NOT NULL CHECK (length(txid) = 32),
    raw          BLOB,
    first_seen   INTEGER,
    last_seen    INTEGER,
    last_evicted INTEGER,
    PRIMARY KEY (vault, txid)
) STRICT;

CREATE TABLE wallet_txout (
    vault  BLOB NOT NULL REFERENCES vault (vault),
    txid   BLOB NOT NULL CHECK (length(txid) = 32),
    vout   INTEGER NOT NULL,
    sat    INTEGER NOT NULL,
    script BLOB NOT NULL,
    PRIMARY KEY (vault, txid, vout)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_anchor (
    vault       BLOB NOT NULL REFERENCES vault (vault),
    txid        BLOB NOT NULL CHECK (length(txid) = 32),
    height      INTEGER NOT NULL,
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    confirmed_s INTEGER NOT NULL,
    PRIMARY KEY (vault, txid, height, hash, confirmed_s)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_revealed (
    vault      BLOB NOT NULL REFERENCES vault (vault),
    descriptor BLOB NOT NULL CHECK (length(descriptor) = 32),
    last       INTEGER NOT NULL,
    PRIMARY KEY (vault, descriptor)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_script (
    vault      BLOB NOT NULL REFERENCES vault (vault),
    descriptor BLOB NOT NULL CHECK (length(descriptor) = 32),
    place      INTEGER NOT NULL,
    script     BLOB NOT NULL,
    PRIMARY KEY (vault, descriptor, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_locked (
    vault BLOB NOT NULL REFERENCES vault (vault),
    txid  BLOB NOT NULL CHECK (length(txid) = 32),
    vout  INTEGER NOT NULL,
    PRIMARY KEY (vault, txid, vout)
) STRICT, WITHOUT ROWID;
";

// Two events of one author with one number prove two stories, so both are kept: the table is made anew, as SQLite cannot
// take a constraint away. The arrivals stay what they were.
const VERSION_2: &str = "
CREATE TABLE event_2 (
    arrival     INTEGER PRIMARY KEY NOT NULL,
    vault       BLOB NOT NULL REFERENCES vault (vault),
    id          BLOB NOT NULL CHECK (length(id) = 32),
    author      BLOB NOT NULL CHECK (length(author) = 32),
    n           INTEGER NOT NULL CHECK (n >= 0),
    json        TEXT NOT NULL,
    received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
    UNIQUE (vault, id)
) STRICT;
INSERT INTO event_2 (arrival, vault, id, author, n, json, received_ms)
    SELECT arrival, vault, id, author, n, json, received_ms FROM event ORDER BY arrival;
DROP TABLE event;
ALTER TABLE event_2 RENAME TO event;
CREATE INDEX event_of_author ON event (vault, author, n);
CREATE INDEX event_of_vault ON event (vault, arrival);

-- Valid events whose past is not here yet.
CREATE TABLE waiting (
    vault       BLOB NOT NULL REFERENCES vault (vault),
    id          BLOB NOT NULL CHECK (length(id) = 32),
    json        TEXT NOT NULL,
    received_ms INTEGER NOT NULL CHECK (received_ms >= 0),
    PRIMARY KEY (vault, id)
) STRICT;

CREATE TABLE snapshot (
    vault   BLOB PRIMARY KEY NOT NULL REFERENCES vault (vault),
    version INTEGER NOT NULL CHECK (version >= 0),
    arrival INTEGER NOT NULL CHECK (arrival >= 0), -- of the last event in it
    heads   BLOB NOT NULL CHECK (length(heads) = 32),
    bytes   BLOB NOT NULL
) STRICT;

ALTER TABLE vault ADD COLUMN heads_serial INTEGER NOT NULL DEFAULT 0 CHECK (heads_serial >= 0);
ALTER TABLE vault ADD COLUMN restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1));

-- One row. The stamp file holds `stamp`, or `next` where a renewal was cut short; `stamp_file` and `next_file` are what
-- the system says of that file.
CREATE TABLE installation (
    one        INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    identity   BLOB NOT NULL CHECK (length(identity) = 32),
    stamp      BLOB CHECK (length(stamp) = 32),
    stamp_file TEXT,
    next       BLOB CHECK (length(next) = 32),
    next_file  TEXT
) STRICT;

CREATE TABLE app_event (
    n    INTEGER PRIMARY KEY NOT NULL CHECK (n >= 0),
    id   BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    json TEXT NOT NULL,
    ms   INTEGER NOT NULL CHECK (ms >= 0)
) STRICT;
";

// What the first screen shows of a wallet, so that it need not wait for the wallet.
const VERSION_3: &str = "
CREATE TABLE wallet_view (
    vault BLOB PRIMARY KEY NOT NULL REFERENCES vault (vault),
    json  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

// A wallet may be of a vault or of a descriptor that is only watched: the tables of wallets are made anew, so that they hang
// on the wallet's own row, which every vault has from now on. Labels hang there too, and what is only watched.
const VERSION_4: &str = "
CREATE TABLE wallet_4 (
    vault             BLOB PRIMARY KEY NOT NULL CHECK (length(vault) = 32),
    descriptor        TEXT,
    change_descriptor TEXT,
    network           TEXT
) STRICT;
INSERT INTO wallet_4 SELECT vault, descriptor, change_descriptor, network FROM wallet;
INSERT OR IGNORE INTO wallet_4 (vault) SELECT vault FROM vault;
DROP TABLE wallet;
ALTER TABLE wallet_4 RENAME TO wallet;

CREATE TABLE wallet_block_4 (
    vault  BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    height INTEGER NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (vault, height)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_block_4 SELECT * FROM wallet_block;
DROP TABLE wallet_block;
ALTER TABLE wallet_block_4 RENAME TO wallet_block;

CREATE TABLE wallet_tx_4 (
    vault        BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    txid         BLOB NOT NULL CHECK (length(txid) = 32),
    raw          BLOB,
    first_seen   INTEGER,
    last_seen    INTEGER,
    last_evicted INTEGER,
    PRIMARY KEY (vault, txid)
) STRICT;
INSERT INTO wallet_tx_4 SELECT * FROM wallet_tx;
DROP TABLE wallet_tx;
ALTER TABLE wallet_tx_4 RENAME TO wallet_tx;

CREATE TABLE wallet_txout_4 (
    vault  BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    txid   BLOB NOT NULL CHECK (length(txid) = 32),
    vout   INTEGER NOT NULL,
    sat    INTEGER NOT NULL,
    script BLOB NOT NULL,
    PRIMARY KEY (vault, txid, vout)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_txout_4 SELECT * FROM wallet_txout;
DROP TABLE wallet_txout;
ALTER TABLE wallet_txout_4 RENAME TO wallet_txout;

CREATE TABLE wallet_anchor_4 (
    vault       BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    txid        BLOB NOT NULL CHECK (length(txid) = 32),
    height      INTEGER NOT NULL,
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    confirmed_s INTEGER NOT NULL,
    PRIMARY KEY (vault, txid, height, hash, confirmed_s)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_anchor_4 SELECT * FROM wallet_anchor;
DROP TABLE wallet_anchor;
ALTER TABLE wallet_anchor_4 RENAME TO wallet_anchor;

CREATE TABLE wallet_revealed_4 (
    vault      BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    descriptor BLOB NOT NULL CHECK (length(descriptor) = 32),
    last       INTEGER NOT NULL,
    PRIMARY KEY (vault, descriptor)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_revealed_4 SELECT * FROM wallet_revealed;
DROP TABLE wallet_revealed;
ALTER TABLE wallet_revealed_4 RENAME TO wallet_revealed;

CREATE TABLE wallet_script_4 (
    vault      BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    descriptor BLOB NOT NULL CHECK (length(descriptor) = 32),
    place      INTEGER NOT NULL,
    script     BLOB NOT NULL,
    PRIMARY KEY (vault, descriptor, place)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_script_4 SELECT * FROM wallet_script;
DROP TABLE wallet_script;
ALTER TABLE wallet_script_4 RENAME TO wallet_script;

CREATE TABLE wallet_locked_4 (
    vault BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    txid  BLOB NOT NULL CHECK (length(txid) = 32),
    vout  INTEGER NOT NULL,
    PRIMARY KEY (vault, txid, vout)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_locked_4 SELECT * FROM wallet_locked;
DROP TABLE wallet_locked;
ALTER TABLE wallet_locked_4 RENAME TO wallet_locked;

CREATE TABLE wallet_view_4 (
    vault BLOB PRIMARY KEY NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    json  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_view_4 SELECT * FROM wallet_view;
DROP TABLE wallet_view;
ALTER TABLE wallet_view_4 RENAME TO wallet_view;

-- Labels (BIP329), kept in this installation alone.
CREATE TABLE label (
    vault     BLOB NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('tx', 'addr', 'pubkey', 'input', 'output', 'xpub')),
    about     TEXT NOT NULL,
    label     TEXT,
    origin    TEXT,
    spendable INTEGER CHECK (spendable IN (0, 1)),
    PRIMARY KEY (vault, kind, about)
) STRICT, WITHOUT ROWID;

CREATE TABLE watched (
    vault      BLOB PRIMARY KEY NOT NULL REFERENCES wallet (vault) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    descriptor TEXT NOT NULL,
    chain      TEXT NOT NULL,
    created_ms INTEGER NOT NULL CHECK (created_ms >= 0)
) STRICT;

-- The fixed name of the reason.
ALTER TABLE refused ADD COLUMN code TEXT NOT NULL DEFAULT '';
";

// The key of the relay that this member hosts for a vault behind an onion address, and whether it is served.
const VERSION_5: &str = "
CREATE TABLE own_relay (
    vault  BLOB PRIMARY KEY NOT NULL REFERENCES vault (vault),
    seed   BLOB NOT NULL CHECK (length(seed) = 32),
    served INTEGER NOT NULL CHECK (served IN (0, 1))
) STRICT, WITHOUT ROWID;
";

/// The version of the tables in a database, 0 for one that has none.
pub(super) fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the tables to [`KNOWN`], each step whole or not at all. A newer database is refused: writing to it could
/// destroy what a newer program keeps there.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    if found > KNOWN {
        return Err(StoreError::Newer { found, known: KNOWN });
    }
    for (version, migration) in (1..=KNOWN).zip(MIGRATIONS).filter(|&(version, _)| version > found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
