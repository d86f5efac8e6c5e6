//! Everything of the program that reads bytes from outside, as functions of bytes alone: for the fuzz targets in `fuzz/` and
//! for the tests that try seeds, truncations and random bytes. The program calls none of it. The domain has its own:
//! `conclave_domain::outside`.

#[cfg(test)]
mod tests;

use conclave_domain::outside::Entry;
use conclave_shared::request::{Reply, Request};

use crate::installation::Installation;
use crate::store::Store;

/// Requests that one input makes at most.
const REQUESTS: usize = 8;

/// When requests are made, in ms since 1970.
const NOW_MS: u64 = 1_000;

/// All entries.
pub const ENTRIES: [Entry; 8] = [
    ("relay_frames", relay_frames),
    ("relay_messages", relay_messages),
    ("electrum", electrum),
    ("requests", requests),
    ("labels", labels),
    ("store_rows", store_rows),
    ("qr_pictures", qr_pictures),
    ("backups", backups),
];

/// Frames on a connection to the embedded relay, one a line; logged in if the first byte is odd.
pub fn relay_frames(bytes: &[u8]) -> bool {
    crate::relay::embedded::outside::frames(bytes)
}

/// What a relay shows to a member; the first byte says which layer of the seal the rest is.
pub fn relay_messages(bytes: &[u8]) -> bool {
    crate::relay::nostr::outside::messages(bytes)
}

/// What an Electrum server answers, one answer a line.
pub fn electrum(bytes: &[u8]) -> bool {
    crate::chain::outside::answers(bytes)
}

/// A picture that may show a QR code.
pub fn qr_pictures(bytes: &[u8]) -> bool {
    crate::desktop::qr::read(bytes).is_ok()
}

/// A file that may be a backup, up to its two files: the key file is then read too.
pub fn backups(bytes: &[u8]) -> bool {
    crate::store::outside::backup(bytes)
}

/// A file of labels (BIP329). Says whether there was any; what there was is written out again and read the same.
pub fn labels(bytes: &[u8]) -> bool {
    let Ok(file) = crate::labels::read(&String::from_utf8_lossy(bytes)) else { return false };
    let lines: Vec<String> = file.labels.iter().map(crate::labels::line).collect();
    let again = crate::labels::read(&lines.join("\n")).expect("no longer than it came");
    assert!(again.labels == file.labels && again.refused.is_empty(), "what is written out is what was read");
    !file.labels.is_empty()
}

/// Rows of a database, of any type and bytes, and what the program then makes of them.
pub fn store_rows(bytes: &[u8]) -> bool {
    let (store, read) = crate::store::outside::rows(bytes);
    // It may be refused, with a reason.
    let _ = Installation::open(store);
    read
}

/// Requests to an installation, one a line, as `conclave member` reads them. Says whether any was done.
pub fn requests(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| *byte == b'\n');
    let requests: Vec<Request> = lines.filter_map(|line| serde_json::from_slice(line).ok()).take(REQUESTS).collect();
    if requests.is_empty() {
        return false;
    }
    let store = Store::in_memory().expect("a database in memory");
    let mut installation = Installation::open(store).expect("an empty installation");
    let mut done = false;
    for request in requests {
        let reply = installation.ask(request, NOW_MS);
        assert!(!installation.failed(), "a request harmed the database: {reply:?}");
        serde_json::to_string(&reply).expect("a reply has string keys and no failing serialisers");
        done |= !matches!(reply, Reply::Failed(_));
    }
    done
}
