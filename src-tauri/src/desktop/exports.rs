//! Files that leave the program: exports and backups, each under a fresh name in one folder, never over another file.
//!
//! There is no dialog: the owner chooses the folder once, and is told each file's whole path.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use conclave_shared::VaultId;
use conclave_shared::desktop::{Export, Saved, Settings};
use conclave_shared::request::{OnProposal, OnVault, Reply, Request};

use super::host::{blocking, unexpected};
use super::{Host, HostError, home};
use crate::input::now_ms;
use crate::main_loop::Own;
use crate::record::utc;

/// Longest text of a backup sheet, in bytes.
const SHEET_LIMIT: usize = 64 * 1024;
/// The folder in the data folder that is taken where the system names none.
const OWN_FOLDER: &str = "exports";
/// Longest part of a name that comes from a vault's name, in characters.
const NAME_LIMIT: usize = 40;
/// Most files of one name.
const SAME_NAME: u32 = 10_000;

/// How lines end.
#[derive(Clone, Copy)]
enum Ends {
    Unix,
    /// RFC 4180: tables.
    Table,
}

impl Host {
    /// Where exports go by these settings.
    pub(super) fn exports_folder(&self, settings: &Settings) -> PathBuf {
        match (&settings.exports, &self.place.downloads) {
            (Some(chosen), _) => PathBuf::from(chosen),
            (None, Some(downloads)) if downloads.is_dir() => downloads.clone(),
            (None, _) => self.place.home.join(OWN_FOLDER),
        }
    }

    /// Writes something of a vault to the folder for exports. A record's export is put on the installation's own chain.
    pub async fn export(&self, export: Export) -> Result<Saved, HostError> {
        let (vault, what, ending) = match &export {
            Export::RecordLines { vault } => (*vault, "record", "jsonl"),
            Export::RecordTable { vault } => (*vault, "record", "csv"),
            Export::Transactions { vault } => (*vault, "transactions", "csv"),
            Export::Labels { vault } => (*vault, "labels", "jsonl"),
            Export::Psbt { vault, .. } => (*vault, "payment", "psbt"),
            Export::BackupSheet { vault, .. } => (*vault, "backup-sheet", "txt"),
        };
        let name = self.name_of(vault).await?;
        // The file comes first: what cannot be written is not put on record as exported.
        let fresh = self.fresh(&format!("{}-{what}", in_ascii(&name)), ending).await?;
        let bytes = match export {
            Export::RecordLines { vault } => self.lines(Request::ExportRecord(OnVault { vault }), Ends::Unix).await,
            Export::RecordTable { vault } => self.lines(Request::ExportTable(OnVault { vault }), Ends::Table).await,
            Export::Transactions { vault } => {
                self.lines(Request::ExportTransactions(OnVault { vault }), Ends::Table).await
            }
            Export::Labels { vault } => self.lines(Request::ExportLabels(OnVault { vault }), Ends::Unix).await,
            Export::Psbt { vault, proposal } => self.psbt(OnProposal { vault, proposal }).await,
            Export::BackupSheet { text, .. } if text.len() > SHEET_LIMIT => {
                Err(HostError::TextLong { found: text.len(), limit: SHEET_LIMIT })
            }
            Export::BackupSheet { text, .. } => Ok(text.into_bytes()),
        };
        fresh.keep(bytes).await
    }

    /// Writes a backup of the whole installation to the folder for exports.
    pub async fn backup(&self) -> Result<Saved, HostError> {
        drop(self.seat().await?);
        let fresh = self.fresh("backup", "tar").await?;
        let written = match fresh.file.try_clone() {
            Ok(into) => self.own(Own::Backup { into }).await,
            Err(source) => Err(HostError::file(&fresh.path, source)),
        };
        fresh.keep(written.map(|()| Vec::new())).await
    }

    /// What a vault is called, or a descriptor that is watched.
    async fn name_of(&self, wanted: VaultId) -> Result<String, HostError> {
        let Reply::Vaults { vaults, watched, .. } = self.pass_on(Request::ListVaults).await? else {
            return Ok(wanted.short());
        };
        let vaults = vaults.into_iter().map(|it| (it.vault, it.name));
        let mut all = vaults.chain(watched.into_iter().map(|it| (it.vault, it.name)));
        Ok(all.find(|(vault, _)| *vault == wanted).map_or_else(|| wanted.short(), |(_, name)| name))
    }

    async fn lines(&self, request: Request, ends: Ends) -> Result<Vec<u8>, HostError> {
        let lines = match self.pass_on(request).await? {
            Reply::Record { lines } => lines,
            reply => return Err(unexpected(reply)),
        };
        let end = match ends {
            Ends::Unix => "\n",
            Ends::Table => "\r\n",
        };
        Ok(lines.iter().flat_map(|line| [line.as_bytes(), end.as_bytes()]).flatten().copied().collect())
    }

    async fn psbt(&self, on: OnProposal) -> Result<Vec<u8>, HostError> {
        match self.pass_on(Request::ExportPsbt(on)).await? {
            Reply::Psbt { base64 } => BASE64_STANDARD.decode(base64).map_err(|_| HostError::FileMalformed),
            reply => Err(unexpected(reply)),
        }
    }

    /// A new file in the folder for exports, closed to other users.
    async fn fresh(&self, what: &str, ending: &'static str) -> Result<Fresh, HostError> {
        let settings = self.settings();
        let folder = self.exports_folder(&settings);
        let own = self.place.home.join(OWN_FOLDER);
        let date = utc(now_ms()).chars().take(10).collect::<String>();
        let name = format!("conclave-{what}-{date}");
        blocking(move || {
            if folder == own {
                fs::create_dir_all(&folder).map_err(|source| HostError::file(&folder, source))?;
            } else if !folder.is_dir() {
                return Err(HostError::ExportsMissing { path: folder });
            }
            fresh_in(&folder, &name, ending)
        })
        .await
    }
}

/// A file that has just been made, and is nobody's yet.
struct Fresh {
    path: PathBuf,
    file: File,
}

impl Fresh {
    /// Writes the rest of it and keeps it; where there was an error it goes, as half a file would pass for a whole one.
    async fn keep(self, bytes: Result<Vec<u8>, HostError>) -> Result<Saved, HostError> {
        let Self { path, mut file } = self;
        blocking(move || {
            let written = bytes.and_then(|bytes| {
                let written = file.write_all(&bytes).and_then(|()| file.sync_all()).and_then(|()| file.metadata());
                written.map_err(|source| HostError::file(&path, source))
            });
            match written {
                Ok(metadata) => Ok(Saved { path: path.display().to_string(), bytes: metadata.len() }),
                Err(error) => {
                    let _ = fs::remove_file(&path);
                    Err(error)
                }
            }
        })
        .await
    }
}

/// `NAME.ENDING`, or `NAME-2.ENDING` and so on where that is taken.
fn fresh_in(folder: &Path, name: &str, ending: &str) -> Result<Fresh, HostError> {
    let mut path = folder.join(format!("{name}.{ending}"));
    for number in 2..=SAME_NAME {
        match home::new_file(&path) {
            Ok(file) => return Ok(Fresh { path, file }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(HostError::file(&path, source)),
        }
        path = folder.join(format!("{name}-{number}.{ending}"));
    }
    Err(HostError::file(&path, io::ErrorKind::AlreadyExists.into()))
}

/// A vault's name as a part of a file's name: letters, digits and single dashes.
fn in_ascii(name: &str) -> String {
    let kept = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect::<String>();
    let joined = kept.split_whitespace().collect::<Vec<_>>().join("-");
    let cut: String = joined.chars().take(NAME_LIMIT).collect();
    let name = cut.trim_end_matches('-');
    if name.is_empty() { "vault".to_owned() } else { name.to_owned() }
}

/// The bytes of a file that a page handed over.
///
/// Errors: [`HostError::TextLong`] before it is decoded, [`HostError::FileMalformed`].
pub(super) fn decoded(base64: &str, limit: usize) -> Result<Vec<u8>, HostError> {
    let longest = limit.div_ceil(3) * 4;
    if base64.len() > longest {
        return Err(HostError::TextLong { found: base64.len(), limit: longest });
    }
    BASE64_STANDARD.decode(base64).map_err(|_| HostError::FileMalformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_kind_becomes_a_name_of_a_file() {
        for (name, file) in [
            ("Treasury", "Treasury"),
            ("Our  club: 2/3!", "Our-club-2-3"),
            ("../../etc/passwd", "etc-passwd"),
            ("Клуб", "vault"),
            ("Клуб 7", "7"),
            ("", "vault"),
            ("a\0b\nc", "a-b-c"),
            (&"long ".repeat(40), "long-long-long-long-long-long-long-long"),
        ] {
            assert_eq!(in_ascii(name), file, "{name:?}");
        }
    }

    #[test]
    fn no_file_is_ever_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = || fresh_in(folder.path(), "x", "csv").unwrap().path.file_name().unwrap().to_owned();
        assert_eq!([fresh(), fresh(), fresh()], ["x.csv", "x-2.csv", "x-3.csv"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::os::unix::fs::symlink("/nowhere", folder.path().join("x-4.csv")).unwrap();
            assert_eq!(fresh(), "x-5.csv", "a link is not followed");
            let mode = fs::metadata(folder.path().join("x.csv")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_from_a_page_is_bounded_before_it_is_decoded() {
        assert_eq!(decoded("YWJj", 3).unwrap(), b"abc");
        assert!(matches!(decoded("YWJjZA==", 3), Err(HostError::TextLong { found: 8, limit: 4 })));
        for text in ["YWJ", "YW J", "\u{e9}"] {
            assert!(matches!(decoded(text, 100), Err(HostError::FileMalformed)), "{text}");
        }
    }
}
