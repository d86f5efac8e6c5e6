//! What pages are made of. Each has a name for what it means, not for how it looks; how it looks is in `ui/style`.

pub mod address;
pub mod amount;
pub mod answer;
pub mod button;
pub mod choice;
pub mod confirm;
pub mod copy;
pub mod details;
pub mod export;
pub mod field;
pub mod file_pick;
pub mod flow;
pub mod icon;
pub mod input;
pub mod label;
pub mod layout;
pub mod member_card;
pub mod notice;
pub mod page;
pub mod pager;
pub mod payment_row;
pub mod plot;
pub mod qr;
pub mod relays;
pub mod shown;
pub mod step_list;
pub mod strength;
pub mod table;
pub mod threshold_ring;
pub mod toast;
pub mod when;
pub mod words;

use std::cell::Cell;

thread_local! {
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// An id for an element that another one names, never given twice.
pub fn fresh_id(what: &str) -> String {
    NUMBER.set(NUMBER.get() + 1);
    format!("{what}-{}", NUMBER.get())
}
