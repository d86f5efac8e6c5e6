//! The folded state as lines and their digest, to compare two copies that hold the same events.

use conclave_shared::{EventId, StateDigest};

use super::{Marks, Vault};
use crate::hash::tagged_fields;

impl Vault {
    /// Digest of the folded state: equal at two members exactly if they hold the same events and fold them alike.
    pub fn state_digest(&self) -> StateDigest {
        let lines = self.state_lines();
        let fields: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        StateDigest(tagged_fields("conclave/state", &fields))
    }

    /// The state as lines, each one fact, in a fixed order: what the digest hashes, and what a person can compare.
    pub fn state_lines(&self) -> Vec<String> {
        let state = &self.state;
        let mut lines = vec![format!("vault {} created {}", self.id, self.created)];
        lines.extend(self.log.heads().into_iter().map(|(author, n, id)| format!("head {author} {n} {id}")));
        lines.extend(self.log.two_stories().keys().map(|member| format!("two-stories {member}")));
        if let Some((organiser, _)) = &state.created {
            lines.push(format!("organiser {organiser}"));
        }
        let sorted = |name: String, mut events: Vec<EventId>| {
            events.sort_unstable();
            events.into_iter().map(move |event| format!("{name} {event}")).collect::<Vec<String>>()
        };
        for (member, joiners) in &state.joiners {
            lines.extend(sorted(format!("joined {member}"), joiners.iter().map(|joiner| joiner.event).collect()));
        }
        lines.extend(state.challenges.iter().map(|(event, (by, nonce))| format!("challenged {by} {nonce} {event}")));
        lines.extend(state.false_proofs.iter().map(|(event, (by, _))| format!("unproven {by} {event}")));
        lines.extend(state.refused_keys.keys().map(|event| format!("keys-refused {event}")));
        for (key, opened) in &state.places {
            lines.extend(sorted(format!("place {key}"), opened.iter().map(|(event, _)| *event).collect()));
        }
        for (member, said) in &state.replacements {
            lines.extend(sorted(format!("replaces {member}"), said.iter().map(|(event, _)| *event).collect()));
        }
        for (cfg, candidate) in &state.candidates {
            lines.push(format!("configuration {cfg}"));
            let proofs = candidate.proofs.events();
            lines.extend(proofs.map(|(member, event)| format!("proven {cfg} {member} {event}")));
            let consents = candidate.consents.events();
            lines.extend(consents.map(|(member, event)| format!("ratified {cfg} {member} {event}")));
            let releases = candidate.releases.events();
            lines.extend(releases.map(|(member, event)| format!("released {cfg} {member} {event}")));
        }
        let standing = self.standing();
        // The first is told by its ratifications.
        let later = standing.active.map(|active| active.cfg).filter(|cfg| !self.voters(*cfg).is_empty());
        lines.extend(later.map(|cfg| format!("lives by {cfg}")));
        lines.extend(standing.doubled.iter().map(|it| format!("doubled {it}")));
        for (index, events) in &state.addresses {
            lines.extend(events.iter().map(|event| format!("address {index} {event}")));
        }
        for (index, marks) in &state.attestations {
            lines.extend(marks.events().map(|(member, event)| format!("attested {index} {member} {event}")));
        }
        for (event, it) in &state.void_attestations {
            lines.push(format!(
                "not-attested {} {} {event}{}",
                it.index,
                it.by,
                if it.differs { " differs" } else { "" }
            ));
        }
        for (id, proposal) in &state.proposals {
            lines.push(format!("proposal {id} {} {}", proposal.proposer, proposal.checked.state_line()));
            lines.extend(proposal.replaces.map(|old| format!("replaces {id} {old}")));
            lines.extend(proposal.self_test.then(|| format!("self-test {id}")));
            lines.extend(proposal.expires_ms.map(|at| format!("expires {id} {at}")));
            let marks = |what: &str, marks: &Marks| {
                let events = marks.events();
                events.map(|(member, event)| format!("{what} {id} {member} {event}")).collect::<Vec<String>>()
            };
            lines.extend(marks("approved", &proposal.approvals));
            lines.extend(marks("rejected", &proposal.rejections));
            for (input, key, signature) in proposal.signatures.iter() {
                lines.push(format!("signed {id} {input} {key} {signature}"));
            }
            lines.extend(proposal.finalised.iter().map(|member| format!("finalised {id} {member}")));
            lines.extend(proposal.broadcast.iter().map(|member| format!("broadcast {id} {member}")));
            for (member, (.., height, block)) in &proposal.confirmed {
                lines.push(format!("confirmed {id} {member} {height} {block}"));
            }
        }
        lines.extend(state.freezes.iter().map(|(id, freeze)| format!("frozen {id} {}", freeze.by)));
        for (id, by_cfg) in &state.freeze_votes {
            let votes = by_cfg.iter().flat_map(|(cfg, marks)| marks.events().map(move |(by, event)| (cfg, by, event)));
            lines.extend(votes.map(|(cfg, by, event)| format!("freeze-released {id} {cfg} {by} {event}")));
        }
        // Not the reason: it may hold a library's words, which change with its version.
        lines.extend(state.void.keys().map(|event| format!("void {event}")));
        lines
    }
}
