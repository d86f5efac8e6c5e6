//! The host as the window asks it, without a window.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use conclave_shared::desktop::{AppState, Export, Language, Settings};
use conclave_shared::request::{CreateVault, Failure, OnVault, Ratify, Reply, Request};
use conclave_shared::{Finding, Topic, VaultId};
use serde_json::json;
use tempfile::TempDir;

use super::clipboard::tests::Shared;
use super::*;
use crate::main_loop::Running;

const WORDS: &str = "correct horse battery staple";
const OTHER: &str = "quiet river under seven bridges";
const LONG: Duration = Duration::from_secs(3_600);

/// A host in a folder of its own, and what it told.
struct Home {
    host: Arc<Host>,
    told: Arc<Mutex<Vec<Told>>>,
    board: Shared,
    folder: TempDir,
}

/// A minute of this length, and nobody looks by himself whether it is over.
fn pace(minute: Duration, look: Duration) -> Pace {
    Pace { minute, look, copied: LONG, changes: Duration::from_millis(5), chain_pause_ms: 50 }
}

impl Home {
    fn new() -> Self {
        Self::paced(pace(LONG, LONG))
    }

    fn paced(pace: Pace) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("downloads")).unwrap();
        let (told, board) = (Arc::new(Mutex::new(Vec::new())), Shared::default());
        let place = Place {
            home: home::prepare(None, folder.path().join("data")).unwrap(),
            downloads: Some(folder.path().join("downloads")),
            language: Language::Czech,
        };
        let (heard, shared) = (told.clone(), board.clone());
        let host =
            Host::start(place, pace, move || Ok(Box::new(shared.clone())), move |it| heard.lock().unwrap().push(it));
        Self { host, told, board, folder }
    }

    async fn open() -> Self {
        let home = Self::new();
        home.host.create_installation(WORDS.to_owned()).await.unwrap();
        home
    }

    fn told(&self, topic: Topic) -> usize {
        self.told.lock().unwrap().iter().filter(|told| **told == Told::Topic(topic)).count()
    }

    async fn state(&self) -> AppState {
        self.host.view().await.unwrap().state
    }

    async fn vault(&self, name: &str) -> VaultId {
        match self.host.ask(create(name)).await {
            Reply::Created { vault, .. } => vault,
            reply => panic!("{reply:?}"),
        }
    }

    async fn own_chain(&self) -> Vec<String> {
        match self.host.ask(Request::ShowAppRecord).await {
            Reply::AppEntries { entries, .. } => entries.into_iter().map(|entry| entry.kind).collect(),
            reply => panic!("{reply:?}"),
        }
    }
}

fn create(name: &str) -> Request {
    Request::CreateVault(CreateVault {
        name: name.to_owned(),
        member: "Ana".to_owned(),
        template: None,
        place: None,
        threshold: 2,
        keyholders: 2,
        approvers: 0,
        auditors: 0,
        own_relay: false,
        relays: vec!["ws://127.0.0.1:9".to_owned()],
        chain: "tcp://127.0.0.1:9".to_owned(),
        invitation_seconds: 60,
        policy: None,
        script: None,
        recovery: None,
    })
}

fn code<T: std::fmt::Debug>(outcome: Result<T, HostError>) -> String {
    outcome.unwrap_err().failure().code
}

fn failed(reply: Reply) -> Failure {
    match reply {
        Reply::Failed(failure) => failure,
        reply => panic!("{reply:?}"),
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_installation_is_made_locked_and_opened() {
    let home = Home::new();
    let view = home.host.view().await.unwrap();
    assert_eq!((view.state, view.language, view.failed_unlocks), (AppState::Fresh, Language::Czech, 0));
    assert_eq!(failed(home.host.ask(Request::ListVaults).await).code, "fresh");
    assert_eq!(code(home.host.unlock(WORDS.to_owned()).await), "fresh");
    assert_eq!(code(home.host.create_installation("password1".to_owned()).await), "passphrase-weak");
    assert_eq!(code(home.host.create_installation(String::new()).await), "passphrase-empty");
    assert_eq!(home.state().await, AppState::Fresh, "nothing was made");

    assert_eq!(home.host.create_installation(WORDS.to_owned()).await.unwrap().state, AppState::Open);
    assert_eq!(home.told(Topic::State), 1);
    assert!(matches!(home.host.ask(Request::ListVaults).await, Reply::Vaults { .. }));
    assert_eq!(code(home.host.create_installation(WORDS.to_owned()).await), "not-fresh");
    assert_eq!(code(home.host.unlock(WORDS.to_owned()).await), "not-locked");

    let view = home.host.lock().await.unwrap();
    assert_eq!((view.state, view.auto_locked), (AppState::Locked, false));
    assert_eq!(failed(home.host.ask(Request::ListVaults).await).code, "locked");
    for wrong in 1..=2 {
        assert_eq!(code(home.host.unlock(OTHER.to_owned()).await), "wrong-passphrase");
        assert_eq!(home.host.view().await.unwrap().failed_unlocks, wrong);
    }
    assert_eq!(home.host.unlock(WORDS.to_owned()).await.unwrap().failed_unlocks, 0);
    assert_eq!(home.own_chain().await, ["unlocked", "locked", "unlock_failed", "unlocked"]);
}

#[tokio::test]
async fn an_installation_that_another_program_has_open_is_said_so() {
    let home = Home::open().await;
    let place = Place { home: home.folder.path().join("data"), downloads: None, language: Language::English };
    let second = Host::start(place, pace(LONG, LONG), || Ok(Box::new(Shared::default())), |_| {});
    assert_eq!(code(second.unlock(WORDS.to_owned()).await), "in-use");
    home.host.close().await;
    assert_eq!(second.unlock(WORDS.to_owned()).await.unwrap().state, AppState::Open);
}

#[tokio::test]
async fn locking_waits_for_no_answer_and_says_so_to_who_waits() {
    let home = Home::open().await;
    // It takes connections and never says a word.
    let chain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut request = create("Alone");
    if let Request::CreateVault(it) = &mut request {
        (it.threshold, it.keyholders) = (1, 1);
        it.chain = format!("tcp://{}", chain.local_addr().unwrap());
    }
    let Reply::Created { vault, .. } = home.host.ask(request).await else { panic!() };
    loop {
        if let Reply::Words { words } = home.host.ask(Request::RosterWords(OnVault { vault })).await
            && home.host.ask(Request::Ratify(Ratify { vault, words: words.join(" ") })).await == Reply::Done
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (host, sync) = (home.host.clone(), Request::SyncChain(OnVault { vault }));
    let waits = tokio::spawn(async move { host.ask(sync).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waits.is_finished());
    home.host.lock().await.unwrap();
    assert_eq!(failed(waits.await.unwrap()).code, "locked-meanwhile");
}

#[tokio::test]
async fn it_locks_itself_when_nobody_is_there() {
    let home = Home::paced(pace(Duration::from_millis(20), Duration::from_millis(5)));
    let minutes = |minutes| Settings { auto_lock_minutes: minutes, ..Settings::default() };
    home.host.set_settings(minutes(0)).await.unwrap();
    home.host.create_installation(WORDS.to_owned()).await.unwrap();
    home.host.copy("bcrt1q".to_owned()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(home.state().await, AppState::Open, "0 is never");
    home.host.set_settings(minutes(1)).await.unwrap();
    while home.state().await == AppState::Open {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let view = home.host.view().await.unwrap();
    assert_eq!((view.state, view.auto_locked), (AppState::Locked, true));
    assert_eq!(home.board.now(), None, "what was copied is taken back");
    home.host.set_settings(minutes(0)).await.unwrap();
    assert!(!home.host.unlock(WORDS.to_owned()).await.unwrap().auto_locked);
}

#[tokio::test]
async fn whoever_uses_it_keeps_it_open() {
    let home = Home::open().await;
    home.host.forget_use();
    home.host.touch();
    home.host.lock_if_nobody_is_there().await;
    assert_eq!(home.state().await, AppState::Open);
    home.host.forget_use();
    assert!(matches!(home.host.ask(Request::ListVaults).await, Reply::Vaults { .. }));
    home.host.lock_if_nobody_is_there().await;
    assert_eq!(home.state().await, AppState::Locked, "a page that asks is nobody");
}

#[tokio::test]
async fn words_of_a_key_need_the_passphrase_again() {
    let home = Home::open().await;
    let vault = home.vault("Club").await;
    assert_eq!(failed(home.host.ask(Request::BackupWords(OnVault { vault })).await).code, "words-apart");
    assert_eq!(code(home.host.backup_words(vault, OTHER.to_owned()).await), "wrong-passphrase");
    assert_eq!(home.host.view().await.unwrap().failed_unlocks, 1, "it is counted");
    let words = home.host.backup_words(vault, WORDS.to_owned()).await.unwrap();
    assert_eq!(words.reveal().split_whitespace().count(), 24);
    home.host.lock().await.unwrap();
    assert_eq!(code(home.host.backup_words(vault, WORDS.to_owned()).await), "locked");
}

#[tokio::test]
async fn a_new_passphrase_takes_the_place_of_the_one_before() {
    let home = Home::open().await;
    let host = &home.host;
    assert_eq!(code(host.change_passphrase(WORDS.to_owned(), "password1".to_owned()).await), "passphrase-weak");
    assert_eq!(code(host.change_passphrase(OTHER.to_owned(), OTHER.to_owned()).await), "wrong-passphrase");
    assert_eq!(host.change_passphrase(WORDS.to_owned(), OTHER.to_owned()).await.unwrap().state, AppState::Open);
    host.lock().await.unwrap();
    assert_eq!(code(host.unlock(WORDS.to_owned()).await), "wrong-passphrase");
    host.unlock(OTHER.to_owned()).await.unwrap();
    assert!(home.own_chain().await.contains(&"passphrase_changed".to_owned()));
}

#[tokio::test]
async fn the_window_hears_of_changes_and_not_of_its_own_questions() {
    let home = Home::open().await;
    let reply = home.host.ask_json(json!({ "request": "list-vaults", "more": 1 })).await;
    assert!(matches!(reply, Reply::Vaults { .. }));
    for wrong in [json!(null), json!("list-vaults"), json!({ "request": "nonsense" }), json!({ "request": "propose" })]
    {
        assert_eq!(failed(home.host.ask_json(wrong).await).code, "request-malformed");
    }
    let before = home.told(Topic::Vaults);
    home.vault("Club").await;
    while home.told(Topic::Vaults) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn looking_changes_nothing() {
    let store = crate::store::Store::in_memory().unwrap();
    let running = Running::start(crate::installation::Installation::open(store).unwrap(), crate::tor::no_tor(), 50);
    running.ask(create("Club")).await;
    let changes = running.changes();
    let Reply::Vaults { vaults, .. } = running.ask(Request::ListVaults).await else { panic!() };
    let vault = vaults[0].vault;
    // The relay and the chain source of the vault answer nobody, and say that once in a while.
    let looks = [Request::ListVaults, Request::ShowVault(OnVault { vault }), Request::ShowAppRecord];
    let mut quiet = 0;
    for _ in 0..20 {
        let before = *changes.borrow();
        for request in looks.clone() {
            running.ask(request).await;
        }
        quiet += usize::from(*changes.borrow() == before);
    }
    assert!(quiet > 0, "each round of questions was followed by a change");
    running.stop().await;
}

#[tokio::test]
async fn exports_get_fresh_names_and_are_put_on_record() {
    let home = Home::open().await;
    let vault = home.vault("Our club / 2").await;
    let downloads = home.folder.path().join("downloads");
    let export = |export| home.host.export(export);
    let first = export(Export::RecordLines { vault }).await.unwrap();
    let second = export(Export::RecordLines { vault }).await.unwrap();
    let table = export(Export::RecordTable { vault }).await.unwrap();
    let sheet = export(Export::BackupSheet { vault, text: "Ana, 1 of 2\n".to_owned() }).await.unwrap();
    let names = files(&downloads);
    assert_eq!(names.len(), 4, "{names:?}");
    let date = &crate::record::utc(crate::input::now_ms())[..10];
    let name = |what: &str| downloads.join(format!("conclave-Our-club-2-{what}")).display().to_string();
    assert_eq!(first.path, name(&format!("record-{date}.jsonl")));
    assert_eq!(second.path, name(&format!("record-{date}-2.jsonl")));
    assert_eq!(table.path, name(&format!("record-{date}.csv")));
    let lines = fs::read_to_string(&first.path).unwrap();
    assert_eq!(first.bytes, lines.len() as u64);
    assert!(lines.ends_with("}\n") && lines.lines().all(|line| crate::demo::nip01::verify(line).is_ok()));
    assert!(fs::read_to_string(&table.path).unwrap().ends_with("\r\n"));
    assert_eq!(fs::read_to_string(&sheet.path).unwrap(), "Ana, 1 of 2\n");
    assert_eq!(home.own_chain().await.iter().filter(|kind| *kind == "exported").count(), 3);

    // What fails leaves nothing behind.
    let unknown = VaultId([7; 32]);
    assert_eq!(code(export(Export::RecordLines { vault: unknown }).await), "unknown-vault");
    let long = Export::BackupSheet { vault, text: "x".repeat(70_000) };
    assert_eq!(code(export(long).await), "text-long");
    assert_eq!(files(&downloads), names);
    // Another folder, which then goes.
    let chosen = home.folder.path().join("chosen");
    fs::create_dir(&chosen).unwrap();
    let settings = Settings { exports: Some(chosen.display().to_string()), ..Settings::default() };
    let view = home.host.set_settings(settings).await.unwrap();
    assert_eq!(view.exports, chosen.display().to_string());
    export(Export::RecordTable { vault }).await.unwrap();
    assert_eq!(files(&chosen).len(), 1);
    fs::remove_dir_all(&chosen).unwrap();
    assert_eq!(code(export(Export::RecordTable { vault }).await), "exports-missing");
    assert_eq!(home.own_chain().await.iter().filter(|kind| *kind == "exported").count(), 4);
    // Without a folder for downloads the data folder has one.
    fs::remove_dir_all(&downloads).unwrap();
    home.host.set_settings(Settings::default()).await.unwrap();
    let saved = export(Export::RecordTable { vault }).await.unwrap();
    assert!(Path::new(&saved.path).starts_with(home.folder.path().join("data/exports")), "{}", saved.path);
}

#[tokio::test]
async fn a_backup_is_put_back_elsewhere_and_then_only_reads() {
    let home = Home::open().await;
    let vault = home.vault("Club").await;
    let saved = home.host.backup().await.unwrap();
    let backup = fs::read(&saved.path).unwrap();
    assert_eq!(saved.bytes, backup.len() as u64);
    for secret in ["Club", "SQLite format", "ws://127.0.0.1"] {
        assert!(!backup.windows(secret.len()).any(|it| it == secret.as_bytes()), "{secret} is in the clear");
    }
    assert_eq!(files(&home.folder.path().join("data")).iter().filter(|it| it.contains("copy")).count(), 0);
    assert!(home.own_chain().await.contains(&"backed_up".to_owned()));

    let file = BASE64_STANDARD.encode(&backup);
    assert_eq!(code(home.host.restore(file.clone(), WORDS.to_owned()).await), "not-fresh");
    let other = Home::new();
    let before = files(&other.folder.path().join("data"));
    assert_eq!(code(other.host.restore(file.clone(), OTHER.to_owned()).await), "wrong-passphrase");
    assert_eq!(code(other.host.restore("%".to_owned(), WORDS.to_owned()).await), "file-malformed");
    let cut = BASE64_STANDARD.encode(&backup[..backup.len() / 2]);
    assert_eq!(code(other.host.restore(cut, WORDS.to_owned()).await), "not-a-backup");
    assert_eq!(other.state().await, AppState::Fresh);
    let mut after = files(&other.folder.path().join("data"));
    after.retain(|name| name != "conclave.lock");
    assert_eq!(after, before, "nothing is left of a try");

    assert_eq!(other.host.restore(file, WORDS.to_owned()).await.unwrap().state, AppState::Open);
    let Reply::Vault(view) = other.host.ask(Request::ShowVault(OnVault { vault })).await else { panic!() };
    assert!(view.findings.iter().any(|it| it.finding == Finding::BackupRestored), "{:?}", view.findings);
    assert_eq!(other.own_chain().await, ["unlocked", "restored", "unlocked"]);
    other.host.lock().await.unwrap();
    other.host.unlock(WORDS.to_owned()).await.unwrap();
}

#[tokio::test]
async fn everything_that_was_copied_is_taken_back_at_the_lock() {
    let home = Home::open().await;
    home.host.copy("bcrt1q".to_owned()).await.unwrap();
    assert!(home.host.clipboard_holds("bcrt1q".to_owned()).await.unwrap());
    home.host.lock().await.unwrap();
    assert_eq!(home.board.now(), None);
}
