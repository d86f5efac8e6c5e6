//! A catalogue as its messages with what they ask for.

use std::collections::{BTreeMap, BTreeSet};

use conclave_shared::desktop::Language;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::fluent::in_groups;
use crate::messages::{Value, files};

/// One message.
#[derive(Default)]
pub struct Message {
    /// The names of its values.
    pub values: BTreeSet<String>,
    /// All its words in all its forms.
    pub words: String,
    /// The forms that it has for a number, each time that it asks for one.
    pub plurals: Vec<Vec<String>>,
}

/// The messages of one language.
pub struct Catalogue {
    /// By name.
    pub messages: BTreeMap<String, Message>,
    /// What cannot be read, and what stands twice.
    pub faults: Vec<String>,
}

impl Catalogue {
    pub fn of(language: Language) -> Self {
        let mut catalogue = Self { messages: BTreeMap::new(), faults: vec![] };
        for text in files(language) {
            let resource = match fluent_syntax::parser::parse(text) {
                Ok(resource) => resource,
                Err((resource, errors)) => {
                    for error in errors {
                        let near: String = text[error.pos.start..].chars().take(60).collect();
                        catalogue.faults.push(format!("{}: {error} near {near:?}", language.tag()));
                    }
                    resource
                }
            };
            for entry in resource.body {
                let Entry::Message(entry) = entry else { continue };
                let mut message = Message::default();
                let key = entry.id.name.to_owned();
                match &entry.value {
                    Some(pattern) => read(pattern, &mut message),
                    None => catalogue.faults.push(format!("{}: {key} says nothing", language.tag())),
                }
                if catalogue.messages.insert(key.clone(), message).is_some() {
                    catalogue.faults.push(format!("{}: {key} stands twice", language.tag()));
                }
            }
        }
        catalogue
    }
}

fn read(pattern: &Pattern<&str>, message: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => message.words.push_str(value),
            PatternElement::Placeable { expression } => read_expression(expression, message),
        }
    }
}

fn read_expression(expression: &Expression<&str>, message: &mut Message) {
    match expression {
        Expression::Inline(inline) => read_inline(inline, message),
        Expression::Select { selector, variants } => {
            read_inline(selector, message);
            let names: Vec<String> = variants
                .iter()
                .map(|variant| match &variant.key {
                    VariantKey::Identifier { name } => (*name).to_owned(),
                    VariantKey::NumberLiteral { value } => (*value).to_owned(),
                })
                .collect();
            if names.iter().any(|name| name == "one") {
                message.plurals.push(names);
            }
            for variant in variants {
                read(&variant.value, message);
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<&str>, message: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => {
            message.values.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => read_expression(expression, message),
        InlineExpression::StringLiteral { value } => message.words.push_str(value),
        InlineExpression::NumberLiteral { .. }
        | InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}

/// The catalogue as Fluent's own implementation reads it.
pub fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = language.tag().parse().expect("a tag of ours is one");
    let mut bundle = FluentBundle::new(vec![identifier]);
    // The marks that would isolate values from the text's direction are shown as boxes by some fonts, and all three languages run
    // one way. Texts of others come from the backend with their own marks spelled out.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value >= 10_000.0 => {
            Some(in_groups(&format!("{:.0}", number.value), '\u{202f}'))
        }
        _ => None,
    }));
    for text in files(language) {
        let resource = FluentResource::try_new(text.to_owned()).expect("a catalogue can be read");
        bundle.add_resource(resource).expect("no message stands twice");
    }
    bundle
}

/// What it makes of a message.
pub fn formatted(bundle: &FluentBundle<FluentResource>, key: &str, values: &[(&'static str, Value)]) -> String {
    let pattern = bundle.get_message(key).and_then(|message| message.value()).expect("the message is there");
    let mut arguments = FluentArgs::new();
    for (name, value) in values {
        match value {
            Value::Text(text) => arguments.set(*name, text.as_str()),
            Value::Number(number) => arguments.set(*name, *number),
            Value::Said(_) => panic!("values of the test are plain"),
        }
    }
    bundle.format_pattern(pattern, Some(&arguments), &mut vec![]).into_owned()
}
