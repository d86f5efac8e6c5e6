//! The window's own words, by their names in its catalogue: a test that says what it presses in these words does not break
//! when a sentence is put better, and sees at once where a page shows other words than the catalogue has.

use conclave_shared::desktop::Language;
use conclave_ui_logic::messages::{Messages, Said};

/// A message in English: `w!("create-act")`.
#[macro_export]
macro_rules! w {
    ($($message:tt)*) => {
        &$crate::words::english(&conclave_ui_logic::say!($($message)*))
    };
}

/// A message in English.
pub fn english(said: &Said) -> String {
    Messages::of(Language::English).say(said)
}

/// A message without values in some language.
pub fn in_language(language: Language, key: &'static str) -> String {
    Messages::of(language).say(&Said { key, values: vec![] })
}
