//! The words that are shown, in the language that is chosen. Which words there are is in `ui/messages`.
//!
//! The language is one for the whole window: when another is chosen, everything that is shown is made anew.

use std::cell::RefCell;

use conclave_shared::MemberId;
use conclave_shared::desktop::{Language, Unit};
use conclave_shared::record::EntryView;
use conclave_shared::request::Failure;
use conclave_shared::view::VaultView;
use conclave_ui_logic::messages::{Messages, Said, Value};
use conclave_ui_logic::sheet::{self, Block};
use conclave_ui_logic::{saying, vocabulary};

use crate::ipc::{self, Unanswered};

thread_local! {
    static SPOKEN: RefCell<Messages> = RefCell::new(Messages::read(Language::default(), &[]));
}

/// The words of a message: `t!("pay-title")`, `t!("pay-to", name = name)`.
#[macro_export]
macro_rules! t {
    ($key:literal $(,)?) => {
        $crate::words::plain($key)
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::words::with(
            $key,
            &[$((::std::stringify!($name), ::conclave_ui_logic::messages::Value::from($value))),+],
        )
    };
}

/// Loads the words of a language. They lie beside the compiled pages: should one be there without the other, messages show as
/// their names.
pub async fn load(language: Language) -> Messages {
    let text = ipc::file(&format!("messages/{}.ftl", language.tag())).await.unwrap_or_default();
    Messages::read(language, &[&text])
}

/// Speaks these words from now on.
pub fn speak(messages: Messages) {
    SPOKEN.set(messages);
}

/// The language that is spoken.
pub fn spoken() -> Language {
    SPOKEN.with_borrow(Messages::language)
}

/// The words of a message without values. For [`t!`](crate::t) alone.
pub fn plain(key: &'static str) -> String {
    with(key, &[])
}

/// The words of a message with its values. For [`t!`](crate::t) alone.
pub fn with(key: &'static str, values: &[(&'static str, Value)]) -> String {
    SPOKEN.with_borrow(|messages| messages.text(key, values))
}

/// The words of a message that was named elsewhere.
pub fn text(said: &Said) -> String {
    SPOKEN.with_borrow(|messages| messages.say(said))
}

/// What happened, in words: those for exactly this failure, or else for its kind.
pub fn failure(failure: &Failure) -> String {
    let own = format!("failure-{}", failure.code);
    SPOKEN.with_borrow(|messages| {
        if messages.has(&own) {
            messages.text(&own, &[])
        } else {
            messages.say(&vocabulary::failure_kind(failure.kind))
        }
    })
}

/// What happened when nothing was answered.
pub fn unanswered(unanswered: &Unanswered) -> String {
    match unanswered {
        Unanswered::Refused(refused) => failure(refused),
        Unanswered::Silent(_) => t!("failure-silent"),
        Unanswered::Unexpected => t!("failure-unexpected"),
    }
}

/// What an event of a record says, as it goes on after its author's name.
pub fn saying(entry: &EntryView, unit: Unit) -> String {
    SPOKEN.with_borrow(|messages| saying::sentence(&entry.saying, messages, unit))
}

/// A backup sheet as a text.
pub fn sheet(blocks: &[Block]) -> String {
    SPOKEN.with_borrow(|messages| sheet::text(blocks, messages))
}

/// A member's name, or the beginning of their id where the vault does not know them.
pub fn member_name(vault: &VaultView, id: MemberId) -> String {
    let member = vault.members.iter().find(|member| member.member == id);
    member.map_or_else(|| id.short(), |member| member.name.clone())
}

/// The names of these members as one says them: `Ana, Ben and Cyn`, or that it is nobody.
pub fn names(vault: &VaultView, members: &[MemberId]) -> String {
    let names: Vec<String> = members.iter().map(|id| member_name(vault, *id)).collect();
    match names.as_slice() {
        [] => t!("nobody"),
        [one] => one.clone(),
        [first @ .., last] => t!("names-and", first = first.join(", "), last = last),
    }
}
