//! A member who does what no honest program does: tells several stories, lies about what it holds, floods, withholds.

use conclave_domain::event::{Draft, Event};
use conclave_domain::heads::Heads;
use conclave_shared::EventId;

use super::member::Member;
use super::net::{Parcel, Random, Said};
use super::reference::Constitution;
use super::world::action;

/// One trick. `to` is a set of members as bits.
#[derive(Debug, Clone)]
pub enum Mischief {
    /// An event that follows one of its own `back` ago (where there is none, the beginning), dated `days` off.
    Story { back: u8, to: u8, what: u8, which: u8, knows: bool, days: i64 },
    /// An event whose number does not follow.
    Gap { to: u8 },
    /// Events that build on what nobody has.
    Flood { count: u8, to: u8 },
    /// Heads that name what does not exist, or what it does not hold.
    FalseHeads { to: u8, ahead: u32 },
    /// Everything that it holds, others' events too, the wrong way round.
    Backwards { to: u8 },
    /// Its own events once more, all stories of them.
    Replay { to: u8 },
    /// From now on its program tells these members nothing by itself.
    Withhold { from: u8 },
}

pub struct Hostile {
    pub number: usize,
    /// All that it ever wrote, in order of writing.
    pub written: Vec<Event>,
    /// To whom its program says nothing, as bits.
    pub withholds_from: u8,
    random: Random,
}

impl Hostile {
    pub fn new(number: usize, seed: u64, written: Vec<Event>, withholds_from: u8) -> Self {
        Self { number, written, withholds_from, random: Random(seed) }
    }

    /// Gives what it wrote and what it sends.
    pub fn act(
        &mut self,
        mischief: &Mischief,
        members: &mut [Member],
        rules: &Constitution,
        now_ms: u64,
        salt: u64,
    ) -> (Vec<Event>, Vec<Parcel>) {
        let member = &members[self.number];
        let clock_ms = member.clock(now_ms);
        let (n, prev, seen) = member.vault.log().place_for(member.id(), |_| true);
        let draft = |what: u8, which: u8| {
            let action =
                action(&member.vault, rules, what, which, salt).or(action(&member.vault, rules, 2, which, salt));
            let seen = seen.clone();
            let cfg = Some(rules.cfg);
            let action = action.expect("an address can always be given out");
            Draft { vault: member.vault.id(), author: member.id(), n, prev, seen, cfg, ms: clock_ms, action }
        };
        let sign =
            |draft: Draft| Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&member.keys).unwrap()).unwrap();
        let to = |mask: u8| (0..members.len()).filter(move |to| mask & (1 << to) != 0);
        let mut parcels = Vec::new();
        let mut tell = |mask: u8, said: Said| {
            parcels.extend(to(mask).filter(|to| *to != self.number).map(|to| Parcel {
                from: self.number,
                to,
                said: said.clone(),
            }));
        };
        let mut events = Vec::new();
        match mischief {
            Mischief::Story { back, to, what, which, knows, days } => {
                let mut draft = draft(*what, *which);
                let after = self.written.len().checked_sub(1 + usize::from(*back)).and_then(|at| self.written.get(at));
                (draft.n, draft.prev) = after.map_or((0, None), |after| (after.n + 1, Some(after.id)));
                if !knows {
                    draft.seen.clear();
                }
                draft.ms = draft.ms.saturating_add_signed(days * 86_400_000);
                events.push(sign(draft));
                tell(*to, Said::Events(events.clone()));
            }
            Mischief::Gap { to } => {
                let mut draft = draft(2, 0);
                draft.n += 2;
                events.push(sign(draft));
                tell(*to, Said::Events(events.clone()));
            }
            Mischief::Flood { count, to } => {
                for _ in 0..*count {
                    let mut draft = draft(2, 0);
                    let mut unknown = [0; 32];
                    unknown[1..9].copy_from_slice(&self.random.below(u64::MAX).to_le_bytes());
                    draft.seen = vec![EventId(unknown)];
                    draft.n += 1 + self.random.below(3) as u32;
                    events.push(sign(draft));
                }
                tell(*to, Said::Events(events.clone()));
            }
            Mischief::FalseHeads { to, ahead } => {
                let log = member.vault.log();
                let mut unsigned = Heads::unsigned(log, member.vault.id(), member.id(), clock_ms + 1).unwrap();
                let names: Vec<_> = members
                    .iter()
                    .map(|other| {
                        let newest = other.vault.log().newest(other.id()).expect("everybody wrote");
                        let mut id = newest.1;
                        if *ahead > 0 {
                            id.0[..8].copy_from_slice(&self.random.below(u64::MAX).to_le_bytes());
                        }
                        (other.id(), newest.0 + ahead, id)
                    })
                    .collect();
                unsigned.content = serde_json::to_string(&names).unwrap();
                unsigned.id = None;
                let heads = Heads::from_signed(unsigned.sign_with_keys(&member.keys).unwrap()).unwrap();
                tell(*to, Said::Heads(Box::new(heads)));
            }
            Mischief::Backwards { to } => {
                tell(*to, Said::Events(member.disk.events.iter().rev().cloned().collect()));
            }
            Mischief::Replay { to } => tell(*to, Said::Events(self.written.clone())),
            Mischief::Withhold { from } => self.withholds_from = *from,
        }
        (events, parcels)
    }
}
