//! What the descriptor derives for a payment's inputs: scripts, keys, and the digest that each signature covers.

use std::collections::BTreeMap;

use bitcoin::bip32::ChildNumber;
use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::SighashCache;
use bitcoin::{Amount, PublicKey, Transaction, TxOut, Txid};

use super::{Input, InputClaim, KeyOwner, ProposalFault, is_proof};
use crate::configuration::CheckedConfiguration;
use crate::descriptor::{AccountKey, DerivedKey, Keychain, ParentKey, SignedScript, Spending, SpendingPath};

/// What was derived.
pub(super) struct Derived {
    pub(super) inputs: Vec<Input>,
    /// The transaction's id, with what every signed form of it has in its script signatures.
    pub(super) txid: Txid,
}

/// Derives every input of `transaction` at the address that its claim names.
pub(super) fn derive(
    transaction: &Transaction,
    claims: &[InputClaim],
    path: SpendingPath,
    active: &CheckedConfiguration,
) -> Result<Derived, ProposalFault> {
    let claimed =
        || claims.iter().map(|claim| (claim.keychain, claim.index)).filter(|(chain, at)| !is_proof(*chain, *at));
    let places = active.descriptor.places(claimed());
    let place =
        |claim: &InputClaim| places.get(claim.keychain, claim.index).ok_or(ProposalFault::Index { index: claim.index });
    let spending = |claim: &InputClaim| {
        let spending = active.descriptor.spending_of(place(claim)?, path);
        spending.ok_or(ProposalFault::Index { index: claim.index })
    };
    let spent: Vec<Spending> = claims.iter().map(spending).collect::<Result<_, _>>()?;
    let output = |(claim, spending): (&InputClaim, &Spending)| TxOut {
        value: Amount::from_sat(claim.amount),
        script_pubkey: spending.script.clone(),
    };
    let outputs: Vec<TxOut> = claims.iter().zip(&spent).map(output).collect();
    let mut path_keys = PathKeys::new(active, path).ok_or(ProposalFault::Locks)?;
    let mut finished = transaction.clone();
    let mut cache = SighashCache::new(transaction);
    let mut inputs = Vec::with_capacity(claims.len());
    for (position, (claim, Spending { script, script_sig, signed })) in claims.iter().zip(spent).enumerate() {
        let InputClaim { amount, keychain, index } = *claim;
        let unsigned = transaction.input.get(position).ok_or(ProposalFault::Index { index })?;
        let amount = Amount::from_sat(amount);
        let sighash = signed.digest(&mut cache, position, amount, &outputs).ok_or(ProposalFault::Index { index })?;
        let leaf = match signed {
            SignedScript::Leaf(leaf) => Some(leaf),
            SignedScript::Legacy(_) | SignedScript::Segwit(_) => None,
        };
        let keys = path_keys.at(keychain, &place(claim)?.keys).ok_or(ProposalFault::Index { index })?;
        let sighash = sighash.as_ref().to_owned();
        let outpoint = unsigned.previous_output;
        inputs.push(Input { outpoint, amount, keychain, index, script, keys, leaf, sighash });
        if let Some(input) = finished.input.get_mut(position) {
            input.script_sig = script_sig;
        }
    }
    Ok(Derived { inputs, txid: finished.compute_txid() })
}

/// The keys that sign on a path, each derived to its chain when it is first asked for.
pub(crate) struct PathKeys<'a> {
    /// Whose, which account, and by how much its chains' numbers are higher than the keychain's.
    keys: Vec<(KeyOwner, &'a AccountKey, u32)>,
    chains: BTreeMap<(usize, u32), ParentKey>,
}

impl<'a> PathKeys<'a> {
    /// None where the configuration has no such path.
    pub(crate) fn new(configuration: &'a CheckedConfiguration, path: SpendingPath) -> Option<Self> {
        let members = |first: u32| {
            let keys = configuration.keys.iter();
            keys.map(move |(member, key)| (KeyOwner::Member(*member), key, first)).collect()
        };
        let keys = match (path, &configuration.recovery) {
            (SpendingPath::Members, _) => members(0),
            (SpendingPath::Recovery, None) => return None,
            (SpendingPath::Recovery, Some(recovery)) if recovery.keys.is_empty() => members(2),
            (SpendingPath::Recovery, Some(recovery)) => {
                recovery.keys.iter().zip(0..).map(|(key, place)| (KeyOwner::Recovery(place), key, 0)).collect()
            }
        };
        Some(Self { keys, chains: BTreeMap::new() })
    }

    /// The keys of one address that sign on the path, each with its owner. None where one of them is missing.
    pub(crate) fn at(&mut self, keychain: Keychain, keys: &[DerivedKey]) -> Option<BTreeMap<PublicKey, KeyOwner>> {
        let chain = match keychain {
            Keychain::Receive => 0,
            Keychain::Change => 1,
        };
        let mut owned = BTreeMap::new();
        for (place, (owner, key, first)) in self.keys.iter().enumerate() {
            let chain = chain + first;
            let parent = match self.chains.get(&(place, chain)) {
                Some(known) => known,
                None => {
                    let derived = key.xpub.derive_pub(SECP256K1, &[ChildNumber::from_normal_idx(chain).ok()?]).ok()?;
                    self.chains.entry((place, chain)).or_insert(ParentKey::Extended(derived))
                }
            };
            owned.insert(keys.iter().find(|key| key.parent == *parent)?.public, *owner);
        }
        Some(owned)
    }
}
