//! Building payments of a vault's coins: choosing coins, change and fee. What the guard says of them is not judged here.

use bdk_wallet::KeychainKind;
use bdk_wallet::error::CreateTxError;
use bitcoin::{Amount, FeeRate, OutPoint, ScriptBuf, Sequence};
use conclave_domain::proposal::{ChangeClaim, InputClaim, Proposal};
use conclave_shared::Sat;

use super::{Coins, CoinsError};

impl Coins {
    /// Builds a payment from confirmed coins that no other payment holds, with change to a fresh address. `recovery` is the
    /// time in blocks of the recovery that it is for; none: for the members' quorum.
    pub fn build(
        &mut self,
        recipients: Vec<(ScriptBuf, Amount)>,
        fee_rate: FeeRate,
        purpose: String,
        mut held: Vec<OutPoint>,
        recovery: Option<u16>,
    ) -> Result<Proposal, CoinsError> {
        held.extend(self.too_young(recovery));
        let sequence = recovery.map_or(Sequence::ENABLE_RBF_NO_LOCKTIME, Sequence::from_height);
        let chosen = self.choose(&recipients, fee_rate, &held)?;
        let inputs: Vec<_> = chosen.iter().map(|coin| self.as_input(coin)).collect::<Result<_, _>>()?;
        let mut builder = self.wallet.build_tx();
        builder.set_condition(Self::condition(recovery));
        builder.set_recipients(recipients).fee_rate(fee_rate).manually_selected_only().only_witness_utxo();
        for (coin, (input, weight)) in chosen.iter().zip(inputs) {
            builder
                .add_foreign_utxo_with_sequence(coin.outpoint, input, weight, sequence)
                .map_err(|error| CoinsError::Build { reason: error.to_string() })?;
        }
        let psbt = builder.finish().map_err(|error| match error {
            CreateTxError::CoinSelection(funds) => {
                CoinsError::Funds { need: Sat(funds.needed.to_sat()), have: Sat(funds.available.to_sat()) }
            }
            other => CoinsError::Build { reason: other.to_string() },
        })?;
        let (transaction, listing) = (psbt.unsigned_tx, self.listing());
        let inputs = transaction
            .input
            .iter()
            .map(|input| {
                let coin = listing.coin(input.previous_output);
                let coin = coin.ok_or_else(|| CoinsError::Build { reason: "a chosen coin is not known".to_owned() })?;
                Ok(InputClaim { amount: coin.amount.0, keychain: coin.keychain, index: coin.index })
            })
            .collect::<Result<Vec<_>, CoinsError>>()?;
        let change = transaction.output.iter().zip(0..).find_map(|(output, position)| {
            match self.wallet.derivation_of_spk(output.script_pubkey.clone()) {
                Some((KeychainKind::Internal, index)) => Some(ChangeClaim { output: position, index }),
                Some((KeychainKind::External, _)) | None => None,
            }
        });
        Ok(Proposal::new(&transaction, inputs, change, purpose))
    }
}
