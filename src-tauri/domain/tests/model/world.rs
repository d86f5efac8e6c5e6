//! Four members, their clocks, the relay between them and the reference: what happens step by step, and what must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use bitcoin::hashes::Hash as _;
use bitcoin::{BlockHash, OutPoint};
use conclave_domain::action::{
    Action, AddressIssued, Approved, Confirmed, Content, FreezeReleased, Frozen, PaymentProposed, Ratified, Rejected,
};
use conclave_domain::delivery::Withheld;
use conclave_domain::event::Event;
use conclave_domain::log::BRANCHES_LIMIT;
use conclave_domain::proposal::Proposal;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{Act, ChainFacts, Command, Vault};
use conclave_shared::{EventId, MemberId, Unmet};

use super::hostile::{Hostile, Mischief};
use super::member::Member;
use super::net::{Net, Parcel};
use super::reference::{Constitution, Payment, Reference};
use crate::support;

/// From here to 30 what members do is about freezes: seldom, because a freeze stops much of the rest.
pub const FREEZES: u8 = 26;
/// How long a payment holds its coin, in ms.
const HELD_MS: u64 = 1_800_000;

/// What one step of a story is. Members are named by number, proposals by any number.
#[derive(Debug, Clone)]
pub enum Step {
    Pass {
        ms: u64,
    },
    /// One member's clock jumps.
    Clock {
        who: usize,
        minutes: i64,
    },
    /// As an honest program does it, if the rules allow it.
    Act {
        who: usize,
        what: u8,
        which: u8,
    },
    /// Past the rules.
    Raw {
        who: usize,
        what: u8,
        which: u8,
    },
    Crash {
        who: usize,
    },
    Snapshot {
        who: usize,
    },
    Islands {
        of: [u8; 4],
    },
    Away {
        who: usize,
        days: u64,
    },
    Mischief(Mischief),
}

/// The story before the story: an active vault and three coins in it.
struct Beginning {
    members: Vec<(nostr::Keys, Vault)>,
    said: Vec<Event>,
    coins: Vec<(OutPoint, u64)>,
    evidence: Evidence,
}

static BEGINNING: LazyLock<Beginning> = LazyLock::new(|| {
    let (people, said) = support::active();
    let mut evidence = Evidence::default();
    let amounts = [100_000, 90_000, 80_000];
    let coins = amounts.map(|amount| {
        let (coin, one) = support::deposit(&people[0].vault, amount);
        evidence.previous.extend(one.previous);
        (coin, amount)
    });
    let members = people.into_iter().map(|person| (person.keys, person.vault)).collect();
    Beginning { members, said, coins: coins.to_vec(), evidence }
});

pub struct World {
    now_ms: u64,
    pub members: Vec<Member>,
    net: Net,
    hostile: Option<Hostile>,
    reference: Reference,
    /// For each member everything that it was ever shown as granted.
    granted: Vec<BTreeSet<String>>,
    salt: u64,
}

/// What a member puts on record, honestly or not; none where there is nothing to speak of.
pub fn action(vault: &Vault, rules: &Constitution, what: u8, which: u8, salt: u64) -> Option<Action> {
    let proposals = vault.proposals();
    let proposal = || proposals.get(which as usize % proposals.len().max(1));
    if what >= FREEZES {
        let freezes = vault.freezes();
        let named = freezes.iter().cycle().skip(which as usize).take(freezes.len().min(1 + what as usize % 2));
        return Some(match what {
            26 => Action::Frozen(Frozen { reason: "stop".into() }),
            // Some name one that nobody has made.
            27 => Action::FreezeReleased(FreezeReleased { freezes: vec![EventId([which; 32])] }),
            _ if freezes.is_empty() => return None,
            _ => Action::FreezeReleased(FreezeReleased { freezes: named.map(|freeze| freeze.event).collect() }),
        });
    }
    Some(match what % 6 {
        0 => Action::Approved(Approved { proposal: proposal()?.event, digest: proposal()?.checked.digest }),
        1 => Action::Rejected(Rejected { proposal: proposal()?.event }),
        2 => {
            let index = u32::from(which % 50);
            Action::AddressIssued(AddressIssued { index, address: rules.addresses[index as usize].clone() })
        }
        3 => Action::Proposed(payment(which, salt)),
        4 => Action::Ratified(Ratified { cfg: rules.cfg }),
        _ => Action::Confirmed(Confirmed {
            proposal: proposal()?.event,
            txid: proposal()?.checked.txid,
            height: u32::from(which),
            block: BlockHash::from_byte_array([which; 32]),
        }),
    })
}

/// A payment of one of the coins; each is another.
fn payment(which: u8, salt: u64) -> Proposal {
    let (coin, total) = BEGINNING.coins[which as usize % BEGINNING.coins.len()];
    support::payment(&BEGINNING.members[0].1, coin, total, 40_000 + salt, 500).1
}

impl World {
    /// `hostile`: which member is, and to whom its program says nothing, as bits; `hidden`: who is hidden from whom by the relay.
    pub fn new(seed: u64, hostile: Option<(usize, u8)>, hidden: Option<(usize, usize)>) -> Self {
        let said = &BEGINNING.said;
        let members: Vec<Member> = BEGINNING
            .members
            .iter()
            .map(|(keys, vault)| {
                // Everybody's disk has the beginning in the order in which it was told.
                Member::new(keys.clone(), vault.clone(), said.clone())
            })
            .collect();
        let rules = Constitution::new(members[0].vault.active().unwrap(), said);
        let mut net = Net::new(seed);
        net.hidden.extend(hidden);
        net.boat = hostile.map(|(number, _)| number);
        let now_ms = said.iter().map(|event| event.ms).max().unwrap() + 60_000;
        Self {
            now_ms,
            net,
            hostile: hostile.map(|(number, withholds)| {
                let written = said.iter().filter(|event| event.author == members[number].id()).cloned().collect();
                Hostile::new(number, seed, written, withholds)
            }),
            reference: Reference::new(rules, said),
            granted: vec![BTreeSet::new(); members.len()],
            members,
            salt: 0,
        }
    }

    fn is_hostile(&self, who: usize) -> bool {
        self.hostile.as_ref().is_some_and(|hostile| hostile.number == who)
    }

    fn honest(&self) -> Vec<usize> {
        (0..self.members.len()).filter(|who| !self.is_hostile(*who)).collect()
    }

    /// Notes an event that exists from now on.
    fn note(&mut self, event: &Event) {
        let proposed = match &event.content {
            Content::Known(Action::Proposed(proposal)) => Some((proposal.clone(), None)),
            Content::Known(Action::PaymentProposed(it)) => Some((it.proposal(), it.expires_ms)),
            Content::Known(_) | Content::Unknown { .. } | Content::Malformed { .. } => None,
        };
        if let Some((proposal, expires_ms)) = proposed {
            let vault = &BEGINNING.members[0].1;
            let checked = proposal.check(vault.id(), vault.active().unwrap()).unwrap();
            let (digest, coin) = (checked.digest, checked.inputs[0].outpoint);
            self.reference.payments.insert(event.id, Payment { digest, coin, expires_ms });
        }
        self.reference.add(event);
        if let Some(hostile) = self.hostile.as_mut().filter(|it| self.members[it.number].id() == event.author) {
            hostile.written.push(event.clone());
        }
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Pass { ms } => self.pass(*ms),
            Step::Clock { who, minutes } => self.members[*who].offset_ms += minutes * 60_000,
            Step::Act { who, what, which } => {
                self.act(*who, *what, *which);
            }
            Step::Raw { who, what, which } => {
                self.salt += 1;
                let member = &mut self.members[*who];
                if let Some(action) = action(&member.vault, &self.reference.constitution, *what, *which, self.salt) {
                    let event = member.write(action, self.now_ms);
                    self.note(&event);
                }
            }
            Step::Crash { who } => self.members[*who].crash(),
            Step::Snapshot { who } => self.members[*who].keep_snapshot(),
            Step::Islands { of } => self.net.islands = *of,
            Step::Away { who, days } => {
                self.members[*who].away_until_ms = self.now_ms + days * 86_400_000;
                // Nobody waits for them: days pass at once, in a few strides.
                for _ in 0..4 {
                    self.now_ms += days * 86_400_000 / 4;
                    self.pass(3_000);
                }
            }
            Step::Mischief(mischief) => self.mischief(mischief),
        }
        for who in self.honest() {
            self.nothing_is_taken_back(who);
        }
    }

    fn act(&mut self, who: usize, what: u8, which: u8) {
        self.salt += 1;
        let now_ms = self.now_ms;
        let member = &mut self.members[who];
        let proposals: Vec<EventId> = member.vault.proposals().iter().map(|proposal| proposal.event).collect();
        let proposal = proposals.get(which as usize % proposals.len().max(1)).copied();
        let evidence = &BEGINNING.evidence;
        let clock_ms = member.clock(now_ms);
        let facts = ChainFacts::at(clock_ms);
        let command = match (what % 5, proposal) {
            _ if what == FREEZES => Command::Freeze { reason: "stop".into() },
            _ if what > FREEZES => Command::ReleaseFreezes { freezes: Vec::new() },
            (0, _) => Command::IssueAddress,
            (2, Some(proposal)) => Command::Approve { proposal, evidence },
            (3, Some(proposal)) => Command::Reject { proposal },
            (4, Some(proposal)) => Command::RecordConfirmed {
                proposal,
                height: u32::from(which),
                block: BlockHash::from_byte_array([which; 32]),
            },
            _ => Command::Propose {
                payment: PaymentProposed {
                    expires_ms: Some(clock_ms + HELD_MS),
                    ..PaymentProposed::from(payment(which, self.salt))
                },
                facts: &facts,
            },
        };
        for event in member.act(command, now_ms) {
            self.note(&event);
        }
    }

    fn mischief(&mut self, mischief: &Mischief) {
        self.salt += 1;
        let Some(hostile) = &mut self.hostile else { return };
        let rules = &self.reference.constitution;
        let (events, parcels) = hostile.act(mischief, &mut self.members, rules, self.now_ms, self.salt);
        for event in &events {
            self.note(event);
        }
        // Tricks are not left to the weather.
        for parcel in parcels.into_iter().flat_map(|parcel| [parcel.clone(), parcel]) {
            self.net.send(parcel, self.now_ms);
        }
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while self.now_ms < end {
            self.now_ms = (self.now_ms + 500).min(end);
            let (now_ms, members) = (self.now_ms, &self.members);
            for Parcel { from, to, said } in self.net.arrived(now_ms, |who| members[who].away_until_ms > now_ms) {
                let from = self.members[from].id();
                self.members[to].take(from, said, now_ms);
            }
            let numbers: BTreeMap<MemberId, usize> = self.members.iter().map(Member::id).zip(0..).collect();
            for from in 0..self.members.len() {
                if self.members[from].away_until_ms > now_ms {
                    continue;
                }
                let withheld = self.hostile.as_ref().filter(|it| it.number == from).map_or(0, |it| it.withholds_from);
                for (to, said) in self.members[from].due(now_ms) {
                    let to = numbers[&to];
                    if withheld & (1 << to) == 0 {
                        self.net.send(Parcel { from, to, said }, now_ms);
                    }
                }
            }
        }
    }

    fn nothing_is_taken_back(&mut self, who: usize) {
        let vault = &self.members[who].vault;
        let mut granted = BTreeSet::new();
        for line in vault.state_lines() {
            if [
                "joined",
                "ratified",
                "configuration",
                "address",
                "proposal",
                "approved",
                "rejected",
                "two-stories",
                "frozen",
                "freeze-released",
            ]
            .iter()
            .any(|what| line.starts_with(what))
            {
                granted.insert(line);
            }
        }
        let lost: Vec<&String> = self.granted[who].difference(&granted).collect();
        assert!(lost.is_empty(), "member {who} lost {lost:?}");
        self.granted[who] = granted;
    }

    /// Every honest member has come to what the reference comes to.
    pub fn check(&mut self) {
        for who in self.honest() {
            self.check_member(who);
        }
    }

    fn check_member(&mut self, who: usize) {
        let member = &self.members[who];
        let (log, vault) = (member.vault.log(), &member.vault);
        let held = member.held();
        assert_eq!(held, self.reference.admitted(&member.offered, &member.refused), "member {who} holds other events");
        assert_eq!(log.len(), held.len());
        assert_eq!(log.heads(), self.reference.heads(&held), "heads of member {who}");
        let forkers: BTreeSet<MemberId> = log.two_stories().keys().copied().collect();
        assert_eq!(forkers, self.reference.two_stories(&held), "two stories at member {who}");
        let two = self.reference.built_on_two(&held, member.id());
        assert!(two.is_empty(), "member {who} builds on two stories of {two:?}");
        for later in &held {
            assert_eq!(log.get(*later).unwrap().rank, self.reference.rank(*later), "rank of {later}");
            let past = self.reference.past(*later);
            for earlier in &held {
                assert_eq!(log.in_past(*earlier, *later), past.contains(earlier), "{earlier} in the past of {later}");
            }
        }
        let folded = self.reference.fold(&held, self.now_ms);
        let facts = ChainFacts::at(self.now_ms);
        let void: BTreeSet<EventId> = vault.void().keys().copied().collect();
        assert_eq!(void, folded.void, "void at member {who}");
        let proposals: BTreeSet<EventId> = vault.proposals().iter().map(|it| it.event).collect();
        assert_eq!(proposals, folded.proposals, "proposals at member {who}");
        let (mut approvals, mut rejections, mut confirmed) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        for it in vault.proposals() {
            approvals.extend(it.approvals.events().map(|(by, event)| (it.event, by, event)));
            rejections.extend(it.rejections.events().map(|(by, event)| (it.event, by, event)));
            let seen = self.members.iter().filter_map(|by| Some(((it.event, by.id()), it.confirmed_by(by.id())?)));
            confirmed.extend(seen);
            // The guard: consents of who told two stories count no more.
            let consents = folded.approvals.iter().filter(|(of, by, _)| *of == it.event && !forkers.contains(by));
            let have = consents.map(|(_, by, _)| by).collect::<BTreeSet<_>>().len() as u32;
            let missing = Unmet::ApprovalsMissing { have, need: 2 };
            assert_eq!(
                vault.unmet(it.event, Act::Sign, &facts).contains(&missing),
                have < 2,
                "consents at member {who}"
            );
        }
        // Freezes stand until two keyholders who told one story have voted; those that wait for their past stand as well.
        let freezes: BTreeSet<EventId> = vault.freezes().iter().filter(|it| it.admitted).map(|it| it.event).collect();
        assert_eq!(freezes, folded.freezes, "freezes at member {who}");
        for it in vault.freezes() {
            let votes = folded.releases.iter().filter(|(of, by, _)| *of == it.event && !forkers.contains(by));
            let votes: BTreeSet<(MemberId, EventId)> = votes.map(|(_, by, event)| (*by, *event)).collect();
            assert_eq!(it.votes.iter().copied().collect::<BTreeSet<_>>(), votes, "votes at member {who}");
            let voters: BTreeSet<MemberId> = votes.into_iter().map(|(by, _)| by).collect();
            assert_eq!(it.stands(), voters.len() < 2, "a freeze at member {who}");
        }
        let standing = vault.freezes().iter().filter(|it| it.stands()).count();
        for it in vault.proposals() {
            let frozen =
                |act| vault.unmet(it.event, act, &facts).iter().filter(|it| matches!(it, Unmet::Frozen { .. })).count();
            let acts = [Act::Approve, Act::Sign, Act::Finalise, Act::Broadcast];
            assert_eq!(acts.map(frozen), [standing; 4], "what is frozen at member {who}");
        }
        assert_eq!(approvals, folded.approvals, "approvals at member {who}");
        assert_eq!(rejections, folded.rejections, "rejections at member {who}");
        assert_eq!(confirmed, folded.confirmed, "confirmations at member {who}");
        assert_eq!(vault.reserved_coins(&facts).collect::<BTreeSet<_>>(), folded.reserved, "coins at member {who}");
        assert_eq!((vault.next_address(), vault.receive_indices().last()), (folded.next_address, folded.last_address));
    }

    /// The relay is good again, everybody is there: all must come to the same, in an hour at most.
    pub fn heal(&mut self) {
        (self.net.islands, self.net.trouble, self.net.longest_ms) = ([0; 4], 0, 150);
        self.now_ms = self.members.iter().map(|member| member.away_until_ms).fold(self.now_ms, u64::max);
        for _ in 0..720 {
            self.pass(5_000);
            if self.unsettled().is_none() {
                break;
            }
        }
        if let Some(reason) = self.unsettled() {
            panic!("after an hour {reason}");
        }
        for who in self.honest() {
            self.nothing_is_taken_back(who);
        }
        self.check();
    }

    /// What keeps the honest members from having come to the same.
    fn unsettled(&mut self) -> Option<String> {
        let honest = self.honest();
        let names: BTreeSet<MemberId> = honest.iter().map(|who| self.members[*who].id()).collect();
        let all: BTreeSet<EventId> = honest.iter().flat_map(|who| self.members[*who].held()).collect();
        let mut ends: BTreeMap<MemberId, usize> = BTreeMap::new();
        self.reference.heads(&all).iter().for_each(|(author, ..)| *ends.entry(*author).or_default() += 1);
        let crowded =
            honest.iter().any(|who| self.members[*who].crowded) || ends.values().any(|ends| *ends > BRANCHES_LIMIT + 1);
        // What honest members built on, everybody must hold; where stories are few, everything.
        let mut needed = all.clone();
        if crowded {
            let built: Vec<EventId> =
                all.iter().copied().filter(|id| names.contains(&self.reference.events[id].author)).collect();
            needed = built.iter().flat_map(|id| self.reference.past(*id).clone()).collect();
        }
        for who in honest {
            let member = &self.members[who];
            if let Some(id) = needed.difference(&member.held()).next() {
                let event = &self.reference.events[id];
                return Some(format!("member {who} lacks event {} of {}", event.n, event.author.short()));
            }
            if let Some(waiting) = member.disk.waiting.values().find(|event| names.contains(&event.author)) {
                return Some(format!("at member {who} event {} of an honest member waits", waiting.n));
            }
            let hidden = |other: &MemberId| {
                self.net.hidden.iter().any(|(from, to)| *to == who && self.members[*from].id() == *other)
            };
            let others: BTreeSet<MemberId> =
                names.iter().copied().filter(|other| *other != member.id() && !hidden(other)).collect();
            let vault = &member.vault;
            let waits_for = member.deliveries.unacknowledged(vault.log(), &others, |author| vault.owed(author));
            if waits_for > 0 {
                return Some(format!("member {who} has no acknowledgement of {waits_for} others"));
            }
            let digest = |who: usize| self.members[who].vault.state_digest();
            if !crowded && digest(who) != digest(*self.honest().first()?) {
                return Some(format!("member {who} has come to another state"));
            }
        }
        None
    }

    /// Who is hidden from whom shows, and nothing else is said.
    pub fn name_what_is_hidden(&mut self) {
        for _ in 0..3 {
            for who in self.honest() {
                let address = self.members[who].vault.next_address().min(150);
                let address = AddressIssued {
                    index: address,
                    address: self.reference.constitution.addresses[address as usize].clone(),
                };
                let event = self.members[who].write(Action::AddressIssued(address), self.now_ms);
                self.note(&event);
            }
            self.pass(10_000);
        }
        for who in self.honest() {
            let said = self.members[who].deliveries.withheld();
            for other in self.honest() {
                let named = said.contains(&Withheld::From(self.members[other].id()));
                let hidden = self.net.hidden.contains(&(other, who));
                assert_eq!(named, hidden, "whether member {who} says that {other} is kept from it: {said:?}");
            }
        }
    }
}
