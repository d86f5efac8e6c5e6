//! One vault in this installation: the fold, its coins, its identity, and the conversation with the other members.
//! Commits before anything leaves: an event is durable before it is sent, and before `heads` count it. What comes in is
//! `receive`, what goes out is `deliver`, what was found is `findings`, the relay that this member hosts is `own_relay`.

mod deliver;
mod findings;
mod own_relay;
mod receive;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use bitcoin::Network;
use conclave_domain::action::{Action, Created};
use conclave_domain::delivery::Deliveries;
use conclave_domain::envelope::Reassembly;
use conclave_domain::event::Event;
use conclave_domain::guard;
use conclave_domain::heads::Heads;
use conclave_domain::proposal::CheckedProposal;
use conclave_domain::psbt::Evidence;
use conclave_domain::vault::{ChainFacts, FOLD_VERSION, ProposalState, Vault};
use conclave_shared::view::BalanceView;
use conclave_shared::{EventId, Finding, MemberId};
use nostr::JsonUtil as _;

use crate::chain::Tip;
use crate::coins::{ASLEEP_FROM, Answer, Coins, FirstPage};
use crate::failure::InstallationError;
use crate::relay::withholding::{Judged, Withholding};
use crate::signer::SoftwareKey;
use crate::store::{Batch, EventRow, SnapshotRow, Store, VaultRecord};
use findings::Noted;

pub use deliver::Outgoing;
pub use own_relay::OwnRelay;

/// The network of vaults with rules version 0.
pub const NETWORK: Network = Network::Regtest;

/// A snapshot is written when this many events came since the last, and as many as a tenth of all: so that writing them
/// costs no more than the events do.
const SNAPSHOT_EVENTS: usize = 1_000;

/// A vault that is open.
pub struct OpenVault {
    /// What the store holds of it beside events.
    pub record: VaultRecord,
    /// The fold.
    pub vault: Vault,
    /// The relay that this member hosts for it.
    pub own_relay: Option<OwnRelay>,
    /// Its coins, once a configuration is accepted and they are awake.
    pub coins: Option<Coins>,
    /// What is shown of the coins while they are asleep: a large wallet is not loaded before it is needed.
    page: Option<FirstPage>,
    /// Which version of the coins the stored first page shows.
    page_of: Option<u64>,
    judged: RefCell<Found>,
    keys: nostr::Keys,
    deliveries: Deliveries,
    reassembly: Reassembly,
    last_heard_ms: BTreeMap<MemberId, u64>,
    /// The serial of our last heads message, and up to which serials are reserved in the store.
    serial: (u64, u64),
    /// Whether this copy of the vault only reads, because it may be older than what the others have seen of it.
    reads_only: bool,
    /// Since when enough of them have answered, while one names an event that is not here.
    told_ms: Option<u64>,
    noted: Noted,
    withholding: Withholding,
    /// Events that the newest snapshot holds.
    in_snapshot: usize,
    /// Incoming messages that were refused and are kept with their reasons.
    pub refused: u64,
    /// The last block, as the chain source told it since the start.
    tip: Option<Tip>,
    /// What is wrong with the relays now.
    pub relay_trouble: Option<String>,
    /// What is wrong with the chain source, or with something of this machine, now.
    pub trouble: Option<String>,
}

impl OpenVault {
    /// Opens a vault from the store: from its snapshot and what came after it, or from all its events.
    pub fn load(store: &Store, record: VaultRecord) -> Result<Self, InstallationError> {
        let id = record.vault;
        let keys = identity(&record)?;
        let me = MemberId(keys.public_key().to_bytes());
        let stored = |row: EventRow| {
            Event::from_store(&row.json).map_err(|fault| InstallationError::StoredEvent { id: row.id, fault })
        };
        let snapshot = store.snapshot(id)?;
        let (mut vault, in_snapshot) = match snapshot.and_then(|row| from_snapshot(store, &record, me, row)) {
            Some((mut vault, arrival)) => {
                let in_snapshot = vault.log().len();
                for row in store.events_after(id, arrival)? {
                    vault.restore(stored(row)?).map_err(InstallationError::OwnEvent)?;
                }
                (vault, in_snapshot)
            }
            None => {
                let mut vault = Vault::new(id, record.created, me);
                store.each_event(id, |row| vault.restore(stored(row)?).map_err(InstallationError::OwnEvent))?;
                (vault, 0)
            }
        };
        for row in store.waiting(id)? {
            // One that would not fit any more is no loss: nobody was told that it is held.
            if let Ok(event) = Event::from_store(&row.json) {
                let _ = vault.receive(event);
            }
        }
        let mut deliveries = Deliveries::default();
        let mut last_heard_ms = BTreeMap::new();
        for row in store.heads(id)? {
            last_heard_ms.insert(row.member, row.received_ms);
            if let Ok(heads) = Heads::parse(&row.json) {
                deliveries.heads(heads, vault.log(), row.received_ms);
            }
        }
        let standing = store.standing(id)?;
        let own_relay = store.own_relay(id)?.map(OwnRelay::new);
        let mut open = Self {
            vault,
            own_relay,
            coins: None,
            page: None,
            page_of: None,
            judged: RefCell::default(),
            keys,
            deliveries,
            reassembly: Reassembly::default(),
            last_heard_ms,
            serial: (standing.heads_serial, standing.heads_serial),
            reads_only: false,
            told_ms: None,
            noted: Noted::default(),
            withholding: Withholding::default(),
            in_snapshot,
            refused: store.refused_count(id)?,
            tip: None,
            relay_trouble: None,
            trouble: None,
            record,
        };
        if standing.restored {
            open.only_read()?;
        }
        // A page that cannot be read is none: the wallet tells more.
        let page = store.first_page(id)?.and_then(|json| serde_json::from_str::<FirstPage>(&json).ok());
        open.page = page.filter(|page| page.count >= ASLEEP_FROM);
        if open.page.is_none() {
            open.watch(store)?;
        }
        Ok(open)
    }

    /// Whether the coins are not loaded yet, and only their first page is known.
    pub fn is_asleep(&self) -> bool {
        self.page.is_some()
    }

    /// The first page of coins that are asleep.
    pub fn page(&self) -> Option<&FirstPage> {
        self.page.as_ref()
    }

    /// Whether everything that is shown of this vault can be shown now.
    pub fn is_told(&self) -> bool {
        self.page.as_ref().is_none_or(|page| page.tells_all(&self.vault))
    }

    /// Loads the coins where they are asleep.
    pub fn wake(&mut self, store: &Store) -> Result<(), InstallationError> {
        if self.is_asleep() { self.watch(store) } else { Ok(()) }
    }

    /// Opens the coins as soon as there is a descriptor, and lets them follow the record.
    fn watch(&mut self, store: &Store) -> Result<(), InstallationError> {
        let Some(active) = self.vault.active() else { return Ok(()) };
        if self.coins.is_none() {
            let stored = store.wallet(self.vault.id())?;
            self.coins = Some(Coins::open(active.descriptor.text(), active.configuration.network, stored)?);
            self.page = None;
        }
        if let Some(coins) = &mut self.coins {
            coins.follow(&self.vault);
        }
        Ok(())
    }

    /// Writes a snapshot if enough has come since the last.
    pub fn keep_snapshot(&mut self, store: &mut Store) -> Result<(), InstallationError> {
        let (all, id) = (self.vault.log().len(), self.vault.id());
        if all - self.in_snapshot < SNAPSHOT_EVENTS.max(all / 10) {
            return Ok(());
        }
        let (Some(bytes), Some(arrival)) = (self.vault.to_snapshot(), store.last_arrival(id)?) else { return Ok(()) };
        let row = SnapshotRow { version: FOLD_VERSION, arrival, heads: self.vault.heads_digest(), bytes };
        store.commit(id, &Batch { snapshot: Some(row), ..Batch::default() })?;
        self.in_snapshot = all;
        Ok(())
    }

    /// From now on nothing is written here until the others have told what they hold of this member.
    fn only_read(&mut self) -> Result<(), InstallationError> {
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(|error| InstallationError::Randomness { reason: error.to_string() })?;
        self.deliveries.ask(EventId(nonce));
        self.reads_only = true;
        Ok(())
    }

    /// Whether this copy only reads.
    pub fn reads_only(&self) -> bool {
        self.reads_only
    }

    /// Nothing is signed or written by a copy that only reads.
    pub fn may_write(&self) -> Result<(), InstallationError> {
        let (have, need) = self.answers();
        if self.reads_only() { Err(InstallationError::ReadsOnly { have, need }) } else { Ok(()) }
    }

    /// The identity key, for the transport.
    pub fn keys(&self) -> &nostr::Keys {
        &self.keys
    }

    /// The relays of the accepted configuration; before there is one, those of the invitation. Those of the configuration
    /// before it too: who has not heard yet that it was followed listens there alone.
    pub fn relays(&self) -> Vec<String> {
        let Some(active) = self.vault.active() else { return self.record.relays.clone() };
        let mut relays = active.configuration.relays.clone();
        let before = self.vault.configuration(active.configuration.parent);
        for relay in before.map_or(&self.record.relays, |before| &before.configuration.relays) {
            if !relays.contains(relay) {
                relays.push(relay.clone());
            }
        }
        relays
    }

    /// The software key, for keyholders.
    pub fn key(&self) -> Result<Option<SoftwareKey>, InstallationError> {
        let entropy = self.record.entropy.as_ref();
        Ok(entropy.map(|entropy| SoftwareKey::new(entropy, self.vault.script(), NETWORK)).transpose()?)
    }

    /// Everyone to whom events go. Who has joined an active vault knows nobody but who invited them.
    pub fn others(&self) -> BTreeSet<MemberId> {
        let mut others = self.vault.others();
        if self.vault.active().is_none() && self.record.organiser != self.vault.me() {
            others.insert(self.record.organiser);
        }
        others
    }

    /// What the chain shows of the payments, and the time.
    pub fn facts(&self, now_ms: u64) -> ChainFacts {
        match (&self.coins, &self.page) {
            (Some(coins), _) => coins.facts(&self.vault, now_ms),
            (None, Some(page)) => page.facts(now_ms),
            (None, None) => ChainFacts::at(now_ms),
        }
    }

    /// The coins, summed.
    pub fn balance(&self) -> BalanceView {
        let asleep = || self.page.as_ref().map(|page| page.balance).unwrap_or_default();
        self.coins.as_ref().map_or_else(asleep, Coins::balance)
    }

    /// Height of the newest block known, 0 before the first.
    pub fn tip_height(&self) -> u32 {
        let asleep = || self.page.as_ref().map_or(0, |page| page.tip_height);
        self.coins.as_ref().map_or_else(asleep, Coins::tip_height)
    }

    /// When the newest block known was made, by its miner, in s since 1970; none before the chain source told it.
    pub fn tip_time_s(&self) -> Option<u64> {
        self.tip.filter(|tip| tip.height == self.tip_height()).map(|tip| tip.time.into())
    }

    /// Notes the last block; none where the chain source did not tell it.
    pub fn note_tip(&mut self, tip: Option<Tip>) {
        self.tip = tip.or(self.tip);
    }

    /// Asks another chain source from now on, of which the store knows already.
    pub fn ask_at(&mut self, chain: String) {
        self.record.chain = chain;
        self.tip = None;
        self.trouble = None;
        if let Some(coins) = &mut self.coins {
            coins.ask_anew();
        }
    }

    /// Everything dangerous that the guard finds in a payment, for screens. It is judged anew when the record or the coins
    /// have changed, and not for every look or as time passes: nothing that it finds depends on the time. What may be done
    /// is asked of the guard itself, which keeps nothing.
    pub fn dangers(&self, payment: &ProposalState, facts: &ChainFacts) -> BTreeSet<Finding> {
        let judge = || {
            guard::findings(&self.vault, payment.event, &self.evidence(&payment.checked, facts.clone()))
                .unwrap_or_else(|_| BTreeSet::from([Finding::TransactionNotProposed]))
        };
        let Some(coins) = self.coins.as_ref().map_or(Some(0), Coins::version) else { return judge() };
        let moment = (self.vault.log().len(), coins, self.coins.is_some());
        let mut judged = self.judged.borrow_mut();
        if judged.moment != moment {
            *judged = Found { moment, findings: BTreeMap::new() };
        }
        judged.findings.entry(payment.event).or_insert_with(judge).clone()
    }

    /// What a payment is judged by beside the record: what the chain source shows about it, and the facts.
    pub fn evidence(&self, payment: &CheckedProposal, facts: ChainFacts) -> Evidence {
        match &self.coins {
            Some(coins) => coins.evidence(payment, facts),
            None => Evidence { facts, ..Evidence::default() },
        }
    }

    /// When a member was last heard, in ms since 1970.
    pub fn last_heard_ms(&self, member: MemberId) -> Option<u64> {
        self.last_heard_ms.get(&member).copied()
    }

    /// Notes which relays showed messages, and which did not. Strangers' messages prove nothing.
    pub fn note_relays(&mut self, judged: Vec<Judged>) {
        let others = self.others();
        judged.into_iter().filter(|it| others.contains(&it.from)).for_each(|it| self.withholding.take(it));
    }

    /// Whether an invitation can still be used: a place of the creation while the vault is not active, or one that was
    /// opened later, and it has not expired. Who does not hold what the organiser made cannot know, and takes it for so.
    pub fn invites(&self, now_ms: u64) -> bool {
        let open = |created: &Created| created.places.iter().any(|place| now_ms <= place.expires_ms);
        let first = self.vault.active().is_none() && self.vault.creation().is_none_or(|(_, created)| open(created));
        first || self.vault.opened_places().any(|opened| now_ms <= opened.place.expires_ms)
    }

    /// When the newest heads that are kept of anybody came, in ms since 1970; none where a copy was put back, which does not
    /// know what it has forgotten.
    pub fn last_message_ms(&self) -> Option<u64> {
        self.last_heard_ms.values().max().copied().filter(|_| !self.reads_only())
    }

    /// Members who have not said that they hold everything.
    pub fn unacknowledged(&self) -> usize {
        self.deliveries.unacknowledged(self.vault.log(), &self.others(), |author| self.vault.owed(author))
    }

    /// Puts this member's actions on record: signed, committed, then folded.
    pub fn commit_own(
        &mut self,
        store: &mut Store,
        actions: Vec<Action>,
        now_ms: u64,
    ) -> Result<Vec<EventId>, InstallationError> {
        if !actions.is_empty() {
            self.may_write()?;
        }
        let mut ids = Vec::new();
        for action in actions {
            let event = sign(&self.vault, &self.keys, action, now_ms)?;
            let id = event.id;
            let row = event_row(&event, now_ms);
            // bdk's changes go with the event that caused them.
            let wallet = self.coins.as_mut().and_then(Coins::take_changes);
            store.commit(self.vault.id(), &Batch { events: vec![row], wallet, ..Batch::default() })?;
            self.vault.receive(event).map_err(InstallationError::OwnEvent)?;
            self.watch(store)?;
            ids.push(id);
        }
        self.commit_coins(store)?;
        Ok(ids)
    }

    /// Commits what has changed in the coins alone.
    pub fn commit_coins(&mut self, store: &mut Store) -> Result<(), InstallationError> {
        self.commit_coins_with(store, Batch::default())
    }

    /// Commits what has changed in the coins, with whatever else belongs to it.
    pub fn commit_coins_with(&mut self, store: &mut Store, batch: Batch) -> Result<(), InstallationError> {
        let Some(coins) = &mut self.coins else { return Ok(store.commit(self.vault.id(), &batch)?) };
        let wallet = coins.take_changes();
        let version = coins.version();
        let page = (version != self.page_of).then(|| coins.first_page(&self.vault));
        let first_page = page.and_then(|page| serde_json::to_string(&page).ok());
        store.commit(self.vault.id(), &Batch { wallet, first_page, ..batch })?;
        self.page_of = version;
        Ok(())
    }

    /// Takes an answer of the chain source.
    pub fn take_answer(&mut self, store: &mut Store, answer: Answer) -> Result<(), InstallationError> {
        if let Some(coins) = &mut self.coins {
            coins.take_answer(answer)?;
        }
        self.commit_coins(store)
    }
}

/// What the guard found, and when.
#[derive(Default)]
struct Found {
    /// Events in the log, the version of the coins, and whether there are any.
    moment: (usize, u64, bool),
    findings: BTreeMap<EventId, BTreeSet<Finding>>,
}

/// The vault of a snapshot and the arrival of its last event; none where it does not fit what the store holds.
fn from_snapshot(store: &Store, record: &VaultRecord, me: MemberId, row: SnapshotRow) -> Option<(Vault, u64)> {
    let current = row.version == FOLD_VERSION && store.last_arrival(record.vault).ok()?? >= row.arrival;
    let vault = Vault::from_snapshot(record.vault, record.created, me, &row.bytes).ok().filter(|_| current)?;
    let held = |id: &EventId| matches!(store.event(record.vault, *id), Ok(Some(_)));
    let fits = vault.heads_digest() == row.heads && vault.log().heads().iter().all(|(.., id)| held(id));
    fits.then_some((vault, row.arrival))
}

/// The identity of a record.
pub fn identity(record: &VaultRecord) -> Result<nostr::Keys, InstallationError> {
    let secret = nostr::SecretKey::from_slice(&record.identity[..]).map_err(|_| InstallationError::StoredIdentity)?;
    Ok(nostr::Keys::new(secret))
}

/// Signs an action as this member's next event.
pub fn sign(vault: &Vault, keys: &nostr::Keys, action: Action, now_ms: u64) -> Result<Event, InstallationError> {
    let unsigned = vault.draft(action, now_ms).unsigned()?;
    let signed = unsigned.sign_with_keys(keys).map_err(|_| InstallationError::StoredIdentity)?;
    // By the same door as everybody's: what others would refuse is not put on record here.
    Ok(Event::parse(&signed.as_json())?)
}

/// An event as the store keeps it.
pub fn event_row(event: &Event, received_ms: u64) -> EventRow {
    EventRow { id: event.id, author: event.author, n: event.n.into(), json: event.to_json(), received_ms }
}
