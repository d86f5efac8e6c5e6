//! Where in the window one is: all pages there are, and the way back.

use crate::prelude::*;
use conclave_shared::{EventId, VaultId};

/// How many steps back are kept.
const STEPS: usize = 50;

/// Every page of an open installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// What one can begin with: create, join, watch, practice.
    Begin,
    /// All vaults.
    Vaults,
    /// The practice vault.
    Practice,
    /// Settings.
    Settings,
    /// Make a vault.
    Create,
    /// Join one by an invitation.
    Join,
    /// Watch a descriptor.
    Watch,
    /// A watched descriptor.
    Watched(VaultId),
    /// A vault on its way to being active: places, keys, words, ratifications. Of an active one: its members.
    Board(VaultId),
    /// A member's backup sheet, to be printed.
    BackupSheet(VaultId),
    /// The words of one's own key, to be written down.
    SeedWords(VaultId),
    /// A vault.
    Overview(VaultId),
    /// An address to be paid at.
    Receive(VaultId),
    /// A vault's payments.
    Payments(VaultId),
    /// A new payment.
    Propose(VaultId),
    /// A payment: its signing sheet.
    Proposal(VaultId, EventId),
    /// A vault's transactions.
    Transactions(VaultId),
    /// Its coins.
    Coins(VaultId),
    /// Its addresses.
    Addresses(VaultId),
    /// Its policy, freezes, and changes that are proposed.
    Policy(VaultId),
    /// Its record.
    Record(VaultId),
}

impl Route {
    /// The vault that the page is about.
    pub fn vault(self) -> Option<VaultId> {
        match self {
            Route::Begin
            | Route::Vaults
            | Route::Practice
            | Route::Settings
            | Route::Create
            | Route::Join
            | Route::Watch => None,
            Route::Watched(vault)
            | Route::Board(vault)
            | Route::BackupSheet(vault)
            | Route::SeedWords(vault)
            | Route::Overview(vault)
            | Route::Receive(vault)
            | Route::Payments(vault)
            | Route::Propose(vault)
            | Route::Proposal(vault, _)
            | Route::Transactions(vault)
            | Route::Coins(vault)
            | Route::Addresses(vault)
            | Route::Policy(vault)
            | Route::Record(vault) => Some(vault),
        }
    }
}

impl Route {
    /// The page of the row above that this one belongs to.
    pub fn part_of(self) -> Self {
        match self {
            Route::Propose(vault) | Route::Proposal(vault, _) => Route::Payments(vault),
            other => other,
        }
    }
}

/// The page that is shown, and those before it.
#[derive(Clone, Copy)]
pub struct Navigator {
    now: RwSignal<Route>,
    before: RwSignal<Vec<Route>>,
}

impl Navigator {
    /// Starts at a page.
    pub fn at(route: Route) -> Self {
        Self { now: RwSignal::new(route), before: RwSignal::new(vec![]) }
    }

    /// The page that is shown.
    pub fn now(self) -> Route {
        self.now.get()
    }

    /// Goes to a page.
    pub fn go(self, route: Route) {
        let now = self.now.get_untracked();
        if now == route {
            return;
        }
        self.before.update(|before| {
            before.push(now);
            if before.len() > STEPS {
                before.remove(0);
            }
        });
        self.now.set(route);
    }

    /// Goes to a page in the place of this one: the way back leads past it.
    pub fn replace(self, route: Route) {
        self.now.set(route);
    }

    /// Goes back, if there is a way.
    pub fn back(self) {
        let mut before = self.before.get_untracked();
        if let Some(route) = before.pop() {
            self.before.set(before);
            self.now.set(route);
        }
    }

    /// Whether there is a way back.
    pub fn can_go_back(self) -> bool {
        self.before.with(|before| !before.is_empty())
    }

    /// Forgets the way, and starts at a page again.
    pub fn start_at(self, route: Route) {
        self.before.set(vec![]);
        self.now.set(route);
    }
}
