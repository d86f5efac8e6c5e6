//! The window's practice vault: the demo's steps in this process, one at a time, as a view.

use std::sync::Arc;

use conclave_shared::practice::{Happening, LineView, PracticeMemberView, PracticeView, StepStatus, StepView};
use tempfile::TempDir;
use tokio::sync::{Mutex, watch};

use super::journey::{Journey, STEPS, Said};
use super::{Chain, DemoError, Stage};

/// A practice vault. Its databases live in a temporary folder, and go with it.
pub struct PracticeVault {
    /// One step at a time: whoever asks for the next waits for the one that runs.
    journey: Mutex<Option<Under>>,
    view: Arc<watch::Sender<PracticeView>>,
    changed: Arc<dyn Fn() + Send + Sync>,
}

struct Under {
    journey: Journey,
    next: usize,
    _folder: TempDir,
}

impl PracticeVault {
    /// Nothing runs yet. `changed` is called whenever [`PracticeVault::view`] would differ.
    pub fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        let view = Arc::new(watch::Sender::new(fresh()));
        Self { journey: Mutex::new(None), view, changed: Arc::new(changed) }
    }

    /// As it stands, while a step runs as well.
    pub async fn view(&self) -> PracticeView {
        self.view.borrow().clone()
    }

    /// Runs the next step to its end. A step that failed is not gone on from: [`PracticeVault::start_again`].
    pub async fn next_step(&self) -> PracticeView {
        let mut journey = self.journey.lock().await;
        if self.view.borrow().steps.iter().any(|step| step.status == StepStatus::Failed) {
            return self.view().await;
        }
        let begun = match journey.as_mut() {
            Some(under) => Ok(under),
            None => self.begin().map(|under| journey.insert(under)),
        };
        match begun {
            Ok(under) => self.step(under).await,
            Err(error) => self.fail(0, &error),
        }
        self.view().await
    }

    fn begin(&self) -> Result<Under, DemoError> {
        let folder = tempfile::Builder::new().prefix("conclave-practice").tempdir();
        let folder = folder.map_err(|source| DemoError::Folder { path: std::env::temp_dir(), source })?;
        let (view, changed) = (self.view.clone(), self.changed.clone());
        let journey = Journey::new(folder.path(), Stage::Here { network: None }, Chain::Practice, move |said: Said| {
            view.send_modify(|view| {
                if let Some(step) = view.steps.get_mut(said.step) {
                    step.lines.push(LineView { at_ms: said.at_ms, what: said.what });
                }
            });
            changed();
        });
        Ok(Under { journey, next: 0, _folder: folder })
    }

    async fn step(&self, under: &mut Under) {
        let number = under.next;
        if number >= STEPS.len() {
            return;
        }
        self.set(number, StepStatus::Running);
        match under.journey.run(number).await {
            Ok(()) => {
                under.next += 1;
                self.look(&mut under.journey).await;
                self.set(number, StepStatus::Done);
            }
            Err(error) => {
                self.look(&mut under.journey).await;
                self.fail(number, &error);
            }
        }
    }

    /// What each member sees now.
    async fn look(&self, journey: &mut Journey) {
        let vault = journey.vault();
        let mut members = Vec::new();
        for member in &mut journey.members {
            let seen = match vault {
                Some(vault) => member.vault(vault).await.ok(),
                None => None,
            };
            members.push(PracticeMemberView { name: member.name.to_owned(), online: member.online(), vault: seen });
        }
        self.view.send_modify(|view| {
            for (place, mut seen) in members.into_iter().enumerate() {
                let before = view.members.get_mut(place);
                // Somebody offline is shown as last seen.
                if let Some(before) = before {
                    seen.vault = seen.vault.or(before.vault.take());
                    *before = seen;
                }
            }
            let heights = view.members.iter().filter_map(|member| member.vault.as_ref()).map(|vault| vault.tip_height);
            view.chain_height = heights.max().unwrap_or(0);
        });
    }

    fn set(&self, number: usize, status: StepStatus) {
        self.view.send_modify(|view| {
            if let Some(step) = view.steps.get_mut(number) {
                step.status = status;
            }
        });
        (self.changed)();
    }

    fn fail(&self, number: usize, error: &DemoError) {
        self.view.send_modify(|view| {
            if let Some(step) = view.steps.get_mut(number) {
                let at_ms = step.lines.last().map_or(0, |line| line.at_ms);
                step.lines.push(LineView { at_ms, what: Happening::Failed { reason: error.to_string() } });
            }
        });
        self.set(number, StepStatus::Failed);
    }

    /// Throws the practice vault away: its members, chain and databases.
    pub async fn start_again(&self) -> PracticeView {
        let mut journey = self.journey.lock().await;
        if let Some(mut under) = journey.take() {
            // Whatever does not stop in an orderly way goes with its folder.
            let _ = under.journey.stop().await;
        }
        self.view.send_replace(fresh());
        (self.changed)();
        self.view().await
    }
}

fn fresh() -> PracticeView {
    let steps = STEPS.iter().map(|step| StepView { step: *step, status: StepStatus::Ahead, lines: Vec::new() });
    let members = super::journey::NAMES.iter().map(|name| PracticeMemberView {
        name: (*name).to_owned(),
        online: false,
        vault: None,
    });
    PracticeView { steps: steps.collect(), members: members.collect(), chain_height: 0 }
}
