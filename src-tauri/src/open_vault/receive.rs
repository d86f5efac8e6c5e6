//! What comes in: judged by its sender, its form and the log, never trusted.

use conclave_domain::action::{Action, Content, Joined};
use conclave_domain::envelope::{Payload, Reassembly};
use conclave_domain::event::{Event, EventFault};
use conclave_domain::heads::Heads;
use conclave_domain::invitation::Place;
use conclave_domain::log::{Admission, Refusal};
use conclave_shared::{EventId, Finding, MemberId};

use super::{OpenVault, event_row};
use crate::coins::Coins;
use crate::failure::InstallationError;
use crate::store::{Batch, HeadsRow, REFUSED_BYTES, RefusedRow, Store, WaitingRow};
use crate::verify;

/// How many events of a stranger's message are looked at for a joining.
const STRANGERS_EVENTS: usize = 8;
/// How far ahead of this machine's clock an event may be written before that is shown, in ms.
const CLOCK_AHEAD_MS: u64 = 15 * 60 * 1000;
/// How long an answer that names an event of ours which does not come keeps a restored copy from writing, in ms.
const UNTOLD_MS: u64 = 60_000;

impl OpenVault {
    /// Takes one message. `from` is proven by the seal. What is refused is kept with its reason; nothing that a member
    /// can send is an error here, only a store that fails is.
    pub fn receive(
        &mut self,
        store: &mut Store,
        from: MemberId,
        content: &str,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let mut batch = Batch::default();
        let taken = if self.others().contains(&from) {
            self.reassembly.take(from, content)
        } else {
            Reassembly::take_whole(content).map(Some)
        };
        match taken {
            Ok(None) => return Ok(()),
            Ok(Some(payload)) if payload.vault() == self.vault.id() => {
                self.take_payload(from, payload, now_ms, &mut batch)?;
            }
            Ok(Some(payload)) => {
                let reason = format!("the message is of vault {}", payload.vault());
                self.refuse(&mut batch, from, Finding::MessageMalformed, &reason, content.as_bytes(), now_ms);
            }
            Err(fault) => {
                let reason = fault.to_string();
                self.refuse(&mut batch, from, Finding::MessageMalformed, &reason, content.as_bytes(), now_ms);
            }
        }
        self.watch(store)?;
        self.may_write_again(now_ms, &mut batch);
        batch.wallet = self.coins.as_mut().and_then(Coins::take_changes);
        // One row tells what came and from whom; a message made of a hundred thousand faults is worth no more.
        batch.refused.truncate(1);
        self.refused += batch.refused.len() as u64;
        store.commit(self.vault.id(), &batch)?;
        self.keep_snapshot(store)
    }

    fn take_payload(
        &mut self,
        from: MemberId,
        payload: Payload,
        now_ms: u64,
        batch: &mut Batch,
    ) -> Result<(), InstallationError> {
        let known = self.others().contains(&from);
        if known {
            self.last_heard_ms.insert(from, now_ms);
        }
        match payload {
            Payload::Events { events, .. } => {
                let new = if known {
                    self.take_events(from, events, now_ms, batch)?
                } else {
                    self.take_strangers_events(from, events, now_ms, batch)?
                };
                if !new && known {
                    self.deliveries.repeated(from);
                }
            }
            Payload::Heads { event, answers, .. } => self.take_heads(from, &event.to_string(), answers, now_ms, batch),
            Payload::Want { events, .. } if known => self.deliveries.wanted(from, events),
            Payload::Ask { nonce, .. } if known => self.deliveries.asked(from, nonce),
            Payload::Want { .. } | Payload::Ask { .. } => {}
        }
        Ok(())
    }

    fn take_heads(&mut self, from: MemberId, json: &str, answers: Option<EventId>, now_ms: u64, batch: &mut Batch) {
        match Heads::parse(json) {
            Ok(heads) if heads.vault != self.vault.id() || !self.others().contains(&heads.member) => {}
            Ok(heads) => {
                let row = HeadsRow { member: heads.member, json: json.to_owned(), received_ms: now_ms };
                let own_word = heads.member == from;
                if self.deliveries.heads(heads, self.vault.log(), now_ms) {
                    batch.heads.push(row);
                }
                // Only what a member says for themselves, and now, answers a question.
                if let Some(nonce) = answers.filter(|_| own_word) {
                    self.deliveries.answered(from, nonce);
                }
            }
            Err(fault) => {
                self.refuse(batch, from, finding(&fault), &fault.to_string(), json.as_bytes(), now_ms);
            }
        }
    }

    /// How many members have told, in answer to this copy's question, what they hold of this member, and how many must:
    /// as many others as can spend, or all.
    pub(super) fn answers(&self) -> (u32, u32) {
        let others = self.others();
        let threshold = self.vault.active().map_or_else(
            || self.vault.creation().map_or(1, |(_, created)| created.threshold),
            |active| active.configuration.threshold,
        );
        let told = self.deliveries.answers().filter(|member| others.contains(member) && self.untold(*member).is_none());
        (told.count() as u32, threshold.min(others.len() as u32))
    }

    /// An event of this member that another one holds and this copy does not.
    fn untold(&self, member: MemberId) -> Option<EventId> {
        let mine =
            |(author, _, id): &&(MemberId, u32, EventId)| *author == self.vault.me() && !self.vault.log().holds(*id);
        self.deliveries.heads_of(member)?.newest.iter().find(mine).map(|(.., id)| *id)
    }

    /// Ends reading only, once the others have told enough and all that they named is here.
    fn may_write_again(&mut self, now_ms: u64, batch: &mut Batch) {
        let (have, need) = self.answers();
        if !self.reads_only || have < need {
            return;
        }
        // An event of ours that somebody names and nobody brings is left aside after a while: a member who lies must not
        // silence this one for good.
        let untold = self.deliveries.answers().any(|member| self.untold(member).is_some());
        let told_ms = *self.told_ms.get_or_insert(now_ms);
        if !untold || now_ms.saturating_sub(told_ms) > UNTOLD_MS {
            (self.reads_only, self.told_ms) = (false, None);
            self.deliveries.stop_asking();
            batch.restored = Some(false);
        }
    }

    fn refuse(
        &mut self,
        batch: &mut Batch,
        from: MemberId,
        finding: Finding,
        reason: &str,
        bytes: &[u8],
        received_ms: u64,
    ) {
        // Strangers have no names to be kept apart by, and no end.
        let member = Some(from).filter(|from| self.others().contains(from));
        let finding = if member.is_some() { finding } else { Finding::StrangerRefused };
        self.noted.note(finding, member, reason.to_owned());
        let bytes = bytes[..bytes.len().min(REFUSED_BYTES)].to_vec();
        let (reason, code) = (reason.to_owned(), finding.name().to_owned());
        batch.refused.push(RefusedRow { received_ms, from: Some(from), reason, code, bytes });
    }

    /// Takes a member's events, of any author; says whether any was new.
    fn take_events(
        &mut self,
        from: MemberId,
        events: Vec<serde_json::Value>,
        now_ms: u64,
        batch: &mut Batch,
    ) -> Result<bool, InstallationError> {
        // What is held needs no second judgement.
        let held = |event: &serde_json::Value| {
            let id = event.get("id").and_then(|id| id.as_str()?.parse().ok());
            id.is_some_and(|id| self.vault.log().holds(id))
        };
        let texts: Vec<String> = events.iter().filter(|event| !held(event)).map(ToString::to_string).collect();
        let (mut waiting, mut faults) = (Vec::new(), Vec::new());
        verify::each(&texts, |text, read| match read {
            Ok(event) => waiting.push(event),
            Err(fault) => faults.push((fault, text.clone())),
        });
        for (fault, text) in faults {
            self.refuse(batch, from, finding(&fault), &fault.to_string(), text.as_bytes(), now_ms);
        }
        let mut new = false;
        // Whose author is not known yet may become known by another event of the same payload. What is left then is
        // dropped: a member could invent authors without end. It is not acknowledged, so if it is honest it comes again.
        loop {
            let (ready, rest): (Vec<Event>, Vec<Event>) = waiting.into_iter().partition(|event| self.may_enter(event));
            if ready.is_empty() {
                return Ok(new);
            }
            for event in ready {
                new |= self.take_event(from, event, now_ms, batch)?;
            }
            waiting = rest;
        }
    }

    /// A stranger can do one thing: join, by an invitation that is still good. Who has joined so is a stranger no more, and
    /// what else they sent with it is taken; everything else is refused before it costs anything.
    fn take_strangers_events(
        &mut self,
        from: MemberId,
        events: Vec<serde_json::Value>,
        now_ms: u64,
        batch: &mut Batch,
    ) -> Result<bool, InstallationError> {
        // Judged by this installation's own clock: the time in the event is the stranger's word.
        let joining = events.iter().take(STRANGERS_EVENTS).find_map(|json| {
            let event = Event::parse(&json.to_string()).ok().filter(|event| event.author == from)?;
            self.free_place(&event).is_some_and(|expires_ms| now_ms <= expires_ms).then_some(event)
        });
        match joining {
            Some(event) => {
                let new = self.take_event(from, event, now_ms, batch)?;
                Ok(self.take_events(from, events, now_ms, batch)? || new)
            }
            None => {
                let reason = "the sender is not a member and holds no invitation that is still good";
                let bytes = events.first().map(ToString::to_string).unwrap_or_default();
                self.refuse(batch, from, Finding::StrangerRefused, reason, bytes.as_bytes(), now_ms);
                Ok(false)
            }
        }
    }

    /// Whether an event is of somebody: of the organiser, of who has joined, or a joining itself; and, of those who are
    /// members no more or not yet, within what all members hold, or built on by what waits here.
    fn may_enter(&self, event: &Event) -> bool {
        let author = event.author;
        if event.id == self.record.created || author == self.vault.me() {
            return true;
        }
        let organiser = self.vault.creation().map(|(organiser, _)| organiser);
        let somebody = author == self.record.organiser
            || organiser == Some(author)
            || self.vault.has_joined(author)
            || self.place_of(event).is_some();
        let owed = event.n < self.vault.owed(author) || self.vault.log().newest(author).is_none();
        somebody && (owed || self.vault.log().missing().any(|missing| missing == event.id))
    }

    /// The place that an event takes by a proven invitation; none where it joins by none.
    fn place_of(&self, event: &Event) -> Option<&Place> {
        let Content::Known(Action::Joined(Joined { proof: Some(proof), .. })) = &event.content else { return None };
        let place = self.vault.place(&proof.key)?;
        (event.n == 0 && proof.proves(self.vault.id(), event.author)).then_some(place)
    }

    /// When a stranger's invitation expires, in ms: none for a place of the creation once the vault is active, or where two
    /// have used the invitation already. Two are proof enough that it was copied. What a member has let in is taken from
    /// that member all the same: their later events may build on it.
    fn free_place(&self, event: &Event) -> Option<u64> {
        let place = self.place_of(event)?;
        let same = |joined: &Joined| joined.proof.as_ref().is_some_and(|taken| taken.key == place.key);
        let joiners = self.vault.joiners();
        let candidates = self.vault.candidates();
        let takers = joiners.values().chain(candidates.values()).filter(|joiner| same(&joiner.joined)).count();
        let opened = self.vault.opened_places().any(|opened| opened.place.key == place.key);
        (takers < 2 && (opened || self.vault.active().is_none())).then_some(place.expires_ms)
    }

    /// Takes one event; says whether it was new.
    fn take_event(
        &mut self,
        from: MemberId,
        event: Event,
        now_ms: u64,
        batch: &mut Batch,
    ) -> Result<bool, InstallationError> {
        let (id, author, ms, json) = (event.id, event.author, event.ms, event.to_json());
        match self.vault.receive(event) {
            Ok(Admission::Admitted { events, dropped }) => {
                batch.events.extend(events.iter().map(|event| event_row(event, now_ms)));
                for (id, refusal) in dropped {
                    batch.dropped.push(id);
                    self.refuse(batch, from, refusal_finding(&refusal), &refusal.to_string(), id.0.as_slice(), now_ms);
                }
                // What this member wrote and this copy does not hold: the copy is older than what was sent from it.
                if author == self.vault.me() && !self.reads_only() {
                    self.only_read()?;
                    batch.restored = Some(true);
                }
            }
            // Nobody is told that it is held; but what it forbids must outlast a restart.
            Ok(Admission::Waiting { .. }) => batch.waiting.push(WaitingRow { id, json, received_ms: now_ms }),
            Ok(Admission::Held) => return Ok(false),
            Err(refusal) => {
                let finding = refusal_finding(&refusal);
                self.refuse(batch, from, finding, &refusal.to_string(), json.as_bytes(), now_ms);
                return Ok(false);
            }
        }
        self.deliveries.came(author, from);
        if ms > now_ms.saturating_add(CLOCK_AHEAD_MS) {
            let detail = format!("{} minutes ahead", (ms - now_ms) / 60_000);
            self.noted.note(Finding::ClockAhead, Some(author), detail);
        } else {
            self.noted.forget(Finding::ClockAhead, author);
        }
        Ok(true)
    }
}

/// By which finding bytes that are no event are named.
fn finding(fault: &EventFault) -> Finding {
    match fault {
        EventFault::Forged { .. } => Finding::EventForged,
        EventFault::TooLarge { .. }
        | EventFault::Malformed { .. }
        | EventFault::Kind { .. }
        | EventFault::Tag { .. }
        | EventFault::Time { .. } => Finding::MessageMalformed,
    }
}

/// By which finding a refused event is named.
fn refusal_finding(refusal: &Refusal) -> Finding {
    match refusal {
        Refusal::BrokenChain { .. } => Finding::ChainBroken,
        Refusal::TooManyStories { .. } => Finding::TwoStories,
        Refusal::TooManyWaiting { .. } | Refusal::TooManyAuthors => Finding::FloodRefused,
        Refusal::OtherVault { .. } => Finding::MessageMalformed,
    }
}
