//! Words in the reader's language: a catalogue of Fluent messages for each language.
//!
//! A message is named, with its values, by [`say!`](crate::say); which words that becomes is decided where it is shown.
//! Nothing here knows which language is chosen. The catalogues are compiled in, except into the pages: those load the one of the
//! language that they are shown in.

use std::collections::BTreeMap;

use conclave_shared::desktop::Language;

use crate::fluent::{self, Shown};

/// The messages of one language, a file for each area of the pages.
#[cfg(not(target_family = "wasm"))]
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../../messages/", $language, "/common.ftl")),
            include_str!(concat!("../../messages/", $language, "/frame.ftl")),
            include_str!(concat!("../../messages/", $language, "/start.ftl")),
            include_str!(concat!("../../messages/", $language, "/create.ftl")),
            include_str!(concat!("../../messages/", $language, "/board.ftl")),
            include_str!(concat!("../../messages/", $language, "/policy.ftl")),
            include_str!(concat!("../../messages/", $language, "/vault.ftl")),
            include_str!(concat!("../../messages/", $language, "/wallet.ftl")),
            include_str!(concat!("../../messages/", $language, "/pay.ftl")),
            include_str!(concat!("../../messages/", $language, "/keep.ftl")),
            include_str!(concat!("../../messages/", $language, "/failure.ftl")),
            include_str!(concat!("../../messages/", $language, "/notice.ftl")),
        ]
    };
}

/// A language's name in itself: who does not read the language in use must find their own.
pub fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Russian => "Русский",
        Language::Czech => "Čeština",
    }
}

/// The texts of a language's catalogue.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn files(language: Language) -> [&'static str; 12] {
    match language {
        Language::English => files!("en"),
        Language::Russian => files!("ru"),
        Language::Czech => files!("cs"),
    }
}

/// A value in a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Shown as it is.
    Text(String),
    /// Shown in groups of three digits; decides the form of the words beside it.
    Number(u64),
    /// A message of its own, said in the same language.
    Said(Box<Said>),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<Said> for Value {
    fn from(said: Said) -> Self {
        Value::Said(Box::new(said))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

/// A message by its name, with its values: words of no language yet. Made by [`say!`](crate::say).
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The message's name in the catalogue.
    pub key: &'static str,
    /// Its values by name.
    pub values: Vec<(&'static str, Value)>,
}

/// A message with its values: `say!("time-hours-ago", hours = 3u64)`. A test reads these names out of the sources, so they
/// are written out, never put together.
#[macro_export]
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::messages::Said {
            key: $key,
            values: ::std::vec![$((::std::stringify!($name), $crate::messages::Value::from($value))),*],
        }
    };
}

/// The catalogue of one language.
pub struct Messages {
    language: Language,
    patterns: BTreeMap<String, String>,
}

impl Messages {
    /// The catalogue of a language.
    #[cfg(not(target_family = "wasm"))]
    pub fn of(language: Language) -> Self {
        Self::read(language, &files(language))
    }

    /// The catalogue that these texts are.
    pub fn read(language: Language, texts: &[&str]) -> Self {
        Self { language, patterns: fluent::messages(texts) }
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a message of this name.
    pub fn has(&self, key: &str) -> bool {
        self.patterns.contains_key(key)
    }

    /// The words of a message. One that is missing shows as its name in angle brackets.
    pub fn text(&self, key: &str, values: &[(&'static str, Value)]) -> String {
        let Some(pattern) = self.patterns.get(key) else { return format!("⟨{key}⟩") };
        let shown = |value: &Value| match value {
            Value::Text(text) => Shown::Text(text.clone()),
            Value::Number(number) => Shown::Number(*number),
            Value::Said(said) => Shown::Text(self.say(said)),
        };
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, shown(value))).collect();
        let mut words = String::new();
        fluent::write(pattern, &values, self.language, &mut words);
        words
    }

    /// The words of what is to be said.
    pub fn say(&self, said: &Said) -> String {
        self.text(said.key, &said.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_decides_the_form_of_the_words_beside_it() {
        let ago = |language, hours: u64| Messages::of(language).say(&say!("time-hours-ago", hours = hours));
        assert_eq!(ago(Language::English, 1), "1 hour ago");
        assert_eq!(ago(Language::English, 12_345), "12\u{202f}345 hours ago");
        assert_eq!(ago(Language::Russian, 21), "21 час назад");
        assert_eq!(ago(Language::Russian, 3), "3 часа назад");
        assert_eq!(ago(Language::Russian, 11), "11 часов назад");
        assert_eq!(ago(Language::Czech, 3), "před 3 hodinami");
    }

    #[test]
    fn a_message_within_a_message_is_said_in_the_same_language() {
        let said = say!("unmet-role-missing", role = say!("role-auditor"));
        let text = Messages::of(Language::Czech).say(&said);
        assert!(text.contains(&Messages::of(Language::Czech).say(&say!("role-auditor"))), "{text}");
    }

    #[test]
    fn a_missing_message_shows_its_name() {
        let messages = Messages::of(Language::English);
        assert_eq!(messages.text("no-such-message", &[]), "⟨no-such-message⟩");
        assert!(!messages.has("no-such-message"));
    }

    #[test]
    fn what_others_wrote_is_no_message() {
        let said = say!("practice-to-whom", name = "{ $hours } <b>");
        let messages = Messages::read(Language::English, &["practice-to-whom = to { $name }"]);
        assert_eq!(messages.say(&said), "to { $hours } <b>");
    }
}
