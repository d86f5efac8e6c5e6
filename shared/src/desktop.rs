//! What the window asks of the program around the installation: opening and locking it, settings, clipboard, files.
//!
//! Each item here has one Tauri command of its own name in the backend's `commands/`; everything about vaults goes through
//! the one command `ask` with a [`crate::request::Request`].

use serde::{Deserialize, Serialize};

use crate::{EventId, VaultId};

/// Whether there is an installation, and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppState {
    /// There is none in the data folder yet.
    Fresh,
    /// There is one, and its passphrase is asked for.
    Locked,
    /// It is open.
    Open,
}

/// How Tor stands in this process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", serde(rename_all = "kebab-case"))]
#[cfg_attr(not(target_family = "wasm"), serde(tag = "state", rename_all = "kebab-case"))]
pub enum TorState {
    /// Nothing has needed it yet.
    #[default]
    Off,
    /// It is being started. Nothing is sent through it.
    Starting {
        /// How far it is, in per cent.
        percent: u8,
        /// What it does now, in English, for people who look closely.
        doing: String,
    },
    /// Connections can be made.
    Ready,
    /// It cannot be started, or has lost the network. It is tried again.
    Failed {
        /// What it is about.
        trouble: TorTrouble,
        /// What exactly, in English.
        reason: String,
    },
}

/// Why Tor is not up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TorTrouble {
    /// Its configuration, or a line that names a bridge, cannot be used.
    Configuration,
    /// Its folder cannot be used: another program holds it, or it cannot be written.
    Folder,
    /// This machine has no network.
    Offline,
    /// There is a network, and somebody keeps Tor's connections from coming about: a bridge may help.
    Filtered,
    /// This machine's clock is wrong.
    Clock,
    /// Tor's directory cannot be fetched.
    Directory,
    /// Something else keeps it from the Tor network.
    Unreachable,
}

impl TorTrouble {
    /// All of them.
    pub const ALL: [TorTrouble; 7] = [
        TorTrouble::Configuration,
        TorTrouble::Folder,
        TorTrouble::Offline,
        TorTrouble::Filtered,
        TorTrouble::Clock,
        TorTrouble::Directory,
        TorTrouble::Unreachable,
    ];
}

/// The program as it stands. Command `app_view`; also the answer to whatever changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppView {
    /// Whether there is an installation, and whether it is open.
    pub state: AppState,
    /// How the owner wants it.
    pub settings: Settings,
    /// The language that is shown: the chosen one, else the system's where it is one of ours, else English.
    pub language: Language,
    /// The data folder.
    pub home: String,
    /// Where exports are written.
    pub exports: String,
    /// The program's version.
    pub version: String,
    /// Wrong passphrases since it was last open.
    pub failed_unlocks: u64,
    /// Whether it was locked because nobody used it for a while.
    pub auto_locked: bool,
    /// How Tor stands.
    pub tor: TorState,
}

/// A language of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
    /// Czech.
    #[serde(rename = "cs")]
    Czech,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::English, Language::Russian, Language::Czech];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Russian => "ru",
            Language::Czech => "cs",
        }
    }
}

/// Light, dark, or as the system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// In what amounts are shown and typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bitcoin with eight places.
    #[default]
    Btc,
    /// Satoshi.
    Sat,
}

/// What desktop notifications say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// Whether there are any.
    pub on: bool,
    /// Whether they name the kind of operation.
    pub kind: bool,
    /// Whether they name the amount.
    pub amount: bool,
    /// Whether they name the vault.
    pub vault: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { on: true, kind: true, amount: true, vault: true }
    }
}

/// How the owner wants the program. Nothing secret: it is kept beside the database, readable before it is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The language; none: the system's.
    pub language: Option<Language>,
    /// Light or dark.
    pub theme: Theme,
    /// The unit of amounts.
    pub unit: Unit,
    /// Locks after so many minutes without use; 0: never. At most 1440.
    pub auto_lock_minutes: u32,
    /// Desktop notifications.
    pub notify: Notify,
    /// Where exports go; none: the system's folder for downloads.
    pub exports: Option<String>,
    /// Lines that name bridges, by which Tor is reached where it is blocked. None: without bridges, or with those of the
    /// file `tor.toml` in the data folder.
    pub bridges: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::default(),
            unit: Unit::default(),
            auto_lock_minutes: 10,
            notify: Notify::default(),
            exports: None,
            bridges: String::new(),
        }
    }
}

/// How long a passphrase would withstand guessing. Command `passphrase_strength`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (at once) to 4 (very long).
    pub score: u8,
    /// The decimal logarithm of the guesses that it withstands.
    pub guesses_log10: u32,
    /// Whether a new installation takes it.
    pub accepted: bool,
    /// What would help most, where something would.
    pub advice: Option<Advice>,
}

/// What would make a passphrase stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// It is too short.
    Longer,
    /// It is a common password, a name, or a date.
    Uncommon,
    /// It repeats or follows the keyboard.
    LessRegular,
    /// More words that have nothing to do with one another.
    MoreWords,
}

/// What can be written to the exports folder. Command `export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "export", rename_all = "kebab-case")]
pub enum Export {
    /// The record, one NIP-01 event a line.
    RecordLines {
        /// Of which vault.
        vault: VaultId,
    },
    /// The record as CSV.
    RecordTable {
        /// Of which vault.
        vault: VaultId,
    },
    /// The transactions as CSV.
    Transactions {
        /// Of which vault.
        vault: VaultId,
    },
    /// Labels (BIP329).
    Labels {
        /// Of which vault.
        vault: VaultId,
    },
    /// A payment as a PSBT with the signatures that are there.
    Psbt {
        /// Of which vault.
        vault: VaultId,
        /// Which payment.
        proposal: EventId,
    },
    /// A member's backup sheet, as the page shows it.
    BackupSheet {
        /// Of which vault.
        vault: VaultId,
        /// Its text.
        text: String,
    },
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The whole path.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}
