//! Outputs: what is paid, and what comes back.

use bitcoin::{Script, TxOut};
use conclave_shared::Finding;

use super::ownership::{self, Claim, Fit, Place};
use super::report::{Found, OutputKind, OutputReport, Remark};
use super::{INDEX_GAP, Work, coin};
use crate::descriptor::Keychain;

impl Work<'_> {
    pub(super) fn outputs(&mut self) -> Vec<OutputReport> {
        let psbt = self.psbt;
        psbt.unsigned_tx.output.iter().enumerate().map(|(number, output)| self.output(number, output)).collect()
    }

    fn output(&mut self, number: usize, paid: &TxOut) -> OutputReport {
        coin::inspect_output_scripts(self.psbt, number, &mut self.findings);
        let script = &paid.script_pubkey;
        let claims =
            self.psbt.outputs.get(number).map_or(vec![], |output| {
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
        let internal = self.psbt.outputs.get(number).and_then(|output| output.tap_internal_key);
        if internal.is_some_and(|told| !place.has_internal_key(told)) {
            found(Finding::ScriptMismatch, "its internal key is not the descriptor's");
        }
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
}
