//! Choosing coins for a payment out of what is listed. bdk's own builder looks through the whole graph for that, block by
//! block: with tens of thousands of transactions it takes half a minute.

use std::collections::HashSet;

use bdk_wallet::KeychainKind;
use bdk_wallet::chain::{BlockId, ChainPosition, ConfirmationBlockTime};
use bdk_wallet::coin_selection::{CoinSelectionAlgorithm as _, DefaultCoinSelectionAlgorithm};
use bdk_wallet::{LocalOutput, Utxo, WeightedUtxo};
use bitcoin::constants::COINBASE_MATURITY;
use bitcoin::key::rand::thread_rng;
use bitcoin::psbt::Input as PsbtInput;
use bitcoin::{Amount, FeeRate, OutPoint, ScriptBuf, Transaction, TxOut, Weight, absolute, transaction};
use conclave_domain::descriptor::Keychain;
use conclave_shared::Sat;

use super::{Coin, Coins, CoinsError, kind};

impl Coins {
    /// Coins in blocks that suffice for `recipients` and the fee: none that is locked or `held`.
    pub(super) fn choose(
        &self,
        recipients: &[(ScriptBuf, Amount)],
        fee_rate: FeeRate,
        held: &[OutPoint],
    ) -> Result<Vec<Coin>, CoinsError> {
        let held: HashSet<&OutPoint> = held.iter().collect();
        let (listing, weight) = (self.listing(), self.satisfaction_weight()?);
        let free = listing.coins().iter().filter(|coin| coin.height.is_some() && !held.contains(&coin.outpoint));
        let free = free.filter(|coin| !self.wallet.is_outpoint_locked(coin.outpoint) && self.is_mature(coin));
        let free: Vec<WeightedUtxo> = free
            .filter_map(|coin| Some(WeightedUtxo { satisfaction_weight: weight, utxo: Utxo::Local(self.local(coin)?) }))
            .collect();
        let output = recipients.iter().map(|(script, value)| TxOut { value: *value, script_pubkey: script.clone() });
        let rest = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: Vec::new(),
            output: output.collect(),
        };
        let sum = recipients.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
        let target = sum.and_then(|sum| sum.checked_add(fee_rate.fee_wu(rest.weight())?));
        let target = target.ok_or_else(|| build_fault("it is more than all bitcoin"))?;
        // Only its kind matters here: the builder takes an address that is not used.
        let change = self.wallet.peek_address(KeychainKind::Internal, 0).script_pubkey();
        let chosen = DefaultCoinSelectionAlgorithm::default().coin_select(
            Vec::new(),
            free,
            fee_rate,
            target,
            &change,
            &mut thread_rng(),
        );
        let chosen = chosen.map_err(|funds| CoinsError::Funds {
            need: Sat(funds.needed.to_sat()),
            have: Sat(funds.available.to_sat()),
        })?;
        Ok(chosen.selected.iter().filter_map(|utxo| listing.coin(utxo.outpoint()).copied()).collect())
    }

    /// A coin as bdk's builder takes it without looking for it (`add_foreign_utxo_with_sequence`, `only_witness_utxo`).
    pub(super) fn as_input(&self, coin: &Coin) -> Result<(PsbtInput, Weight), CoinsError> {
        let (_, output) = self.wallet.spk_index().txout(coin.outpoint).ok_or_else(|| build_fault("a coin is gone"))?;
        let previous = self.wallet.tx_graph().get_tx(coin.outpoint.txid);
        let input = PsbtInput {
            witness_utxo: Some(output.clone()),
            non_witness_utxo: previous.map(|previous| Transaction::clone(&previous)),
            ..PsbtInput::default()
        };
        Ok((input, self.satisfaction_weight()?))
    }

    /// Whether a block takes it next: what a miner made has to wait.
    fn is_mature(&self, coin: &Coin) -> bool {
        let Some(height) = coin.height else { return true };
        let deep = self.tip_height().saturating_sub(height).saturating_add(1) >= COINBASE_MATURITY;
        deep || !self.wallet.tx_graph().get_tx(coin.outpoint.txid).is_some_and(|made| made.is_coinbase())
    }

    fn local(&self, coin: &Coin) -> Option<LocalOutput> {
        let (_, output) = self.wallet.spk_index().txout(coin.outpoint)?;
        // Of the block only that there is one matters to the choice: the order of coins is by chance or by worth.
        let block_id = BlockId { height: coin.height?, hash: self.wallet.local_chain().genesis_hash() };
        Some(LocalOutput {
            outpoint: coin.outpoint,
            txout: output.clone(),
            keychain: kind(coin.keychain),
            is_spent: false,
            derivation_index: coin.index,
            chain_position: ChainPosition::Confirmed {
                anchor: ConfirmationBlockTime { block_id, confirmation_time: 0 },
                transitively: None,
            },
        })
    }

    /// What spending one coin adds to a transaction, beside its outpoint.
    fn satisfaction_weight(&self) -> Result<Weight, CoinsError> {
        let descriptor = self.wallet.public_descriptor(kind(Keychain::Receive));
        descriptor.max_weight_to_satisfy().map_err(|error| build_fault(&error.to_string()))
    }
}

fn build_fault(reason: &str) -> CoinsError {
    CoinsError::Build { reason: reason.to_owned() }
}
