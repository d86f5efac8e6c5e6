//! What the owner says about the way into Tor: a file in arti's own form (TOML), and lines that name bridges.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use arti_client::TorClientConfig;
use serde::Deserialize;
use tor_config::load::{ConfigResolveOptions, resolve_return_results};
use tor_config::sources::{ConfigurationSource, ConfigurationSources, MustRead};

use super::in_words;
use super::tls::Certificates;

/// The environment variable that names a configuration file of Tor, for programs without a window.
pub const CONFIG_VARIABLE: &str = "CONCLAVE_TOR_CONFIG";
/// The file in an installation's folder.
const CONFIG_FILE: &str = "tor.toml";
/// Most bytes of a configuration file, and of a file of certificates.
const FILE_LIMIT: u64 = 1024 * 1024;
/// The table of the file that is this program's, not arti's.
const OWN_TABLE: &str = "conclave";

/// What the owner says about the way into Tor. Nothing: the public network, without bridges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TorSettings {
    /// A file in arti's own form.
    pub file: Option<PathBuf>,
    /// Lines that name bridges. Where there are any they take the place of those in the file.
    pub bridges: String,
}

/// Settings that Tor cannot be started with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("Tor's configuration {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file, or a line that names a bridge, is not understood.
    #[error("Tor's configuration is not understood: {reason}")]
    Malformed {
        /// Where, and why.
        reason: String,
    },
    /// The file says what nobody reads. A misspelt word must not be taken for no word at all: without its bridges a
    /// program would show itself to the network it is to hide from.
    #[error("Tor's configuration says {keys}, which is not known: correct or remove it")]
    Unknown {
        /// Each of them.
        keys: String,
    },
}

/// What the file says to this program rather than to arti.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    /// A file of certificates (PEM) that are believed beside the usual ones: for private networks.
    extra_roots: Option<PathBuf>,
}

impl TorSettings {
    /// Those of an installation in the folder `home`: the file that [`CONFIG_VARIABLE`] names, else `tor.toml` in the
    /// folder where there is one.
    pub fn of(home: &Path) -> Self {
        let named = std::env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let own = || Some(home.join(CONFIG_FILE)).filter(|path| path.exists());
        Self { file: named.or_else(own), bridges: String::new() }
    }

    /// Checks lines that name bridges, without starting anything.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.configuration(Path::new("/")).map(drop)
    }

    /// The configuration for arti, with its state and cache below `folder` and its keys in memory alone.
    pub(super) fn configuration(&self, folder: &Path) -> Result<(TorClientConfig, Certificates), SettingsError> {
        let malformed = |reason: String| SettingsError::Malformed { reason };
        let mut sources = ConfigurationSources::new_empty();
        let mut add = |text: String| sources.push_source(ConfigurationSource::from_verbatim(text), MustRead::MustRead);
        if let Some(path) = &self.file {
            add(read(path)
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".to_owned())))?);
        }
        if !self.bridges.trim().is_empty() {
            add(format!("[bridges]\nenabled = true\nbridges = {}\n", quoted(&self.bridges)));
        }
        let path = |name: &str| {
            let path = folder.join(name);
            path.to_str().map(quoted).ok_or_else(|| malformed(format!("{} is not UTF-8", path.display())))
        };
        add(format!(
            "[storage]\nstate_dir = {{ literal = {} }}\ncache_dir = {{ literal = {} }}\n\
             [storage.keystore]\nenabled = true\n[storage.keystore.primary]\nkind = \"ephemeral\"\n",
            path("state")?,
            path("cache")?
        ));
        let tree = sources.load().map_err(|error| malformed(in_words(&error)))?;
        let own: Option<Own> = tree.get_serde_value(OWN_TABLE).map_err(|error| malformed(in_words(&error)))?;
        let resolved = resolve_return_results::<TorClientConfig>(&tree, &ConfigResolveOptions::default());
        let resolved = resolved.map_err(|error| malformed(in_words(&error)))?;
        let known = format!("{OWN_TABLE}.");
        let unknown: Vec<String> = resolved.unrecognized.iter().map(ToString::to_string).collect();
        let unknown: Vec<String> =
            unknown.into_iter().filter(|key| key != OWN_TABLE && !key.starts_with(&known)).collect();
        if !unknown.is_empty() {
            return Err(SettingsError::Unknown { keys: unknown.join(", ") });
        }
        let roots = match own.unwrap_or_default().extra_roots {
            Some(path) => read(&path)?,
            None => Vec::new(),
        };
        Ok((resolved.value, Certificates::new(&roots).map_err(malformed)?))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(unreadable(std::io::Error::other("it is larger than 1 MB")));
    }
    Ok(bytes)
}

/// A text as TOML writes it, whatever is in it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bridge of the documentation's address range.
    const BRIDGE: &str = "192.0.2.66:443 8C00000DFE0046ABCDFAD191144399CB520C29E8";

    fn of_file(text: &str) -> Result<(), SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tor.toml");
        std::fs::write(&file, text).unwrap();
        TorSettings { file: Some(file), bridges: String::new() }.check()
    }

    #[test]
    fn nothing_said_is_the_public_network() {
        TorSettings::default().check().unwrap();
        of_file("").unwrap();
    }

    #[test]
    fn what_arti_understands_is_accepted() {
        of_file(&format!("[bridges]\nbridges = [\"{BRIDGE}\"]\n")).unwrap();
        of_file(
            "[bridges]\nbridges = '''\nobfs4 192.0.2.55:38114 316E643333645F6D79216558614D3931657A5F5F \
             cert=YXJlIGZyZXF1ZW50bHkgZnVsbCBvZiBsaXR0bGUgbWVzc2FnZXMgeW91IGNhbiBmaW5kLg iat-mode=0\n'''\n\
             [[bridges.transports]]\nprotocols = [\"obfs4\"]\npath = \"/usr/bin/obfs4proxy\"\nrun_on_startup = true\n",
        )
        .unwrap();
        of_file("[address_filter]\nallow_onion_addrs = true\n").unwrap();
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let error = of_file("[bridges]\nbridges = 7\nx = ").unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        let error = of_file("[bridge]\nbridges = \"\"\n").unwrap_err();
        assert!(matches!(&error, SettingsError::Unknown { keys } if keys.contains("bridge")), "{error}");
        let error = of_file("[conclave]\nextra_root = \"x\"\n").unwrap_err().to_string();
        assert!(error.contains("extra_root"), "{error}");
        let error = of_file("[conclave]\nextra_roots = \"/no/such/file\"\n").unwrap_err();
        assert!(matches!(error, SettingsError::Unreadable { .. }), "{error}");
    }

    #[test]
    fn a_bridge_without_its_transport_does_not_fall_back_to_none() {
        let bridges = "obfs4 192.0.2.55:38114 316E643333645F6D79216558614D3931657A5F5F iat-mode=0".to_owned();
        let error = TorSettings { file: None, bridges }.check().unwrap_err().to_string();
        assert!(error.contains("transport"), "{error}");
    }

    #[test]
    fn lines_that_name_bridges_are_checked() {
        for lines in [format!("{BRIDGE}\n"), format!("Bridge {BRIDGE}\n\n{BRIDGE}")] {
            TorSettings { file: None, bridges: lines }.check().unwrap();
        }
        for lines in ["not a bridge", "\"]\n[storage]\nstate_dir = \"/tmp/x\"", "\u{7f}\u{0}"] {
            let refused = TorSettings { file: None, bridges: lines.to_owned() }.check();
            assert!(matches!(refused, Err(SettingsError::Malformed { .. })), "{lines}: {refused:?}");
        }
    }

    #[test]
    fn keys_of_onions_stay_in_memory_and_files_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tor.toml");
        std::fs::write(&file, "[storage]\nstate_dir = \"/elsewhere\"\n").unwrap();
        let settings = TorSettings { file: Some(file), bridges: String::new() };
        let (config, _) = settings.configuration(folder.path()).unwrap();
        assert!(matches!(config.keystore().primary_kind(), Some(kind) if format!("{kind:?}") == "Ephemeral"));
        let cache = config.dir_mgr_config().unwrap().cache_dir;
        assert_eq!(cache, folder.path().join("cache"));
        assert!(!format!("{config:?}").contains("elsewhere"));
    }
}
