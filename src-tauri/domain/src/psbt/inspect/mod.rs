//! The one judge of a PSBT: what it says, what of it is proven, and what is dangerous in it. It reads the PSBT and a
//! descriptor, and nothing else; a text about a payment is never asked.

mod coin;
mod finals;
mod ownership;
mod report;
mod signatures;
mod size;

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::absolute::LockTime as Lock;
use bitcoin::hashes::Hash as _;
use bitcoin::psbt::{Input, Psbt};
use bitcoin::{Address, Network, Script, Sequence, TxOut};
use conclave_shared::Finding;

pub use finals::Verifier;
pub use report::{
    Found, Inspection, InputReport, InputState, LockKind, LockTime, OutputKind, OutputReport, Progress, Proof, Remark,
    SignatureReport,
};

pub(super) use coin::{Spend, coin, spend};
pub(super) use finals::{filled, is_final};
pub(super) use signatures::{Judged, SigningKey, Validity, Verification};

use coin::Coin;
use finals::Final;
use ownership::{Claim, Fit, Place, Search};
use signatures::Sighash;

use super::file::PsbtFile;
use crate::descriptor::Keychain;
use crate::guard::{FEE_ABSURD_ALWAYS, FEE_ABSURD_FROM};
use crate::watched::WatchedDescriptor;

/// Largest weight that the network carries, in weight units.
pub const WEIGHT_LIMIT: u64 = 400_000;
/// How far past the last used index money may come back.
pub const INDEX_GAP: u32 = 1_000;

/// How many times farther a coin that claims nothing is looked for than an output.
const INPUT_SEARCH: u32 = 5;

/// By what an inspection judges, beside the descriptor.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How addresses are written.
    pub network: Network,
    /// Height of the newest block, in blocks, if it is known.
    pub tip: Option<u32>,
    /// The time, in seconds since 1970, if it is known.
    pub now: Option<u32>,
    /// The last index that was used, where it is higher than what the inputs show.
    pub last_index: Option<u32>,
    /// An amount that is not proven is a danger even without a descriptor.
    pub strict: bool,
    /// How many indices past the last used one are tried for outputs that claim nothing; five times as many for inputs.
    pub search: u32,
    /// Runs final scripts by bitcoin's own rules; without it miniscript's interpreter alone does.
    pub verifier: Option<Verifier>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            network: Network::Bitcoin,
            tip: None,
            now: None,
            last_index: None,
            strict: false,
            search: 200,
            verifier: None,
        }
    }
}

/// Inspects a file: what [`inspect`] says, and signatures in it that cannot be read.
pub fn inspect_file(file: &PsbtFile, descriptor: Option<&WatchedDescriptor>, bounds: &Bounds) -> Inspection {
    let mut inspection = inspect(file.psbt(), descriptor, bounds);
    for signature in file.unreadable() {
        let message = format!("the signature by {} cannot be read: {}", signature.key, signature.reason);
        inspection.findings.push(Found::input(signature.finding, signature.input, message));
    }
    inspection
}

/// Inspects a PSBT. Without a descriptor nothing is ours and nothing is change.
pub fn inspect(psbt: &Psbt, descriptor: Option<&WatchedDescriptor>, bounds: &Bounds) -> Inspection {
    let transaction = &psbt.unsigned_tx;
    let mut findings = vec![];
    let coins: Vec<Coin> = (0..psbt.inputs.len()).map(|number| coin(psbt, number, &mut findings)).collect();
    let mut work = Work {
        psbt,
        bounds,
        search: descriptor.map(Search::new),
        strict: bounds.strict || descriptor.is_some(),
        coins: &coins,
        findings,
        not_proven: vec![],
        notes: vec![],
        last_index: bounds.last_index,
    };
    let oversize = transaction.weight().to_wu() > WEIGHT_LIMIT;
    let (inputs, weights) = if oversize { (vec![], vec![]) } else { work.inputs() };
    let outputs = if oversize { vec![] } else { work.outputs() };
    work.coins_twice();
    let lock_time = work.lock_time();
    let total = work.totals(&inputs, &outputs, &weights, oversize);
    if descriptor.is_none() {
        let owner = "without a descriptor nobody can tell whose coins these are";
        let change = "without a descriptor nothing is known to come back: every output counts as a payment";
        work.not_proven.insert(0, Remark::whole("ownership", owner));
        work.not_proven.insert(1, Remark::whole("change", change));
    }
    let all_final = !inputs.is_empty() && inputs.iter().all(|input| input.state == InputState::Final);
    let done = |input: &InputReport| matches!(input.state, InputState::Final | InputState::Complete);
    Inspection {
        txid: transaction.compute_txid(),
        final_txid: all_final.then(|| filled(psbt).compute_txid()),
        transaction_version: transaction.version.0,
        lock_time,
        replaceable: transaction.input.iter().any(|input| input.sequence.is_rbf()),
        input_sat: total.inputs,
        output_sat: total.outputs,
        leaves_sat: total.leaves,
        fee_sat: total.fee,
        fee_proven: total.proven,
        weight: total.weight,
        vsize: total.weight.map(|weight| weight.div_ceil(4)),
        size_exact: all_final,
        fee_rate: total.fee.zip(total.weight).map(|(fee, weight)| rate(fee, weight.div_ceil(4))),
        progress: inputs.iter().map(|input| input.progress).min_by_key(still_needed).flatten(),
        complete: !inputs.is_empty() && inputs.iter().all(done),
        all_final,
        inputs,
        outputs,
        not_proven: work.not_proven,
        notes: work.notes,
        findings: work.findings,
    }
}

/// Inputs of which nothing is known first, then those that need most.
fn still_needed(progress: &Option<Progress>) -> (bool, std::cmp::Reverse<usize>) {
    let lacking = progress.map_or(0, |progress| progress.need.saturating_sub(progress.have));
    (progress.is_some(), std::cmp::Reverse(lacking))
}

fn rate(fee: u64, vsize: u64) -> f64 {
    (fee as f64 / vsize.max(1) as f64 * 100.0).round() / 100.0
}

struct Totals {
    inputs: Option<u64>,
    outputs: u64,
    leaves: u64,
    fee: Option<u64>,
    proven: bool,
    weight: Option<u64>,
}

/// An inspection while it is made.
struct Work<'a> {
    psbt: &'a Psbt,
    bounds: &'a Bounds,
    search: Option<Search<'a>>,
    strict: bool,
    coins: &'a [Coin],
    findings: Vec<Found>,
    not_proven: Vec<Remark>,
    notes: Vec<Remark>,
    /// The highest index that the inputs use, or that was told.
    last_index: Option<u32>,
}

impl<'a> Work<'a> {
    /// The reports of all inputs, and what satisfying each adds in weight; nothing for final ones.
    fn inputs(&mut self) -> (Vec<InputReport>, Vec<Option<u64>>) {
        let all: Option<Vec<TxOut>> = self.coins.iter().map(|coin| coin.output.clone()).collect();
        let psbt = self.psbt;
        let mut verification = Verification::new(psbt, all.as_deref());
        let (mut reports, mut weights) = (vec![], vec![]);
        for (number, input) in psbt.inputs.iter().enumerate() {
            let (report, weight) = self.input(number, input, &mut verification, all.as_deref());
            reports.push(report);
            weights.push(weight);
        }
        (reports, weights)
    }

    fn input(
        &mut self,
        number: usize,
        input: &Input,
        verification: &mut Verification<'_>,
        all: Option<&[TxOut]>,
    ) -> (InputReport, Option<u64>) {
        let psbt = self.psbt;
        let spending = psbt.unsigned_tx.input.get(number).cloned().unwrap_or_default();
        let missing = Coin { output: None, proof: Proof::Missing };
        let coin = self.coins.get(number).unwrap_or(&missing);
        let output = coin.output.as_ref();
        self.amount(number, input, coin);
        let place = self.input_place(number, input, output);
        let spend = match output {
            Some(output) => spend(input, number, &output.script_pubkey, &mut self.findings),
            None => Spend::Unknown,
        };
        let mut judged = verification.judge(input, number, &spend, output.map(|output| output.value));
        self.sighash(number, input, &spend, &judged);
        let mut state = None;
        if is_final(input) {
            let (known, found) = self.final_scripts(number, input, output, all);
            state = Some(known);
            judged.extend(found);
        }
        for it in &judged {
            if let Validity::Invalid(reason) = it.validity {
                let key = name(&it.key);
                let message = format!("the signature by {key} is not valid: {reason}");
                self.findings.push(Found::input(Finding::SignatureInvalid, number, message));
            }
        }
        let derived = place.as_ref().and_then(|place| place.derived.descriptor.as_ref());
        let need = size::needed(&spend, input, derived, &psbt.unsigned_tx, spending.sequence);
        let have = count(&judged);
        let progress = match (state, need) {
            (Some(InputState::Final), need) => {
                let (need, of) = need.unwrap_or((have, have));
                Some(Progress { have: need.max(have), need, of })
            }
            (_, Some((need, of))) => Some(Progress { have, need, of }),
            (_, None) => None,
        };
        let state = state.unwrap_or_else(|| {
            let enough = judged.iter().any(|it| {
                it.validity == Validity::Valid && matches!(it.key, SigningKey::TaprootKey(_))
            }) || progress.is_some_and(|it| it.need > 0 && it.have >= it.need);
            match (enough, have) {
                (true, _) => InputState::Complete,
                (false, 0) => InputState::Unsigned,
                (false, _) => InputState::PartlySigned,
            }
        });
        let weight = match state {
            InputState::Final | InputState::FinalUnverified | InputState::FinalInvalid => Some(0),
            InputState::Unsigned | InputState::PartlySigned | InputState::Complete => {
                output.and_then(|it| size::weight_to_satisfy(&spend, &it.script_pubkey, input, derived))
            }
        };
        let report = InputReport {
            input: number,
            outpoint: spending.previous_output,
            amount_sat: output.map(|output| output.value.to_sat()),
            proof: coin.proof,
            script_type: output.map_or("unknown", |it| coin::script_type(&it.script_pubkey, Some(&spend))),
            address: output.and_then(|output| self.address(&output.script_pubkey)),
            ours: output.and_then(|_| self.search.as_ref().map(|_| place.is_some())),
            keychain: place.as_ref().map(|place| place.keychain),
            index: place.as_ref().map(|place| place.index),
            sequence: spending.sequence.0,
            sighash: input.sighash_type.map(|asked| asked.to_string()),
            signatures: judged.iter().map(|it| signature_report(it, input, place.as_ref())).collect(),
            progress,
            state,
        };
        (report, weight)
    }

    /// Whether the amount of an input is proven.
    fn amount(&mut self, number: usize, input: &Input, coin: &Coin) {
        let (name, message) = match coin.proof {
            Proof::PreviousTransaction | Proof::Taproot => return,
            Proof::Claimed => ("amount", "its amount is claimed, and no previous transaction proves it"),
            Proof::Missing => ("amount", "what it spends is not told"),
        };
        // Named already: the previous transaction is there, and is another.
        if input.non_witness_utxo.is_some() {
            return;
        }
        let known = |output: &TxOut| {
            let script = &output.script_pubkey;
            !script.is_witness_program() || script.is_p2wpkh() || script.is_p2wsh() || script.is_p2tr()
        };
        match (self.strict, coin.output.as_ref().is_none_or(known)) {
            (true, true) => {
                self.findings.push(Found::input(Finding::PreviousTransactionMissing, number, message));
            }
            (true, false) => {
                let message = "its amount is claimed, in a kind of script that is not known";
                self.findings.push(Found::input(Finding::FeeUnverified, number, message));
            }
            (false, _) => self.not_proven.push(Remark::input(name, number, message)),
        }
    }

    /// Where the coin stands in the descriptor.
    fn input_place(&mut self, number: usize, input: &Input, output: Option<&TxOut>) -> Option<Place> {
        let search = self.search.as_mut()?;
        let output = output?;
        let claims = ownership::claims(input.bip32_derivation.iter(), input.tap_key_origins.iter());
        // A coin that claims nothing is looked for farther: without it nothing can be signed.
        let last = self.last_index.unwrap_or(0).saturating_add(self.bounds.search.saturating_mul(INPUT_SEARCH));
        let Some(place) = search.place(&output.script_pubkey, &claims, last) else {
            let message = "the descriptor does not give its script: it is not a coin of this wallet";
            self.findings.push(Found::input(Finding::InputNotOurs, number, message));
            return None;
        };
        match search.fit(&place, &claims) {
            Fit::Right => {}
            Fit::Swapped | Fit::Elsewhere => {
                let message = "a key's fingerprint or path is not what the descriptor says";
                self.findings.push(Found::input(Finding::OriginSwapped, number, message));
            }
            Fit::Foreign => {
                let message = "it names a key that its script does not have";
                self.notes.push(Remark::input("key-unused", number, message));
            }
        }
        self.last_index = Some(self.last_index.unwrap_or(0).max(place.index));
        Some(place)
    }

    /// The sighash type that is asked for, and those of the signatures.
    fn sighash(&mut self, number: usize, input: &Input, spend: &Spend, judged: &[Judged]) {
        if let Some(asked) = input.sighash_type {
            let fits = match spend {
                Spend::Taproot(_) | Spend::Unknown => asked.to_u32() <= 1,
                Spend::Legacy(_) | Spend::KeyHash(_) | Spend::Witness(_) => asked.to_u32() == 1,
            };
            if !fits {
                let message = format!("it asks for the sighash type {asked}, which leaves a part open to change");
                self.findings.push(Found::input(Finding::SighashUnexpected, number, message));
            }
        }
        for it in judged {
            self.sighash_of(number, it.sighash);
        }
    }

    fn sighash_of(&mut self, number: usize, sighash: Sighash) {
        if !sighash.covers_all() {
            let message = format!("a signature has the type {sighash}, which leaves a part open to change");
            self.findings.push(Found::input(Finding::SighashUnexpected, number, message));
        }
    }

    /// Runs the final scripts of an input.
    fn final_scripts(
        &mut self,
        number: usize,
        input: &Input,
        output: Option<&TxOut>,
        all: Option<&[TxOut]>,
    ) -> (InputState, Vec<Judged>) {
        let asks = !input.partial_sigs.is_empty()
            || input.tap_key_sig.is_some()
            || !input.tap_script_sigs.is_empty()
            || input.sighash_type.is_some();
        let mut prefilled = |message: &str| {
            self.findings.push(Found::input(Finding::FinalsPrefilled, number, message));
        };
        match finals::verify(self.psbt, number, output, all, self.bounds.verifier) {
            Final::Wrong => {
                prefilled("it came with final scripts that do not spend its coin");
                (InputState::FinalInvalid, vec![])
            }
            _ if asks => {
                prefilled("it came with final scripts and still asks for signatures");
                (InputState::FinalInvalid, vec![])
            }
            Final::Unverified => {
                let message = "it is final, and what it spends is not there to verify that";
                self.not_proven.push(Remark::input("final", number, message));
                (InputState::FinalUnverified, vec![])
            }
            Final::Verified(judged) => {
                judged.iter().for_each(|it| self.sighash_of(number, it.sighash));
                (InputState::Final, judged)
            }
            Final::VerifiedOther(sighashes) => {
                sighashes.into_iter().for_each(|it| self.sighash_of(number, it));
                (InputState::Final, vec![])
            }
        }
    }

    fn outputs(&mut self) -> Vec<OutputReport> {
        let psbt = self.psbt;
        psbt.unsigned_tx.output.iter().enumerate().map(|(number, output)| self.output(number, output)).collect()
    }

    fn output(&mut self, number: usize, paid: &TxOut) -> OutputReport {
        coin::inspect_output_scripts(self.psbt, number, &mut self.findings);
        let script = &paid.script_pubkey;
        let claims = self.psbt.outputs.get(number).map_or(vec![], |output| {
            ownership::claims(output.bip32_derivation.iter(), output.tap_key_origins.iter())
        });
        let place = self.output_place(number, script, &claims);
        let kind = match &place {
            Some(Place { keychain: Keychain::Change, .. }) => OutputKind::Change,
            Some(Place { keychain: Keychain::Receive, .. }) => OutputKind::OwnReceiveAddress,
            None if script.is_op_return() => OutputKind::OpReturn,
            None => OutputKind::Payment,
        };
        OutputReport {
            output: number,
            amount_sat: paid.value.to_sat(),
            address: self.address(script),
            script: script.to_hex_string(),
            script_type: coin::script_type(script, None),
            kind,
            keychain: place.as_ref().map(|place| place.keychain),
            index: place.as_ref().map(|place| place.index),
        }
    }

    /// Where an output stands in the descriptor. One that lies about it is no output of ours.
    fn output_place(&mut self, number: usize, script: &Script, claims: &[Claim]) -> Option<Place> {
        let search = self.search.as_mut()?;
        let used = self.last_index.unwrap_or(0);
        let mut found = |finding, message: &str| self.findings.push(Found::output(finding, number, message));
        let Some(place) = search.place(script, claims, used.saturating_add(self.bounds.search)) else {
            if search.pretend(script, claims) {
                let message = "it claims to come back to this wallet, and the descriptor does not give its script";
                found(Finding::ChangeNotOurs, message);
            } else if !claims.is_empty() {
                let message = "it names keys of another wallet: it counts as a payment";
                self.notes.push(Remark::output("keys-of-others", number, message));
            }
            return None;
        };
        match search.fit(&place, claims) {
            Fit::Right => {}
            Fit::Swapped => {
                found(Finding::OriginSwapped, "a key's fingerprint or path is not what the descriptor says");
            }
            Fit::Foreign => {
                found(Finding::ChangeNotOurs, "a key that is not this wallet's stands among those it names");
                return None;
            }
            Fit::Elsewhere => {
                found(Finding::ChangeNotOurs, "it names a place of the descriptor that gives another script");
                return None;
            }
        }
        if place.index > used.saturating_add(INDEX_GAP) {
            let message = format!(
                "it comes back at index {}, the last used one is {used}: no program would look there",
                place.index
            );
            found(Finding::ChangeIndexFar, &message);
        }
        Some(place)
    }

    fn coins_twice(&mut self) {
        let mut coins = BTreeMap::new();
        for (number, input) in self.psbt.unsigned_tx.input.iter().enumerate() {
            if let Some(first) = coins.insert(input.previous_output, number) {
                let message = format!("it spends the same coin as input {first}");
                self.findings.push(Found::input(Finding::InputDuplicated, number, message));
            }
        }
    }

    fn lock_time(&mut self) -> LockTime {
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
                    let message = format!("it can be sent only after {unit} {value}; whether that has come is not known");
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
    fn totals(
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
        let proven = self.coins.iter().all(|it| matches!(it.proof, Proof::PreviousTransaction | Proof::Taproot));
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
            let absurd =
                fee > u128::from(FEE_ABSURD_ALWAYS) || (fee > u128::from(FEE_ABSURD_FROM) && fee > base / 10);
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
        let segwit = open.clone().any(|(input, _)| !matches!(input.script_type, "p2pkh" | "p2sh" | "p2pk" | "multisig" | "other"));
        // The marker, the flag, and the empty witness of every input.
        let marks = if segwit && !witnessed { 2 + filled.input.len() as u64 } else { 0 };
        let added: Option<u64> = open.map(|(_, weight)| *weight).sum();
        Some(filled.weight().to_wu() + marks + added?)
    }

    fn address(&self, script: &Script) -> Option<String> {
        Address::from_script(script, self.bounds.network).ok().map(|address| address.to_string())
    }
}

/// Different keys with a valid signature; of taproot scripts those of the leaf that has most.
fn count(judged: &[Judged]) -> usize {
    let mut keys: BTreeMap<Option<[u8; 32]>, BTreeSet<SigningKey>> = BTreeMap::new();
    for it in judged.iter().filter(|it| it.validity == Validity::Valid) {
        keys.entry(it.leaf.map(|leaf| leaf.to_byte_array())).or_default().insert(it.key);
    }
    keys.values().map(BTreeSet::len).max().unwrap_or(0)
}

fn name(key: &SigningKey) -> String {
    match key {
        SigningKey::Ecdsa(key) => key.to_string(),
        SigningKey::TaprootKey(key) | SigningKey::TaprootScript(key) => key.to_string(),
    }
}

fn signature_report(judged: &Judged, input: &Input, place: Option<&Place>) -> SignatureReport {
    let (kind, x_only) = match &judged.key {
        SigningKey::Ecdsa(key) => ("ecdsa", key.inner.x_only_public_key().0),
        SigningKey::TaprootKey(key) => ("taproot-key", input.tap_internal_key.unwrap_or(*key)),
        SigningKey::TaprootScript(key) => ("taproot-script", *key),
    };
    let own = place.and_then(|place| place.derived.keys.iter().find(|key| key.x_only == x_only));
    let told = ownership::claims(input.bip32_derivation.iter(), input.tap_key_origins.iter());
    let told = told.into_iter().find(|claim| claim.x_only == x_only);
    let (fingerprint, path) = match (own, told) {
        (Some(own), _) if own.fingerprint.is_some() => (own.fingerprint, Some(own.path.clone())),
        (_, Some(told)) => (Some(told.fingerprint), Some(told.path)),
        (_, None) => (None, None),
    };
    let (valid, reason) = match judged.validity {
        Validity::Valid => (Some(true), None),
        Validity::Invalid(reason) => (Some(false), Some(reason.to_owned())),
        Validity::Unknown => (None, None),
    };
    SignatureReport {
        key: name(&judged.key),
        fingerprint,
        path,
        xpub: own.map(|own| own.parent.clone()),
        kind,
        sighash: judged.sighash.to_string(),
        valid,
        reason,
    }
}
