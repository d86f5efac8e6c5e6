//! A vault's descriptor: its addresses, and by which script a coin of one is spent. Keys with their origin are in `keys`,
//! the text is made in `make`, addresses are derived in `derived`. Two keychains by BIP389: `<0;1>/*`, and `<2;3>/*` for the
//! same keys on the recovery path.

mod chain;
mod derived;
mod keys;
mod make;

use std::fmt;
use std::str::FromStr;

use bitcoin::secp256k1::{Message, SECP256K1};
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::taproot::{LeafVersion, TapLeafHash};
use bitcoin::{Address, Amount, Network, ScriptBuf, Transaction, TxOut};
use conclave_shared::{ScriptForm, ScriptKind};
use miniscript::descriptor::{DefiniteDescriptorKey, ShInner};
use miniscript::{Descriptor, DescriptorPublicKey};
use serde::{Deserialize, Serialize};

pub use derived::{Derived, DerivedKey, ParentKey, Places};
pub use keys::{AccountKey, KeyFault, account_path};
pub use make::{
    KEYS_LIMIT, NUMS_POINT, RecoveryQuorum, check_quorum, check_recovery, descriptor, sortedmulti, unspendable,
};

/// Which of a vault's two chains of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keychain {
    /// Addresses given out.
    Receive,
    /// Addresses for change.
    Change,
}

/// By which of a vault's two quorums a coin is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpendingPath {
    /// The keyholders' threshold, at any time.
    Members,
    /// The recovery's, after its time.
    Recovery,
}

/// Why keys and threshold make no descriptor, or a text is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorFault {
    /// No key, or more than [`KEYS_LIMIT`].
    #[error("a vault has 1 to {KEYS_LIMIT} keys, not {keys}")]
    Keys {
        /// How many there are.
        keys: usize,
    },
    /// Threshold 0 or above the number of keys.
    #[error("{threshold} signatures cannot be asked of {keys} keys")]
    Threshold {
        /// The threshold.
        threshold: u32,
        /// How many keys there are.
        keys: usize,
    },
    /// A recovery beside a script that cannot hold one.
    #[error("a vault of {script} has no recovery: take p2wsh-multi, nested-multi or taproot-multi")]
    RecoveryScript {
        /// The script asked for.
        script: ScriptKind,
    },
    /// A recovery without a time to wait.
    #[error("a recovery must wait for at least 1 block")]
    RecoveryAtOnce,
    /// A recovery by the same keyholders that asks for as many signatures.
    #[error("a recovery by the same keys must need fewer signatures than {threshold}, not {recovery}")]
    RecoveryNoEasier {
        /// Signatures of the recovery.
        recovery: u32,
        /// Signatures otherwise.
        threshold: u32,
    },
    /// Not a descriptor, or its checksum is wrong.
    #[error("not a descriptor: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// A descriptor without a receive and a change keychain.
    #[error("a vault's descriptor has a receive and a change keychain: <0;1>/*")]
    Keychains,
    /// A descriptor of one key's addresses.
    #[error("a vault's descriptor is one of wsh(), sh(wsh()), sh() and tr() with a script")]
    Form,
}

fn malformed(error: impl fmt::Display) -> DescriptorFault {
    DescriptorFault::Malformed { reason: error.to_string() }
}

/// What a signature on a coin covers beside the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedScript {
    /// The redeem script, by the digest from before segwit.
    Legacy(ScriptBuf),
    /// The witness script, by BIP143.
    Segwit(ScriptBuf),
    /// A leaf of the script tree, by BIP341 and BIP342.
    Leaf(TapLeafHash),
}

impl SignedScript {
    /// The digest that a signature of the whole transaction covers (SIGHASH_ALL, in taproot SIGHASH_DEFAULT). `amount` is
    /// what the input spends, `spent` are the outputs that all inputs spend. None where there is no such input.
    pub fn digest(
        &self,
        cache: &mut SighashCache<&Transaction>,
        position: usize,
        amount: Amount,
        spent: &[TxOut],
    ) -> Option<Message> {
        let all = EcdsaSighashType::All;
        Some(match self {
            SignedScript::Legacy(script) => {
                Message::from(cache.legacy_signature_hash(position, script, all.to_u32()).ok()?)
            }
            SignedScript::Segwit(script) => {
                Message::from(cache.p2wsh_signature_hash(position, script, amount, all).ok()?)
            }
            SignedScript::Leaf(leaf) => {
                let (prevouts, kind) = (Prevouts::All(spent), TapSighashType::Default);
                Message::from(cache.taproot_script_spend_signature_hash(position, &prevouts, *leaf, kind).ok()?)
            }
        })
    }
}

/// One address, and how its coins are spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    /// The output script.
    pub script: ScriptBuf,
    /// What every spending of it puts into the script signature: the redeem script of the nested form, else nothing.
    pub script_sig: ScriptBuf,
    /// What is signed.
    pub signed: SignedScript,
}

/// A vault's descriptor, split into its two keychains, each key derived to its chain already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultDescriptor {
    text: String,
    form: ScriptForm,
    receive: Descriptor<DescriptorPublicKey>,
    change: Descriptor<DescriptorPublicKey>,
}

impl VaultDescriptor {
    /// Reads a two-path descriptor with its checksum.
    pub fn parse(text: &str) -> Result<Self, DescriptorFault> {
        let descriptor = Descriptor::<DescriptorPublicKey>::from_str(text).map_err(malformed)?;
        let form = match &descriptor {
            Descriptor::Wsh(_) => ScriptForm::P2wsh,
            Descriptor::Sh(sh) => match sh.as_inner() {
                ShInner::Wsh(_) => ScriptForm::Nested,
                ShInner::SortedMulti(_) | ShInner::Ms(_) => ScriptForm::Legacy,
                ShInner::Wpkh(_) => return Err(DescriptorFault::Form),
            },
            Descriptor::Tr(tr) if tr.tap_tree().is_some() => ScriptForm::Taproot,
            Descriptor::Tr(_) | Descriptor::Bare(_) | Descriptor::Pkh(_) | Descriptor::Wpkh(_) => {
                return Err(DescriptorFault::Form);
            }
        };
        let mut single = descriptor.into_single_descriptors().map_err(malformed)?.into_iter();
        match (single.next(), single.next(), single.next()) {
            (Some(receive), Some(change), None) if receive.has_wildcard() && change.has_wildcard() => {
                let (receive, change) = (chain::advance(receive), chain::advance(change));
                Ok(Self { text: text.to_owned(), form, receive, change })
            }
            _ => Err(DescriptorFault::Keychains),
        }
    }

    /// The descriptor as ratified, with checksum.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form of its scripts.
    pub fn form(&self) -> ScriptForm {
        self.form
    }

    /// The descriptor of a keychain, its keys derived to the chain.
    pub(crate) fn chain(&self, keychain: Keychain) -> &Descriptor<DescriptorPublicKey> {
        match keychain {
            Keychain::Receive => &self.receive,
            Keychain::Change => &self.change,
        }
    }

    /// The descriptor of one address. None where `index` is not an unhardened child (2^31 and above).
    pub fn at(&self, keychain: Keychain, index: u32) -> Option<Descriptor<DefiniteDescriptorKey>> {
        self.chain(keychain).at_derivation_index(index).ok()
    }

    /// The output script at an index.
    pub fn script(&self, keychain: Keychain, index: u32) -> Option<ScriptBuf> {
        Some(self.at(keychain, index)?.derived_descriptor(SECP256K1).ok()?.script_pubkey())
    }

    /// How the coins at an index are spent on `path`; none where it is not an index, or there is no such path.
    pub fn spending(&self, keychain: Keychain, index: u32, path: SpendingPath) -> Option<Spending> {
        self.spending_of(&self.derived(keychain, index)?, path)
    }

    /// How the coins of an address of this descriptor are spent on `path`; none where there is no such path.
    pub(crate) fn spending_of(&self, derived: &Derived, path: SpendingPath) -> Option<Spending> {
        let address = derived.descriptor.as_ref()?;
        let signed = match (address, self.form) {
            (Descriptor::Tr(tr), _) => {
                // The recovery's leaf is the second, as `make` writes it.
                let place = match path {
                    SpendingPath::Members => 0,
                    SpendingPath::Recovery => 1,
                };
                let (_, leaf) = tr.iter_scripts().nth(place)?;
                SignedScript::Leaf(TapLeafHash::from_script(&leaf.encode(), LeafVersion::TapScript))
            }
            (_, ScriptForm::Legacy) => SignedScript::Legacy(address.explicit_script().ok()?),
            (_, ScriptForm::P2wsh | ScriptForm::Nested | ScriptForm::Taproot) => {
                SignedScript::Segwit(address.explicit_script().ok()?)
            }
        };
        Some(Spending { script: derived.script.clone(), script_sig: address.unsigned_script_sig(), signed })
    }

    /// The address at an index of the receive keychain.
    pub fn address(&self, index: u32, network: Network) -> Option<Address> {
        Address::from_script(&self.script(Keychain::Receive, index)?, network).ok()
    }
}
