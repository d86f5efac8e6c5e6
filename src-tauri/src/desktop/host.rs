//! The one owner of the installation in the window's program: none yet, locked, or open and running.
//!
//! One thing happens at a time: whatever opens or closes holds the stage until it is done. Questions to an open
//! installation only pass through; closing does not wait for their answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use conclave_shared::desktop::{AppState, AppView, Language, Settings, Strength, TorState};
use conclave_shared::request::{Failure, OnVault, Reply, Request};
use conclave_shared::secret::SecretText;
use conclave_shared::{Topic, VaultId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::clipboard::{Board, Clipboard};
use super::notices::Notice;
use super::{HostError, follow, settings, strength};
use crate::app_record::attempts;
use crate::input::now_ms;
use crate::installation::Installation;
use crate::main_loop::{self, Own, Running};
use crate::store::{self, Passphrase, Store, StoreError};
use crate::tor::Door;

/// Where things are on this machine.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data folder, made and closed to others: see [`super::home::prepare`].
    pub home: PathBuf,
    /// The system's folder for downloads, where there is one.
    pub downloads: Option<PathBuf>,
    /// The system's language.
    pub language: Language,
}

/// How fast things happen.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The minute of [`Settings::auto_lock_minutes`].
    pub minute: Duration,
    /// How often it is looked whether somebody still uses the program.
    pub look: Duration,
    /// How long a copied text stays on the clipboard.
    pub copied: Duration,
    /// The shortest time between two words that vaults changed.
    pub changes: Duration,
    /// Pause between two questions to a chain source, in ms.
    pub chain_pause_ms: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            minute: Duration::from_secs(60),
            look: Duration::from_secs(1),
            copied: Duration::from_secs(60),
            changes: Duration::from_millis(100),
            chain_pause_ms: main_loop::CHAIN_PAUSE_MS,
        }
    }
}

/// What the window and the desktop hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something changed: the page asks again.
    Topic(Topic),
    /// What is to be shown on the desktop.
    Notices(Vec<Notice>),
}

/// The program around an installation.
pub struct Host {
    pub(super) place: Place,
    pub(super) pace: Pace,
    pub(super) tell: Box<dyn Fn(Told) + Send + Sync>,
    stage: tokio::sync::Mutex<Stage>,
    settings: Mutex<Settings>,
    used: Mutex<Used>,
    clipboard: Clipboard,
    door: Door,
}

/// Whether the installation is open. Whether there is one at all is asked of the disk.
enum Stage {
    Shut { auto_locked: bool },
    Open(Open),
}

struct Open {
    running: Running,
    /// True once it closes: whoever waits for an answer goes away.
    closing: watch::Sender<bool>,
    follow: JoinHandle<()>,
}

/// When somebody last used the program, by both clocks: one stands still while the machine sleeps, the other can be set.
struct Used {
    at: Instant,
    at_ms: u64,
}

impl Used {
    fn now() -> Self {
        Self { at: Instant::now(), at_ms: now_ms() }
    }

    fn ago(&self) -> Duration {
        self.at.elapsed().max(Duration::from_millis(now_ms().saturating_sub(self.at_ms)))
    }
}

/// An open installation, for one question.
pub(super) struct Seat {
    running: Running,
    closing: watch::Receiver<bool>,
}

impl Seat {
    async fn until_closing(&mut self) {
        // An error means that it is closed altogether.
        let _ = self.closing.wait_for(|closing| *closing).await;
    }
}

impl Host {
    /// Starts with everything closed, on the current tokio runtime. `board` is asked for when the clipboard is first used.
    pub fn start(
        place: Place,
        pace: Pace,
        board: impl Fn() -> Result<Box<dyn Board>, HostError> + Send + 'static,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Arc<Self> {
        store::forget_restoring(&place.home);
        let door = settings::door(&place.home);
        let settings = Mutex::new(settings::read(&place.home));
        let host = Arc::new(Self {
            clipboard: Clipboard::new(board, pace.copied),
            place,
            pace,
            tell: Box::new(tell),
            stage: tokio::sync::Mutex::new(Stage::Shut { auto_locked: false }),
            settings,
            used: Mutex::new(Used::now()),
            door,
        });
        tokio::spawn(tell_of_tor(Arc::downgrade(&host), host.door.state(), pace.changes));
        tokio::spawn(lock_when_nobody_is_there(Arc::downgrade(&host), pace.look));
        host
    }

    /// As it stands.
    pub async fn view(&self) -> Result<AppView, HostError> {
        let stage = self.stage.lock().await;
        self.view_of(&stage)
    }

    fn view_of(&self, stage: &Stage) -> Result<AppView, HostError> {
        let (state, auto_locked) = match stage {
            Stage::Open(_) => (AppState::Open, false),
            Stage::Shut { .. } if !store::is_installation(&self.place.home)? => (AppState::Fresh, false),
            Stage::Shut { auto_locked } => (AppState::Locked, *auto_locked),
        };
        let settings = self.settings();
        Ok(AppView {
            state,
            language: settings.language.unwrap_or(self.place.language),
            home: self.place.home.display().to_string(),
            exports: self.exports_folder(&settings).display().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            failed_unlocks: attempts::read(&self.place.home).map_or(0, |failed| failed.count),
            auto_locked,
            settings,
            tor: self.door.state().borrow().clone(),
        })
    }

    /// Makes an installation and opens it.
    ///
    /// Errors: [`HostError::NotFresh`], a passphrase that is not taken, and what the disk says.
    pub async fn create_installation(self: &Arc<Self>, passphrase: String) -> Result<AppView, HostError> {
        let mut stage = self.stage.lock().await;
        self.must_be_fresh(&stage)?;
        let home = self.place.home.clone();
        let installation = blocking(move || {
            let passphrase = strength::accepted(passphrase)?;
            drop(Store::create(&home, &passphrase)?);
            Ok(Installation::unlock(&home, &passphrase, now_ms())?)
        })
        .await?;
        self.open(&mut stage, installation)
    }

    /// Opens the installation. Wrong passphrases are counted until it is open again.
    ///
    /// Errors: [`HostError::Fresh`], [`HostError::NotLocked`], and what the store says: `wrong-passphrase`, `in-use`.
    pub async fn unlock(self: &Arc<Self>, passphrase: String) -> Result<AppView, HostError> {
        let passphrase = Passphrase::new(passphrase)?;
        let mut stage = self.stage.lock().await;
        match *stage {
            Stage::Open(_) => return Err(HostError::NotLocked),
            Stage::Shut { .. } if !store::is_installation(&self.place.home)? => return Err(HostError::Fresh),
            Stage::Shut { .. } => {}
        }
        let home = self.place.home.clone();
        let opened = blocking(move || Ok(Installation::unlock(&home, &passphrase, now_ms())?)).await;
        // A wrong passphrase is counted, and the count is shown.
        let installation = opened.inspect_err(|_| self.topic(Topic::State))?;
        self.open(&mut stage, installation)
    }

    /// Puts a backup in the place of no installation, and opens it.
    ///
    /// Errors: [`HostError::NotFresh`], [`HostError::FileMalformed`], and what the store says: `not-a-backup`,
    /// `wrong-passphrase`. There is no installation then, as before.
    pub async fn restore(self: &Arc<Self>, file: String, passphrase: String) -> Result<AppView, HostError> {
        let passphrase = Passphrase::new(passphrase)?;
        let mut stage = self.stage.lock().await;
        self.must_be_fresh(&stage)?;
        let home = self.place.home.clone();
        let installation = blocking(move || {
            let backup = super::exports::decoded(&file, store::BACKUP_LIMIT)?;
            drop(file);
            store::restore(&home, backup.as_slice(), &passphrase)?;
            Ok(Installation::unlock(&home, &passphrase, now_ms())?)
        })
        .await?;
        self.open(&mut stage, installation)
    }

    fn must_be_fresh(&self, stage: &Stage) -> Result<(), HostError> {
        match stage {
            Stage::Shut { .. } if !store::is_installation(&self.place.home)? => Ok(()),
            Stage::Shut { .. } | Stage::Open(_) => Err(HostError::NotFresh),
        }
    }

    fn open(self: &Arc<Self>, stage: &mut Stage, installation: Installation) -> Result<AppView, HostError> {
        self.touch();
        let running = Running::start(installation, self.door.clone(), self.pace.chain_pause_ms);
        let follow = tokio::spawn(follow::follow(Arc::downgrade(self), running.clone()));
        *stage = Stage::Open(Open { running, closing: watch::Sender::new(false), follow });
        self.topic(Topic::State);
        self.view_of(stage)
    }

    /// Closes the installation, and its keys leave the memory; takes back what was copied. Nothing where it is closed.
    pub async fn lock(&self) -> Result<AppView, HostError> {
        self.shut(false).await;
        self.view().await
    }

    /// The same at the end of the program.
    pub async fn close(&self) {
        self.shut(false).await;
    }

    async fn shut(&self, auto_locked: bool) {
        self.clipboard.take_back().await;
        let mut stage = self.stage.lock().await;
        if let Stage::Shut { .. } = *stage {
            return;
        }
        let Stage::Open(open) = std::mem::replace(&mut *stage, Stage::Shut { auto_locked }) else { return };
        open.follow.abort();
        let _ = open.follow.await;
        open.closing.send_replace(true);
        open.running.stop().await;
        drop(stage);
        self.topic(Topic::State);
    }

    /// The installation stopped by itself, as its database failed.
    pub(super) async fn stopped(&self) {
        let mut stage = self.stage.lock().await;
        // What follows it calls this, so nobody waits for that.
        if let Stage::Open(_) = *stage {
            *stage = Stage::Shut { auto_locked: false };
            drop(stage);
            self.topic(Topic::State);
        }
    }

    /// Somebody is there: the time until it locks itself begins anew.
    pub fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Used::now();
    }

    pub(super) async fn lock_if_nobody_is_there(&self) {
        let minutes = self.settings().auto_lock_minutes;
        let ago = self.used.lock().unwrap_or_else(PoisonError::into_inner).ago();
        if minutes == 0 || ago < self.pace.minute * minutes {
            return;
        }
        let open = matches!(*self.stage.lock().await, Stage::Open(_));
        if open {
            self.shut(true).await;
        }
    }

    /// The door of this process.
    pub fn door(&self) -> &Door {
        &self.door
    }

    pub(super) async fn seat(&self) -> Result<Seat, HostError> {
        match &*self.stage.lock().await {
            Stage::Open(open) => Ok(Seat { running: open.running.clone(), closing: open.closing.subscribe() }),
            Stage::Shut { .. } if store::is_installation(&self.place.home)? => Err(HostError::Locked),
            Stage::Shut { .. } => Err(HostError::Fresh),
        }
    }

    /// Asks the installation. The words of a key are not given so: see [`Host::backup_words`].
    pub async fn ask(&self, request: Request) -> Reply {
        let reply = match request {
            Request::BackupWords(_) => Err(HostError::WordsApart),
            request => self.pass_on(request).await,
        };
        reply.unwrap_or_else(|error| Reply::Failed(error.failure()))
    }

    /// The same, as a page says it.
    pub async fn ask_json(&self, request: serde_json::Value) -> Reply {
        match serde_json::from_value(request) {
            Ok(request) => self.ask(request).await,
            Err(error) => Reply::Failed(HostError::RequestMalformed { reason: error.to_string() }.failure()),
        }
    }

    pub(super) async fn pass_on(&self, request: Request) -> Result<Reply, HostError> {
        let mut seat = self.seat().await?;
        let running = seat.running.clone();
        let looks = main_loop::only_looks(&request);
        let reply = tokio::select! {
            reply = running.ask(request) => reply,
            () = seat.until_closing() => return Err(HostError::LockedMeanwhile),
        };
        if !looks && !matches!(reply, Reply::Failed(_)) {
            // Not all that can be asked for shows in the views that are compared.
            self.topic(Topic::Vaults);
        }
        Ok(reply)
    }

    pub(super) async fn own(&self, own: Own) -> Result<(), HostError> {
        let mut seat = self.seat().await?;
        let running = seat.running.clone();
        tokio::select! {
            done = running.own(own) => done.map_err(HostError::Refused),
            () = seat.until_closing() => Err(HostError::LockedMeanwhile),
        }
    }

    /// The words of this installation's key of a vault, to who types the passphrase again.
    pub async fn backup_words(&self, vault: VaultId, passphrase: String) -> Result<SecretText, HostError> {
        drop(self.seat().await?);
        let passphrase = Passphrase::new(passphrase)?;
        let home = self.place.home.clone();
        blocking(move || {
            let checked = store::check_passphrase(&home, &passphrase);
            if matches!(checked, Err(StoreError::WrongPassphrase)) {
                attempts::note(&home, now_ms());
            }
            Ok(checked?)
        })
        .await?;
        match self.pass_on(Request::BackupWords(OnVault { vault })).await? {
            Reply::Backup { words } => Ok(words),
            reply => Err(unexpected(reply)),
        }
    }

    /// Puts a new passphrase in the place of the current one. Earlier backups still open by the earlier one.
    pub async fn change_passphrase(&self, current: String, new: String) -> Result<AppView, HostError> {
        let current = Passphrase::new(current)?;
        let new = blocking(move || strength::accepted(new)).await?;
        self.own(Own::ChangePassphrase { current, new }).await?;
        self.view().await
    }

    /// How strong a passphrase is.
    pub async fn passphrase_strength(&self, passphrase: String) -> Result<Strength, HostError> {
        blocking(move || Ok(strength::strength(&zeroize::Zeroizing::new(passphrase)))).await
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the settings.
    ///
    /// Errors: those of [`settings::write`]; the settings are as before then.
    pub async fn set_settings(&self, settings: Settings) -> Result<AppView, HostError> {
        let stage = self.stage.lock().await;
        settings::write(&self.place.home, &settings)?;
        self.door.set_settings(settings::tor(&self.place.home, &settings));
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        self.topic(Topic::State);
        self.view_of(&stage)
    }

    /// The language that is shown.
    pub fn language(&self) -> Language {
        self.settings().language.unwrap_or(self.place.language)
    }

    /// Copies a text. It is taken back after [`Pace::copied`], and when the installation is locked, if it still stands there.
    pub async fn copy(&self, text: String) -> Result<(), HostError> {
        self.clipboard.copy(text).await
    }

    /// Whether the clipboard holds a text now, whatever white space is around it.
    pub async fn clipboard_holds(&self, text: String) -> Result<bool, HostError> {
        self.clipboard.holds(text).await
    }

    /// As if nobody had been there for a long time.
    #[cfg(test)]
    pub(super) fn forget_use(&self) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).at_ms = 0;
    }

    pub(super) fn topic(&self, topic: Topic) {
        (self.tell)(Told::Topic(topic));
    }
}

/// What a reply is that was not asked for: a failure, or a defect.
pub(super) fn unexpected(reply: Reply) -> HostError {
    match reply {
        Reply::Failed(failure) => HostError::Refused(failure),
        _ => HostError::Broken { reason: "the installation answered something else".to_owned() },
    }
}

/// Does slow work where it keeps nobody waiting.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    // Without the panic's own words: they could hold what was typed.
    let failed = |_| HostError::Broken { reason: "it gave up in the middle of its work".to_owned() };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

async fn tell_of_tor(host: Weak<Host>, mut state: watch::Receiver<TorState>, pause: Duration) {
    while state.changed().await.is_ok() {
        let Some(host) = host.upgrade() else { return };
        host.topic(Topic::State);
        drop(host);
        tokio::time::sleep(pause).await;
    }
}

async fn lock_when_nobody_is_there(host: Weak<Host>, look: Duration) {
    loop {
        tokio::time::sleep(look).await;
        let Some(host) = host.upgrade() else { return };
        host.lock_if_nobody_is_there().await;
    }
}

impl From<Failure> for HostError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}
