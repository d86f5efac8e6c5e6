//! Why the program around the installation did not do what the window asked: a fixed name for each, and words.

use std::path::{Path, PathBuf};

use conclave_shared::request::{Failure, FailureKind};

use crate::failure::InstallationError;
use crate::store::{PassphraseError, StoreError};

/// Why something was not done. What was there before is as it was.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum HostError {
    /// There is no installation in the data folder.
    #[error("there is no installation yet: make one, or put back a backup")]
    Fresh,
    /// There is one already.
    #[error("there is an installation already: it was left as it is")]
    NotFresh,
    /// It has to be opened first.
    #[error("the installation is locked: open it by its passphrase")]
    Locked,
    /// It is open.
    #[error("the installation is open already")]
    NotLocked,
    /// It was closed before the answer came.
    #[error("the installation was locked before it answered: open it and look whether it was done")]
    LockedMeanwhile,
    /// A new passphrase that could be guessed.
    #[error("the passphrase could be guessed: choose a longer one, of several words that have nothing in common")]
    PassphraseWeak,
    /// A passphrase of no character.
    #[error("the passphrase is empty")]
    PassphraseEmpty,
    /// A passphrase that is longer than is taken.
    #[error("the passphrase has {found} bytes: at most {limit} are taken")]
    PassphraseLong {
        /// Its length in bytes.
        found: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// The words of a key are not given by a plain request.
    #[error("the words of a key are only shown to who types the passphrase again")]
    WordsApart,
    /// Not a request of this program.
    #[error("not a request: {reason}")]
    RequestMalformed {
        /// What is wrong with it.
        reason: String,
    },
    /// A time that is longer than is taken.
    #[error("it locks itself after {minutes} minutes: at most {limit} can be chosen")]
    AutoLockLong {
        /// As asked for.
        minutes: u32,
        /// The most that is taken.
        limit: u32,
    },
    /// Lines that name bridges and are not understood.
    #[error("the bridges cannot be used: {reason}")]
    Bridges {
        /// What is wrong with them.
        reason: String,
    },
    /// The folder for exports is not there.
    #[error("{path} is not a folder: choose one that exists, by its whole path")]
    ExportsMissing {
        /// As it stands in the settings.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{path} cannot be written: {source}; nothing of it was kept")]
    FileUnwritable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The clipboard gives no answer.
    #[error("the clipboard cannot be reached: {reason}")]
    ClipboardUnreachable {
        /// What it said.
        reason: String,
    },
    /// More than belongs on a clipboard.
    #[error("the text has {found} bytes: at most {limit} are copied")]
    CopyLong {
        /// Its length in bytes.
        found: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// A text that is handed over is longer than is taken.
    #[error("the text has {found} bytes: at most {limit} are taken")]
    TextLong {
        /// Its length in bytes.
        found: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// What was handed over as a file is not base64.
    #[error("the file did not arrive whole: choose it once more")]
    FileMalformed,
    /// A picture without a code.
    #[error("there is no QR code in the picture that can be read: take it again, straight and sharp")]
    QrNone,
    /// A picture with several codes.
    #[error("there are {found} QR codes in the picture: cut out the one that is meant")]
    QrSeveral {
        /// How many.
        found: usize,
    },
    /// Not a picture, or too large a one.
    #[error("the picture cannot be read: {reason}; PNG and JPEG are read, up to 20 MB and 50 megapixels")]
    ImageUnreadable {
        /// Why.
        reason: String,
    },
    /// A part of the program gave up: a defect.
    #[error(
        "a part of the program failed: {reason}; what is on the disk is whole: close the program and open it again"
    )]
    Broken {
        /// What it said.
        reason: String,
    },
    /// The installation refused.
    #[error("{}", .0.message)]
    Refused(Failure),
    /// The installation, or its files.
    #[error(transparent)]
    Installation(#[from] InstallationError),
}

impl HostError {
    /// What the system says of a file that was to be written.
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        match StoreError::file(path, source) {
            StoreError::File { path, source } => Self::FileUnwritable { path, source },
            error => error.into(),
        }
    }

    /// As it is told to the window.
    pub fn failure(self) -> Failure {
        let kind = match self {
            Self::Refused(failure) => return failure,
            Self::Installation(error) => return error.failure(),
            Self::Fresh
            | Self::NotFresh
            | Self::Locked
            | Self::NotLocked
            | Self::LockedMeanwhile
            | Self::PassphraseWeak
            | Self::WordsApart => FailureKind::Rule,
            Self::PassphraseEmpty
            | Self::PassphraseLong { .. }
            | Self::RequestMalformed { .. }
            | Self::AutoLockLong { .. }
            | Self::ExportsMissing { .. }
            | Self::Bridges { .. }
            | Self::CopyLong { .. }
            | Self::TextLong { .. }
            | Self::FileMalformed
            | Self::QrNone
            | Self::QrSeveral { .. }
            | Self::ImageUnreadable { .. } => FailureKind::Input,
            Self::FileUnwritable { .. } | Self::ClipboardUnreachable { .. } | Self::Broken { .. } => {
                FailureKind::Machine
            }
        };
        let name: &'static str = (&self).into();
        Failure { kind, code: name.to_owned(), message: self.to_string(), unmet: Vec::new() }
    }
}

impl From<StoreError> for HostError {
    fn from(error: StoreError) -> Self {
        Self::Installation(error.into())
    }
}

impl From<PassphraseError> for HostError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::Empty => Self::PassphraseEmpty,
            PassphraseError::TooLong { found } => Self::PassphraseLong { found, limit: crate::store::MAX_PASSPHRASE },
        }
    }
}
