//! One program can hold both: arti, which keeps its directory in plain SQLite, and our SQLCipher databases. Only one
//! crate may link SQLite, so this proves that the one that is linked serves both.

use std::error::Error;

use arti_client::TorClient;
use arti_client::config::TorClientConfigBuilder;
use rusqlite::Connection;
use tor_rtcompat::PreferredRuntime;

const SQLITE_HEADER: &[u8] = b"SQLite format 3\0";

#[tokio::test(flavor = "multi_thread")]
async fn arti_and_sqlcipher_live_in_one_program() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (state, cache) = (folder.path().join("state"), folder.path().join("cache"));

    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a rustls provider was installed before")?;
    let mut config = TorClientConfigBuilder::from_directories(&state, &cache);
    // The folder is a temporary one: who may read its parents is not what is tested.
    config.storage().permissions().dangerously_trust_everyone();
    let client = TorClient::with_runtime(PreferredRuntime::current()?)
        .config(config.build()?)
        .create_unbootstrapped_async()
        .await?;
    assert!(!client.bootstrap_status().ready_for_traffic(), "nothing may have been reached");

    let directory = cache.join("dir.sqlite3");
    assert!(std::fs::read(&directory)?.starts_with(SQLITE_HEADER), "arti keeps its directory without a key");
    let tables: i64 =
        Connection::open(&directory)?.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    assert!(tables > 0, "arti's directory can be read while arti is open");

    let path = folder.path().join("keyed.db");
    let keyed = Connection::open(&path)?;
    keyed.pragma_update(None, "key", "correct horse battery staple")?;
    let version: String = keyed.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
    assert!(version.starts_with("4."), "SQLCipher 4 is linked, not {version}");
    keyed.execute_batch("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('kept');")?;
    keyed.close().map_err(|(_, error)| error)?;
    assert!(!std::fs::read(&path)?.starts_with(SQLITE_HEADER), "a keyed database shows nothing, not even its format");
    let count = "SELECT count(*) FROM note";
    let wrong = Connection::open(&path)?;
    wrong.pragma_update(None, "key", "another")?;
    assert!(wrong.query_row(count, [], |row| row.get::<_, i64>(0)).is_err(), "a wrong key opens nothing");
    let right = Connection::open(&path)?;
    right.pragma_update(None, "key", "correct horse battery staple")?;
    assert_eq!(right.query_row(count, [], |row| row.get::<_, i64>(0))?, 1);

    let plain = Connection::open(folder.path().join("plain.db"))?;
    plain.execute_batch("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('open');")?;
    assert_eq!(plain.query_row(count, [], |row| row.get::<_, i64>(0))?, 1);
    drop(client);
    Ok(())
}
