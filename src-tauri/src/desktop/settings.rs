//! How the owner wants the program: `settings.json` in the data folder.
//!
//! Nothing secret: it is read before the database is open. A file that cannot be read is kept aside and the defaults are
//! taken, so that no file keeps anybody from their vaults. What does not belong here: what the settings do.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use conclave_shared::desktop::{Language, Settings};

use super::HostError;
use super::home::replace;
use crate::tor::{Door, TorSettings};

/// The file.
pub const SETTINGS_FILE: &str = "settings.json";
/// Where a file that could not be read is kept.
pub const BROKEN_FILE: &str = "settings.broken.json";
/// Longest time without use before it locks itself, in minutes: a day.
pub const AUTO_LOCK_LIMIT: u32 = 1_440;
/// Longest text of lines that name bridges, in bytes.
pub const BRIDGES_LIMIT: usize = 16 * 1024;
/// Most bytes that are read.
const READ_LIMIT: u64 = 64 * 1024;

/// The settings in a data folder.
pub fn read(home: &Path) -> Settings {
    let path = home.join(SETTINGS_FILE);
    let mut bytes = Vec::new();
    match fs::File::open(&path).and_then(|file| file.take(READ_LIMIT).read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(_) => return Settings::default(),
    }
    match serde_json::from_slice::<Settings>(&bytes) {
        Ok(settings) if settings.auto_lock_minutes <= AUTO_LOCK_LIMIT => settings,
        // Of a newer program, or broken: whoever wants to know what stood there finds it.
        Ok(_) | Err(_) => {
            let _ = fs::rename(&path, home.join(BROKEN_FILE));
            Settings::default()
        }
    }
}

/// Puts settings in the place of those before, whole or not at all.
///
/// Errors: [`HostError::AutoLockLong`], [`HostError::ExportsMissing`], [`HostError::Bridges`], and what the disk says.
pub fn write(home: &Path, settings: &Settings) -> Result<(), HostError> {
    if settings.auto_lock_minutes > AUTO_LOCK_LIMIT {
        let minutes = settings.auto_lock_minutes;
        return Err(HostError::AutoLockLong { minutes, limit: AUTO_LOCK_LIMIT });
    }
    if let Some(path) = settings.exports.as_ref().map(PathBuf::from)
        && !(path.is_absolute() && path.is_dir())
    {
        return Err(HostError::ExportsMissing { path });
    }
    let bridges = &settings.bridges;
    if bridges.len() > BRIDGES_LIMIT {
        return Err(HostError::Bridges { reason: format!("they have more than {BRIDGES_LIMIT} bytes") });
    }
    if *bridges != read(home).bridges && !bridges.trim().is_empty() {
        tor(home, settings).check().map_err(|error| HostError::Bridges { reason: error.to_string() })?;
    }
    let mut text = serde_json::to_string_pretty(settings).expect("settings have string keys alone");
    text.push('\n');
    replace(home, SETTINGS_FILE, text.as_bytes())
}

/// What the owner says about the way into Tor: here, and in the file that [`TorSettings::of`] finds.
pub fn tor(home: &Path, settings: &Settings) -> TorSettings {
    TorSettings { bridges: settings.bridges.clone(), ..TorSettings::of(home) }
}

/// The door of an installation in the folder `home`. Tor's state and cache lie in its folder `tor`.
pub fn door(home: &Path) -> Door {
    Door::new(home.join("tor"), tor(home, &read(home)))
}

/// The language of the system by its environment, where it is one of ours.
pub fn system_language(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
    let tag = locale.split(['_', '-', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
    Language::ALL.into_iter().find(|language| language.tag() == tag).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use conclave_shared::desktop::{Notify, Theme, Unit};

    use super::*;

    #[test]
    fn settings_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Settings::default());
        let settings = Settings {
            language: Some(Language::Czech),
            theme: Theme::Dark,
            unit: Unit::Sat,
            auto_lock_minutes: 1_440,
            notify: Notify { on: true, kind: true, amount: false, vault: false },
            exports: Some(folder.path().display().to_string()),
            bridges: "192.0.2.66:443 8C00000DFE0046ABCDFAD191144399CB520C29E8".to_owned(),
        };
        write(folder.path(), &settings).unwrap();
        assert_eq!(read(folder.path()), settings);
        write(folder.path(), &Settings::default()).unwrap();
        assert_eq!(read(folder.path()), Settings::default());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, [SETTINGS_FILE], "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_is_refused_and_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let long = Settings { auto_lock_minutes: 1_441, ..Settings::default() };
        assert!(matches!(write(folder.path(), &long), Err(HostError::AutoLockLong { minutes: 1_441, .. })));
        for bridges in ["nothing like it".to_owned(), "x".repeat(BRIDGES_LIMIT + 1)] {
            let settings = Settings { bridges, ..Settings::default() };
            assert!(matches!(write(folder.path(), &settings), Err(HostError::Bridges { .. })));
        }
        for exports in [file.display().to_string(), folder.path().join("gone").display().to_string(), ".".to_owned()] {
            let settings = Settings { exports: Some(exports.clone()), ..Settings::default() };
            let refused = write(folder.path(), &settings);
            assert!(matches!(refused, Err(HostError::ExportsMissing { .. })), "{exports}");
        }
        assert!(!folder.path().join(SETTINGS_FILE).exists());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_kept_aside() {
        for text in ["", "{", "[1]", "{\"auto_lock_minutes\":-1}", "{\"auto_lock_minutes\":1441}", "{\"later\":1}"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(SETTINGS_FILE), text).unwrap();
            assert_eq!(read(folder.path()), Settings::default(), "{text}");
            assert_eq!(fs::read_to_string(folder.path().join(BROKEN_FILE)).unwrap(), text);
            assert!(!folder.path().join(SETTINGS_FILE).exists());
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SETTINGS_FILE), "{\"unit\":\"sat\"}").unwrap();
        assert_eq!(read(folder.path()).unit, Unit::Sat, "what is not said is as it always was");
        assert!(folder.path().join(SETTINGS_FILE).exists());
    }

    #[test]
    fn the_language_is_the_systems_where_it_is_one_of_ours() {
        let language = |all: &str, messages: &str, lang: &str| {
            system_language(|name| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LC_MESSAGES" => Some(messages.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            })
        };
        assert_eq!(language("", "", "ru_RU.UTF-8"), Language::Russian);
        assert_eq!(language("", "cs_CZ", "ru_RU.UTF-8"), Language::Czech);
        assert_eq!(language("C", "cs_CZ", "ru_RU"), Language::English);
        assert_eq!(language("", "", "RU@latin"), Language::Russian);
        assert_eq!(language("", "", "de_DE.UTF-8"), Language::English);
        assert_eq!(language("", "", "rust"), Language::English);
        assert_eq!(system_language(|_| None), Language::English);
    }
}
