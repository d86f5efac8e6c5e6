//! Inputs: what they spend, whose it is, what is signed.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::TxOut;
use bitcoin::hashes::Hash as _;
use bitcoin::psbt::Input;
use conclave_shared::Finding;

use super::coin::{self, Coin, Spend, spend};
use super::finals::{self, Final, is_final};
use super::ownership::{self, Fit, Place};
use super::report::{Found, InputReport, InputState, Progress, Proof, Remark, SignatureReport};
use super::signatures::{Judged, Sighash, SigningKey, Validity, Verification};
use super::{INPUT_SEARCH, Work, size};

impl Work<'_> {
    /// The reports of all inputs, and what satisfying each adds in weight; nothing for final ones.
    pub(super) fn inputs(&mut self) -> (Vec<InputReport>, Vec<Option<u64>>) {
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
        let witnessed = input.final_script_witness.as_ref().is_some_and(|witness| !witness.is_empty());
        let proof = match coin.proof {
            Proof::Claimed if state == Some(InputState::Final) && witnessed => Proof::FinalScripts,
            proof => proof,
        };
        self.amount(number, input, output, proof);
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
            let enough =
                judged.iter().any(|it| it.validity == Validity::Valid && matches!(it.key, SigningKey::TaprootKey(_)))
                    || progress.is_some_and(|it| it.need > 0 && it.have >= it.need);
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
            proof,
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
    fn amount(&mut self, number: usize, input: &Input, spent: Option<&TxOut>, proof: Proof) {
        let (name, message) = match proof {
            Proof::PreviousTransaction | Proof::Taproot | Proof::FinalScripts => return,
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
        match (self.strict, spent.is_none_or(known)) {
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
        if input.tap_internal_key.is_some_and(|told| !place.has_internal_key(told)) {
            let message = "its internal key is not the descriptor's";
            self.findings.push(Found::input(Finding::ScriptMismatch, number, message));
        }
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
        let asks = !input.partial_sigs.is_empty() || input.tap_key_sig.is_some() || !input.tap_script_sigs.is_empty();
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
        xpub: own.map(|own| own.parent.to_string()),
        kind,
        sighash: judged.sighash.to_string(),
        valid,
        reason,
    }
}
