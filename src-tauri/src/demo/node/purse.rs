//! The miner's coins: one key, to which every block pays, and deposits made of what it earned. bitcoind is built without a
//! wallet, so this is the whole of one.

use std::collections::BTreeMap;

use bitcoin::key::Secp256k1;
use bitcoin::secp256k1::{All, Message, PublicKey, SecretKey};
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::{
    Address, Amount, Block, BlockHash, CompressedPublicKey, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut,
    Txid, Witness, absolute, ecdsa, transaction,
};
use serde_json::json;

use super::rpc::{Rpc, RpcError};
use crate::open_vault::NETWORK;

/// Blocks on top of a coinbase before it can be spent, as consensus asks.
const MATURITY: u32 = 100;
/// Fee of a deposit: some 140 vB.
const FEE: Amount = Amount::from_sat(2_000);

/// Why a deposit cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PurseError {
    /// Every coinbase that can be spent was spent.
    #[error("no coinbase is left that can be spent: mine {MATURITY} blocks more")]
    Dry,
    /// One coinbase is not enough.
    #[error("a deposit of {asked} is more than the {have} that one block gives")]
    TooMuch {
        /// What was asked for.
        asked: Amount,
        /// What there is.
        have: Amount,
    },
    /// No such deposit was made.
    #[error("{txid} is not a deposit of this miner")]
    Unknown {
        /// The transaction.
        txid: Txid,
    },
    /// The transaction cannot be signed.
    #[error("the deposit cannot be signed: {reason}")]
    Sign {
        /// What the library said.
        reason: String,
    },
    /// The node was asked and did not do it.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

/// A coin of the miner's.
#[derive(Debug, Clone, Copy)]
struct Coin {
    outpoint: OutPoint,
    amount: Amount,
}

/// The miner's key, and which of its coins are spent.
pub struct Purse {
    secp: Secp256k1<All>,
    key: SecretKey,
    /// Height of the coinbase that the next deposit spends: each its own, deep below every reorganisation.
    next: u32,
    spent: BTreeMap<Txid, Coin>,
}

impl std::fmt::Debug for Purse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Purse").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Default for Purse {
    fn default() -> Self {
        Self::new()
    }
}

impl Purse {
    /// A new key that owns nothing yet.
    pub fn new() -> Self {
        let key = SecretKey::new(&mut bitcoin::secp256k1::rand::thread_rng());
        Self { secp: Secp256k1::new(), key, next: 1, spent: BTreeMap::new() }
    }

    fn public_key(&self) -> PublicKey {
        self.key.public_key(&self.secp)
    }

    /// Where blocks pay to.
    pub fn address(&self) -> Address {
        Address::p2wpkh(&CompressedPublicKey(self.public_key()), NETWORK)
    }

    /// A signed transaction that pays `amount` to `script` from a coinbase of its own.
    pub fn pay(&mut self, rpc: &Rpc, script: &ScriptBuf, amount: Amount) -> Result<Transaction, PurseError> {
        let tip: u32 = rpc.read("getblockcount", json!([]))?;
        if self.next + MATURITY > tip + 1 {
            return Err(PurseError::Dry);
        }
        let coin = coinbase(rpc, self.next)?;
        let too_much = PurseError::TooMuch { asked: amount, have: coin.amount };
        let left = coin.amount.checked_sub(amount).and_then(|left| left.checked_sub(FEE)).ok_or(too_much)?;
        let outputs = [(script.clone(), amount), (self.address().script_pubkey(), left)];
        let transaction = self.spend(coin, &outputs)?;
        self.next += 1;
        self.spent.insert(transaction.compute_txid(), coin);
        Ok(transaction)
    }

    /// A signed transaction that takes the coin of an earlier deposit back.
    pub fn pay_again(&self, deposit: Txid) -> Result<Transaction, PurseError> {
        let coin = *self.spent.get(&deposit).ok_or(PurseError::Unknown { txid: deposit })?;
        self.spend(coin, &[(self.address().script_pubkey(), coin.amount - FEE)])
    }

    fn spend(&self, coin: Coin, outputs: &[(ScriptBuf, Amount)]) -> Result<Transaction, PurseError> {
        let mut transaction = Transaction {
            version: transaction::Version::TWO,
            lock_time: absolute::LockTime::ZERO,
            input: vec![TxIn {
                previous_output: coin.outpoint,
                script_sig: ScriptBuf::new(),
                sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
                witness: Witness::new(),
            }],
            output: outputs
                .iter()
                .map(|(script, value)| TxOut { value: *value, script_pubkey: script.clone() })
                .collect(),
        };
        let (script, kind) = (self.address().script_pubkey(), EcdsaSighashType::All);
        let hash = SighashCache::new(&transaction).p2wpkh_signature_hash(0, &script, coin.amount, kind);
        let hash = hash.map_err(|error| PurseError::Sign { reason: error.to_string() })?;
        let signature = ecdsa::Signature::sighash_all(self.secp.sign_ecdsa(&Message::from(hash), &self.key));
        for input in &mut transaction.input {
            input.witness = Witness::p2wpkh(&signature, &self.public_key());
        }
        Ok(transaction)
    }
}

/// What the block at `height` paid to its miner.
fn coinbase(rpc: &Rpc, height: u32) -> Result<Coin, PurseError> {
    let hash: BlockHash = rpc.read("getblockhash", json!([height]))?;
    let text: String = rpc.read("getblock", json!([hash, 0]))?;
    let malformed = |what: &dyn std::fmt::Display| RpcError::Malformed { method: "getblock", what: what.to_string() };
    let block: Block = bitcoin::consensus::encode::deserialize_hex(&text).map_err(|error| malformed(&error))?;
    let coinbase = block.coinbase().ok_or_else(|| malformed(&"no coinbase"))?;
    let output = coinbase.output.first().ok_or_else(|| malformed(&"no output"))?;
    Ok(Coin { outpoint: OutPoint::new(coinbase.compute_txid(), 0), amount: output.value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coin_is_spent_by_the_rules_of_bitcoin() {
        let purse = Purse::new();
        let coin = Coin {
            outpoint: OutPoint::new(Txid::from_raw_hash(bitcoin::hashes::Hash::all_zeros()), 3),
            amount: Amount::ONE_BTC,
        };
        let transaction = purse.spend(coin, &[(purse.address().script_pubkey(), Amount::ONE_BTC - FEE)]).unwrap();
        let script = purse.address().script_pubkey();
        let bytes = bitcoin::consensus::serialize(&transaction);
        bitcoinconsensus::verify(script.as_bytes(), coin.amount.to_sat(), &bytes, None, 0).unwrap();
        assert!(bitcoinconsensus::verify(script.as_bytes(), coin.amount.to_sat() + 1, &bytes, None, 0).is_err());
        let unknown = transaction.compute_txid();
        assert!(matches!(purse.pay_again(unknown), Err(PurseError::Unknown { txid }) if txid == unknown));
    }
}
