//! A descriptor that is to be followed on the chain: its keychains in one spelling, as one line for people, and the name
//! by which it is known. What does not belong here: the wallet that follows it.

use conclave_shared::VaultId;
use miniscript::descriptor::DescriptorType;

use super::{Form, WatchedDescriptor, checksum};
use crate::hash::tagged_fields;

/// Tag of the hash that names a watched descriptor: never the name of a vault, which is an event's id.
const ID_TAG: &str = "conclave/watched/0";

impl WatchedDescriptor {
    /// The descriptor of each keychain with its checksum, receive first, in one spelling however the text was written.
    /// None where a wallet cannot follow it: `combo`, `rawtr`, `addr`, `raw`, and scripts without an address (`pk`, a bare
    /// `multi`).
    pub fn chains(&self) -> Option<Vec<String>> {
        let one = |forms: &Vec<Form>| match &forms[..] {
            [Form::Miniscript(it)] if it.desc_type() != DescriptorType::Bare => Some(it.to_string()),
            _ => None,
        };
        self.chains.iter().map(one).collect()
    }

    /// What it is named by: the hash of its keychains' descriptors. The same for every text of them; none as for
    /// [`WatchedDescriptor::chains`].
    pub fn id(&self) -> Option<VaultId> {
        let chains = self.chains()?;
        let fields: Vec<&[u8]> = chains.iter().map(String::as_bytes).collect();
        Some(VaultId(tagged_fields(ID_TAG, &fields)))
    }

    /// Its text with checksum: one line for both keychains (BIP389) where one says both, else two. As it came, where a
    /// wallet cannot follow it.
    pub fn in_one_spelling(&self) -> String {
        let Some(chains) = self.chains() else { return self.text().to_owned() };
        if let [receive, change] = &chains[..]
            && let Some(joined) = joined(receive, change)
            && WatchedDescriptor::parse(&joined).is_ok_and(|read| read.chains() == Some(chains.clone()))
        {
            return joined;
        }
        chains.join("\n")
    }
}

/// Two descriptors that differ in the numbers of their keychains alone, as one with both in angle brackets.
fn joined(receive: &str, change: &str) -> Option<String> {
    let steps = |text: &'_ str| -> Vec<String> {
        text.split('#').next().unwrap_or_default().split('/').map(str::to_owned).collect()
    };
    let (receive, change) = (steps(receive), steps(change));
    if receive.len() != change.len() {
        return None;
    }
    let number = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let both = |(first, second): (&String, &String)| match first == second {
        true => Some(first.clone()),
        false => (number(first) && number(second)).then(|| format!("<{first};{second}>")),
    };
    let body = receive.iter().zip(&change).map(both).collect::<Option<Vec<String>>>()?.join("/");
    let sum = checksum::compute(&body)?;
    Some(format!("{body}#{sum}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 2] = [
        "[41f2aed0/84h/1h/0h]tpubDDFSdQWw75hk1ewbwnNpPp5DvXFRKt68ioPoyJDY752cNHKkFxPWqkqCyCf4hxrEfpuxh46QisehL3m8Bi6MsAv394QVLopwbtfvryFQNUH",
        "02c04d3a5274952acdbc76987f3184b346a483d43be40874624b29e3692c1df5af",
    ];

    fn read(text: &str) -> WatchedDescriptor {
        WatchedDescriptor::parse(text).unwrap()
    }

    /// The same key with the other mark of hardened steps.
    fn marked(key: &str) -> String {
        key.replace("84h/1h/0h", "84'/1'/0'")
    }

    #[test]
    fn every_text_of_a_descriptor_has_one_name_and_one_spelling() {
        let [key, _] = KEYS;
        let texts = [
            format!("wpkh({key}/<0;1>/*)"),
            format!("wpkh({key}/**)"),
            format!("wpkh({key}/0/*)"),
            format!("wpkh({key}/0/*)\nwpkh({key}/1/*)"),
            format!("Receive: wpkh({}/0/*)\nChange: wpkh({}/1/*)", marked(key), marked(key)),
        ];
        let spelling = read(&texts[0]).in_one_spelling();
        assert!(spelling.contains("/<0;1>/*)#") && spelling.lines().count() == 1, "{spelling}");
        assert_eq!(read(&spelling).checksum(), &crate::watched::ChecksumState::Verified);
        for text in &texts {
            assert_eq!(read(text).id(), read(&texts[0]).id(), "{text}");
            assert_eq!(read(text).in_one_spelling(), spelling, "{text}");
        }
        let others = [
            format!("wpkh({key}/<1;0>/*)"),
            format!("wpkh({key}/5/*)"),
            format!("sh(wpkh({key}/<0;1>/*))"),
            format!("wpkh({key}/<0;2>/*)"),
        ];
        for other in others {
            assert_ne!(read(&other).id(), read(&texts[0]).id(), "{other}");
        }
    }

    #[test]
    fn keychains_that_no_one_line_says_stay_two() {
        let [key, single] = KEYS;
        let two = read(&format!("wpkh({key}/0/*)\nsh(wpkh({key}/1/*))"));
        assert_eq!(two.in_one_spelling().lines().count(), 2);
        assert_eq!(read(&two.in_one_spelling()).id(), two.id());
        let one = read(&format!("wpkh({single})"));
        assert_eq!((one.chains().unwrap().len(), one.in_one_spelling().lines().count()), (1, 1));
    }

    #[test]
    fn what_a_wallet_cannot_follow_has_no_name() {
        let [key, single] = KEYS;
        for text in [format!("combo({key}/0/*)"), format!("raw({single})"), format!("pk({single})")] {
            assert_eq!((read(&text).chains(), read(&text).id()), (None, None), "{text}");
        }
    }
}
