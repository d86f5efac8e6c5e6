//! A descriptor that is only watched: its coins, without a record, members or relays. This installation holds no key of it.

use bitcoin::{Address, NetworkKind};
use conclave_domain::descriptor::Keychain;
use conclave_domain::watched::{CheckedKey, DescriptorRefusal, WatchedDescriptor};
use conclave_shared::VaultId;
use conclave_shared::view::{DescriptorView, WatchedView};

use crate::coins::{Answer, Coins};
use crate::failure::InstallationError;
use crate::open_vault::NETWORK;
use crate::store::{Batch, Store, WatchedRecord};

/// Addresses for deposits that are shown before a descriptor is watched.
const ADDRESSES_SHOWN: u32 = 3;

/// A descriptor that can be watched here: its wallet could be made.
pub struct Candidate {
    /// What it is named by.
    pub id: VaultId,
    descriptor: WatchedDescriptor,
    coins: Coins,
}

impl Candidate {
    /// Reads a text: public keys alone, of this network, with a right checksum where there is one, of a form that a wallet
    /// can follow.
    pub fn read(text: &str) -> Result<Self, InstallationError> {
        let descriptor = WatchedDescriptor::parse(text)?;
        if descriptor.network().is_some_and(|network| network != NetworkKind::from(NETWORK)) {
            return Err(InstallationError::DescriptorNetwork { network: NETWORK });
        }
        let what = || "watching combo, raw, rawtr, addr and scripts without an address".to_owned();
        let unsupported = || DescriptorRefusal::Unsupported { what: what() };
        let (id, chains) = descriptor.id().zip(descriptor.chains()).ok_or_else(unsupported)?;
        let coins = Coins::watching(&chains, NETWORK, None)
            .map_err(|error| DescriptorRefusal::Unsupported { what: format!("watching it ({error})") })?;
        Ok(Self { id, descriptor, coins })
    }

    /// What there is to say about it.
    pub fn view(&self) -> DescriptorView {
        view(&self.descriptor)
    }
}

/// A watched descriptor with its coins.
pub struct Watched {
    record: WatchedRecord,
    descriptor: WatchedDescriptor,
    /// Its coins.
    pub coins: Coins,
    /// What is wrong with the chain source now.
    pub trouble: Option<String>,
}

impl Watched {
    /// Begins to watch: committed when it returns.
    pub fn begin(
        store: &mut Store,
        candidate: Candidate,
        name: String,
        chain: String,
        now_ms: u64,
    ) -> Result<Self, InstallationError> {
        let Candidate { id, descriptor, coins } = candidate;
        let text = descriptor.in_one_spelling();
        // As it will be read from the store.
        let descriptor = WatchedDescriptor::parse(&text)?;
        let record = WatchedRecord { vault: id, name, descriptor: text, chain, created_ms: now_ms };
        let mut watched = Self { record: record.clone(), descriptor, coins, trouble: None };
        watched.commit(store, Batch { new_watched: Some(record), ..Batch::default() })?;
        Ok(watched)
    }

    /// Opens one from the store.
    pub fn load(store: &Store, record: WatchedRecord) -> Result<Self, InstallationError> {
        let descriptor = WatchedDescriptor::parse(&record.descriptor)?;
        let chains = descriptor.chains().filter(|_| descriptor.id() == Some(record.vault));
        let chains = chains.ok_or(InstallationError::StoredDescriptor { vault: record.vault })?;
        let coins = Coins::watching(&chains, NETWORK, store.wallet(record.vault)?)?;
        Ok(Self { record, descriptor, coins, trouble: None })
    }

    /// What it is named by.
    pub fn id(&self) -> VaultId {
        self.record.vault
    }

    /// Its chain source.
    pub fn chain(&self) -> &str {
        &self.record.chain
    }

    /// Its descriptor.
    pub fn descriptor(&self) -> &WatchedDescriptor {
        &self.descriptor
    }

    /// Asks another chain source from now on, of which the store knows already.
    pub fn ask_at(&mut self, chain: String) {
        self.record.chain = chain;
        self.trouble = None;
        self.coins.ask_anew();
    }

    /// Takes an answer of the chain source.
    pub fn take_answer(&mut self, store: &mut Store, answer: Answer) -> Result<(), InstallationError> {
        self.coins.take_answer(answer)?;
        self.coins.look_ahead();
        self.commit(store, Batch::default())
    }

    /// Commits what has changed in the coins, with whatever else belongs to it.
    pub fn commit(&mut self, store: &mut Store, batch: Batch) -> Result<(), InstallationError> {
        let wallet = self.coins.take_changes();
        Ok(store.commit(self.record.vault, &Batch { wallet, ..batch })?)
    }

    /// For screens.
    pub fn view(&self) -> WatchedView {
        WatchedView {
            vault: self.record.vault,
            name: self.record.name.clone(),
            descriptor: view(&self.descriptor),
            chain: self.record.chain.clone(),
            balance: self.coins.balance(),
            tip_height: self.coins.tip_height(),
            trouble: self.trouble.clone(),
        }
    }
}

fn view(descriptor: &WatchedDescriptor) -> DescriptorView {
    let checked = descriptor.check();
    let count = if descriptor.ranged() { ADDRESSES_SHOWN } else { 1 };
    let address = |index| {
        let script = descriptor.script(Keychain::Receive, index)?;
        Address::from_script(&script, NETWORK).ok().map(|address| address.to_string())
    };
    DescriptorView {
        descriptor: descriptor.in_one_spelling(),
        kind: checked.kind.replace('(', "-").replace(')', ""),
        threshold: checked.threshold.and_then(|threshold| threshold.try_into().ok()),
        keys: checked.keys.iter().map(key).collect(),
        receive: (0..count).filter_map(address).collect(),
        warnings: checked.warnings.into_iter().collect(),
    }
}

/// A key with its origin, as descriptors write it.
fn key(key: &CheckedKey) -> String {
    match (&key.fingerprint, &key.path) {
        (Some(fingerprint), Some(path)) if path.is_empty() => format!("[{fingerprint}]{}", key.key),
        (Some(fingerprint), Some(path)) => format!("[{fingerprint}/{path}]{}", key.key),
        _ => key.key.clone(),
    }
}
