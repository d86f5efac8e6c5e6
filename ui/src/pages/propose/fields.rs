//! What is typed on the page of a new payment.

use std::collections::BTreeSet;

use crate::prelude::*;
use conclave_ui_logic::draft::{Line, Speed, Typed};

/// One recipient.
#[derive(Clone, Copy, PartialEq)]
pub struct Row {
    /// Tells it from the others.
    pub id: u64,
    /// The address.
    pub address: RwSignal<String>,
    /// The amount.
    pub amount: RwSignal<String>,
}

/// All of it.
#[derive(Clone, Copy)]
pub struct Fields {
    /// The recipients, at least one.
    pub rows: RwSignal<Vec<Row>>,
    /// Which of them gets all that is left.
    pub all: RwSignal<Option<u64>>,
    /// How soon it is to be in a block; none: what the estimates offer first, or else a rate of one's own.
    pub speed: RwSignal<Option<Speed>>,
    /// That rate.
    pub own_rate: RwSignal<String>,
    /// Why.
    pub purpose: RwSignal<String>,
    /// Whether coins are chosen by hand.
    pub choose: RwSignal<bool>,
    /// Those coins.
    pub coins: RwSignal<BTreeSet<String>>,
    /// For how many days it may be signed.
    pub days: RwSignal<u32>,
    /// Whether the vault's recovery pays.
    pub recovery: RwSignal<bool>,
    /// Whether somebody has tried to propose it.
    pub tried: RwSignal<bool>,
    next: StoredValue<u64>,
}

impl Fields {
    /// Nothing typed yet.
    pub fn new() -> Self {
        let fields = Self {
            rows: RwSignal::new(vec![]),
            all: RwSignal::new(None),
            speed: RwSignal::new(None),
            own_rate: RwSignal::new(String::new()),
            purpose: RwSignal::new(String::new()),
            choose: RwSignal::new(false),
            coins: RwSignal::new(BTreeSet::new()),
            days: RwSignal::new(7),
            recovery: RwSignal::new(false),
            tried: RwSignal::new(false),
            next: StoredValue::new(0),
        };
        fields.add();
        fields
    }

    /// One more recipient.
    pub fn add(self) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let row = Row { id, address: RwSignal::new(String::new()), amount: RwSignal::new(String::new()) };
        self.rows.update(|rows| rows.push(row));
    }

    /// One less.
    pub fn remove(self, id: u64) {
        if self.all.get_untracked() == Some(id) {
            self.all.set(None);
        }
        self.rows.update(|rows| rows.retain(|row| row.id != id));
    }

    /// As it stands; whoever reads it is told when it changes.
    pub fn typed(self) -> Typed {
        let all = self.all.get();
        let line = |row: &Row| Line { address: row.address.get(), amount: row.amount.get(), all: all == Some(row.id) };
        Typed {
            lines: self.rows.with(|rows| rows.iter().map(line).collect()),
            speed: self.speed.get().unwrap_or(Speed::Own),
            own_rate: self.own_rate.get(),
            coins: self.choose.get().then(|| self.coins.with(|coins| coins.iter().cloned().collect())),
            days: self.days.get(),
            recovery: self.recovery.get(),
        }
    }
}
