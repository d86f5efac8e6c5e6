//! How large the finished transaction will be, and how many signatures an input still needs.

use bitcoin::psbt::Input;
use bitcoin::{PublicKey, Script, Sequence, Transaction, XOnlyPublicKey, absolute};
use miniscript::descriptor::Descriptor;

use miniscript::policy::{Liftable as _, Semantic};
use miniscript::{
    BareCtx, ExtParams, Legacy, Miniscript, MiniscriptKey, RelLockTime, Segwitv0, SigType, Tap, ToPublicKey as _,
};

use super::coin::Spend;

/// A signature with its sighash type and the length before it.
const SIGNATURE: u64 = 73;
const KEY: u64 = 34;

/// Weight that satisfying an input adds to it, in weight units.
pub(super) fn weight_to_satisfy(
    spend: &Spend,
    spent: &Script,
    input: &Input,
    derived: Option<&Descriptor<PublicKey>>,
) -> Option<u64> {
    if let Some(descriptor) = derived {
        return descriptor.max_weight_to_satisfy().ok().map(|weight| weight.to_wu());
    }
    let nested = if spent.is_p2sh() { 4 * input.redeem_script.as_ref().map_or(0, |it| it.len() as u64 + 1) } else { 0 };
    match spend {
        Spend::KeyHash(_) => Some(nested + SIGNATURE + KEY),
        Spend::Witness(script) => {
            let parsed = Miniscript::<PublicKey, Segwitv0>::parse_with_ext(script, &ExtParams::allow_all()).ok()?;
            let descriptor = Descriptor::new_wsh(parsed).ok()?;
            Some(nested + descriptor.max_weight_to_satisfy().ok()?.to_wu())
        }
        Spend::Legacy(_) if spent.is_p2pkh() => Some(4 * (SIGNATURE + KEY)),
        Spend::Legacy(script) if spent.is_p2sh() => {
            let parsed = Miniscript::<PublicKey, Legacy>::parse_with_ext(script, &ExtParams::allow_all()).ok()?;
            Descriptor::new_sh(parsed).ok()?.max_weight_to_satisfy().ok().map(|weight| weight.to_wu())
        }
        Spend::Legacy(script) => {
            let parsed = Miniscript::<PublicKey, BareCtx>::parse_with_ext(script, &ExtParams::allow_all()).ok()?;
            Descriptor::new_bare(parsed).ok()?.max_weight_to_satisfy().ok().map(|weight| weight.to_wu())
        }
        Spend::Taproot(_) => taproot_weight(input),
        Spend::Unknown => None,
    }
}

fn taproot_weight(input: &Input) -> Option<u64> {
    // By its key, unless a script was given to be signed.
    if input.tap_key_sig.is_some() || input.tap_scripts.is_empty() {
        return Some(SIGNATURE - 7);
    }
    let leaf = |(block, (script, _)): (&bitcoin::taproot::ControlBlock, &(bitcoin::ScriptBuf, _))| {
        let parsed = Miniscript::<XOnlyPublicKey, Tap>::parse_with_ext(script, &ExtParams::allow_all()).ok()?;
        let satisfied = parsed.max_satisfaction_size().ok()? as u64;
        Some(satisfied + script.len() as u64 + 3 + block.size() as u64 + 1)
    };
    input.tap_scripts.iter().filter_map(leaf).min()
}

/// Fewest signatures that are enough now, and the keys that could give them.
pub(super) fn needed(
    spend: &Spend,
    input: &Input,
    derived: Option<&Descriptor<PublicKey>>,
    transaction: &Transaction,
    sequence: Sequence,
) -> Option<(usize, usize)> {
    if let Some(descriptor) = derived {
        return match descriptor {
            Descriptor::Tr(tr) => {
                let leaves =
                    tr.iter_scripts().filter_map(|(_, leaf)| counted(leaf.lift().ok()?, transaction, sequence));
                least(leaves).or_else(|| tr.tap_tree().is_none().then_some((1, 1)))
            }
            other => counted(other.lift().ok()?, transaction, sequence),
        };
    }
    match spend {
        Spend::KeyHash(_) => Some((1, 1)),
        Spend::Witness(script) => {
            let parsed = Miniscript::<PublicKey, Segwitv0>::parse_with_ext(script, &ExtParams::allow_all()).ok()?;
            // A script holds the hashes of some keys: the PSBT tells the keys.
            let told = input.bip32_derivation.keys().map(|key| PublicKey::new(*key));
            let keys = told.map(|key| (key.to_pubkeyhash(SigType::Ecdsa), key)).collect();
            counted(parsed.substitute_raw_pkh(&keys).lift().ok()?, transaction, sequence)
        }
        Spend::Legacy(script) if script.is_p2pkh() => Some((1, 1)),
        Spend::Legacy(script) => {
            let parsed = Miniscript::<PublicKey, Legacy>::parse_with_ext(script, &ExtParams::allow_all());
            counted(parsed.ok()?.lift().ok()?, transaction, sequence)
        }
        Spend::Taproot(_) => {
            if input.tap_key_sig.is_some() || input.tap_scripts.is_empty() {
                return Some((1, 1));
            }
            least(input.tap_scripts.values().filter_map(|(script, _)| {
                let parsed = Miniscript::<XOnlyPublicKey, Tap>::parse_with_ext(script, &ExtParams::allow_all());
                counted(parsed.ok()?.lift().ok()?, transaction, sequence)
            }))
        }
        Spend::Unknown => None,
    }
}

fn least(all: impl Iterator<Item = (usize, usize)>) -> Option<(usize, usize)> {
    all.min_by_key(|(need, _)| *need)
}

/// What a policy asks for in this transaction: branches that have still to wait do not count.
fn counted<Pk: MiniscriptKey>(
    policy: Semantic<Pk>,
    transaction: &Transaction,
    sequence: Sequence,
) -> Option<(usize, usize)> {
    let age = RelLockTime::try_from(sequence).unwrap_or(RelLockTime::ZERO);
    let aged = policy.clone().at_age(age.into());
    let lock = if sequence == Sequence::MAX { absolute::LockTime::ZERO } else { transaction.lock_time };
    let now = aged.at_lock_time(lock);
    let now = if now.minimum_n_keys().is_some() { now } else { policy };
    Some((now.minimum_n_keys()?, now.n_keys()))
}
