//! The bdk wallet of a vault as rows: a change set goes in, and all change sets merged come out.
//!
//! Every table has a column for the vault, so that one database serves many wallets. Written by bdk's rules for merging:
//! times first seen only fall, times last seen and evicted and revealed indices only rise, a block without a hash is
//! deleted, an outpoint that is no longer locked too. What does not belong here: any judgement on coins.

use std::str::FromStr;
use std::sync::Arc;

use bdk_wallet::ChangeSet;
use bdk_wallet::chain::{BlockId, ConfirmationBlockTime, DescriptorId, Merge, keychain_txout, local_chain, tx_graph};
use bdk_wallet::locked_outpoints;
use bitcoin::hashes::Hash;
use bitcoin::{Amount, BlockHash, OutPoint, ScriptBuf, TxOut, Txid, consensus};
use conclave_shared::VaultId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::StoreError;
use super::rows::{collect, count, damaged, fixed, number, text};

/// Whether there is a wallet: of every vault and every watched descriptor, though nothing is known of its coins yet.
pub(super) fn exists(connection: &Connection, vault: VaultId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM wallet WHERE vault = ?1")?.exists([vault.0])?)
}

/// The row on which all that is known of a wallet hangs.
pub(super) fn begin(transaction: &Transaction<'_>, vault: VaultId) -> Result<(), StoreError> {
    transaction.prepare_cached("INSERT INTO wallet (vault) VALUES (?1)")?.execute([vault.0])?;
    Ok(())
}

/// Adds a change set to the wallet of a vault.
///
/// Descriptors and network are written once: others in their place are [`StoreError::WalletFixed`], as a wallet that
/// changed its descriptor would look for its coins in the wrong place.
pub(super) fn write(transaction: &Transaction<'_>, vault: VaultId, changes: &ChangeSet) -> Result<(), StoreError> {
    write_fixed(transaction, vault, changes)?;
    write_chain(transaction, vault, &changes.local_chain)?;
    write_graph(transaction, vault, &changes.tx_graph)?;
    write_indexer(transaction, vault, &changes.indexer)?;
    write_locked(transaction, vault, &changes.locked_outpoints)
}

/// All change sets of a vault's wallet, merged. Empty for a vault that has no wallet.
pub(super) fn read(connection: &Connection, vault: VaultId) -> Result<ChangeSet, StoreError> {
    let fixed = read_fixed(connection, vault)?;
    Ok(ChangeSet {
        descriptor: fixed.descriptor.map(|text| parse(&text, "the wallet's descriptor")).transpose()?,
        change_descriptor: fixed.change_descriptor.map(|text| parse(&text, "the change descriptor")).transpose()?,
        network: fixed.network.map(|text| parse(&text, "the wallet's network")).transpose()?,
        local_chain: read_chain(connection, vault)?,
        tx_graph: read_graph(connection, vault)?,
        indexer: read_indexer(connection, vault)?,
        locked_outpoints: read_locked(connection, vault)?,
    })
}

/// What never changes in a wallet, as text.
#[derive(Default)]
struct Fixed {
    descriptor: Option<String>,
    change_descriptor: Option<String>,
    network: Option<String>,
}

fn read_fixed(connection: &Connection, vault: VaultId) -> Result<Fixed, StoreError> {
    let fixed = connection
        .prepare_cached("SELECT descriptor, change_descriptor, network FROM wallet WHERE vault = ?1")?
        .query_row([vault.0], |row| {
            Ok(Fixed { descriptor: row.get(0)?, change_descriptor: row.get(1)?, network: row.get(2)? })
        })
        .optional()?;
    Ok(fixed.unwrap_or_default())
}

fn write_fixed(transaction: &Transaction<'_>, vault: VaultId, changes: &ChangeSet) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let kept = read_fixed(transaction, vault)?;
    let once = |kept: Option<String>, new: Option<String>, what| match (kept, new) {
        (Some(kept), Some(new)) if kept != new => Err(StoreError::WalletFixed { vault, what }),
        (kept, new) => Ok(kept.or(new)),
    };
    let written = |descriptor: &Option<_>| descriptor.as_ref().map(ToString::to_string);
    transaction
        .prepare_cached(
            "INSERT INTO wallet (vault, descriptor, change_descriptor, network) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (vault) DO UPDATE SET descriptor = excluded.descriptor,
                 change_descriptor = excluded.change_descriptor, network = excluded.network",
        )?
        .execute(params![
            vault.0,
            once(kept.descriptor, written(&changes.descriptor), "descriptor")?,
            once(kept.change_descriptor, written(&changes.change_descriptor), "change descriptor")?,
            once(kept.network, changes.network.map(|network| network.to_string()), "network")?,
        ])?;
    Ok(())
}

fn write_chain(
    transaction: &Transaction<'_>,
    vault: VaultId,
    chain: &local_chain::ChangeSet,
) -> Result<(), StoreError> {
    let mut keep =
        transaction.prepare_cached("INSERT OR REPLACE INTO wallet_block (vault, height, hash) VALUES (?1, ?2, ?3)")?;
    let mut delete = transaction.prepare_cached("DELETE FROM wallet_block WHERE vault = ?1 AND height = ?2")?;
    for (height, hash) in &chain.blocks {
        match hash {
            Some(hash) => keep.execute(params![vault.0, height, hash.to_byte_array()])?,
            None => delete.execute(params![vault.0, height])?,
        };
    }
    Ok(())
}

fn read_chain(connection: &Connection, vault: VaultId) -> Result<local_chain::ChangeSet, StoreError> {
    let mut statement = connection.prepare_cached("SELECT height, hash FROM wallet_block WHERE vault = ?1")?;
    let blocks = collect(statement.query([vault.0])?, |row| Ok((row.get(0)?, Some(block_hash(row, 1)?))))?;
    Ok(local_chain::ChangeSet { blocks: blocks.into_iter().collect() })
}

fn write_graph(
    transaction: &Transaction<'_>,
    vault: VaultId,
    graph: &tx_graph::ChangeSet<ConfirmationBlockTime>,
) -> Result<(), StoreError> {
    let mut keep = transaction.prepare_cached(
        "INSERT INTO wallet_tx (vault, txid, raw) VALUES (?1, ?2, ?3)
         ON CONFLICT (vault, txid) DO UPDATE SET raw = excluded.raw",
    )?;
    for tx in &graph.txs {
        keep.execute(params![vault.0, tx.compute_txid().to_byte_array(), consensus::serialize(tx.as_ref())])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT INTO wallet_tx (vault, txid, first_seen) VALUES (?1, ?2, ?3) ON CONFLICT (vault, txid)
         DO UPDATE SET first_seen = min(coalesce(first_seen, excluded.first_seen), excluded.first_seen)",
    )?;
    for (txid, &seen) in &graph.first_seen {
        keep.execute(params![vault.0, txid.to_byte_array(), number(seen, "first_seen")?])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT INTO wallet_tx (vault, txid, last_seen) VALUES (?1, ?2, ?3) ON CONFLICT (vault, txid)
         DO UPDATE SET last_seen = max(coalesce(last_seen, excluded.last_seen), excluded.last_seen)",
    )?;
    for (txid, &seen) in &graph.last_seen {
        keep.execute(params![vault.0, txid.to_byte_array(), number(seen, "last_seen")?])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT INTO wallet_tx (vault, txid, last_evicted) VALUES (?1, ?2, ?3) ON CONFLICT (vault, txid)
         DO UPDATE SET last_evicted = max(coalesce(last_evicted, excluded.last_evicted), excluded.last_evicted)",
    )?;
    for (txid, &evicted) in &graph.last_evicted {
        keep.execute(params![vault.0, txid.to_byte_array(), number(evicted, "last_evicted")?])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT OR REPLACE INTO wallet_txout (vault, txid, vout, sat, script) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (outpoint, txout) in &graph.txouts {
        keep.execute(params![
            vault.0,
            outpoint.txid.to_byte_array(),
            outpoint.vout,
            number(txout.value.to_sat(), "an amount in sat")?,
            txout.script_pubkey.as_bytes(),
        ])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT OR IGNORE INTO wallet_anchor (vault, txid, height, hash, confirmed_s) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (anchor, txid) in &graph.anchors {
        keep.execute(params![
            vault.0,
            txid.to_byte_array(),
            anchor.block_id.height,
            anchor.block_id.hash.to_byte_array(),
            number(anchor.confirmation_time, "a confirmation time")?,
        ])?;
    }
    Ok(())
}

fn read_graph(
    connection: &Connection,
    vault: VaultId,
) -> Result<tx_graph::ChangeSet<ConfirmationBlockTime>, StoreError> {
    let mut graph = tx_graph::ChangeSet::default();

    let mut statement = connection
        .prepare_cached("SELECT txid, raw, first_seen, last_seen, last_evicted FROM wallet_tx WHERE vault = ?1")?;
    let mut rows = statement.query([vault.0])?;
    while let Some(row) = rows.next()? {
        let txid = txid(row, 0)?;
        if let Some(raw) = row.get_ref(1)?.as_blob_or_null().map_err(|_| damaged("a transaction"))? {
            let tx: bitcoin::Transaction = consensus::deserialize(raw).map_err(|_| damaged("a transaction"))?;
            if tx.compute_txid() != txid {
                return Err(damaged("a transaction"));
            }
            graph.txs.insert(Arc::new(tx));
        }
        graph.first_seen.extend(time(row, 2)?.map(|seen| (txid, seen)));
        graph.last_seen.extend(time(row, 3)?.map(|seen| (txid, seen)));
        graph.last_evicted.extend(time(row, 4)?.map(|evicted| (txid, evicted)));
    }

    let mut statement =
        connection.prepare_cached("SELECT txid, vout, sat, script FROM wallet_txout WHERE vault = ?1")?;
    graph.txouts.extend(collect(statement.query([vault.0])?, |row| {
        let value = Amount::from_sat(count(row, 2, "an amount")?);
        Ok((OutPoint::new(txid(row, 0)?, row.get(1)?), TxOut { value, script_pubkey: script(row, 3)? }))
    })?);

    let mut statement =
        connection.prepare_cached("SELECT txid, height, hash, confirmed_s FROM wallet_anchor WHERE vault = ?1")?;
    graph.anchors.extend(collect(statement.query([vault.0])?, |row| {
        let block_id = BlockId { height: row.get(1)?, hash: block_hash(row, 2)? };
        let confirmation_time = count(row, 3, "a confirmation time")?;
        Ok((ConfirmationBlockTime { block_id, confirmation_time }, txid(row, 0)?))
    })?);
    Ok(graph)
}

fn write_indexer(
    transaction: &Transaction<'_>,
    vault: VaultId,
    indexer: &keychain_txout::ChangeSet,
) -> Result<(), StoreError> {
    let mut keep = transaction.prepare_cached(
        "INSERT INTO wallet_revealed (vault, descriptor, last) VALUES (?1, ?2, ?3)
         ON CONFLICT (vault, descriptor) DO UPDATE SET last = max(last, excluded.last)",
    )?;
    for (descriptor, last) in &indexer.last_revealed {
        keep.execute(params![vault.0, descriptor.0.to_byte_array(), last])?;
    }

    let mut keep = transaction.prepare_cached(
        "INSERT OR REPLACE INTO wallet_script (vault, descriptor, place, script) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (descriptor, scripts) in &indexer.spk_cache {
        for (place, script) in scripts {
            keep.execute(params![vault.0, descriptor.0.to_byte_array(), place, script.as_bytes()])?;
        }
    }
    Ok(())
}

fn read_indexer(connection: &Connection, vault: VaultId) -> Result<keychain_txout::ChangeSet, StoreError> {
    let mut indexer = keychain_txout::ChangeSet::default();

    let mut statement = connection.prepare_cached("SELECT descriptor, last FROM wallet_revealed WHERE vault = ?1")?;
    indexer
        .last_revealed
        .extend(collect(statement.query([vault.0])?, |row| Ok((descriptor_id(row, 0)?, row.get(1)?)))?);

    let mut statement =
        connection.prepare_cached("SELECT descriptor, place, script FROM wallet_script WHERE vault = ?1")?;
    let scripts =
        collect(statement.query([vault.0])?, |row| Ok((descriptor_id(row, 0)?, row.get(1)?, script(row, 2)?)))?;
    for (descriptor, place, script) in scripts {
        indexer.spk_cache.entry(descriptor).or_default().insert(place, script);
    }
    Ok(indexer)
}

fn write_locked(
    transaction: &Transaction<'_>,
    vault: VaultId,
    locked: &locked_outpoints::ChangeSet,
) -> Result<(), StoreError> {
    let mut keep =
        transaction.prepare_cached("INSERT OR IGNORE INTO wallet_locked (vault, txid, vout) VALUES (?1, ?2, ?3)")?;
    let mut delete =
        transaction.prepare_cached("DELETE FROM wallet_locked WHERE vault = ?1 AND txid = ?2 AND vout = ?3")?;
    for (outpoint, &is_locked) in &locked.outpoints {
        let statement = if is_locked { &mut keep } else { &mut delete };
        statement.execute(params![vault.0, outpoint.txid.to_byte_array(), outpoint.vout])?;
    }
    Ok(())
}

fn read_locked(connection: &Connection, vault: VaultId) -> Result<locked_outpoints::ChangeSet, StoreError> {
    let mut statement = connection.prepare_cached("SELECT txid, vout FROM wallet_locked WHERE vault = ?1")?;
    let outpoints = collect(statement.query([vault.0])?, |row| Ok((OutPoint::new(txid(row, 0)?, row.get(1)?), true)))?;
    Ok(locked_outpoints::ChangeSet { outpoints: outpoints.into_iter().collect() })
}

/// Keeps what the first screen shows of a wallet, in the place of what it showed before.
pub(super) fn write_view(transaction: &Transaction<'_>, vault: VaultId, json: &str) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO wallet_view (vault, json) VALUES (?1, ?2)")?
        .execute(params![vault.0, json])?;
    Ok(())
}

pub(super) fn read_view(connection: &Connection, vault: VaultId) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT json FROM wallet_view WHERE vault = ?1")?;
    let mut rows = statement.query([vault.0])?;
    rows.next()?.map(|row| Ok(text(row, 0)?.to_owned())).transpose()
}

fn parse<T: FromStr>(text: &str, what: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| damaged(what))
}

fn txid(row: &Row<'_>, column: usize) -> Result<Txid, StoreError> {
    Ok(Txid::from_byte_array(fixed(row, column, "a transaction id")?))
}

fn block_hash(row: &Row<'_>, column: usize) -> Result<BlockHash, StoreError> {
    Ok(BlockHash::from_byte_array(fixed(row, column, "a block hash")?))
}

fn descriptor_id(row: &Row<'_>, column: usize) -> Result<DescriptorId, StoreError> {
    Ok(DescriptorId(Hash::from_byte_array(fixed(row, column, "a descriptor id")?)))
}

fn script(row: &Row<'_>, column: usize) -> Result<ScriptBuf, StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|_| damaged("a script"))?;
    Ok(ScriptBuf::from_bytes(bytes.to_vec()))
}

/// A time in seconds, where there is one.
fn time(row: &Row<'_>, column: usize) -> Result<Option<u64>, StoreError> {
    row.get::<_, Option<i64>>(column)?.map(|time| time.try_into().map_err(|_| damaged("a time"))).transpose()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::rc::Rc;

    use bdk_wallet::{WalletPersister, persist_test_utils};
    use bitcoin::transaction::Version;
    use bitcoin::{Network, TxIn, absolute};
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;

    use super::*;
    use crate::store::key::tests::passphrase;
    use crate::store::tests::record;
    use crate::store::{Batch, Store};

    /// A wallet of one vault, as bdk's own checks want it.
    struct Kept {
        store: Rc<RefCell<Store>>,
        vault: VaultId,
    }

    impl Kept {
        fn new(store: &Rc<RefCell<Store>>, vault: u8) -> Self {
            let record = record(vault);
            let vault = record.vault;
            let batch = Batch { new_vault: Some(record), ..Batch::default() };
            store.borrow_mut().commit(vault, &batch).unwrap();
            Self { store: Rc::clone(store), vault }
        }
    }

    impl WalletPersister for Kept {
        type Error = StoreError;

        fn initialize(kept: &mut Self) -> Result<ChangeSet, StoreError> {
            Ok(kept.store.borrow().wallet(kept.vault)?.unwrap_or_default())
        }

        fn persist(kept: &mut Self, changes: &ChangeSet) -> Result<(), StoreError> {
            kept.store.borrow_mut().commit(kept.vault, &Batch { wallet: Some(changes.clone()), ..Batch::default() })
        }
    }

    fn store_at(path: &Path) -> Rc<RefCell<Store>> {
        Rc::new(RefCell::new(Store::create(path, &passphrase("bdk")).unwrap()))
    }

    #[test]
    fn bdk_check_changesets() {
        persist_test_utils::persist_wallet_changeset("one", |path| Ok(Kept::new(&store_at(path), 1)));
    }

    #[test]
    fn bdk_check_two_wallets_in_one_file() {
        persist_test_utils::persist_multiple_wallet_changesets("two", |path| {
            let store = store_at(path);
            Ok((Kept::new(&store, 1), Kept::new(&store, 2)))
        });
    }

    #[test]
    fn bdk_check_network() {
        persist_test_utils::persist_network("network", |path| Ok(Kept::new(&store_at(path), 1)));
    }

    #[test]
    fn bdk_check_keychains() {
        persist_test_utils::persist_keychains("keychains", |path| Ok(Kept::new(&store_at(path), 1)));
    }

    #[test]
    fn bdk_check_single_keychain() {
        persist_test_utils::persist_single_keychain("single", |path| Ok(Kept::new(&store_at(path), 1)));
    }

    const DESCRIPTORS: [&str; 2] = [
        "wpkh([41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH/0/*)",
        "wpkh([41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH/1/*)",
    ];

    #[test]
    fn descriptors_and_network_are_written_once() {
        let store = Rc::new(RefCell::new(Store::in_memory().unwrap()));
        let mut kept = Kept::new(&store, 1);
        let [first, second] = DESCRIPTORS.map(|text| text.parse().unwrap());
        let changes = ChangeSet {
            descriptor: Some(first),
            change_descriptor: Some(second),
            network: Some(Network::Regtest),
            ..ChangeSet::default()
        };
        WalletPersister::persist(&mut kept, &changes).unwrap();
        WalletPersister::persist(&mut kept, &changes).unwrap();
        for (other, name) in [
            (ChangeSet { descriptor: changes.change_descriptor.clone(), ..ChangeSet::default() }, "descriptor"),
            (ChangeSet { change_descriptor: changes.descriptor.clone(), ..ChangeSet::default() }, "change descriptor"),
            (ChangeSet { network: Some(Network::Bitcoin), ..ChangeSet::default() }, "network"),
        ] {
            let error = WalletPersister::persist(&mut kept, &other).unwrap_err();
            assert!(matches!(error, StoreError::WalletFixed { what, .. } if what == name), "{error}");
        }
        assert_eq!(WalletPersister::initialize(&mut kept).unwrap(), changes);
    }

    #[test]
    fn an_amount_beyond_63_bits_is_an_error() {
        let store = Rc::new(RefCell::new(Store::in_memory().unwrap()));
        let mut kept = Kept::new(&store, 1);
        let txout = TxOut { value: Amount::from_sat(u64::MAX), script_pubkey: ScriptBuf::new() };
        let mut changes = ChangeSet::default();
        changes.tx_graph.txouts.insert(OutPoint::null(), txout);
        let error = WalletPersister::persist(&mut kept, &changes).unwrap_err();
        assert!(matches!(error, StoreError::OutOfRange { value: u64::MAX, .. }), "{error}");
        assert_eq!(kept.store.borrow().wallet(kept.vault).unwrap(), None, "and nothing of it is written");
    }

    #[test]
    fn a_row_that_does_not_fit_is_an_error() {
        let store = Rc::new(RefCell::new(Store::in_memory().unwrap()));
        let kept = Kept::new(&store, 1);
        let txid = [3_u8; 32].as_slice();
        let genesis = consensus::serialize(&bitcoin::constants::genesis_block(Network::Regtest).txdata[0]);
        let spoilt: [(&str, Box<dyn rusqlite::ToSql>); 7] = [
            ("UPDATE wallet SET descriptor = ?2 WHERE vault = ?1", Box::new("wpkh(")),
            ("UPDATE wallet SET network = ?2 WHERE vault = ?1", Box::new("moon")),
            ("INSERT INTO wallet_block (vault, height, hash) VALUES (?1, ?2, zeroblob(32))", Box::new(-1)),
            ("INSERT INTO wallet_block (vault, height, hash) VALUES (?1, ?2, zeroblob(32))", Box::new(1_i64 << 32)),
            ("INSERT INTO wallet_tx (vault, txid, raw) VALUES (?1, zeroblob(32), ?2)", Box::new(txid)),
            ("INSERT INTO wallet_tx (vault, txid, raw) VALUES (?1, zeroblob(32), ?2)", Box::new(genesis)),
            ("INSERT INTO wallet_tx (vault, txid, last_seen) VALUES (?1, zeroblob(32), ?2)", Box::new(-5)),
        ];
        for (sql, value) in spoilt {
            let mut store = kept.store.borrow_mut();
            let transaction = store.connection.transaction().unwrap();
            transaction.execute(sql, params![kept.vault.0, value]).unwrap();
            let error = read(&transaction, kept.vault).unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{sql}: {error}");
        }
    }

    fn arb_tx() -> impl Strategy<Value = bitcoin::Transaction> {
        (any::<[u8; 2]>(), vec(any::<u8>(), 0..40)).prop_map(|([from, sat], script)| bitcoin::Transaction {
            version: Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![TxIn { previous_output: OutPoint::new(small_txid(from), 0), ..TxIn::default() }],
            output: vec![TxOut { value: Amount::from_sat(sat.into()), script_pubkey: ScriptBuf::from_bytes(script) }],
        })
    }

    /// Few different values, so that two change sets often speak of the same thing.
    fn small_txid(from: u8) -> Txid {
        Txid::from_byte_array([from % 8; 32])
    }

    fn arb_txid() -> impl Strategy<Value = Txid> {
        any::<u8>().prop_map(small_txid)
    }

    fn arb_times() -> impl Strategy<Value = BTreeMap<Txid, u64>> {
        btree_map(arb_txid(), 0..=i64::MAX as u64, 0..6)
    }

    fn arb_hash() -> impl Strategy<Value = BlockHash> {
        (0_u8..4).prop_map(|from| BlockHash::from_byte_array([from; 32]))
    }

    fn arb_anchor() -> impl Strategy<Value = ConfirmationBlockTime> {
        (any::<u32>(), arb_hash(), 0..=i64::MAX as u64).prop_map(|(height, hash, confirmation_time)| {
            ConfirmationBlockTime { block_id: BlockId { height, hash }, confirmation_time }
        })
    }

    fn arb_outpoint() -> impl Strategy<Value = OutPoint> {
        (arb_txid(), prop_oneof![0_u32..3, Just(u32::MAX)]).prop_map(|(txid, vout)| OutPoint { txid, vout })
    }

    prop_compose! {
        fn arb_graph()(
            txs in vec(arb_tx(), 0..4),
            txouts in btree_map(arb_outpoint(), (0..=i64::MAX as u64, vec(any::<u8>(), 0..40)), 0..4),
            anchors in btree_set((arb_anchor(), arb_txid()), 0..4),
            first_seen in arb_times(),
            last_seen in arb_times(),
            last_evicted in arb_times(),
        ) -> tx_graph::ChangeSet<ConfirmationBlockTime> {
            let txouts = txouts.into_iter().map(|(outpoint, (sat, script))| {
                (outpoint, TxOut { value: Amount::from_sat(sat), script_pubkey: ScriptBuf::from_bytes(script) })
            });
            tx_graph::ChangeSet {
                txs: txs.into_iter().map(Arc::new).collect(),
                txouts: txouts.collect(),
                anchors,
                last_seen,
                last_evicted,
                first_seen,
            }
        }
    }

    prop_compose! {
        fn arb_changes()(
            descriptor in any::<bool>(),
            change_descriptor in any::<bool>(),
            network in any::<bool>(),
            blocks in btree_map(prop_oneof![0_u32..6, Just(u32::MAX)], proptest::option::of(arb_hash()), 0..6),
            tx_graph in arb_graph(),
            last_revealed in btree_map(0_u8..3, any::<u32>(), 0..3),
            places in btree_map(0_u8..3, btree_set(0_u32..9, 0..5), 0..3),
            outpoints in btree_map(arb_outpoint(), any::<bool>(), 0..6),
        ) -> ChangeSet {
            let id = |from: u8| DescriptorId(Hash::from_byte_array([from; 32]));
            // The script at a place of a descriptor never changes: bdk insists on that.
            let script = |from: u8, place: u32| ScriptBuf::from_bytes([vec![from], place.to_le_bytes().to_vec()].concat());
            let spk_cache = places.into_iter().map(|(from, places)| {
                (id(from), places.into_iter().map(|place| (place, script(from, place))).collect())
            });
            ChangeSet {
                descriptor: descriptor.then(|| DESCRIPTORS[0].parse().unwrap()),
                change_descriptor: change_descriptor.then(|| DESCRIPTORS[1].parse().unwrap()),
                network: network.then_some(Network::Signet),
                local_chain: local_chain::ChangeSet { blocks },
                tx_graph,
                indexer: keychain_txout::ChangeSet {
                    last_revealed: last_revealed.into_iter().map(|(from, last)| (id(from), last)).collect(),
                    spk_cache: spk_cache.collect(),
                },
                locked_outpoints: locked_outpoints::ChangeSet { outpoints },
            }
        }
    }

    /// What of a merged change set is still there to read: a deletion leaves nothing.
    fn remaining(mut changes: ChangeSet) -> ChangeSet {
        changes.local_chain.blocks.retain(|_, hash| hash.is_some());
        changes.locked_outpoints.outpoints.retain(|_, locked| *locked);
        changes.indexer.spk_cache.retain(|_, scripts| !scripts.is_empty());
        changes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is written in turn reads back as bdk's own merge of it, and another vault's wallet stays as it was.
        #[test]
        fn what_is_written_reads_back_as_the_merge(all in vec(arb_changes(), 1..4), other in arb_changes()) {
            let store = Rc::new(RefCell::new(Store::in_memory().unwrap()));
            let (mut kept, mut neighbour) = (Kept::new(&store, 1), Kept::new(&store, 2));
            WalletPersister::persist(&mut neighbour, &other).unwrap();
            let mut merged = ChangeSet::default();
            for changes in all {
                WalletPersister::persist(&mut kept, &changes).unwrap();
                merged.merge(changes);
            }
            prop_assert_eq!(WalletPersister::initialize(&mut kept).unwrap(), remaining(merged));
            prop_assert_eq!(WalletPersister::initialize(&mut neighbour).unwrap(), remaining(other));
        }
    }
}
