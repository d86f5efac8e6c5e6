//! The list of transactions, a part at a time, as a table, and as the past of a balance; and the wallets that are loaded
//! only when they are needed.

use std::collections::BTreeMap;

use bitcoin::Txid;
use conclave_shared::VaultId;
use conclave_shared::request::{ListTransactions, Reply, Request, ShowHistory};
use conclave_shared::view::{HistoryView, TransactionsView};

use super::Installation;
use super::ledger::Ledger;
use crate::coins::{Entry, FIRST_PAGE};
use crate::failure::InstallationError;
use crate::open_vault::OpenVault;
use crate::projection;
use crate::record::{quoted, shown, utc};
use crate::store::LabelKind;

/// Most that is listed at once.
const LIST_LIMIT: u32 = 500;
/// Fewest points of a history: its first and its last.
const LEAST_POINTS: u32 = 2;
/// The columns of the table of transactions, in this order.
const COLUMNS: &str = "time,txid,height,received sat,sent sat,net sat,fee sat,label,purpose";

impl Installation {
    pub(super) fn list_transactions(&self, it: &ListTransactions, now_ms: u64) -> Result<Reply, InstallationError> {
        let ledger = self.ledger(it.vault)?;
        let limit = limit(it.limit)?;
        if let (Some(page), None) = (ledger.page(), &it.before) {
            let entries = page.newest.get(..limit).unwrap_or(&page.newest);
            let more = page.count > entries.len() as u64;
            return self.transactions(it.vault, ledger, now_ms, entries, page.count, more);
        }
        let listing = ledger.coins()?.listing();
        let all = listing.transactions();
        let last: Option<Txid> = cursor(&it.before, "before")?;
        let rest = after(all, last, |entry| entry.txid).ok_or_else(|| gone("before"))?;
        let entries = &rest[..rest.len().min(limit)];
        self.transactions(it.vault, ledger, now_ms, entries, all.len() as u64, rest.len() > limit)
    }

    fn transactions(
        &self,
        vault: VaultId,
        ledger: Ledger<'_>,
        now_ms: u64,
        entries: &[Entry],
        count: u64,
        more: bool,
    ) -> Result<Reply, InstallationError> {
        let payments = ledger.payments(now_ms);
        let mut transactions = Vec::with_capacity(entries.len());
        for entry in entries {
            let label = self.label_of(vault, LabelKind::Transaction, &entry.txid.to_string())?;
            transactions.push(projection::transaction(entry, payments.get(&entry.txid).copied(), label));
        }
        let (balance, tip_height) = (ledger.balance(), ledger.tip_height());
        Ok(Reply::Transactions(Box::new(TransactionsView { balance, tip_height, count, transactions, more })))
    }

    pub(super) fn show_history(&self, it: &ShowHistory) -> Result<Reply, InstallationError> {
        if it.points < LEAST_POINTS || it.points > LIST_LIMIT {
            let reason = format!("must be {LEAST_POINTS} to {LIST_LIMIT}");
            return Err(InstallationError::Field { field: "points", reason });
        }
        let points = self.ledger(it.vault)?.coins()?.listing().history(it.points as usize);
        Ok(Reply::History(HistoryView { points }))
    }

    /// The transactions as lines of CSV, the newest first.
    pub(super) fn export_transactions(&self, vault: VaultId, now_ms: u64) -> Result<Reply, InstallationError> {
        let ledger = self.ledger(vault)?;
        let coins = ledger.coins()?;
        let payments = ledger.payments(now_ms);
        let labels = self.store.labels(vault)?;
        let labels: BTreeMap<&str, &str> = labels
            .iter()
            .filter(|row| row.kind == LabelKind::Transaction)
            .filter_map(|row| Some((row.about.as_str(), row.label.as_deref()?)))
            .collect();
        let text = |text: &str| quoted(&shown(text));
        let mut lines = vec![COLUMNS.to_owned()];
        lines.extend(coins.listing().transactions().iter().map(|entry| {
            let txid = entry.txid.to_string();
            let payment = payments.get(&entry.txid).and_then(|payment| ledger.vault()?.proposal(*payment));
            let label = labels.get(txid.as_str()).map(|label| text(label)).unwrap_or_default();
            // Numbers are ours: a minus before one is no formula.
            [
                entry.time_s.map(|time_s| utc(time_s.saturating_mul(1_000))).unwrap_or_default(),
                txid,
                entry.block.map(|(height, _)| height.to_string()).unwrap_or_default(),
                entry.received.0.to_string(),
                entry.sent.0.to_string(),
                (i128::from(entry.received.0) - i128::from(entry.sent.0)).to_string(),
                coins.fee(entry.txid).map(|fee| fee.0.to_string()).unwrap_or_default(),
                label,
                payment.map(|payment| text(&payment.checked.purpose)).unwrap_or_default(),
            ]
            .join(",")
        }));
        Ok(Reply::Record { lines })
    }

    /// Whether a wallet is not loaded yet.
    pub fn is_asleep(&self) -> bool {
        self.vaults.values().any(OpenVault::is_asleep)
    }

    /// Loads the wallets that are not loaded yet. A vault whose wallet cannot be read is closed, with the reason.
    pub fn wake(&mut self) -> Result<(), InstallationError> {
        self.wake_where(|_| true)
    }

    /// Loads what an answer needs: a first page needs no wallet.
    pub(super) fn wake_for(&mut self, request: &Request) -> Result<(), InstallationError> {
        if let Request::ListTransactions(it) = request
            && it.before.is_none()
            && it.limit as usize <= FIRST_PAGE
        {
            return Ok(());
        }
        let looks = matches!(request, Request::ListVaults | Request::ShowVault(_));
        self.wake_where(|open| !looks || !open.is_told())
    }

    fn wake_where(&mut self, which: impl Fn(&OpenVault) -> bool) -> Result<(), InstallationError> {
        let mut failed: BTreeMap<VaultId, String> = BTreeMap::new();
        for (vault, open) in self.vaults.iter_mut().filter(|(_, open)| open.is_asleep() && which(open)) {
            match open.wake(&self.store) {
                Ok(()) => {}
                Err(error @ InstallationError::Store(_)) => return Err(error),
                Err(error) => drop(failed.insert(*vault, error.to_string())),
            }
        }
        self.vaults.retain(|vault, _| !failed.contains_key(vault));
        self.unopened.extend(failed);
        Ok(())
    }
}

/// How many are listed at once, as a request asks for.
pub(super) fn limit(asked: u32) -> Result<usize, InstallationError> {
    if asked == 0 || asked > LIST_LIMIT {
        return Err(InstallationError::Field { field: "limit", reason: format!("must be 1 to {LIST_LIMIT}") });
    }
    Ok(asked as usize)
}

fn cursor<T: std::str::FromStr>(text: &Option<String>, field: &'static str) -> Result<Option<T>, InstallationError> {
    let malformed = |_| InstallationError::Field { field, reason: "is not of the form that the list shows".to_owned() };
    text.as_ref().map(|text| text.parse().map_err(malformed)).transpose()
}

fn gone(field: &'static str) -> InstallationError {
    InstallationError::Field { field, reason: "is not in the list any more: begin again from its start".to_owned() }
}

/// What follows the one that was shown last; none where that is not in the list.
fn after<T, K: PartialEq>(all: &[T], last: Option<K>, key: impl Fn(&T) -> K) -> Option<&[T]> {
    let Some(last) = last else { return Some(all) };
    let place = all.iter().position(|it| key(it) == last)?;
    all.get(place + 1..)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bdk_wallet::chain::spk_client::SyncResponse;
    use bdk_wallet::chain::{BlockId, CheckPoint, ConfirmationBlockTime, TxUpdate};
    use bitcoin::hashes::Hash as _;
    use bitcoin::{Amount, BlockHash, OutPoint, Transaction, TxIn, TxOut, absolute, transaction};
    use conclave_domain::descriptor::Keychain;
    use conclave_shared::request::OnVault;

    use super::*;
    use crate::bench::record::Story;
    use crate::bench::wallet::{answer, keep};
    use crate::coins::Answer;
    use crate::store::{Passphrase, Store};

    const TRANSACTIONS: u32 = 1_000;

    /// An installation in a folder, with a vault of [`TRANSACTIONS`] transactions.
    struct Home {
        folder: tempfile::TempDir,
        vault: VaultId,
        story: Story,
    }

    impl Home {
        fn new() -> Self {
            let story = Story::active(3, 2);
            let home = Self { folder: tempfile::tempdir().unwrap(), vault: story.vault.id(), story };
            let mut store = Store::create(&home.folder.path().join("home"), &passphrase()).unwrap();
            keep(&mut store, &home.story).unwrap();
            let mut installation = Installation::open(store).unwrap();
            assert!(!installation.is_asleep(), "without a first page the wallet is loaded at once");
            let active = home.story.vault.active().unwrap();
            installation.take_answer(home.vault, answer(&active.descriptor, TRANSACTIONS).unwrap()).unwrap();
            home
        }

        fn open(&self) -> Installation {
            Installation::open(Store::open(&self.folder.path().join("home"), &passphrase()).unwrap()).unwrap()
        }

        fn list(&self, installation: &mut Installation, before: Option<String>, limit: u32) -> TransactionsView {
            let request = ListTransactions { vault: self.vault, before, limit };
            let Reply::Transactions(view) = installation.ask(Request::ListTransactions(request), 1) else { panic!() };
            *view
        }

        /// What the chain source tells next: a deposit in a new block, which stands on `below`.
        fn deposit(&self, below: CheckPoint) -> (Answer, Txid) {
            let block_id = BlockId { height: below.height() + 1, hash: BlockHash::from_byte_array([9; 32]) };
            let active = self.story.vault.active().unwrap();
            let script_pubkey = active.descriptor.script(Keychain::Receive, 0).unwrap();
            let transaction = Transaction {
                version: transaction::Version::TWO,
                lock_time: absolute::LockTime::ZERO,
                input: vec![TxIn { previous_output: OutPoint::new(Txid::all_zeros(), 0), ..TxIn::default() }],
                output: vec![TxOut { value: Amount::from_sat(7_777), script_pubkey }],
            };
            let txid = transaction.compute_txid();
            let mut tx_update = TxUpdate::default();
            tx_update.anchors.insert((ConfirmationBlockTime { block_id, confirmation_time: 1_700_000_000 }, txid));
            tx_update.txs.push(Arc::new(transaction));
            let chain_update = Some(below.push(block_id).unwrap());
            (Answer::Sync(SyncResponse { tx_update, chain_update }), txid)
        }
    }

    fn passphrase() -> Passphrase {
        Passphrase::new("lists".to_owned()).unwrap()
    }

    fn tip(installation: &Installation, vault: VaultId) -> CheckPoint {
        installation.vault(vault).unwrap().coins.as_ref().unwrap().wallet().latest_checkpoint()
    }

    #[test]
    fn a_large_vault_opens_by_its_first_page_and_loads_its_wallet_when_it_is_needed() {
        let home = Home::new();
        let mut installation = home.open();
        let page = home.list(&mut installation, None, 50);
        assert!(installation.is_asleep(), "the first page needs no wallet");
        assert_eq!((page.count, page.transactions.len(), page.more), (TRANSACTIONS.into(), 50, true));
        assert_eq!(home.list(&mut installation, None, 7).transactions, page.transactions[..7]);
        let show = || Request::ShowVault(OnVault { vault: home.vault });
        let Reply::Vault(asleep) = installation.ask(show(), 1) else { panic!() };
        assert!(installation.is_asleep(), "nor does a look at a vault without open payments");
        assert_eq!((asleep.balance, asleep.tip_height), (page.balance, page.tip_height));
        assert!(installation.pending_effects(1).is_empty() && installation.question(home.vault, 1).is_none());

        // Anything else loads it, and it says the same.
        let older = home.list(&mut installation, page.transactions.last().map(|it| it.txid.clone()), 50);
        assert!(!installation.is_asleep());
        assert_eq!(older.transactions.len(), 50);
        assert_eq!(home.list(&mut installation, None, 50), page);
        let Reply::Vault(awake) = installation.ask(show(), 1) else { panic!() };
        assert_eq!(awake, asleep);
        assert!(!installation.pending_effects(1).is_empty());
    }

    #[test]
    fn the_first_page_follows_the_chain() {
        let home = Home::new();
        let mut installation = home.open();
        installation.wake().unwrap();
        let before = home.list(&mut installation, None, 50);
        let end = tip(&installation, home.vault);
        let (answer, txid) = home.deposit(end.clone());
        installation.take_answer(home.vault, answer).unwrap();
        drop(installation);

        let mut installation = home.open();
        let page = home.list(&mut installation, None, 50);
        assert!(installation.is_asleep());
        assert_eq!(page.transactions[0].txid, txid.to_string());
        assert_eq!(page.balance.confirmed.0, before.balance.confirmed.0 + 7_777);

        // A reorganisation: other blocks follow the one before the deposit's.
        installation.wake().unwrap();
        let other = |height| BlockId { height, hash: BlockHash::from_byte_array([8; 32]) };
        let chain = end.clone().push(other(end.height() + 1)).unwrap().push(other(end.height() + 2)).unwrap();
        let answer = SyncResponse { tx_update: TxUpdate::default(), chain_update: Some(chain) };
        installation.take_answer(home.vault, Answer::Sync(answer)).unwrap();
        let shown = home.list(&mut installation, None, 50);
        drop(installation);
        let mut installation = home.open();
        let page = home.list(&mut installation, None, 50);
        assert!(installation.is_asleep());
        assert_eq!(page, shown);
        assert_eq!((page.transactions[0].height, page.balance.confirmed), (None, before.balance.confirmed));
    }

    #[test]
    fn the_past_of_a_balance_ends_with_the_balance_and_the_table_has_every_transaction() {
        let home = Home::new();
        let mut installation = home.open();
        let mut ask = |request| installation.ask(request, 1);
        let mut history = |points| match ask(Request::ShowHistory(ShowHistory { vault: home.vault, points })) {
            Reply::History(view) => view.points,
            reply => panic!("{reply:?}"),
        };
        let (all, few) = (history(500), history(20));
        assert!(all.len() <= 500 && few.len() <= 20 && few.len() > 10, "{} {}", all.len(), few.len());
        assert_eq!((all.first(), all.last()), (few.first(), few.last()));
        assert_eq!(all[0].balance.0, 100_000, "the first deposit");
        assert!(all.is_sorted_by(|one, other| one.time_s < other.time_s));
        let balance = home.list(&mut installation, None, 1).balance;
        assert_eq!(all.last().map(|point| point.balance), Some(balance.confirmed));
        let Reply::Record { lines } = installation.ask(Request::ExportTransactions(OnVault { vault: home.vault }), 1)
        else {
            panic!("no table")
        };
        assert_eq!(lines.len(), TRANSACTIONS as usize + 1);
        let net = |line: &String| line.split(',').nth(5).and_then(|cell| cell.parse::<i64>().ok()).unwrap();
        assert_eq!(lines[1..].iter().map(net).sum::<i64>(), balance.confirmed.0 as i64);
        let payments: Vec<&String> = lines[1..].iter().filter(|line| net(line) < 0).collect();
        assert_eq!(payments.len(), TRANSACTIONS as usize / 5 * 2);
        let fee = |line: &&String| line.split(',').nth(6).and_then(|cell| cell.parse::<i64>().ok());
        assert!(payments.iter().all(|line| fee(line).is_some_and(|fee| fee > 0)), "all that they spend is known");
    }

    #[test]
    fn lists_come_in_parts_without_gaps_and_without_repetition() {
        let home = Home::new();
        let mut installation = home.open();
        let (mut all, mut last) = (Vec::new(), None);
        loop {
            let part = home.list(&mut installation, last, 300);
            all.extend(part.transactions);
            last = all.last().map(|it| it.txid.clone());
            if !part.more {
                break;
            }
        }
        let ids: std::collections::BTreeSet<&String> = all.iter().map(|it| &it.txid).collect();
        assert_eq!((all.len(), ids.len()), (TRANSACTIONS as usize, TRANSACTIONS as usize));
        assert!(all.is_sorted_by_key(|it| std::cmp::Reverse(it.height)));
        let open = installation.vault(home.vault).unwrap();
        let listing = open.coins.as_ref().unwrap().listing();
        assert_eq!(listing.coins().len(), TRANSACTIONS as usize / 5);
        let sum: u64 = listing.coins().iter().map(|coin| coin.amount.0).sum();
        assert_eq!(sum, listing.balance().confirmed.0);
        for (before, limit) in [(None, 0), (None, 501), (Some("x".to_owned()), 5), (Some("00".repeat(32)), 5)] {
            let request = Request::ListTransactions(ListTransactions { vault: home.vault, before, limit });
            assert!(matches!(installation.ask(request, 1), Reply::Failed(_)));
        }
    }
}
