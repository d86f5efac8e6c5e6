//! A member's backup sheet: what stands on it, the same for the page, the printer and the file. Never a secret.

use conclave_shared::view::{MemberView, VaultView};

use crate::messages::{Messages, Said};
use crate::places::{self, holds_key};
use crate::{say, vocabulary};

/// A part of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(Said),
    /// A sentence.
    Text(Said),
    /// A name and what it stands for, in words.
    Fact(Said, Said),
    /// A name and an exact text: an id, a key, an address.
    Exact(Said, String),
    /// Words to compare, in order.
    Words(Vec<String>),
    /// The descriptor, which the page shows as a code, too.
    Descriptor(String),
    /// Something that the sheet can or cannot do.
    Point(Said),
    /// A line to write on.
    Line(Said),
}

/// The sheet of this installation's owner. `words` are the roster words, `address` is the first deposit address, where it
/// is known; `date` is of today.
pub fn blocks(vault: &VaultView, words: &[String], address: Option<&str>, date: &str) -> Vec<Block> {
    let me = vault.members.iter().find(|member| member.member == vault.me);
    let mut blocks = vec![
        Block::Heading(say!("sheet-vault")),
        Block::Fact(say!("sheet-name"), say!("sheet-text", text = &vault.name)),
        Block::Exact(say!("sheet-id"), vault.vault.to_string()),
    ];
    blocks.extend(me.map(|me| Block::Fact(say!("sheet-for"), member_said(me))));
    blocks.push(Block::Fact(
        say!("sheet-quorum"),
        say!("sheet-quorum-text", threshold = vault.threshold, keyholders = vault.keyholders),
    ));
    blocks.push(Block::Fact(say!("sheet-script"), vocabulary::script(vault.script)));
    if let Some(recovery) = &vault.recovery {
        let (after, threshold) = (u32::from(recovery.after_blocks), recovery.threshold);
        let said = if recovery.keys.is_empty() {
            say!("sheet-recovery-members", after = after, threshold = threshold)
        } else {
            say!("sheet-recovery-own", after = after, threshold = threshold, keys = recovery.keys.len())
        };
        blocks.push(Block::Fact(say!("sheet-recovery"), said));
        blocks.extend(recovery.keys.iter().map(|key| Block::Exact(say!("sheet-recovery-key"), key.clone())));
    }
    blocks.push(Block::Fact(say!("sheet-date"), say!("sheet-text", text = date)));

    blocks.push(Block::Heading(say!("sheet-members")));
    for member in &vault.members {
        blocks.push(match &member.key {
            Some(key) => Block::Exact(member_said(member), key.clone()),
            None => Block::Text(member_said(member)),
        });
    }
    blocks.extend(
        vault.former.iter().map(|former| Block::Exact(say!("sheet-former", name = &former.name), former.key.clone())),
    );

    if let Some(descriptor) = &vault.descriptor {
        blocks.push(Block::Heading(say!("sheet-descriptor")));
        blocks.push(Block::Text(say!("sheet-descriptor-text")));
        blocks.push(Block::Descriptor(descriptor.clone()));
    }
    if let Some(address) = address {
        blocks.push(Block::Exact(say!("sheet-first-address"), address.to_owned()));
    }
    if !words.is_empty() {
        blocks.push(Block::Heading(say!("sheet-words")));
        blocks.push(Block::Text(say!("sheet-words-text")));
        blocks.push(Block::Words(words.to_vec()));
    }

    blocks.push(Block::Heading(say!("sheet-can")));
    blocks.push(Block::Point(say!("sheet-can-watch")));
    blocks.push(Block::Point(say!("sheet-can-rebuild", threshold = vault.threshold)));
    blocks.push(Block::Point(say!("sheet-can-check")));
    blocks.push(Block::Heading(say!("sheet-cannot")));
    blocks.push(Block::Point(say!("sheet-cannot-sign")));
    if me.is_some_and(|me| holds_key(&me.roles)) {
        blocks.push(Block::Point(say!("sheet-cannot-replace-words")));
    }
    blocks.push(Block::Point(say!("sheet-cannot-secret")));
    blocks.push(Block::Heading(say!("sheet-hand")));
    for line in [say!("sheet-hand-place"), say!("sheet-hand-words"), say!("sheet-hand-seen"), say!("sheet-hand-note")] {
        blocks.push(Block::Line(line));
    }
    blocks
}

/// A member in a few words: name, place, roles, fingerprint of the key.
fn member_said(member: &MemberView) -> Said {
    let role = vocabulary::role(places::main_role(&member.roles));
    let place = member.title.as_deref().map_or(role.clone(), places::title);
    match member.key.as_deref().and_then(fingerprint) {
        Some(fingerprint) => {
            say!("sheet-keyholder", name = &member.name, place = place, role = role, fingerprint = fingerprint)
        }
        None => say!("sheet-member", name = &member.name, role = role),
    }
}

/// The fingerprint in the origin of a key, `[fingerprint/path]xpub`.
pub fn fingerprint(key: &str) -> Option<&str> {
    let origin = key.strip_prefix('[')?.split_once(']')?.0;
    origin.split('/').next().filter(|print| !print.is_empty())
}

/// The sheet as the text of a file.
pub fn text(blocks: &[Block], messages: &Messages) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    for block in blocks {
        match block {
            Block::Heading(said) => {
                let heading = messages.say(said);
                line("");
                line(&heading);
                line(&"-".repeat(heading.chars().count()));
            }
            Block::Text(said) => line(&messages.say(said)),
            Block::Fact(name, said) => line(&format!("{}: {}", messages.say(name), messages.say(said))),
            Block::Exact(name, exact) => {
                line(&format!("{}:", messages.say(name)));
                line(&format!("  {exact}"));
            }
            Block::Words(words) => line(&words.join(" ")),
            Block::Descriptor(descriptor) => line(descriptor),
            Block::Point(said) => line(&format!("- {}", messages.say(said))),
            Block::Line(said) => line(&format!("{}: ______________________________", messages.say(said))),
        }
    }
    text.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use conclave_shared::Role;
    use conclave_shared::desktop::Language;
    use conclave_shared::view::FormerView;

    use super::*;
    use crate::samples::{member, vault};

    fn made() -> VaultView {
        let mut vault = vault();
        let mut ana = member(1, "Ana", &[Role::Keyholder]);
        ana.key = Some("[aabbccdd/48h/1h/0h/2h]tpubAna".to_owned());
        ana.title = Some("desk".to_owned());
        let former =
            FormerView { member: member(3, "", &[]).member, name: "Old".to_owned(), key: "tpubOld".to_owned() };
        vault.me = ana.member;
        vault.members = vec![ana, member(2, "Eva", &[Role::Auditor])];
        vault.former = vec![former];
        vault.descriptor = Some("wsh(sortedmulti(2,tpubAna))#12345678".to_owned());
        vault
    }

    #[test]
    fn the_sheet_holds_all_that_rebuilds_the_wallet() {
        let words = vec!["zoo".to_owned(), "abandon".to_owned()];
        let blocks = blocks(&made(), &words, Some("bcrt1qfirst"), "2026-11-21");
        for language in Language::ALL {
            let text = text(&blocks, &Messages::of(language));
            for needed in [
                "Harbour",
                "Ana",
                "Eva",
                "[aabbccdd/48h/1h/0h/2h]tpubAna",
                "tpubOld",
                "wsh(sortedmulti(2,tpubAna))#12345678",
                "bcrt1qfirst",
                "zoo abandon",
                "2026-11-21",
            ] {
                assert!(text.contains(needed), "{needed} is not on the sheet:\n{text}");
            }
            assert!(text.contains(&made().vault.to_string()));
            assert!(!text.contains('⟨'), "{text}");
        }
    }

    #[test]
    fn without_a_key_nothing_is_said_of_its_words() {
        let mut vault = made();
        let points = |vault: &VaultView| {
            let blocks = blocks(vault, &[], None, "");
            blocks.into_iter().filter(|block| matches!(block, Block::Point(_))).count()
        };
        let with_key = points(&vault);
        vault.me = vault.members[1].member;
        assert_eq!(points(&vault), with_key - 1);
    }

    #[test]
    fn a_fingerprint_is_read_from_the_origin() {
        assert_eq!(fingerprint("[aabbccdd/48h]tpub"), Some("aabbccdd"));
        assert_eq!(fingerprint("[aabbccdd]tpub"), Some("aabbccdd"));
        assert_eq!(fingerprint("tpub"), None);
        assert_eq!(fingerprint("[]tpub"), None);
    }
}
