//! Words in the reader's language: a catalogue of Fluent messages for each language.
//!
//! A message is named, with its values, by [`say!`](crate::say); which words that becomes is decided where it is shown.
//! Nothing here knows which language is chosen. The catalogues are compiled in, except into the pages: those load the one of the
//! language that they are shown in.

use conclave_shared::desktop::Language;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

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

fn identifier(language: Language) -> LanguageIdentifier {
    // A tag of ours is always one; the root language would only count otherwise.
    language.tag().parse().unwrap_or_default()
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
    bundle: FluentBundle<FluentResource>,
}

impl Messages {
    /// The catalogue of a language.
    #[cfg(not(target_family = "wasm"))]
    pub fn of(language: Language) -> Self {
        Self::read(language, &files(language))
    }

    /// The catalogue that these texts are, in Fluent's form.
    pub fn read(language: Language, texts: &[&str]) -> Self {
        let mut bundle = FluentBundle::new(vec![identifier(language)]);
        // The marks that would isolate values from the text's direction are shown as boxes by some fonts, and all three
        // languages run one way. Texts of others come from the backend with their own marks spelled out.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) if number.value >= 10_000.0 && number.value.fract() == 0.0 => {
                Some(in_groups(&format!("{:.0}", number.value), '\u{202f}'))
            }
            _ => None,
        }));
        for text in texts {
            // What cannot be read is left out, and shows as a missing message: a test makes both impossible.
            let (Ok(resource) | Err((resource, _))) = FluentResource::try_new((*text).to_owned());
            let _ = bundle.add_resource(resource);
        }
        Self { language, bundle }
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a message of this name.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The words of a message. One that is missing shows as its name in angle brackets.
    pub fn text(&self, key: &str, values: &[(&'static str, Value)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟨{key}⟩");
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            match value {
                Value::Text(text) => arguments.set(*name, text.as_str()),
                Value::Number(number) => arguments.set(*name, *number),
                Value::Said(said) => arguments.set(*name, self.say(said)),
            }
        }
        let mut faults = vec![];
        self.bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned()
    }

    /// The words of what is to be said.
    pub fn say(&self, said: &Said) -> String {
        self.text(said.key, &said.values)
    }
}

/// Digits in groups of three, counted from the end.
pub(crate) fn in_groups(digits: &str, gap: char) -> String {
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(gap);
        }
        grouped.push(digit);
    }
    grouped
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
        let mut messages = Messages::of(Language::English);
        let resource = FluentResource::try_new("practice-to-whom = to { $name }".to_owned()).unwrap();
        messages.bundle.add_resource(resource).unwrap();
        assert_eq!(messages.say(&said), "to { $hours } <b>");
    }
}
