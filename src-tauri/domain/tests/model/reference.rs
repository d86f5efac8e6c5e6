//! The rules once more, slow and plain: everything is looked up in the graph of all events that exist, by nothing but
//! their own words. Shares no code with the log and the fold.

use std::collections::{BTreeMap, BTreeSet};

use bitcoin::{BlockHash, OutPoint};
use conclave_domain::action::{Action, Content};
use conclave_domain::configuration::CheckedConfiguration;
use conclave_domain::event::Event;
use conclave_shared::{Cfg, Digest, EventId, MemberId, Role};

type Events = BTreeSet<EventId>;

/// What the vault of the story is: it never changes.
pub struct Constitution {
    pub cfg: Cfg,
    pub members: BTreeMap<MemberId, Vec<Role>>,
    /// Receive addresses by index.
    pub addresses: Vec<String>,
    pub configuration_proposed: EventId,
}

impl Constitution {
    pub fn new(active: &CheckedConfiguration, said: &[Event]) -> Self {
        let configuration = &active.configuration;
        let proposed = |event: &&Event| matches!(event.content, Content::Known(Action::ConfigurationProposed(_)));
        let address = |index| active.descriptor.address(index, configuration.network).unwrap().to_string();
        Self {
            cfg: active.cfg,
            members: configuration.members.iter().map(|member| (member.identity, member.roles.clone())).collect(),
            addresses: (0..200).map(address).collect(),
            configuration_proposed: said.iter().find(proposed).unwrap().id,
        }
    }

    fn keyholders(&self) -> impl Iterator<Item = MemberId> {
        self.members.iter().filter(|(_, roles)| roles.contains(&Role::Keyholder)).map(|(member, _)| *member)
    }

    fn may(&self, member: MemberId) -> bool {
        self.keyholders().any(|keyholder| keyholder == member)
    }
}

/// What a set of events comes to.
#[derive(Debug, Default, PartialEq)]
pub struct Folded {
    pub void: Events,
    pub proposals: Events,
    pub approvals: BTreeSet<(EventId, MemberId, EventId)>,
    pub rejections: BTreeSet<(EventId, MemberId, EventId)>,
    pub freezes: Events,
    pub releases: BTreeSet<(EventId, MemberId, EventId)>,
    pub confirmed: BTreeMap<(EventId, MemberId), (u32, BlockHash)>,
    pub reserved: BTreeSet<OutPoint>,
    pub next_address: u32,
    pub last_address: Option<u32>,
}

/// What is told of a proposed payment.
pub struct Payment {
    pub digest: Digest,
    /// Each of the story spends one.
    pub coin: OutPoint,
    pub expires_ms: Option<u64>,
}

pub struct Reference {
    pub constitution: Constitution,
    /// Those that began the story: all of effect.
    beginning: Events,
    pub events: BTreeMap<EventId, Event>,
    pub payments: BTreeMap<EventId, Payment>,
    pasts: BTreeMap<EventId, Events>,
    effective: BTreeMap<EventId, bool>,
}

/// Whether an action is a vote to release this freeze.
fn names(action: &Action, freeze: EventId) -> bool {
    matches!(action, Action::FreezeReleased(it) if it.freezes.contains(&freeze))
}

fn parents(event: &Event) -> impl Iterator<Item = EventId> {
    event.prev.into_iter().chain(event.seen.iter().copied())
}

impl Reference {
    pub fn new(constitution: Constitution, said: &[Event]) -> Self {
        Self {
            constitution,
            beginning: said.iter().map(|event| event.id).collect(),
            events: said.iter().map(|event| (event.id, event.clone())).collect(),
            payments: BTreeMap::new(),
            pasts: BTreeMap::new(),
            effective: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, event: &Event) {
        self.events.insert(event.id, event.clone());
    }

    /// Which of the events offered can be admitted: all that they build on is, and they follow their author's own.
    pub fn admitted(&self, offered: &BTreeMap<EventId, Event>, refused: &Events) -> Events {
        let mut admitted = Events::new();
        loop {
            let before = admitted.len();
            for (id, event) in offered.iter().filter(|(id, _)| !refused.contains(id)) {
                let follows = event.prev.is_none_or(|prev| {
                    self.events.get(&prev).is_some_and(|prev| prev.author == event.author && prev.n + 1 == event.n)
                });
                if follows && parents(event).all(|parent| admitted.contains(&parent)) {
                    admitted.insert(*id);
                }
            }
            if admitted.len() == before {
                return admitted;
            }
        }
    }

    /// Everything that can be reached from an event, itself included.
    pub fn past(&mut self, id: EventId) -> &Events {
        if !self.pasts.contains_key(&id) {
            let (mut past, mut next) = (Events::new(), vec![id]);
            while let Some(id) = next.pop() {
                if past.insert(id) {
                    next.extend(parents(&self.events[&id]));
                }
            }
            self.pasts.insert(id, past);
        }
        &self.pasts[&id]
    }

    pub fn rank(&mut self, id: EventId) -> u64 {
        // The longest way: each event of the past, after what it builds on.
        let past = self.past(id).clone();
        let mut ranks: BTreeMap<EventId, u64> = BTreeMap::new();
        while !ranks.contains_key(&id) {
            for id in &past {
                let event = &self.events[id];
                let before: Option<Vec<u64>> = parents(event).map(|parent| ranks.get(&parent).copied()).collect();
                if let Some(before) = before {
                    ranks.insert(*id, before.into_iter().map(|rank| rank + 1).fold(event.ms, u64::max));
                }
            }
        }
        ranks[&id]
    }

    /// The ends of all stories.
    pub fn heads(&self, held: &Events) -> Vec<(MemberId, u32, EventId)> {
        let followed: Events = held.iter().filter_map(|id| self.events[id].prev).collect();
        let ends = held.iter().filter(|id| !followed.contains(id)).map(|id| &self.events[id]);
        let mut heads: Vec<_> = ends.map(|event| (event.author, event.n, event.id)).collect();
        heads.sort_unstable();
        heads
    }

    pub fn two_stories(&self, held: &Events) -> BTreeSet<MemberId> {
        let mut numbers = BTreeSet::new();
        held.iter()
            .map(|id| &self.events[id])
            .filter(|it| !numbers.insert((it.author, it.n)))
            .map(|it| it.author)
            .collect()
    }

    /// The authors of whose stories a member has named two that exclude each other.
    pub fn built_on_two(&self, held: &Events, member: MemberId) -> BTreeSet<MemberId> {
        let mut lines: BTreeMap<MemberId, Vec<EventId>> = BTreeMap::new();
        for event in held.iter().map(|id| &self.events[id]).filter(|event| event.author == member) {
            for seen in &event.seen {
                lines.entry(self.events[seen].author).or_default().push(*seen);
            }
        }
        lines.retain(|_, named| {
            // The line that leads to the newest named must hold all of them.
            named.sort_by_key(|id| self.events[id].n);
            let mut next = named.last().copied();
            let mut line = Events::new();
            while let Some(id) = next {
                line.insert(id);
                next = self.events[&id].prev;
            }
            !named.iter().all(|id| line.contains(id))
        });
        lines.into_keys().collect()
    }

    fn is_effective(&mut self, id: EventId) -> bool {
        if let Some(effective) = self.effective.get(&id) {
            return *effective;
        }
        let mut before: Vec<EventId> = self.past(id).iter().copied().filter(|before| *before != id).collect();
        before.sort_by_key(|id| (self.pasts.get(id).map_or(usize::MAX, BTreeSet::len), *id));
        before.retain(|id| self.is_effective(*id));
        let effective = self.beginning.contains(&id) || self.judge(id, &before);
        self.effective.insert(id, effective);
        effective
    }

    /// Whether an event has effect after those before it that have.
    fn judge(&self, id: EventId, before: &[EventId]) -> bool {
        let (event, rules) = (&self.events[&id], &self.constitution);
        let known = |what: &dyn Fn(&Event, &Action) -> bool| {
            before.iter().map(|id| &self.events[id]).any(|it| match &it.content {
                Content::Known(action) => what(it, action),
                Content::Unknown { .. } | Content::Malformed { .. } => false,
            })
        };
        let ratified = |by: MemberId| known(&|it, action| it.author == by && matches!(action, Action::Ratified(_)));
        let proven = |by: MemberId| known(&|it, action| it.author == by && matches!(action, Action::KeyProven(_)));
        let acting = event.cfg == Some(rules.cfg)
            && before.contains(&rules.configuration_proposed)
            && rules.keyholders().all(ratified);
        let may = acting && rules.may(event.author);
        let Content::Known(action) = &event.content else { return false };
        match action {
            Action::Ratified(it) => {
                it.cfg == rules.cfg
                    && before.contains(&rules.configuration_proposed)
                    && rules.may(event.author)
                    && !ratified(event.author)
                    // Nobody ratifies keys of which it is not shown who holds them.
                    && rules.keyholders().all(proven)
            }
            Action::AddressIssued(it) => {
                let issued = before.iter().filter_map(|id| self.address(*id)).max();
                may && rules.addresses.get(it.index as usize) == Some(&it.address)
                    && it.index <= issued.map_or(0, |largest| largest + 1) + 20
            }
            Action::Proposed(_) | Action::PaymentProposed(_) => {
                let coin = self.payments[&id].coin;
                let holds = |other: &Payment| other.coin == coin && other.expires_ms.is_none_or(|at| event.ms <= at);
                let held_by = |it: &Event, _: &Action| {
                    self.payments.get(&it.id).is_some_and(holds)
                        && !known(
                            &|_, action| matches!(action, Action::Rejected(rejected) if rejected.proposal == it.id),
                        )
                };
                may && !known(&held_by)
            }
            Action::Approved(it) => {
                let approved = |other: &Event, action: &Action| {
                    other.author == event.author
                        && matches!(action, Action::Approved(same) if same.proposal == it.proposal)
                };
                may && self.proposed(it.proposal, before) == Some(it.digest) && !known(&approved)
            }
            Action::Rejected(it) => {
                let rejected = |other: &Event, action: &Action| {
                    other.author == event.author
                        && matches!(action, Action::Rejected(same) if same.proposal == it.proposal)
                };
                may && self.proposed(it.proposal, before).is_some() && !known(&rejected)
            }
            Action::Confirmed(it) => {
                acting && rules.members.contains_key(&event.author) && self.proposed(it.proposal, before).is_some()
            }
            Action::Frozen(_) => may,
            Action::FreezeReleased(it) => {
                let voted =
                    |freeze: &EventId| known(&|other, action| other.author == event.author && names(action, *freeze));
                may && !it.freezes.iter().all(voted)
            }
            other => panic!("the story has no {other:?}"),
        }
    }

    fn proposed(&self, proposal: EventId, before: &[EventId]) -> Option<Digest> {
        before.contains(&proposal).then(|| self.payments.get(&proposal).map(|it| it.digest)).flatten()
    }

    fn address(&self, id: EventId) -> Option<u32> {
        match &self.events[&id].content {
            Content::Known(Action::AddressIssued(it)) => Some(it.index),
            Content::Known(_) | Content::Unknown { .. } | Content::Malformed { .. } => None,
        }
    }

    pub fn fold(&mut self, held: &Events, now_ms: u64) -> Folded {
        let mut folded = Folded::default();
        let mut numbers = BTreeMap::new();
        let mut addresses = BTreeSet::new();
        for id in held {
            if !self.is_effective(*id) {
                folded.void.insert(*id);
                continue;
            }
            let event = self.events[id].clone();
            let Content::Known(action) = &event.content else { continue };
            let mark = |proposal: EventId| (proposal, event.author, *id);
            match action {
                Action::Proposed(_) | Action::PaymentProposed(_) => drop(folded.proposals.insert(*id)),
                Action::Approved(it) => drop(folded.approvals.insert(mark(it.proposal))),
                Action::Rejected(it) => drop(folded.rejections.insert(mark(it.proposal))),
                Action::Confirmed(it) => {
                    let newest = numbers.entry((it.proposal, event.author)).or_insert((event.n, *id));
                    *newest = (*newest).max((event.n, *id));
                    if *newest == (event.n, *id) {
                        folded.confirmed.insert((it.proposal, event.author), (it.height, it.block));
                    }
                }
                Action::AddressIssued(it) => drop(addresses.insert(it.index)),
                Action::Frozen(_) => drop(folded.freezes.insert(*id)),
                Action::FreezeReleased(it) => {
                    let mut before = self.past(*id).clone();
                    before.remove(id);
                    before.retain(|before| self.events[before].author == event.author && self.is_effective(*before));
                    let voted = |freeze: EventId| {
                        before.iter().any(
                            |id| matches!(&self.events[id].content, Content::Known(action) if names(action, freeze)),
                        )
                    };
                    folded.releases.extend(it.freezes.iter().filter(|it| !voted(**it)).map(|it| mark(*it)));
                }
                _ => {}
            }
        }
        folded.last_address = addresses.last().copied();
        folded.next_address = (0..).find(|index| !addresses.contains(index)).unwrap();
        let rejected: Events = folded.rejections.iter().map(|(proposal, ..)| *proposal).collect();
        let open = folded.proposals.difference(&rejected).map(|id| &self.payments[id]);
        folded.reserved = open.filter(|it| it.expires_ms.is_none_or(|at| now_ms <= at)).map(|it| it.coin).collect();
        folded
    }
}
