//! The data folder: where it is, who may read it, and small files in it that are replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::HostError;

/// The variable that names another data folder.
pub const HOME_VARIABLE: &str = "CONCLAVE_HOME";

/// The data folder: the one that is named, else the platform's. It is made where it is missing, closed to other users.
///
/// Errors: it cannot be made.
pub fn prepare(named: Option<PathBuf>, platform: PathBuf) -> Result<PathBuf, HostError> {
    let home = named.filter(|path| !path.as_os_str().is_empty()).unwrap_or(platform);
    let home = std::path::absolute(&home).map_err(|source| HostError::file(&home, source))?;
    fs::create_dir_all(&home).and_then(|()| close(&home)).map_err(|source| HostError::file(&home, source))?;
    Ok(home)
}

#[cfg(unix)]
fn close(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that was not there before, closed to other users.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file so that a power cut leaves the old one or the new one, whole.
pub(super) fn replace(home: &Path, name: &str, bytes: &[u8]) -> Result<(), HostError> {
    let (path, beside) = (home.join(name), home.join(format!("{name}.new")));
    let written = match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => new_file(&beside),
    };
    let written = written.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&beside, &path)).map_err(|source| HostError::file(&path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_data_folder_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let platform = folder.path().join("a/app.conclave.desktop");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(prepare(None, platform.clone()).unwrap(), platform);
        assert_eq!(mode(&platform), 0o700);
        let named = folder.path().join("named");
        fs::create_dir(&named).unwrap();
        fs::set_permissions(&named, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(prepare(Some(named.clone()), platform.clone()).unwrap(), named);
        assert_eq!(mode(&named), 0o700);
        assert_eq!(prepare(Some(PathBuf::new()), platform.clone()).unwrap(), platform, "an empty name is none");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(prepare(Some(file), platform).is_err());
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.new"), "left by a power cut").unwrap();
        replace(folder.path(), "x", b"one").unwrap();
        replace(folder.path(), "x", b"two").unwrap();
        assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
