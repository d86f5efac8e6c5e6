//! Any output descriptor of another wallet, to look at: addresses, keys with their origins, whose a script is. A vault's
//! own descriptor, which is made here and held to more, is in [`crate::descriptor`].

mod check;
mod checksum;
mod follow;
mod text;

use std::str::FromStr;
use std::sync::Arc;

use bitcoin::{NetworkKind, ScriptBuf};
use miniscript::descriptor::{DescriptorPublicKey, Wildcard};
use miniscript::{AnalysisError, Descriptor, ForEachKey as _};

pub use check::{Checked, CheckedKey};
pub use text::{ChecksumState, DescriptorRefusal, TEXT_LIMIT};

use crate::descriptor::{Derived, DerivedKey, Keychain, Places, VaultDescriptor};

/// Any output descriptor: one or two chains of scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedDescriptor {
    text: String,
    checksum: ChecksumState,
    /// Receive, then change. A `combo` has several scripts at each index.
    chains: Vec<Vec<Form>>,
    implied_change: bool,
    /// What was derived already.
    known: Places,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Miniscript(Box<Descriptor<DescriptorPublicKey>>),
    /// `rawtr(KEY)`: the key is the output key.
    RawTaproot(Box<DescriptorPublicKey>),
    /// `addr(ADDRESS)` and `raw(HEX)`.
    Script(ScriptBuf),
}

impl WatchedDescriptor {
    /// Reads a descriptor, or one for receiving and one for change on two lines; with or without checksums.
    pub fn parse(text: &str) -> Result<Self, DescriptorRefusal> {
        let read = text::read(text)?;
        let mut chains = vec![];
        for body in &read.bodies {
            chains.extend(forms(body)?);
        }
        let mut implied_change = false;
        if let ([_], [body]) = (&chains[..], &read.bodies[..])
            && let Some(change) = text::change_of(body)
            && let Ok(implied) = forms(&change)
        {
            chains.extend(implied);
            implied_change = true;
        }
        if chains.is_empty() || chains.len() > 2 {
            return Err(DescriptorRefusal::Unsupported {
                what: format!("{} keychains in one descriptor", chains.len()),
            });
        }
        let descriptor =
            Self { text: read.text, checksum: read.checksum, chains, implied_change, known: Places::default() };
        descriptor.refuse_unusable()?;
        Ok(descriptor)
    }

    /// A vault's own, to look at by the same rules, with those of its addresses that were derived already. Of keys it knows
    /// the chain's, not the account's.
    pub fn of_vault(vault: &VaultDescriptor, known: Places) -> Self {
        let chain = |keychain| vec![Form::Miniscript(Box::new(vault.chain(keychain).clone()))];
        Self {
            text: vault.text().to_owned(),
            checksum: ChecksumState::Verified,
            chains: vec![chain(Keychain::Receive), chain(Keychain::Change)],
            implied_change: false,
            known,
        }
    }

    /// The text with its checksum; receive and change on two lines where it came so.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text came with a checksum.
    pub fn checksum(&self) -> &ChecksumState {
        &self.checksum
    }

    /// The keychains that it has.
    pub fn keychains(&self) -> &'static [Keychain] {
        if self.chains.len() == 2 { &[Keychain::Receive, Keychain::Change] } else { &[Keychain::Receive] }
    }

    /// Whether the change keychain is not in the text, but the `/1/*` beside the text's `/0/*`.
    pub fn implied_change(&self) -> bool {
        self.implied_change
    }

    /// Whether it has a script for each index, or one alone.
    pub fn ranged(&self) -> bool {
        self.public_keys().iter().any(DescriptorPublicKey::has_wildcard)
    }

    /// The networks that its extended keys say; none where it has none.
    pub fn network(&self) -> Option<NetworkKind> {
        self.public_keys().iter().find_map(|key| match key {
            DescriptorPublicKey::XPub(key) => Some(key.xkey.network),
            DescriptorPublicKey::MultiXPub(key) => Some(key.xkey.network),
            DescriptorPublicKey::Single(_) => None,
        })
    }

    /// Everything that is ours at an index; more than one only for `combo`. Nothing where the index is 2^31 or above.
    pub fn at(&self, keychain: Keychain, index: u32) -> Vec<Arc<Derived>> {
        if let Some(known) = self.known.get(keychain, index) {
            return vec![known.clone()];
        }
        let chain = match keychain {
            Keychain::Receive => self.chains.first(),
            Keychain::Change => self.chains.get(1),
        };
        chain.into_iter().flatten().filter_map(|form| form.at(index)).map(Arc::new).collect()
    }

    /// Whether an index was derived already.
    pub(crate) fn knows(&self, keychain: Keychain, index: u32) -> bool {
        self.known.get(keychain, index).is_some()
    }

    /// The output script at an index; the last form of a `combo`, which is its newest.
    pub fn script(&self, keychain: Keychain, index: u32) -> Option<ScriptBuf> {
        self.at(keychain, index).pop().map(|derived| derived.script.clone())
    }

    /// The keys of both chains, as the descriptor has them.
    fn public_keys(&self) -> Vec<DescriptorPublicKey> {
        let mut keys = vec![];
        for form in self.chains.iter().flatten() {
            form.public_keys(&mut keys);
        }
        keys
    }

    /// What parses, but can never give a script; and keys that stand twice.
    fn refuse_unusable(&self) -> Result<(), DescriptorRefusal> {
        let keys = self.public_keys();
        if keys.iter().any(hardened) {
            return Err(DescriptorRefusal::Malformed {
                reason: "a hardened step after an extended public key cannot be derived".to_owned(),
            });
        }
        if self.chains.iter().enumerate().any(|(at, chain)| {
            let keychain = if at == 0 { Keychain::Receive } else { Keychain::Change };
            self.at(keychain, 0).len() != chain.len()
        }) {
            return Err(DescriptorRefusal::Malformed { reason: "no script can be derived from it".to_owned() });
        }
        let mut networks = keys.iter().filter_map(|key| match key {
            DescriptorPublicKey::XPub(key) => Some(key.xkey.network),
            DescriptorPublicKey::MultiXPub(key) => Some(key.xkey.network),
            DescriptorPublicKey::Single(_) => None,
        });
        if let Some(first) = networks.next()
            && networks.any(|network| network != first)
        {
            return Err(DescriptorRefusal::Malformed { reason: "its keys are of different networks".to_owned() });
        }
        check::refuse_doubled_keys(self)
    }
}

fn hardened(key: &DescriptorPublicKey) -> bool {
    let wildcard = match key {
        DescriptorPublicKey::Single(_) => return false,
        DescriptorPublicKey::XPub(key) => key.wildcard,
        DescriptorPublicKey::MultiXPub(key) => key.wildcard,
    };
    wildcard == Wildcard::Hardened || key.has_hardened_step()
}

/// The chains of one descriptor without checksum.
fn forms(body: &str) -> Result<Vec<Vec<Form>>, DescriptorRefusal> {
    if let Some(form) = text::fixed_script(body)? {
        return Ok(vec![vec![Form::Script(form)]]);
    }
    if let Some(key) = text::argument(body, "rawtr") {
        let keys = text::key(key)?.into_single_keys();
        return Ok(keys.into_iter().map(|key| vec![Form::RawTaproot(Box::new(key))]).collect());
    }
    if let Some(key) = text::argument(body, "combo") {
        text::key(key)?;
        let mut chains: Vec<Vec<Form>> = vec![];
        // An uncompressed key has the first two alone.
        let kinds = [format!("pk({key})"), format!("pkh({key})"), format!("wpkh({key})"), format!("sh(wpkh({key}))")];
        for kind in kinds {
            let Ok(forms) = single(&kind) else { continue };
            chains.resize_with(forms.len().max(chains.len()), Vec::new);
            chains.iter_mut().zip(forms).for_each(|(chain, form)| chain.push(form));
        }
        return Ok(chains);
    }
    Ok(single(body)?.into_iter().map(|form| vec![form]).collect())
}

fn single(body: &str) -> Result<Vec<Form>, DescriptorRefusal> {
    let malformed = |error: miniscript::Error| match error {
        miniscript::Error::AnalysisError(AnalysisError::RepeatedPubkeys) => {
            DescriptorRefusal::KeyDuplicated { key: "in one branch of its tree".to_owned() }
        }
        error => DescriptorRefusal::Malformed { reason: error.to_string() },
    };
    let descriptor = Descriptor::<DescriptorPublicKey>::from_str(body).map_err(malformed)?;
    let single = descriptor.into_single_descriptors().map_err(malformed)?;
    Ok(single.into_iter().map(|descriptor| Form::Miniscript(Box::new(descriptor))).collect())
}

impl Form {
    fn at(&self, index: u32) -> Option<Derived> {
        match self {
            Form::Miniscript(descriptor) => Derived::new(descriptor, index),
            Form::RawTaproot(key) => {
                let key = DerivedKey::new(key, index)?;
                let output = bitcoin::key::TweakedPublicKey::dangerous_assume_tweaked(key.x_only);
                Some(Derived { script: ScriptBuf::new_p2tr_tweaked(output), descriptor: None, keys: vec![key] })
            }
            Form::Script(script) => Some(Derived { script: script.clone(), descriptor: None, keys: vec![] }),
        }
    }

    fn public_keys(&self, keys: &mut Vec<DescriptorPublicKey>) {
        match self {
            Form::Miniscript(descriptor) => {
                descriptor.for_each_key(|key| {
                    keys.push(key.clone());
                    true
                });
            }
            Form::RawTaproot(key) => keys.push(DescriptorPublicKey::clone(key)),
            Form::Script(_) => {}
        }
    }
}
