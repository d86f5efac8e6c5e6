//! The frame around every page of an open installation: vaults at the left, the page, the quiet line below it.

mod shortcuts;
mod sidebar;
mod status_line;
mod vault_pages;

use conclave_shared::request::{Reply, Request};
use conclave_shared::view::{UnopenedView, VaultView, WatchedView};
use conclave_shared::{Topic, VaultId};

use crate::answer;
use crate::frame::shortcuts::Shortcuts;
use crate::frame::sidebar::Sidebar;
pub use crate::frame::sidebar::home_of;
use crate::frame::status_line::StatusLine;
use crate::frame::vault_pages::VaultPages;
use crate::ipc::Unanswered;
use crate::live::{Asked, memo};
use crate::pages::Pages;
use crate::prelude::*;
use crate::t;

/// The vaults of this installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Vaults that one is a member of.
    pub vaults: Vec<VaultView>,
    /// Vaults that cannot be opened.
    pub unopened: Vec<UnopenedView>,
    /// Descriptors that are only watched.
    pub watched: Vec<WatchedView>,
}

/// The vaults, always up to date.
#[derive(Clone, Copy)]
pub struct Vaults(Asked<Listed>);

impl Vaults {
    fn ask() -> Self {
        Self(Asked::on(Topic::Vaults, Self::list))
    }

    /// Asks for them by itself: for who has just made one and goes there.
    pub async fn list() -> Result<Listed, Unanswered> {
        answer!(
            Request::ListVaults,
            Reply::Vaults { vaults, unopened, watched } => Listed { vaults, unopened, watched }
        )
        .await
    }

    /// Taken by a component when it is made.
    pub fn here() -> Self {
        expect_context()
    }

    /// What is known of them.
    pub fn asked(self) -> Asked<Listed> {
        self.0
    }

    /// One of them, where it is there.
    pub fn vault(self, vault: VaultId) -> Memo<Option<VaultView>> {
        memo(move |_| self.0.get()?.vaults.into_iter().find(|view| view.vault == vault))
    }

    /// A watched descriptor, where it is there.
    pub fn watched(self, vault: VaultId) -> Memo<Option<WatchedView>> {
        memo(move |_| self.0.get()?.watched.into_iter().find(|view| view.vault == vault))
    }
}

/// The frame.
#[component]
pub fn Frame() -> impl IntoView {
    provide_context(Vaults::ask());
    view! {
        <Shortcuts />
        <div class="frame">
            <a class="skip" href="#page">{t!("frame-skip")}</a>
            <Sidebar />
            <div class="middle">
                <VaultPages />
                <main id="page" tabindex="-1">
                    <Pages />
                </main>
            </div>
            <StatusLine />
        </div>
    }
}
