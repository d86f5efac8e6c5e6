//! Rust sources as far as words are concerned: which messages they say, and which words they hold themselves.
//!
//! A simple reader of tokens, no compiler: it knows strings, comments, brackets, and within `view!` what is an attribute and
//! what is a child. A string counts as words of the page where it is a child in a `view!`, or the value of an attribute or
//! property whose value is read ([`READ`]); elsewhere where it looks like a sentence.

use std::collections::BTreeSet;

/// Attributes of HTML and properties of our components whose value somebody reads.
const READ: [&str; 18] = [
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "label",
    "hint",
    "lead",
    "words",
    "busy_words",
    "act_words",
    "caption",
    "awaited",
    "kept",
    "name",
    "suffix",
    "head",
    "what",
    "type_word",
];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// A message that is said, with the names of the values that it is given.
pub struct Said {
    pub key: String,
    pub values: BTreeSet<String>,
    pub line: usize,
}

/// One file.
pub struct Source {
    pub name: String,
    tokens: Vec<(Token, usize)>,
}

impl Source {
    pub fn read(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), tokens: tokens(text) }
    }

    fn sign(&self, at: usize) -> Option<char> {
        match self.tokens.get(at) {
            Some((Token::Sign(sign), _)) => Some(*sign),
            Some(_) | None => None,
        }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at) {
            Some((Token::Word(word), _)) => Some(word),
            Some(_) | None => None,
        }
    }

    /// Whether a macro of one of these names is called here: the place of its opening bracket.
    fn call_of(&self, names: &[&str], at: usize) -> Option<usize> {
        let named = self.word(at).is_some_and(|word| names.contains(&word));
        let opens = matches!(self.sign(at + 2), Some('(' | '{'));
        (named && self.sign(at + 1) == Some('!') && opens).then_some(at + 2)
    }

    /// The place of the bracket that closes the one at `open`.
    fn close_of(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for at in open..self.tokens.len() {
            match self.sign(at) {
                Some('(' | '[' | '{') => depth += 1,
                Some(')' | ']' | '}') => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                Some(_) | None => {}
            }
        }
        self.tokens.len()
    }

    /// The messages that are said.
    pub fn said(&self) -> Vec<Said> {
        let mut all = vec![];
        for at in 0..self.tokens.len() {
            let Some(open) = self.call_of(&["t", "say"], at) else { continue };
            let Some((Token::Text(key), line)) = self.tokens.get(open + 1) else { continue };
            let close = self.close_of(open);
            let mut values = BTreeSet::new();
            let mut inner = open + 2;
            while inner < close {
                if self.sign(inner) == Some(',')
                    && let Some(name) = self.word(inner + 1)
                    && self.sign(inner + 2) == Some('=')
                {
                    values.insert(name.to_owned());
                }
                inner = match self.sign(inner) {
                    Some('(' | '[' | '{') => self.close_of(inner) + 1,
                    Some(_) | None => inner + 1,
                };
            }
            all.push(Said { key: key.clone(), values, line: *line });
        }
        all
    }

    /// Words that stand in the source itself though somebody reads them, with their lines.
    pub fn own_words(&self) -> Vec<(usize, String)> {
        let mut found = vec![];
        self.code(0, self.tokens.len(), false, &mut found);
        found
    }

    /// Code outside of a `view!`'s own elements. `shown`: what it evaluates to is shown.
    fn code(&self, from: usize, to: usize, shown: bool, found: &mut Vec<(usize, String)>) {
        let mut at = from;
        while at < to {
            if let Some(open) = self.call_of(&["t", "say", "answer"], at) {
                at = self.close_of(open) + 1;
                continue;
            }
            if let Some(open) = self.call_of(&["view"], at) {
                let close = self.close_of(open);
                self.children(open + 1, close, found);
                at = close + 1;
                continue;
            }
            if let Some((Token::Text(text), line)) = self.tokens.get(at) {
                let compared = self.sign(at.wrapping_sub(1)) == Some('=') && self.sign(at.wrapping_sub(2)) == Some('=');
                if (shown && !compared && has_letters(text)) || is_sentence(text) {
                    found.push((*line, text.clone()));
                }
            }
            at += 1;
        }
    }

    /// The elements and children of a `view!`.
    fn children(&self, from: usize, to: usize, found: &mut Vec<(usize, String)>) {
        let mut at = from;
        while at < to {
            match self.tokens.get(at) {
                Some((Token::Sign('<'), _)) => at = self.tag(at, to, found),
                Some((Token::Sign('{'), _)) => {
                    let close = self.close_of(at);
                    self.code(at + 1, close, true, found);
                    at = close + 1;
                }
                Some((Token::Text(text), line)) => {
                    if has_letters(text) {
                        found.push((*line, text.clone()));
                    }
                    at += 1;
                }
                Some(_) | None => at += 1,
            }
        }
    }

    /// An opening or closing tag: gives back the place behind it.
    fn tag(&self, open: usize, to: usize, found: &mut Vec<(usize, String)>) -> usize {
        let mut attribute = String::new();
        let mut at = open + 1;
        while at < to {
            let shown = READ.contains(&attribute.as_str());
            match self.tokens.get(at) {
                // Not that of `->` or `=>`.
                Some((Token::Sign('>'), _)) if !matches!(self.sign(at - 1), Some('-' | '=')) => return at + 1,
                Some((Token::Sign('='), _)) if self.sign(at + 1) != Some('=') && self.sign(at + 1) != Some('>') => {
                    attribute = self.attribute_before(at);
                    at += 1;
                }
                Some((Token::Sign('(' | '[' | '{'), _)) => {
                    let close = self.close_of(at);
                    self.code(at + 1, close, shown, found);
                    at = close + 1;
                }
                Some(_) => {
                    let next = self.call_of(&["t", "say", "view", "answer"], at);
                    let end = next.map_or(at + 1, |open| self.close_of(open) + 1);
                    self.code(at, end, shown, found);
                    at = end;
                }
                None => return to,
            }
        }
        to
    }

    /// `aria-label` of the tokens before its `=`.
    fn attribute_before(&self, equals: usize) -> String {
        let mut name = String::new();
        let mut at = equals;
        while at > 0 {
            at -= 1;
            match self.tokens.get(at) {
                Some((Token::Word(word), _)) if name.is_empty() || name.starts_with(['-', ':']) => {
                    name.insert_str(0, word);
                }
                Some((Token::Sign(sign @ ('-' | ':')), _)) if !name.is_empty() && !name.starts_with(['-', ':']) => {
                    name.insert(0, *sign);
                }
                Some(_) | None => break,
            }
        }
        name
    }
}

/// Whether somebody reads letters in it: places for values, `{name}`, are none.
fn has_letters(text: &str) -> bool {
    let mut within = 0usize;
    text.chars().any(|letter| {
        match letter {
            '{' => within += 1,
            '}' => within = within.saturating_sub(1),
            _ => {}
        }
        within == 0 && letter.is_alphabetic()
    })
}

/// Whether it begins like a sentence: a capital, small letters, a gap, and a word.
fn is_sentence(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let capital = first.chars().next().is_some_and(char::is_uppercase);
    let small = first.chars().count() > 1 && first.chars().skip(1).all(char::is_lowercase);
    let second = words.next().and_then(|word| word.chars().next()).is_some_and(char::is_lowercase);
    capital && small && second
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let letters: Vec<char> = text.chars().collect();
    let peek = |at: usize| letters.get(at).copied().unwrap_or('\0');
    let mut tokens = vec![];
    let (mut at, mut line) = (0, 1);
    while at < letters.len() {
        let letter = letters[at];
        if letter == '\n' {
            line += 1;
            at += 1;
        } else if letter.is_whitespace() {
            at += 1;
        } else if letter == '/' && peek(at + 1) == '/' {
            while at < letters.len() && letters[at] != '\n' {
                at += 1;
            }
        } else if letter == '/' && peek(at + 1) == '*' {
            let mut depth = 0;
            while at < letters.len() {
                match (peek(at), peek(at + 1)) {
                    ('/', '*') => (depth, at) = (depth + 1, at + 2),
                    ('*', '/') => (depth, at) = (depth - 1, at + 2),
                    (letter, _) => {
                        line += usize::from(letter == '\n');
                        at += 1;
                    }
                }
                if depth == 0 {
                    break;
                }
            }
        } else if letter == 'r' && (peek(at + 1) == '"' || (peek(at + 1) == '#' && matches!(peek(at + 2), '"' | '#'))) {
            let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
            at += 2 + hashes;
            let (from, began) = (at, line);
            while at < letters.len() {
                let closes = peek(at) == '"'
                    && letters[at + 1..].iter().take(hashes).filter(|next| **next == '#').count() == hashes;
                if closes {
                    break;
                }
                line += usize::from(peek(at) == '\n');
                at += 1;
            }
            tokens.push((Token::Text(letters[from..at.min(letters.len())].iter().collect()), began));
            at += 1 + hashes;
        } else if letter == '"' {
            let began = line;
            let mut text = String::new();
            at += 1;
            while at < letters.len() && letters[at] != '"' {
                if letters[at] == '\\' {
                    at += 1;
                    line += usize::from(peek(at) == '\n');
                } else {
                    line += usize::from(letters[at] == '\n');
                    text.push(letters[at]);
                }
                at += 1;
            }
            at += 1;
            tokens.push((Token::Text(text), began));
        } else if letter == '\'' && peek(at + 1) == '\\' {
            at += 2;
            while at < letters.len() && letters[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if letter == '\'' && peek(at + 2) == '\'' {
            at += 3;
        } else if letter.is_alphanumeric() || letter == '_' {
            let from = at;
            while at < letters.len() && (letters[at].is_alphanumeric() || letters[at] == '_') {
                at += 1;
            }
            tokens.push((Token::Word(letters[from..at].iter().collect()), line));
        } else {
            tokens.push((Token::Sign(letter), line));
            at += 1;
        }
    }
    tokens
}

#[test]
fn words_in_a_page_are_found() {
    let found =
        |text: &str| Source::read("page.rs", text).own_words().into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    for (page, words) in [
        (r#"view! { <p>"Hello"</p> }"#, vec!["Hello"]),
        (r#"view! { <p class="lead">{t!("hello", name = "Ana")} " · "</p> }"#, vec![]),
        (r#"view! { <a aria-label="Away" href="away">{if x { "Go" } else { t!("go") }}</a> }"#, vec!["Away", "Go"]),
        (r#"view! { <p title=move || format!("{a} of {b}") class:on=move || a.get()>{a}</p> }"#, vec!["{a} of {b}"]),
        (r#"view! { <Show when=move || a == 1><p>"Deep"</p></Show> }"#, vec!["Deep"]),
        (r#"view! { <p>{x.map(|x| view! { <b class="word">"Inner"</b> })}</p> }"#, vec!["Inner"]),
        (r#"view! { <Button press=move |()| go("somewhere") busy_words="Going">{t!("go")}</Button> }"#, vec!["Going"]),
        (
            r#"let text = "This is a sentence"; let path = "M0 -1500a900"; // "Not this one here""#,
            vec!["This is a sentence"],
        ),
        (r##"let raw = r#"Raw is read "too""#;"##, vec![r#"Raw is read "too""#]),
    ] {
        assert_eq!(found(page), words, "{page}");
    }
}

#[test]
fn what_is_said_is_found_with_its_values() {
    let source = Source::read("page.rs", r#"fn f() { t!("a", x = g(1, y = 2), z = "q"); say!("b") }"#);
    let said = source.said();
    let keys: Vec<&str> = said.iter().map(|said| said.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(said[0].values, BTreeSet::from(["x".to_owned(), "z".to_owned()]));
}
