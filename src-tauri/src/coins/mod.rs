//! A vault's coins: what bdk_wallet knows of the chain for the vault's descriptor. Watch-only; no key ever enters here.
//! Payments are built of them in `build`, of which coins is `choose`, for which quorum in `recovery`; `freeze` keeps some out
//! of that, and `seen` says which transactions stand. Balance and lists are read in `list`, the past of the balance in
//! `history`, the first page of a large wallet is in `page`; wallets of descriptors that are no vault's are in `watched`.

mod build;
mod choose;
mod freeze;
mod history;
mod list;
mod page;
mod recovery;
mod seen;
mod watched;

use std::cell::OnceCell;
use std::sync::Arc;

use bdk_wallet::chain::keychain_txout::SyncRequestBuilderExt as _;
use bdk_wallet::chain::spk_client::{FullScanRequest, FullScanResponse, SyncRequest, SyncResponse};
use bdk_wallet::chain::{ConfirmationBlockTime, Merge as _, TxUpdate};
use bdk_wallet::{ChangeSet, KeychainKind, Wallet};
use bitcoin::{Address, Amount, Network, OutPoint, ScriptBuf, Transaction, Txid};
use conclave_domain::descriptor::Keychain;
use conclave_domain::proposal::CheckedProposal;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{ChainFacts, Vault};
use conclave_shared::Sat;
use conclave_shared::view::BalanceView;

pub use build::{Fee, Order, Rest, Spend, claims};
use list::Blocks;
pub use list::{AddressFlow, Coin, Entry, Listing};
pub use page::{ASLEEP_FROM, FIRST_PAGE, FirstPage};

/// Most receive or change addresses that one event may ask to be watched beyond those watched already. An index far out,
/// true or not, must not cost this machine hours of derivation.
const REVEAL_STEP: u32 = 1_000;

/// What bdk_wallet could not do.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum CoinsError {
    /// The descriptor or what the store gave back does not make a wallet.
    #[error("the vault's wallet cannot be opened: {reason}")]
    #[strum(serialize = "wallet-unopened")]
    Open {
        /// What the library said.
        reason: String,
    },
    /// What the chain source said does not connect to what is known.
    #[error("the chain source's answer does not fit what is known: {reason}")]
    #[strum(serialize = "wallet-update")]
    Update {
        /// What the library said.
        reason: String,
    },
    /// Not enough confirmed coins that no other payment holds.
    #[error("{need} are needed, {have} can be spent")]
    Funds {
        /// What the payment needs, fee included.
        need: Sat,
        /// What can be spent.
        have: Sat,
    },
    /// A coin that is not this vault's, or is spent.
    #[error("coin {coin} is not a coin of this vault that can be spent: see the list of coins")]
    CoinUnknown {
        /// Which.
        coin: OutPoint,
    },
    /// A coin that this installation's owner has frozen.
    #[error("coin {coin} is frozen here: unfreeze it first")]
    CoinFrozen {
        /// Which.
        coin: OutPoint,
    },
    /// There is nothing to unfreeze.
    #[error("coin {coin} is not frozen here")]
    CoinNotFrozen {
        /// Which.
        coin: OutPoint,
    },
    /// A coin that another payment holds, or that has not lain its time for a recovery.
    #[error(
        "coin {coin} is not free: another payment holds it, or it has not lain the time that the recovery asks for"
    )]
    CoinNotFree {
        /// Which.
        coin: OutPoint,
    },
    /// A coin that may never be.
    #[error("coin {coin} is in no block yet: wait for one, or speed up the transaction that it comes from")]
    CoinUnconfirmed {
        /// Which.
        coin: OutPoint,
    },
    /// More than one payment can spend.
    #[error(
        "the payment would spend {coins} coins, more than one transaction can: choose fewer, and make several payments"
    )]
    TooManyCoins {
        /// How many.
        coins: usize,
    },
    /// What would be left for the last output is worth less than it costs to spend.
    #[error("what is left after the fee is too little to be sent (dust)")]
    Dust,
    /// A transaction of which nothing can be spent by this vault.
    #[error("transaction {parent} pays no coin to this vault that is free: there is nothing to speed it up with")]
    NothingToSpend {
        /// Which.
        parent: Txid,
    },
    /// It is in a block, or the chain source does not know it.
    #[error(
        "transaction {parent} does not wait for a block, as far as the chain source shows: there is nothing to speed up"
    )]
    NotUnconfirmed {
        /// Which.
        parent: Txid,
    },
    /// What a transaction pays cannot be told.
    #[error("the chain source has not shown what transaction {parent} pays: ask it again")]
    FeeUnknown {
        /// Which.
        parent: Txid,
    },
    /// There is nothing to speed up.
    #[error("transaction {parent} pays that fee rate already")]
    #[strum(serialize = "fee-rate-reached")]
    RateReached {
        /// Which.
        parent: Txid,
    },
    /// The payment cannot be built.
    #[error("the payment cannot be built: {reason}")]
    #[strum(serialize = "payment-unbuilt")]
    Build {
        /// What the library said.
        reason: String,
    },
}

fn kind(keychain: Keychain) -> KeychainKind {
    match keychain {
        Keychain::Receive => KeychainKind::External,
        Keychain::Change => KeychainKind::Internal,
    }
}

fn possible(mut outputs: impl Iterator<Item = Amount>) -> bool {
    let sum = outputs.try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount));
    sum.is_some_and(|sum| sum <= Amount::MAX_MONEY)
}

/// Transactions with impossible amounts are a server's invention: amounts are summed in many places.
fn check_amounts(update: &TxUpdate<ConfirmationBlockTime>) -> Result<(), CoinsError> {
    let mut outputs = update.txs.iter().map(|transaction| transaction.output.iter().map(|output| output.value));
    let whole = outputs.all(possible);
    let single = update.txouts.values().all(|output| possible(std::iter::once(output.value)));
    if whole && single { Ok(()) } else { Err(CoinsError::Update { reason: "more coins than there can be".to_owned() }) }
}

/// The wallet of one vault.
#[derive(Debug)]
pub struct Coins {
    wallet: Wallet,
    /// Whether the whole past has been looked through since the start.
    scanned: bool,
    /// What the wallet shows, until it changes.
    listed: OnceCell<Arc<Listing>>,
    /// Goes up whenever the wallet has changed.
    version: u64,
    /// How many receive and change indices of the record are watched.
    follows: (usize, usize),
}

/// What the chain source is asked.
pub enum Question {
    /// The whole past, from the first address.
    Scan(FullScanRequest<KeychainKind>),
    /// What has changed.
    Sync(SyncRequest<(KeychainKind, u32)>),
}

/// What it answered.
#[derive(Debug)]
pub enum Answer {
    /// To [`Question::Scan`].
    Scan(FullScanResponse<KeychainKind>),
    /// To [`Question::Sync`].
    Sync(SyncResponse),
}

impl Coins {
    /// Opens the wallet of a descriptor, from what the store holds of it.
    pub fn open(descriptor: &str, network: Network, stored: Option<ChangeSet>) -> Result<Self, CoinsError> {
        let open = |error: &dyn std::fmt::Display| CoinsError::Open { reason: error.to_string() };
        let wallet = match stored {
            Some(changes) => Wallet::load()
                .two_path_descriptor(descriptor.to_owned())
                .check_network(network)
                .use_spk_cache(true)
                .load_wallet_no_persist(changes)
                .map_err(|error| open(&error))?,
            None => None,
        };
        let wallet = match wallet {
            Some(wallet) => wallet,
            None => Wallet::create_from_two_path_descriptor(descriptor.to_owned())
                .network(network)
                .use_spk_cache(true)
                .create_wallet_no_persist()
                .map_err(|error| open(&error))?,
        };
        Ok(Self::of(wallet))
    }

    fn of(wallet: Wallet) -> Self {
        Self { wallet, scanned: false, listed: OnceCell::new(), version: 0, follows: (0, 0) }
    }

    /// From now on another chain source is asked: it may know of a past that the one before kept silent about.
    pub fn ask_anew(&mut self) {
        self.scanned = false;
    }

    /// The address at an index below 2^31; empty above.
    pub fn address(&self, keychain: Keychain, index: u32) -> String {
        // What is watched is derived already.
        let known = self.wallet.spk_index().spk_at_index(kind(keychain), index);
        match known.map(|script| Address::from_script(&script, self.wallet.network())) {
            Some(Ok(address)) => address.to_string(),
            Some(Err(_)) | None if index >= 1 << 31 => String::new(),
            Some(Err(_)) | None => self.wallet.peek_address(kind(keychain), index).address.to_string(),
        }
    }

    /// Whether an output is or was one of the wallet's coins.
    pub fn is_or_was_own(&self, coin: OutPoint) -> bool {
        self.wallet.spk_index().txout(coin).is_some()
    }

    /// What a transaction pays to miners; none where it is not known what all its inputs are worth.
    pub fn fee(&self, txid: Txid) -> Option<Sat> {
        let transaction = self.wallet.tx_graph().get_tx(txid)?;
        self.wallet.calculate_fee(&transaction).ok().map(|fee| Sat(fee.to_sat()))
    }

    /// The wallet itself, for a chain source to learn what is known.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// What has changed since the last call: to be committed with whatever caused it.
    pub fn take_changes(&mut self) -> Option<ChangeSet> {
        if self.moved() {
            self.listed = OnceCell::new();
            self.version += 1;
        }
        self.wallet.take_staged()
    }

    /// Whether something was changed since [`Coins::take_changes`] that may show in the lists. bdk stages every change of
    /// transactions and blocks, so whoever changes the wallet need not think of what is kept of it.
    fn moved(&self) -> bool {
        self.wallet.staged().is_some_and(|it| !it.tx_graph.is_empty() || !it.local_chain.is_empty())
    }

    /// Balance, transactions and coins.
    pub fn listing(&self) -> Arc<Listing> {
        if self.moved() {
            return Arc::new(Listing::of(&self.wallet));
        }
        Arc::clone(self.listed.get_or_init(|| Arc::new(Listing::of(&self.wallet))))
    }

    /// The same number as long as transactions and blocks are the same; none while a change of them waits for
    /// [`Coins::take_changes`].
    pub fn version(&self) -> Option<u64> {
        (!self.moved()).then_some(self.version)
    }

    /// Watches every address that the record speaks of.
    pub fn follow(&mut self, vault: &Vault) {
        // Neither ever shrinks, so as many are the same.
        let speaks_of = (vault.receive_indices().len(), vault.change_indices().len());
        if self.follows == speaks_of {
            return;
        }
        self.watch(Keychain::Receive, vault.receive_indices());
        self.watch(Keychain::Change, vault.change_indices());
        for index in vault.change_indices() {
            // Proposed change is never offered again, whether or not the payment is ever sent.
            self.wallet.mark_used(KeychainKind::Internal, index);
        }
        self.follows = speaks_of;
    }

    /// Watches addresses, the lowest index first: none is far beyond the one before it.
    pub(crate) fn watch(&mut self, keychain: Keychain, indices: impl Iterator<Item = u32>) {
        indices.for_each(|index| self.reveal(keychain, index));
    }

    fn reveal(&mut self, keychain: Keychain, index: u32) {
        let next = self.wallet.next_derivation_index(kind(keychain));
        if index >= next && index - next < REVEAL_STEP {
            let _ = self.wallet.reveal_addresses_to(kind(keychain), index).count();
        }
    }

    /// What to ask the chain source next: the whole past first, then what has changed.
    pub fn question(&self, now_s: u64) -> Question {
        if self.scanned {
            // As bdk's own request of revealed scripts, but with blocks that are found at once.
            let (blocks, index) = (Blocks::of(&self.wallet), self.wallet.spk_index());
            let expected = self.wallet.tx_graph().list_expected_spk_txids(&blocks, blocks.tip(), index, ..);
            let request = SyncRequest::builder_at(now_s)
                .chain_tip(self.wallet.latest_checkpoint())
                .revealed_spks_from_indexer(index, ..)
                .expected_spk_txids(expected);
            Question::Sync(request.build())
        } else {
            let mut request = self.wallet.start_full_scan_at(now_s);
            for (keychain, scripts) in self.wallet.spk_index().all_unbounded_spk_iters() {
                // Without an end a server that calls every script used would be asked for ever.
                let most = self.wallet.next_derivation_index(keychain).saturating_add(REVEAL_STEP) as usize;
                request = request.spks_for_keychain(keychain, scripts.take(most));
            }
            Question::Scan(request.build())
        }
    }

    /// Takes the answer.
    pub fn take_answer(&mut self, answer: Answer) -> Result<(), CoinsError> {
        let update = |error: &dyn std::fmt::Display| CoinsError::Update { reason: error.to_string() };
        let (Answer::Scan(FullScanResponse { tx_update, .. }) | Answer::Sync(SyncResponse { tx_update, .. })) = &answer;
        check_amounts(tx_update)?;
        match answer {
            Answer::Scan(response) => {
                self.wallet.apply_update(response).map_err(|error| update(&error))?;
                self.scanned = true;
            }
            Answer::Sync(response) => self.wallet.apply_update(response).map_err(|error| update(&error))?,
        }
        Ok(())
    }

    /// Notes a transaction that this installation has handed to the network.
    pub fn note_sent(&mut self, transaction: Transaction, now_s: u64) {
        self.wallet.apply_unconfirmed_txs([(transaction, now_s)]);
    }

    /// What the chain shows of the vault's payments at a time in ms since 1970.
    pub fn facts(&self, vault: &Vault, now_ms: u64) -> ChainFacts {
        let (mut facts, listing) = (ChainFacts::at(now_ms), self.listing());
        for payment in vault.proposals().into_iter().map(|state| &state.checked) {
            let Some(sent) = self.sent(payment) else { continue };
            if let Some(block) = listing.standing(sent) {
                facts.note_as(payment.txid, sent, block);
            }
        }
        self.note_spent(vault, &mut facts, &listing);
        facts
    }

    /// What the network calls a payment's transaction: where signatures are part of the id, whichever spends its coins and
    /// is the same in all that is signed.
    fn sent(&self, payment: &CheckedProposal) -> Option<Txid> {
        if payment.txid_is_final() {
            return Some(payment.txid);
        }
        let graph = self.wallet.tx_graph();
        let spenders = graph.outspends(payment.inputs.first()?.outpoint).iter();
        spenders.copied().find(|txid| graph.get_tx(*txid).is_some_and(|it| payment.is_sent_as(&it)))
    }

    /// Previous transactions of a payment's inputs, as far as the chain source shows them now, and what else it shows.
    pub fn evidence(&self, payment: &CheckedProposal, facts: ChainFacts) -> Evidence {
        let previous = payment
            .inputs
            .iter()
            .filter_map(|input| {
                let previous: Arc<Transaction> = self.standing(input.outpoint.txid)?;
                Some((input.outpoint.txid, Transaction::clone(&previous)))
            })
            .collect();
        Evidence { previous, confirmed: self.heights(payment).collect(), tip_height: self.tip_height(), facts }
    }

    /// Whether a script is one of the vault's addresses, as far as they are watched.
    pub fn is_own(&self, script: &ScriptBuf) -> bool {
        self.wallet.derivation_of_spk(script.clone()).is_some()
    }

    /// The vault's transactions, newest first: those that spend its coins, or those that only pay to it.
    pub fn transactions(&self, spends: bool) -> impl Iterator<Item = Arc<Transaction>> {
        let listing = self.listing();
        let txids = listing.transactions().iter().filter(|it| (it.sent > Sat(0)) == spends).map(|it| it.txid);
        let txids: Vec<Txid> = txids.collect();
        txids.into_iter().filter_map(|txid| self.wallet.tx_graph().get_tx(txid))
    }

    /// The vault's coins, summed.
    pub fn balance(&self) -> BalanceView {
        self.listing().balance()
    }

    /// Height of the newest block known.
    pub fn tip_height(&self) -> u32 {
        self.wallet.latest_checkpoint().height()
    }
}

#[cfg(test)]
mod tests;
