//! The practice chain from outside: what it takes, what it refuses, what it serves.

mod accept;
mod growth;
mod replace;
mod server;

use bitcoin::absolute::LockTime;
use bitcoin::opcodes::all::{OP_CHECKMULTISIG, OP_PUSHNUM_2, OP_PUSHNUM_3};
use bitcoin::script::Builder;
use bitcoin::secp256k1::{Message, PublicKey, Secp256k1, SecretKey, ecdsa};
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness};

use super::PracticeChain;

pub(super) const NOW: u32 = 1_750_000_000;
pub(super) const DEPOSIT: Amount = Amount::from_sat(1_000_000);

/// A 2-of-3 P2WSH of real keys.
pub(super) struct TwoOfThree {
    keys: [SecretKey; 3],
    pub(super) witness_script: ScriptBuf,
}

impl TwoOfThree {
    pub(super) fn new() -> Self {
        let secp = Secp256k1::new();
        let keys = [1, 2, 3].map(|byte| SecretKey::from_slice(&[byte; 32]).expect("a key"));
        let mut script = Builder::new().push_opcode(OP_PUSHNUM_2);
        for key in &keys {
            script = script.push_slice(PublicKey::from_secret_key(&secp, key).serialize());
        }
        let witness_script = script.push_opcode(OP_PUSHNUM_3).push_opcode(OP_CHECKMULTISIG).into_script();
        Self { keys, witness_script }
    }

    pub(super) fn script(&self) -> ScriptBuf {
        self.witness_script.to_p2wsh()
    }

    /// Signs every input with the first two keys, as spends of coins worth `values`.
    pub(super) fn sign(&self, tx: Transaction, values: &[Amount]) -> Transaction {
        self.sign_with(tx, values, |signature| signature)
    }

    pub(super) fn sign_with(
        &self,
        mut tx: Transaction,
        values: &[Amount],
        change: impl Fn(ecdsa::Signature) -> ecdsa::Signature,
    ) -> Transaction {
        let secp = Secp256k1::new();
        let unsigned = tx.clone();
        let mut cache = SighashCache::new(&unsigned);
        for (index, value) in values.iter().enumerate() {
            let hash = cache
                .p2wsh_signature_hash(index, &self.witness_script, *value, EcdsaSighashType::All)
                .expect("the input exists");
            let mut witness = Witness::from_slice(&[Vec::new()]);
            for key in &self.keys[..2] {
                let signature = change(secp.sign_ecdsa(&Message::from_digest(*hash.as_ref()), key));
                let mut bytes = signature.serialize_der().to_vec();
                bytes.push(EcdsaSighashType::All as u8);
                witness.push(bytes);
            }
            witness.push(self.witness_script.as_bytes());
            tx.input[index].witness = witness;
        }
        tx
    }
}

/// A chain with one confirmed deposit.
pub(super) struct Ground {
    pub(super) chain: PracticeChain,
    pub(super) vault: TwoOfThree,
    pub(super) coin: OutPoint,
}

impl Ground {
    pub(super) fn new() -> Self {
        let (mut chain, vault) = (PracticeChain::new(NOW), TwoOfThree::new());
        let coin = deposit(&mut chain, &vault.script());
        chain.mine(1);
        Self { chain, vault, coin }
    }

    /// Pays the deposit, less 1000 sat, back to the vault. Unsigned.
    pub(super) fn draft(&self) -> Transaction {
        draft(self.coin, self.vault.script(), DEPOSIT - Amount::from_sat(1_000))
    }

    pub(super) fn sign(&self, tx: Transaction) -> Transaction {
        let values = vec![DEPOSIT; tx.input.len()];
        self.vault.sign(tx, &values)
    }
}

pub(super) fn deposit(chain: &mut PracticeChain, script: &ScriptBuf) -> OutPoint {
    let txid: Txid = chain.fund(script.clone(), DEPOSIT).expect("the faucet pays");
    OutPoint { txid, vout: 0 }
}

pub(super) fn draft(coin: OutPoint, to: ScriptBuf, value: Amount) -> Transaction {
    Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: coin,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::new(),
        }],
        output: vec![TxOut { value, script_pubkey: to }],
    }
}
