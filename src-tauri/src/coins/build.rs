//! Building payments of a vault's coins: change and fee. Which coins they spend is `choose`; what the guard says of them is
//! not judged here.

use bdk_wallet::KeychainKind;
use bdk_wallet::error::CreateTxError;
use bitcoin::{
    Amount, FeeRate, OutPoint, Psbt, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Weight, absolute, transaction,
};
use conclave_domain::proposal::{ChangeClaim, INPUTS_LIMIT, Input, InputClaim, Proposal};
use conclave_shared::Sat;

use super::{Coin, Coins, CoinsError};

/// Largest weight that nodes relay, in weight units.
const RELAYED_WEIGHT: u64 = 400_000;

/// Which coins a payment spends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spend {
    /// What is needed of those in blocks that no payment holds and that are not frozen.
    Free,
    /// Exactly these.
    Chosen(Vec<OutPoint>),
    /// Those of another payment, and others of the free ones only where that is allowed and they do not suffice.
    Of {
        /// The other payment's.
        inputs: Vec<(OutPoint, InputClaim)>,
        /// Whether others may be added.
        more: bool,
    },
}

/// Where what is left goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// To a fresh change address, where it is worth one.
    Change,
    /// All that the coins hold beyond the recipients and the fee, to an address of somebody.
    To(ScriptBuf),
    /// All, back to a fresh change address: the payment has no other output.
    Back,
}

/// What a payment pays to miners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    /// By its size.
    Rate(FeeRate),
    /// So much.
    Sum(Amount),
}

/// A payment to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Who gets what.
    pub recipients: Vec<(ScriptBuf, Amount)>,
    /// Where the rest goes.
    pub rest: Rest,
    /// Which coins it spends.
    pub coins: Spend,
    /// What it costs.
    pub fee: Fee,
    /// Why.
    pub purpose: String,
    /// The time in blocks of the recovery that it is for; none: for the members' quorum.
    pub recovery: Option<u16>,
}

pub(super) fn build_fault(reason: impl ToString) -> CoinsError {
    CoinsError::Build { reason: reason.to_string() }
}

fn claim(coin: &Coin) -> InputClaim {
    InputClaim { amount: coin.amount.0, keychain: coin.keychain, index: coin.index }
}

/// The claims about a payment's inputs.
pub fn claims(inputs: &[Input]) -> Vec<(OutPoint, InputClaim)> {
    let claim = |it: &Input| InputClaim { amount: it.amount.to_sat(), keychain: it.keychain, index: it.index };
    inputs.iter().map(|it| (it.outpoint, claim(it))).collect()
}

impl Coins {
    /// Builds a payment. Of the free coins none is taken that another payment holds, is frozen, or is in no block yet;
    /// change goes to an address that no payment has used.
    /// Nothing is kept of it here: the address is used once the payment is on record.
    pub fn build(&mut self, order: &Order, held: &[OutPoint]) -> Result<Proposal, CoinsError> {
        let psbt = self.build_psbt(order, held)?;
        self.propose(psbt.unsigned_tx, order)
    }

    fn build_psbt(&mut self, order: &Order, held: &[OutPoint]) -> Result<Psbt, CoinsError> {
        let back = match &order.rest {
            Rest::To(script) => script.clone(),
            Rest::Change | Rest::Back => self.fresh_change(),
        };
        let condition = Self::condition(order.recovery);
        let sequence = condition.csv.unwrap_or(Sequence::ENABLE_RBF_NO_LOCKTIME);
        let chosen = self.to_spend(order, held)?;
        let weight = self.satisfaction_weight()?;
        let inputs = chosen.iter().map(|coin| Ok((*coin, self.as_input(*coin)?)));
        let inputs = inputs.collect::<Result<Vec<_>, CoinsError>>()?;
        let mut builder = self.wallet.build_tx();
        builder.set_condition(condition);
        builder.set_recipients(order.recipients.clone()).manually_selected_only().only_witness_utxo();
        match order.fee {
            Fee::Rate(rate) => builder.fee_rate(rate),
            Fee::Sum(sum) => builder.fee_absolute(sum),
        };
        for (coin, input) in inputs {
            builder.add_foreign_utxo_with_sequence(coin, input, weight, sequence).map_err(build_fault)?;
        }
        // Also for change: bdk's own choice would mark an address as used that is perhaps never proposed.
        builder.drain_to(back);
        builder.finish().map_err(|error| match error {
            CreateTxError::CoinSelection(funds) => {
                CoinsError::Funds { need: Sat(funds.needed.to_sat()), have: Sat(funds.available.to_sat()) }
            }
            CreateTxError::OutputBelowDustLimit(_) => CoinsError::Dust,
            other => build_fault(other),
        })
    }

    /// The lowest change address that no payment has used.
    fn fresh_change(&self) -> ScriptBuf {
        let unused = self.wallet.list_unused_addresses(KeychainKind::Internal).map(|it| it.index).min();
        let index = unused.unwrap_or_else(|| self.wallet.next_derivation_index(KeychainKind::Internal));
        self.wallet.peek_address(KeychainKind::Internal, index).address.script_pubkey()
    }

    /// Builds a payment of the smallest free coin that suffices, all of it back to a fresh change address.
    pub fn build_self_test(
        &mut self,
        rate: FeeRate,
        purpose: String,
        held: &[OutPoint],
    ) -> Result<Proposal, CoinsError> {
        let script_pubkey = self.fresh_change();
        let least = script_pubkey.minimal_non_dust();
        let bare = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![TxIn::default()],
            output: vec![TxOut { value: least, script_pubkey }],
        };
        // Marker and flag, and one unit of weight that rounding may cost.
        let weight = bare.weight() + self.satisfaction_weight()? + Weight::from_wu(4);
        let need = rate.fee_wu(weight).and_then(|fee| fee.checked_add(least));
        let need = Sat(need.ok_or_else(|| build_fault("the fee is more than all bitcoin"))?.to_sat());
        let free = self.free(&held.iter().copied().collect());
        let have = free.iter().map(|coin| coin.amount).max().unwrap_or(Sat(0));
        let enough = free.iter().filter(|coin| coin.amount >= need).min_by_key(|coin| (coin.amount, coin.outpoint));
        let coin = enough.ok_or(CoinsError::Funds { need, have })?.outpoint;
        let (recipients, coins, fee) = (Vec::new(), Spend::Chosen(vec![coin]), Fee::Rate(rate));
        self.build(&Order { recipients, rest: Rest::Back, coins, fee, purpose, recovery: None }, held)
    }

    /// What a proposal says of a transaction of our own making.
    fn propose(&self, transaction: Transaction, order: &Order) -> Result<Proposal, CoinsError> {
        let inputs = transaction.input.len();
        let weight = transaction.weight() + self.satisfaction_weight()? * inputs as u64;
        if inputs > INPUTS_LIMIT || weight.to_wu() > RELAYED_WEIGHT {
            return Err(CoinsError::TooManyCoins { coins: inputs });
        }
        let of: &[(OutPoint, InputClaim)] = match &order.coins {
            Spend::Of { inputs, .. } => inputs,
            Spend::Free | Spend::Chosen(_) => &[],
        };
        let listing = self.listing();
        let inputs = transaction.input.iter().map(|input| {
            let coin = input.previous_output;
            let given = of.iter().find(|(it, _)| *it == coin).map(|(_, claim)| *claim);
            given.or_else(|| listing.coin(coin).map(claim)).ok_or_else(|| build_fault("a chosen coin is not known"))
        });
        let inputs = inputs.collect::<Result<Vec<InputClaim>, CoinsError>>()?;
        let recipient = |script: &ScriptBuf| order.recipients.iter().any(|(to, _)| to == script);
        let change = transaction.output.iter().zip(0..).find_map(|(output, position)| {
            match self.wallet.derivation_of_spk(output.script_pubkey.clone()) {
                // A recipient is a recipient, even if it is an address of the vault.
                Some((KeychainKind::Internal, index)) if !recipient(&output.script_pubkey) => {
                    Some(ChangeClaim { output: position, index })
                }
                Some((KeychainKind::External | KeychainKind::Internal, _)) | None => None,
            }
        });
        Ok(Proposal::new(&transaction, inputs, change, order.purpose.clone()))
    }

    /// Builds a payment that spends an own coin of an unconfirmed transaction back to the vault, with a fee that brings both
    /// to `rate` (CPFP). What the transaction rests on is reckoned in as far as it is unconfirmed and known here.
    pub fn build_child(
        &mut self,
        parent: Txid,
        rate: FeeRate,
        purpose: String,
        held: &[OutPoint],
    ) -> Result<Proposal, CoinsError> {
        let (paid, weight) = self.unconfirmed_package(parent)?;
        let listing = self.listing();
        let own = listing.coins().iter().filter(|coin| coin.outpoint.txid == parent);
        let free = own.filter(|coin| !held.contains(&coin.outpoint));
        let coin = free.max_by_key(|coin| (coin.amount, coin.outpoint));
        let coin = coin.ok_or(CoinsError::NothingToSpend { parent })?;
        let mut order = Order {
            recipients: Vec::new(),
            rest: Rest::Back,
            coins: Spend::Of { inputs: vec![(coin.outpoint, claim(coin))], more: false },
            fee: Fee::Rate(rate),
            purpose,
            recovery: None,
        };
        // Once for its size, which does not depend on the fee: then for the sum.
        let child = self.build_psbt(&order, held)?;
        let own_fee = child.fee().map_err(build_fault)?;
        // Miners reckon in whole vB, transaction by transaction.
        let parents = rate.fee_wu(weight + Weight::from_wu(4));
        let package = parents.and_then(|fee| fee.checked_add(own_fee));
        let package = package.ok_or_else(|| build_fault("the fee is more than all bitcoin"))?;
        let sum = package.checked_sub(paid).filter(|sum| *sum > own_fee);
        order.fee = Fee::Sum(sum.ok_or(CoinsError::RateReached { parent })?);
        self.build(&order, held)
    }

    /// Fee and weight, in whole vB each, of an unconfirmed transaction and of all unconfirmed ones that it rests on.
    fn unconfirmed_package(&self, txid: Txid) -> Result<(Amount, Weight), CoinsError> {
        let (mut fee, mut weight) = (Amount::ZERO, Weight::ZERO);
        let (mut open, mut seen) = (vec![txid], std::collections::BTreeSet::new());
        while let Some(next) = open.pop() {
            if !seen.insert(next) || self.in_chain(next) {
                continue;
            }
            // An ancestor that the chain source never told is a stranger's: what it pays is not known.
            let Some(transaction) = self.standing(next) else {
                if next == txid {
                    return Err(CoinsError::NotUnconfirmed { parent: txid });
                }
                continue;
            };
            let paid = self.wallet.calculate_fee(&transaction);
            let paid = paid.map_err(|_| CoinsError::FeeUnknown { parent: next })?;
            fee = fee.checked_add(paid).ok_or(CoinsError::FeeUnknown { parent: next })?;
            weight += Weight::from_wu(transaction.weight().to_wu().next_multiple_of(4));
            open.extend(transaction.input.iter().map(|input| input.previous_output.txid));
        }
        if weight == Weight::ZERO {
            return Err(CoinsError::NotUnconfirmed { parent: txid });
        }
        Ok((fee, weight))
    }
}
