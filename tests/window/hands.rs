//! What a person does at a window: goes to something by the Tab key, presses keys, writes, pastes, chooses, reads. Nothing
//! here touches a page in a way that a keyboard cannot.
//!
//! Things are told by what they are (role) and what they are called (accessible name), as a screen reader tells them.

use std::path::Path;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::app::App;
use crate::stage::{Outcome, answered, until};

/// Where the keyboard is and where it should go, as stops of the Tab key.
const WAY: &str = "
    const [role, name] = arguments;
    const found = named(role, name).filter(takesKeys);
    const way = stops();
    // Of a group of radio buttons the keyboard comes to one.
    const to = found.find(el => way.includes(el)) ?? found[0];
    return {
        there: Boolean(to) && to.getAttribute('aria-disabled') !== 'true',
        stop: to ? way.indexOf(to) : -1,
        at: way.indexOf(document.activeElement),
        of: way.length,
        stands: Boolean(to) && to === document.activeElement,
        seen: named(role, '').map(nameOf).slice(0, 60),
    };";

/// Something on a page.
#[derive(Debug, Clone, Copy)]
pub struct Thing<'a> {
    role: &'a str,
    name: &'a str,
}

/// A thing of this role and name; `field` is whatever is written or chosen in.
pub fn thing<'a>(role: &'a str, name: &'a str) -> Thing<'a> {
    Thing { role, name }
}

/// A button.
pub fn button(name: &str) -> Thing<'_> {
    thing("button", name)
}

/// A link.
pub fn link(name: &str) -> Thing<'_> {
    thing("link", name)
}

/// Something to write in.
pub fn field(name: &str) -> Thing<'_> {
    thing("field", name)
}

impl Thing<'_> {
    fn arguments(self) -> Vec<Value> {
        vec![json!(self.role), json!(self.name)]
    }
}

impl App {
    /// Presses keys where the keyboard is, one after the other.
    pub async fn keys(&self, keys: &[char]) -> Outcome<()> {
        let down_and_up = |actions: KeyActions, key: &char| {
            actions.then(KeyAction::Down { value: *key }).then(KeyAction::Up { value: *key })
        };
        let actions = keys.iter().fold(KeyActions::new("keyboard".to_owned()), down_and_up);
        answered(&format!("{} presses keys", self.name), self.window()?.perform_actions(actions)).await
    }

    /// Presses a key while another is held.
    pub async fn chord(&self, held: Key, keys: &[char]) -> Outcome<()> {
        let held = char::from(held);
        let mut actions = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: held });
        for key in keys {
            actions = actions.then(KeyAction::Down { value: *key }).then(KeyAction::Up { value: *key });
        }
        let actions = actions.then(KeyAction::Up { value: held });
        answered(&format!("{} presses keys", self.name), self.window()?.perform_actions(actions)).await
    }

    /// Goes to a thing by the Tab key, once it is there.
    pub async fn go(&self, to: Thing<'_>) -> Outcome<()> {
        println!("{}: {} {:?}", self.name, to.role, to.name);
        let what = format!("{} can go to the {} {:?}", self.name, to.role, to.name);
        let mut others = Value::Null;
        let found = until(&what, async || {
            let way = self.ask(WAY, to.arguments()).await?;
            others = way["seen"].clone();
            Ok((way["there"] == true && way["stop"].as_i64().is_some_and(|stop| stop >= 0)).then_some(way))
        });
        let mut way = found.await.map_err(|error| format!("{error}; there are: {others}"))?;
        for _ in 0..=way["of"].as_i64().unwrap_or(0) + 2 {
            if way["stands"] == true {
                return Ok(());
            }
            let steps = way["stop"].as_i64().unwrap_or(0) - way["at"].as_i64().unwrap_or(-1);
            let tabs = vec![char::from(Key::Tab); steps.unsigned_abs().try_into()?];
            match steps {
                // Where the keyboard is nowhere, or past the end, one step brings it to the first stop.
                0 => self.keys(&[char::from(Key::Tab)]).await?,
                1.. => self.keys(&tabs).await?,
                _ => self.chord(Key::Shift, &tabs).await?,
            }
            way = self.ask(WAY, to.arguments()).await?;
        }
        let at = self.ask("return document.activeElement?.outerHTML.slice(0, 200)", vec![]).await?;
        Err(format!("{}: the Tab key does not come to the {} {:?}, but to {at}", self.name, to.role, to.name).into())
    }

    /// Goes to a thing and presses Enter.
    pub async fn press(&self, what: Thing<'_>) -> Outcome<()> {
        self.go(what).await?;
        self.keys(&[char::from(Key::Enter)]).await
    }

    /// Goes to a box or a radio button and presses Space, if it is not chosen yet. Within a group of radio buttons the arrow
    /// keys lead on.
    pub async fn tick(&self, what: Thing<'_>) -> Outcome<()> {
        let state = "
            const found = named(arguments[0], arguments[1])[0];
            const chosen = found && (found.checked ?? found.getAttribute('aria-checked') === 'true');
            const group = found?.type === 'radio' ? stops().find(el => el.type === 'radio' && el.name === found.name) : null;
            return { chosen, here: found && found === document.activeElement, group: group && nameOf(group) };";
        let mut now = until(&format!("{} sees {:?}", self.name, what.name), async || {
            let now = self.ask(state, what.arguments()).await?;
            Ok((!now["chosen"].is_null()).then_some(now))
        })
        .await?;
        if now["chosen"] == true {
            return Ok(());
        }
        if let Some(group) = now["group"].as_str().map(str::to_owned) {
            self.go(Thing { role: "radio", name: &group }).await?;
            for _ in 0..20 {
                now = self.ask(state, what.arguments()).await?;
                if now["here"] == true {
                    break;
                }
                self.keys(&[char::from(Key::Down)]).await?;
            }
        } else {
            self.go(what).await?;
        }
        if now["chosen"] != true {
            self.keys(&[' ']).await?;
        }
        until(&format!("{:?} is chosen", what.name), async || {
            Ok((self.ask(state, what.arguments()).await?["chosen"] == true).then_some(()))
        })
        .await
    }

    /// Writes into a field, in the place of what stands there.
    pub async fn write(&self, name: &str, text: &str) -> Outcome<()> {
        self.write_in(field(name), text).await
    }

    /// As [`Self::write`], for a field among several of one name.
    pub async fn write_in(&self, what: Thing<'_>, text: &str) -> Outcome<()> {
        self.go(what).await?;
        self.chord(Key::Control, &['a']).await?;
        if text.is_empty() {
            return self.keys(&[char::from(Key::Delete)]).await;
        }
        let field = answered("where the keyboard is", self.window()?.active_element()).await?;
        answered(&format!("{} writes", self.name), field.send_keys(text)).await
    }

    /// Chooses from a list that drops down: by the first letter where no other begins with it, else by the arrow keys, which
    /// choose what they come by. What is chosen counts at once, and may change the page under the list.
    pub async fn choose(&self, name: &str, option: &str) -> Outcome<()> {
        self.go(thing("combobox", name)).await?;
        let now = "
            const list = document.activeElement;
            if (list?.tagName !== 'SELECT') return { gone: true };
            const all = [...list.options].map(option => tidy(option.text));
            const wanted = tidy(arguments[0]);
            const at = all.indexOf(wanted) >= 0 ? all.indexOf(wanted) : all.findIndex(text => text.includes(wanted));
            const first = all[at]?.[0] ?? '';
            const alone = all.filter(text => text.toLowerCase().startsWith(first.toLowerCase())).length === 1;
            return { at, now: list.selectedIndex, all, letter: alone ? first : '' };";
        let mut by_letter = true;
        for _ in 0..40 {
            let seen = self.ask(now, vec![json!(option)]).await?;
            let (at, now) = match (seen["at"].as_i64(), seen["now"].as_i64()) {
                _ if seen["gone"] == true => return Ok(()),
                (Some(at), Some(now)) if at >= 0 => (at, now),
                _ => return Err(format!("{}: {name:?} cannot be set to {option:?}: {}", self.name, seen["all"]).into()),
            };
            let letter = seen["letter"].as_str().and_then(|letter| letter.chars().next()).filter(|_| by_letter);
            match (at - now, letter) {
                (0, _) => return Ok(()),
                (_, Some(letter)) => {
                    by_letter = false;
                    self.keys(&[letter]).await?;
                }
                (1.., None) => self.keys(&[char::from(Key::Down)]).await?,
                (_, None) => self.keys(&[char::from(Key::Up)]).await?,
            }
        }
        Err(format!("{}: {name:?} does not come to {option:?}", self.name).into())
    }

    /// Gives a file to a field that takes files.
    pub async fn give_file(&self, name: &str, path: &Path) -> Outcome<()> {
        // The dialog for choosing a file is the desktop's, not the page's: the driver answers it.
        let field = self.element(thing("file", name)).await?;
        answered(&format!("{} gives a file", self.name), field.send_keys(&path.display().to_string())).await
    }

    /// A thing on the page, once it is there.
    pub async fn element(&self, what: Thing<'_>) -> Outcome<Element> {
        let script = "return named(arguments[0], arguments[1])[0] ?? null";
        let wish = format!("{} sees the {} {:?}", self.name, what.role, what.name);
        let found = until(&wish, async || Ok(element_in(&self.ask(script, what.arguments()).await?)));
        Ok(Element::from_element_id(self.window()?.clone(), found.await?.into()))
    }

    /// Whether a thing is there and could be used.
    pub async fn can(&self, what: Thing<'_>) -> Outcome<bool> {
        let way = self.ask(WAY, what.arguments()).await?;
        Ok(way["there"] == true)
    }

    /// All that can be read in the window.
    pub async fn text(&self) -> Outcome<String> {
        let text = self.ask("return tidy(ground().innerText)", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The texts of elements that a selector names.
    pub async fn texts(&self, selector: &str) -> Outcome<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(el => tidy(el.innerText))";
        Ok(serde_json::from_value(self.ask(script, vec![json!(selector)]).await?)?)
    }

    /// Waits until these words can be read.
    pub async fn reads(&self, words: &str) -> Outcome<()> {
        let words = tidy(words);
        let words = words.as_str();
        let mut last = String::new();
        let wish = format!("{} reads {words:?}", self.name);
        let read = until(&wish, async || {
            last = self.text().await?;
            Ok(last.contains(words).then_some(()))
        });
        read.await.map_err(|error| format!("{error}; there stands: {last}").into())
    }

    /// Waits until these words can be read no more.
    pub async fn reads_no_more(&self, words: &str) -> Outcome<()> {
        let words = &tidy(words);
        until(&format!("{} reads {words:?} no more", self.name), async || {
            Ok((!self.text().await?.contains(words.as_str())).then_some(()))
        })
        .await
    }

    /// Waits until the page with this heading is shown.
    pub async fn comes_to(&self, heading: &str) -> Outcome<()> {
        self.element(thing("heading", heading)).await.map(drop)
    }
}

/// Words as they are compared: gaps of whatever width are one space, as in `page.js`.
fn tidy(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The driver's name for an element in a script's answer.
fn element_in(answer: &Value) -> Option<String> {
    answer.as_object()?.values().next()?.as_str().map(str::to_owned)
}
