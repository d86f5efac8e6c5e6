//! Which coins a payment spends, out of what is listed. bdk's own builder looks through the whole graph for that, block by
//! block: with tens of thousands of transactions it takes half a minute.

use std::collections::HashSet;

use bdk_wallet::KeychainKind;
use bdk_wallet::chain::{ChainPosition, ConfirmationBlockTime};
use bdk_wallet::coin_selection::{CoinSelectionAlgorithm as _, DefaultCoinSelectionAlgorithm};
use bdk_wallet::{LocalOutput, Utxo, WeightedUtxo};
use bitcoin::constants::COINBASE_MATURITY;
use bitcoin::key::rand::thread_rng;
use bitcoin::psbt::Input as PsbtInput;
use bitcoin::{Amount, FeeRate, OutPoint, ScriptBuf, Transaction, TxOut, Weight, absolute, transaction};
use conclave_domain::descriptor::Keychain;
use conclave_domain::proposal::InputClaim;
use conclave_shared::Sat;

use super::build::build_fault;
use super::{Coin, Coins, CoinsError, Fee, Order, Rest, Spend, kind};

impl Coins {
    /// The coins that a payment is to spend, none of them `held`.
    pub(super) fn to_spend(&self, order: &Order, held: &[OutPoint]) -> Result<Vec<OutPoint>, CoinsError> {
        let mut unspendable: HashSet<OutPoint> = held.iter().copied().collect();
        unspendable.extend(self.too_young(order.recovery));
        match &order.coins {
            Spend::Free => match order.rest {
                Rest::Change => self.choose(&order.recipients, order.fee, &[], &unspendable),
                Rest::To(_) | Rest::Back => {
                    // Everything goes: what is free is spent to the last coin.
                    let free: Vec<OutPoint> = self.free(&unspendable).iter().map(|coin| coin.outpoint).collect();
                    let need = Sat(sum(&order.recipients)?.to_sat());
                    if free.is_empty() { Err(CoinsError::Funds { need, have: Sat(0) }) } else { Ok(free) }
                }
            },
            Spend::Chosen(coins) => {
                coins.iter().try_for_each(|coin| self.check_chosen(*coin, &unspendable))?;
                Ok(coins.clone())
            }
            Spend::Of { inputs, more: false } => Ok(inputs.iter().map(|(coin, _)| *coin).collect()),
            Spend::Of { inputs, more: true } => self.choose(&order.recipients, order.fee, inputs, &unspendable),
        }
    }

    fn check_chosen(&self, coin: OutPoint, unspendable: &HashSet<OutPoint>) -> Result<(), CoinsError> {
        let known = *self.listing().coin(coin).ok_or(CoinsError::CoinUnknown { coin })?;
        if self.is_frozen(coin) {
            return Err(CoinsError::CoinFrozen { coin });
        }
        if known.height.is_none() {
            return Err(CoinsError::CoinUnconfirmed { coin });
        }
        if unspendable.contains(&coin) {
            return Err(CoinsError::CoinNotFree { coin });
        }
        Ok(())
    }

    /// Coins in blocks that are neither frozen nor `unspendable`.
    pub(super) fn free(&self, unspendable: &HashSet<OutPoint>) -> Vec<Coin> {
        let listing = self.listing();
        let free = listing.coins().iter().filter(|coin| coin.height.is_some() && !unspendable.contains(&coin.outpoint));
        free.filter(|coin| !self.is_frozen(coin.outpoint) && self.is_mature(coin)).copied().collect()
    }

    /// Coins that suffice for `recipients` and the fee: those of `given`, and free ones where they do not suffice.
    fn choose(
        &self,
        recipients: &[(ScriptBuf, Amount)],
        fee: Fee,
        given: &[(OutPoint, InputClaim)],
        unspendable: &HashSet<OutPoint>,
    ) -> Result<Vec<OutPoint>, CoinsError> {
        let satisfaction_weight = self.satisfaction_weight()?;
        let weighted = |utxo| WeightedUtxo { satisfaction_weight, utxo: Utxo::Local(utxo) };
        let required: Vec<WeightedUtxo> = given
            .iter()
            .map(|(coin, claim)| self.local(*coin, claim.keychain, claim.index).map(weighted))
            .collect::<Result<_, _>>()?;
        let free: Vec<WeightedUtxo> = self
            .free(unspendable)
            .iter()
            .filter(|coin| given.iter().all(|(it, _)| *it != coin.outpoint))
            .map(|coin| self.local(coin.outpoint, coin.keychain, coin.index).map(weighted))
            .collect::<Result<_, _>>()?;
        let output = recipients.iter().map(|(script, value)| TxOut { value: *value, script_pubkey: script.clone() });
        let rest = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: Vec::new(),
            output: output.collect(),
        };
        let (fee_rate, beside) = match fee {
            Fee::Rate(rate) => (rate, rate.fee_wu(rest.weight())),
            Fee::Sum(sum) => (FeeRate::ZERO, Some(sum)),
        };
        let target = beside.and_then(|beside| sum(recipients).ok()?.checked_add(beside));
        let target = target.ok_or_else(|| build_fault("it is more than all bitcoin"))?;
        // Only its kind matters here: the builder takes an address that is not used.
        let change = self.wallet.peek_address(KeychainKind::Internal, 0).script_pubkey();
        let chosen = DefaultCoinSelectionAlgorithm::default().coin_select(
            required,
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
        Ok(chosen.selected.iter().map(Utxo::outpoint).collect())
    }

    /// A coin as bdk's builder takes it without looking for it (`add_foreign_utxo_with_sequence`, `only_witness_utxo`).
    /// It may be spent, for a payment that takes the place of what spends it.
    pub(super) fn as_input(&self, coin: OutPoint) -> Result<PsbtInput, CoinsError> {
        let previous = self.standing(coin.txid).ok_or(CoinsError::CoinUnknown { coin })?;
        let output = previous.output.get(coin.vout as usize).cloned().ok_or(CoinsError::CoinUnknown { coin })?;
        Ok(PsbtInput {
            witness_utxo: Some(output),
            non_witness_utxo: Some(Transaction::clone(&previous)),
            ..PsbtInput::default()
        })
    }

    /// Whether a block takes it next: what a miner made has to wait.
    fn is_mature(&self, coin: &Coin) -> bool {
        let Some(height) = coin.height else { return true };
        let deep = self.tip_height().saturating_sub(height).saturating_add(1) >= COINBASE_MATURITY;
        deep || !self.wallet.tx_graph().get_tx(coin.outpoint.txid).is_some_and(|made| made.is_coinbase())
    }

    fn local(&self, outpoint: OutPoint, keychain: Keychain, index: u32) -> Result<LocalOutput, CoinsError> {
        let (_, output) = self.wallet.spk_index().txout(outpoint).ok_or(CoinsError::CoinUnknown { coin: outpoint })?;
        // Which block it is in does not matter to the choice: the order of coins is by chance or by worth. The newest is
        // found at once, any other by walking to it.
        let block_id = self.wallet.latest_checkpoint().block_id();
        Ok(LocalOutput {
            outpoint,
            txout: output.clone(),
            keychain: kind(keychain),
            is_spent: false,
            derivation_index: index,
            chain_position: ChainPosition::Confirmed {
                anchor: ConfirmationBlockTime { block_id, confirmation_time: 0 },
                transitively: None,
            },
        })
    }

    /// What spending one coin adds to a transaction, beside its outpoint.
    pub(super) fn satisfaction_weight(&self) -> Result<Weight, CoinsError> {
        self.wallet.public_descriptor(KeychainKind::External).max_weight_to_satisfy().map_err(build_fault)
    }
}

fn sum(recipients: &[(ScriptBuf, Amount)]) -> Result<Amount, CoinsError> {
    let sum = recipients.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    sum.ok_or_else(|| build_fault("it is more than all bitcoin"))
}
