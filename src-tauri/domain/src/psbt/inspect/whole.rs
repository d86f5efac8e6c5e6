//! What concerns the whole transaction: coins that stand twice, times, sums, size.

use std::collections::BTreeMap;

use bitcoin::Sequence;
use bitcoin::absolute::LockTime as Lock;
use bitcoin::bip32::Fingerprint;
use conclave_shared::Finding;

use super::finals::filled;
use super::report::{Found, InputReport, LockKind, LockTime, OutputReport, Proof, Remark};
use super::{WEIGHT_LIMIT, Work};
use crate::descriptor::{DerivedKey, Keychain, ParentKey};
use crate::guard::{FEE_ABSURD_ALWAYS, FEE_ABSURD_FROM};
use crate::watched::WatchedDescriptor;

/// Sums, fee and size.
pub(super) struct Totals {
    pub inputs: Option<u64>,
    pub outputs: u64,
    pub leaves: u64,
    pub fee: Option<u64>,
    pub proven: bool,
    pub weight: Option<u64>,
}

impl Work<'_> {
    pub(super) fn coins_twice(&mut self) {
        let mut coins = BTreeMap::new();
        for (number, input) in self.psbt.unsigned_tx.input.iter().enumerate() {
            if let Some(first) = coins.insert(input.previous_output, number) {
                let message = format!("it spends the same coin as input {first}");
                self.findings.push(Found::input(Finding::InputDuplicated, number, message));
            }
        }
    }

    /// What the global map says of the descriptor's own extended keys: devices register wallets by it.
    pub(super) fn extended_keys(&mut self, descriptor: &WatchedDescriptor) {
        let first = descriptor.at(Keychain::Receive, 0);
        let keys: Vec<_> = first.iter().flat_map(|derived| &derived.keys).collect();
        for (xpub, (fingerprint, path)) in &self.psbt.xpub {
            let swapped = |key: &&DerivedKey| {
                let origin = key.path.into_iter().take(key.path.len().saturating_sub(key.steps));
                key.parent == ParentKey::Extended(*xpub)
                    && key.fingerprint.is_some_and(|it| it != *fingerprint || !origin.eq(path))
            };
            if *fingerprint != Fingerprint::default() && keys.iter().any(swapped) {
                let message = format!("the origin of the extended key {xpub} is not what the descriptor says");
                self.findings.push(Found::whole(Finding::OriginSwapped, message));
            }
        }
    }

    fn relative_locks(&mut self) {
        let transaction = &self.psbt.unsigned_tx;
        for (number, input) in transaction.input.iter().enumerate() {
            let lock = input.sequence.to_relative_lock_time().filter(|_| transaction.version.0 >= 2);
            if let Some(lock) = lock.filter(|lock| lock.to_consensus_u32() & 0xffff > 0) {
                let message =
                    format!("it can be spent only {lock} (blocks, or units of 512 s) after its coin was made");
                self.notes.push(Remark::input("relative-lock", number, message));
            }
        }
    }

    pub(super) fn lock_time(&mut self) -> LockTime {
        self.relative_locks();
        let transaction = &self.psbt.unsigned_tx;
        let value = transaction.lock_time.to_consensus_u32();
        let effective = transaction.input.iter().any(|input| input.sequence != Sequence::MAX);
        let (kind, now) = match transaction.lock_time {
            _ if value == 0 => (LockKind::None, None),
            Lock::Blocks(_) => (LockKind::Height, self.bounds.tip),
            Lock::Seconds(_) => (LockKind::Time, self.bounds.now),
        };
        let unit = if kind == LockKind::Time { "the time" } else { "block" };
        if kind != LockKind::None && effective {
            match now {
                Some(now) if value > now => {
                    let message = format!("it can be sent only after {unit} {value}; now it is {now}");
                    self.findings.push(Found::whole(Finding::LocktimeAhead, message));
                }
                Some(_) => {}
                None => {
                    let message =
                        format!("it can be sent only after {unit} {value}; whether that has come is not known");
                    self.notes.push(Remark::whole("lock-time", message));
                }
            }
        } else if kind != LockKind::None {
            let message = format!("its lock time ({unit} {value}) does not count: every sequence is final");
            self.notes.push(Remark::whole("lock-time", message));
        }
        LockTime { kind, value, effective: kind != LockKind::None && effective }
    }

    /// Sums, fee and size.
    pub(super) fn totals(
        &mut self,
        inputs: &[InputReport],
        outputs: &[OutputReport],
        weights: &[Option<u64>],
        oversize: bool,
    ) -> Totals {
        let transaction = &self.psbt.unsigned_tx;
        let paid = transaction.output.iter().map(|output| u128::from(output.value.to_sat())).sum::<u128>();
        let told = self.coins.iter().map(|coin| coin.output.as_ref().map(|it| u128::from(it.value.to_sat())));
        let told = told.sum::<Option<u128>>();
        let proven = inputs.iter().all(|it| !matches!(it.proof, Proof::Claimed | Proof::Missing)) && !oversize;
        if !proven {
            let message = "the fee comes from amounts that are not proven";
            self.not_proven.push(Remark::whole("fee", message));
        }
        let own = outputs.iter().filter(|it| it.keychain.is_some()).map(|it| u128::from(it.amount_sat)).sum::<u128>();
        let leaves = paid.saturating_sub(own);
        let fee = told.and_then(|told| match told.checked_sub(paid) {
            Some(fee) => Some((told, fee)),
            None if self.coins.is_empty() => None,
            None => {
                let message = format!("{paid} sat go out, {told} sat come in");
                self.findings.push(Found::whole(Finding::FeeNegative, message));
                None
            }
        });
        if let Some((told, fee)) = fee {
            let base = if leaves == 0 { told } else { leaves };
            let absurd = fee > u128::from(FEE_ABSURD_ALWAYS) || (fee > u128::from(FEE_ABSURD_FROM) && fee > base / 10);
            if absurd && !transaction.output.is_empty() {
                let message = format!("the fee is {fee} sat, where {leaves} sat leave");
                self.findings.push(Found::whole(Finding::FeeAbsurd, message));
            }
        }
        let weight = if oversize { None } else { self.weight(inputs, weights) };
        if let Some(weight) = weight.or_else(|| oversize.then(|| transaction.weight().to_wu()))
            && weight > WEIGHT_LIMIT
        {
            let message = format!("it weighs {weight}, more than the {WEIGHT_LIMIT} that the network carries");
            self.findings.push(Found::whole(Finding::Oversize, message));
        }
        let narrow = |wide: u128| u64::try_from(wide).unwrap_or(u64::MAX);
        Totals {
            inputs: told.map(narrow),
            outputs: narrow(paid),
            leaves: narrow(leaves),
            fee: fee.map(|(_, fee)| narrow(fee)),
            proven: proven && fee.is_some(),
            weight,
        }
    }

    fn weight(&self, inputs: &[InputReport], weights: &[Option<u64>]) -> Option<u64> {
        let filled = filled(self.psbt);
        let witnessed = filled.input.iter().any(|input| !input.witness.is_empty());
        let open = inputs.iter().zip(weights).filter(|(_, weight)| **weight != Some(0));
        let segwit = open
            .clone()
            .any(|(input, _)| !matches!(input.script_type, "p2pkh" | "p2sh" | "p2pk" | "multisig" | "other"));
        // The marker, the flag, and the empty witness of every input.
        let marks = if segwit && !witnessed { 2 + filled.input.len() as u64 } else { 0 };
        let added: Option<u64> = open.map(|(_, weight)| *weight).sum();
        Some(filled.weight().to_wu() + marks + added?)
    }
}
