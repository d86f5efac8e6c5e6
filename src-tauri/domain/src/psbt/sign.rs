//! Signing with a key from a file, outside of any vault: only what an inspection finds without danger, only coins of the
//! given descriptor, only the whole transaction. A vault's payments are signed by a permit of the guard alone.

use std::fmt;
use std::sync::Arc;

use bip39::{Language, Mnemonic};
use bitcoin::bip32::{ChildNumber, DerivationPath, KeySource, Xpriv, Xpub};
use bitcoin::hashes::Hash as _;
use bitcoin::key::{Keypair, TapTweak as _};
use bitcoin::psbt::Input;
use bitcoin::secp256k1::SECP256K1;
use bitcoin::sighash::{EcdsaSighashType, TapSighashType};
use bitcoin::taproot::LeafVersion;
use bitcoin::{Network, PublicKey, TapLeafHash, TapNodeHash, TxOut, ecdsa, taproot};
use conclave_shared::Finding;
use miniscript::Descriptor;

use super::file::{FileFault, NewSignature, PsbtFile};
use super::inspect::{Bounds, Found, InputState, Inspection, Spend, Verification, coin, inspect_file, spend};
use super::raw::Map;
use super::scripts::describe;
use crate::descriptor::{Derived, DerivedKey, Keychain, ParentKey};
use crate::watched::WatchedDescriptor;

/// Longest text of a key, in bytes.
const KEY_TEXT_LIMIT: usize = 4096;

/// A private key from a file: a master key, or one below it.
pub struct SecretKey(Xpriv);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// Why a text is not a key. The text is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is neither BIP39 words in English nor an extended private key (xprv, tprv)")]
pub struct KeyUnreadable;

impl SecretKey {
    /// Reads BIP39 words (without passphrase), or an extended private key.
    pub fn parse(text: &str) -> Result<Self, KeyUnreadable> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.len() > KEY_TEXT_LIMIT {
            return Err(KeyUnreadable);
        }
        if let Ok(key) = text.parse::<Xpriv>() {
            return Ok(Self(key));
        }
        let words = text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
        let mnemonic = Mnemonic::parse_in(Language::English, &words).map_err(|_| KeyUnreadable)?;
        let master = Xpriv::new_master(Network::Bitcoin, &mnemonic.to_seed("")).map_err(|_| KeyUnreadable)?;
        Ok(Self(master))
    }

    /// The key pair of a key of a descriptor; none where it is not derived from this key. Where the descriptor does not say
    /// the key's origin, the path that the PSBT claims is tried: it is right if it leads to the key.
    fn pair(&self, key: &DerivedKey, claimed: Option<&KeySource>) -> Option<Keypair> {
        let steps: Vec<ChildNumber> = key.path.into_iter().copied().collect();
        let tail = steps.get(steps.len().saturating_sub(key.steps)..).unwrap_or_default();
        let own = Xpub::from_priv(SECP256K1, &self.0);
        let is_own = |it: &Xpub| it.public_key == own.public_key && it.chain_code == own.chain_code;
        let is_parent = matches!(&key.parent, ParentKey::Extended(it) if is_own(it));
        let claimed: Option<Vec<ChildNumber>> = claimed.map(|(_, path)| path.into_iter().copied().collect());
        let mut paths = if is_parent {
            vec![tail]
        } else if key.fingerprint.is_none_or(|it| it == self.0.fingerprint(SECP256K1)) {
            vec![&steps[..]]
        } else {
            // A key between the master and the one in the descriptor: the rest of the path is below its depth.
            vec![steps.get(usize::from(self.0.depth)..).unwrap_or_default()]
        };
        paths.extend(claimed.as_deref());
        paths.into_iter().find_map(|path| {
            let derived = self.0.derive_priv(SECP256K1, &DerivationPath::from(path.to_vec())).ok()?;
            let pair = derived.to_keypair(SECP256K1);
            (pair.x_only_public_key().0 == key.x_only).then_some(pair)
        })
    }
}

/// Why a PSBT is not signed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignFault {
    /// It has dangers.
    #[error("{}", findings.first().map_or("", |found| found.message.as_str()))]
    Dangerous {
        /// Which.
        findings: Vec<Found>,
    },
    /// The key is not one of the descriptor.
    #[error("the key is none of this descriptor's: nothing was signed")]
    KeyForeign,
    /// What came out cannot be read again.
    #[error(transparent)]
    File(#[from] FileFault),
}

impl SignFault {
    /// The dangers by their fixed names.
    pub fn findings(&self) -> Vec<Found> {
        match self {
            SignFault::Dangerous { findings } => findings.clone(),
            SignFault::KeyForeign => vec![Found::whole(Finding::KeyForeign, self.to_string())],
            SignFault::File(fault) => vec![Found::whole(fault.finding(), fault.to_string())],
        }
    }
}

/// What was signed.
#[derive(Debug, Clone)]
pub struct Signed {
    /// In the version and encoding that it came in.
    pub file: PsbtFile,
    /// What it says now.
    pub inspection: Inspection,
    /// Inputs that this key has signed now.
    pub inputs_signed: usize,
    /// Inputs that this key had signed before, or that were final.
    pub inputs_before: usize,
}

/// Signs every input that is the descriptor's and this key's.
pub fn sign(
    file: &PsbtFile,
    key: &SecretKey,
    descriptor: &WatchedDescriptor,
    bounds: &Bounds,
) -> Result<Signed, SignFault> {
    let inspection = inspect_file(file, Some(descriptor), bounds);
    if !inspection.findings.is_empty() {
        return Err(SignFault::Dangerous { findings: inspection.findings });
    }
    let places: Vec<Option<Arc<Derived>>> = inspection
        .inputs
        .iter()
        .map(|input| derived(descriptor, input.keychain?, input.index?, file, input.input))
        .collect();
    let file = with_scripts(file, &places)?;
    let psbt = file.psbt();
    let spent: Option<Vec<TxOut>> = (0..psbt.inputs.len()).map(|at| coin(psbt, at, &mut vec![]).output).collect();
    let mut verification = Verification::new(psbt, spent.as_deref());
    let (mut signatures, mut signed, mut before, mut own_key) = (vec![], 0, 0, false);
    for (number, input) in psbt.inputs.iter().enumerate() {
        let (Some(Some(place)), Some(output)) = (places.get(number), spent.as_ref().and_then(|it| it.get(number)))
        else {
            continue;
        };
        let pairs: Vec<Keypair> = place.keys.iter().filter_map(|it| key.pair(it, claimed(input, it))).collect();
        own_key |= !pairs.is_empty();
        let is_final = inspection.inputs.get(number).is_some_and(|it| it.state == InputState::Final);
        if is_final {
            before += 1;
            continue;
        }
        let spend = spend(input, number, &output.script_pubkey, &mut vec![]);
        let made: Vec<NewSignature> = pairs
            .iter()
            .flat_map(|pair| one_input(&mut verification, input, number, &spend, output, place, pair))
            .collect();
        if !pairs.is_empty() {
            if made.is_empty() { before += 1 } else { signed += 1 }
        }
        signatures.extend(made.into_iter().map(|signature| (number, signature)));
    }
    if !own_key {
        return Err(SignFault::KeyForeign);
    }
    let file = file.with_signatures(&signatures)?;
    let inspection = inspect_file(&file, Some(descriptor), bounds);
    if !inspection.findings.is_empty() {
        return Err(SignFault::Dangerous { findings: inspection.findings });
    }
    Ok(Signed { file, inspection, inputs_signed: signed, inputs_before: before })
}

fn derived(
    descriptor: &WatchedDescriptor,
    keychain: Keychain,
    index: u32,
    file: &PsbtFile,
    number: usize,
) -> Option<Arc<Derived>> {
    let spent = coin(file.psbt(), number, &mut vec![]).output?;
    descriptor.at(keychain, index).into_iter().find(|it| it.script == spent.script_pubkey)
}

/// The origin that an input claims for a key.
fn claimed<'a>(input: &'a Input, key: &DerivedKey) -> Option<&'a KeySource> {
    let taproot = input.tap_key_origins.get(&key.x_only).map(|(_, source)| source);
    input.bip32_derivation.get(&key.public.inner).or(taproot)
}

/// What one key adds to one input: nothing where it has signed already.
fn one_input(
    verification: &mut Verification<'_>,
    input: &Input,
    number: usize,
    spend: &Spend,
    output: &TxOut,
    place: &Derived,
    pair: &Keypair,
) -> Vec<NewSignature> {
    match spend {
        Spend::Taproot(_) => taproot_input(verification, input, number, place, pair),
        Spend::Legacy(_) | Spend::KeyHash(_) | Spend::Witness(_) => {
            let Some(own) = place.keys.iter().find(|it| it.x_only == pair.x_only_public_key().0) else { return vec![] };
            let key = PublicKey { compressed: own.public.compressed, inner: pair.public_key() };
            if input.partial_sigs.contains_key(&key) {
                return vec![];
            }
            // RFC 6979 nonces, low S.
            let kind = EcdsaSighashType::All;
            let message = verification.ecdsa_message(number, spend, output.value, kind);
            let sign = |message| ecdsa::Signature {
                signature: SECP256K1.sign_ecdsa(&message, &pair.secret_key()),
                sighash_type: kind,
            };
            message.map(|message| NewSignature::Ecdsa(key, sign(message))).into_iter().collect()
        }
        Spend::Unknown => vec![],
    }
}

fn taproot_input(
    verification: &mut Verification<'_>,
    input: &Input,
    number: usize,
    place: &Derived,
    pair: &Keypair,
) -> Vec<NewSignature> {
    // Both sign everything; the shorter one unless the other is asked for.
    let asked_all = input.sighash_type.is_some_and(|asked| asked.to_u32() == TapSighashType::All as u32);
    let kind = if asked_all { TapSighashType::All } else { TapSighashType::Default };
    let x_only = pair.x_only_public_key().0;
    let mut made = vec![];
    let Some(tree) = taproot_tree(place) else { return made };
    if tree.internal == x_only
        && input.tap_key_sig.is_none()
        && let Some(message) = verification.taproot_message(number, None, kind)
    {
        let tweaked = pair.tap_tweak(SECP256K1, tree.root).to_keypair();
        // Without auxiliary randomness, as BIP340 allows: nothing here is random.
        let signature = SECP256K1.sign_schnorr_no_aux_rand(&message, &tweaked);
        made.push(NewSignature::TapKey(taproot::Signature { signature, sighash_type: kind }));
    }
    for (leaf, keys) in tree.leaves {
        if !keys.contains(&x_only) || input.tap_script_sigs.contains_key(&(x_only, leaf)) {
            continue;
        }
        if let Some(message) = verification.taproot_message(number, Some(leaf), kind) {
            let signature = SECP256K1.sign_schnorr_no_aux_rand(&message, pair);
            made.push(NewSignature::TapScript(x_only, leaf, taproot::Signature { signature, sighash_type: kind }));
        }
    }
    made
}

struct TaprootTree {
    internal: bitcoin::XOnlyPublicKey,
    root: Option<TapNodeHash>,
    leaves: Vec<(TapLeafHash, Vec<bitcoin::XOnlyPublicKey>)>,
}

fn taproot_tree(place: &Derived) -> Option<TaprootTree> {
    let Descriptor::Tr(tr) = place.descriptor.as_ref()? else { return None };
    let leaf = |script: &miniscript::Miniscript<PublicKey, miniscript::Tap>| {
        let hash = TapLeafHash::from_script(&script.encode(), LeafVersion::TapScript);
        (hash, script.iter_pk().map(|key| key.inner.x_only_public_key().0).collect())
    };
    Some(TaprootTree {
        internal: tr.internal_key().inner.x_only_public_key().0,
        root: tr.spend_info().merkle_root(),
        leaves: tr.iter_scripts().map(|(_, script)| leaf(script)).collect(),
    })
}

/// The file with those scripts and trees of our coins that it lacks: others need them to make it final.
fn with_scripts(file: &PsbtFile, places: &[Option<Arc<Derived>>]) -> Result<PsbtFile, FileFault> {
    let mut maps = file.maps().clone();
    let mut changed = false;
    for ((map, input), place) in maps.inputs.iter_mut().zip(&file.psbt().inputs).zip(places) {
        let Some(place) = place else { continue };
        if super::inspect::is_final(input) {
            continue;
        }
        let mut whole = Input::default();
        describe(&mut whole, place);
        let mut add = |map: &mut Map, key: Vec<u8>, value: Vec<u8>| {
            if !map.pairs.iter().any(|pair| pair.key == key) {
                map.set(key, value);
                changed = true;
            }
        };
        if let Some(script) = &whole.redeem_script {
            add(map, vec![0x04], script.to_bytes());
        }
        if let Some(script) = &whole.witness_script {
            add(map, vec![0x05], script.to_bytes());
        }
        for (block, (script, version)) in &whole.tap_scripts {
            let value = [script.as_bytes(), &[version.to_consensus()]].concat();
            add(map, [vec![0x15], block.serialize()].concat(), value);
        }
        if let Some(key) = whole.tap_internal_key {
            add(map, vec![0x17], key.serialize().to_vec());
        }
        if let Some(root) = whole.tap_merkle_root {
            add(map, vec![0x18], root.to_byte_array().to_vec());
        }
    }
    if changed { file.with_maps(maps) } else { Ok(file.clone()) }
}
