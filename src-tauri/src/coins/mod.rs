//! A vault's coins: what bdk_wallet knows of the chain for the vault's descriptor. Watch-only; no key ever enters here.
//! Payments are built of them in `build`, for which quorum in `recovery`; `freeze` keeps some out of that, and `seen` says
//! which transactions stand.

mod build;
mod freeze;
mod recovery;
mod seen;

use std::sync::Arc;

use bdk_wallet::chain::spk_client::{FullScanRequest, FullScanResponse, SyncRequest, SyncResponse};
use bdk_wallet::chain::{ChainPosition, ConfirmationBlockTime, TxUpdate};
use bdk_wallet::{ChangeSet, KeychainKind, LocalOutput, Wallet};
use bitcoin::{Amount, Network, OutPoint, Transaction, Txid};
use conclave_domain::descriptor::Keychain;
use conclave_domain::proposal::CheckedProposal;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{ChainFacts, Vault};
use conclave_shared::Sat;
use conclave_shared::view::BalanceView;

pub use build::{Fee, Order, Rest, Spend, claims};

/// Most receive or change addresses that one event may ask to be watched beyond those watched already. An index far out,
/// true or not, must not cost this machine hours of derivation.
const REVEAL_STEP: u32 = 1_000;

/// What bdk_wallet could not do.
#[derive(Debug, thiserror::Error)]
pub enum CoinsError {
    /// The descriptor or what the store gave back does not make a wallet.
    #[error("the vault's wallet cannot be opened: {reason}")]
    Open {
        /// What the library said.
        reason: String,
    },
    /// What the chain source said does not connect to what is known.
    #[error("the chain source's answer does not fit what is known: {reason}")]
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
    RateReached {
        /// Which.
        parent: Txid,
    },
    /// The payment cannot be built.
    #[error("the payment cannot be built: {reason}")]
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
        Ok(Self { wallet, scanned: false })
    }

    /// The wallet itself, for a chain source to learn what is known.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// What has changed since the last call: to be committed with whatever caused it.
    pub fn take_changes(&mut self) -> Option<ChangeSet> {
        self.wallet.take_staged()
    }

    /// Watches every address that the record speaks of.
    pub fn follow(&mut self, vault: &Vault) {
        if let Some(last) = vault.last_address() {
            self.reveal(Keychain::Receive, last);
        }
        for change in vault.proposals().iter().filter_map(|proposal| proposal.checked.change) {
            self.reveal(Keychain::Change, change.index);
            // Proposed change is never offered again, whether or not the payment is ever sent.
            self.wallet.mark_used(KeychainKind::Internal, change.index);
        }
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
            Question::Sync(self.wallet.start_sync_with_revealed_spks_at(now_s).build())
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
        let mut facts = ChainFacts::at(now_ms);
        for payment in vault.proposals().into_iter().map(|state| &state.checked) {
            let Some(known) = self.sent(payment).and_then(|sent| self.wallet.get_tx(sent)) else { continue };
            let block = match known.chain_position {
                ChainPosition::Confirmed { anchor, .. } => Some((anchor.block_id.height, anchor.block_id.hash)),
                ChainPosition::Unconfirmed { .. } => None,
            };
            facts.note_as(payment.txid, known.tx_node.txid, block);
        }
        self.note_spent(vault, &mut facts);
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

    /// The vault's coins, summed.
    pub fn balance(&self) -> BalanceView {
        // Summed here: bdk's own sum panics where a hostile chain source invented coins until they overflow.
        let mut balance = BalanceView::default();
        for coin in self.wallet.list_unspent() {
            let sum =
                if coin.chain_position.is_confirmed() { &mut balance.confirmed } else { &mut balance.unconfirmed };
            sum.0 = sum.0.saturating_add(coin.txout.value.to_sat());
        }
        balance
    }

    /// All coins, newest first: what is in no block before what is in one.
    pub fn list(&self) -> Vec<LocalOutput> {
        let mut coins: Vec<LocalOutput> = self.wallet.list_unspent().collect();
        let height = |coin: &LocalOutput| coin.chain_position.confirmation_height_upper_bound();
        coins.sort_by_key(|coin| (std::cmp::Reverse(height(coin).unwrap_or(u32::MAX)), coin.outpoint));
        coins
    }

    /// Height of the newest block known.
    pub fn tip_height(&self) -> u32 {
        self.wallet.latest_checkpoint().height()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bitcoin::{Transaction, TxOut, absolute, transaction};
    use conclave_domain::descriptor::{AccountKey, sortedmulti};
    use conclave_shared::ScriptKind;

    use super::*;
    use crate::open_vault::NETWORK;
    use crate::signer::{Signer, SoftwareKey};

    #[test]
    fn coins_that_cannot_be_are_refused_whole() {
        let key = SoftwareKey::new(&[1; 32], ScriptKind::default(), NETWORK).unwrap().account_key();
        let descriptor = sortedmulti(1, &[AccountKey::parse(&key, ScriptKind::default(), NETWORK).unwrap()]).unwrap();
        let mut coins = Coins::open(&descriptor, NETWORK, None).unwrap();
        let script = coins.wallet.peek_address(KeychainKind::External, 0).script_pubkey();
        let invented = |amounts: &[Amount]| {
            let output = amounts.iter().map(|value| TxOut { value: *value, script_pubkey: script.clone() }).collect();
            let transaction = Transaction {
                version: transaction::Version::TWO,
                lock_time: absolute::LockTime::ZERO,
                input: vec![],
                output,
            };
            let mut tx_update = TxUpdate::default();
            tx_update.seen_ats.insert((transaction.compute_txid(), 1));
            tx_update.txs.push(Arc::new(transaction));
            Answer::Sync(SyncResponse { tx_update, chain_update: None })
        };
        for amounts in [vec![Amount::MAX; 2], vec![Amount::MAX_MONEY, Amount::ONE_SAT]] {
            assert!(matches!(coins.take_answer(invented(&amounts)), Err(CoinsError::Update { .. })));
            assert_eq!(coins.balance(), BalanceView::default());
        }
        coins.take_answer(invented(&[Amount::ONE_BTC])).unwrap();
        assert_eq!(coins.balance().unconfirmed, Sat(100_000_000));
    }
}
