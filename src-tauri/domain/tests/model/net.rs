//! A relay that nobody can rely on: it loses, doubles, delays and reorders, keeps islands apart, and may hide one author
//! from one recipient for ever. Knows nothing of what the messages say.

use std::collections::BTreeMap;

use conclave_domain::event::Event;
use conclave_domain::heads::Heads;
use conclave_shared::EventId;

/// What one member says to another.
#[derive(Debug, Clone)]
pub enum Said {
    Events(Vec<Event>),
    Heads(Box<Heads>),
    Want(Vec<EventId>),
}

/// One message on its way, between members by number.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub from: usize,
    pub to: usize,
    pub said: Said,
}

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

pub struct Net {
    random: Random,
    /// Of 1000 messages so many are lost, and as many arrive twice.
    pub trouble: u64,
    /// Longest delay, in ms: each copy has its own.
    pub longest_ms: u64,
    under_way: BTreeMap<(u64, u64), Parcel>,
    parcels: u64,
    /// For each member the island it stands on: only who stands on the same hears another.
    pub islands: [u8; 4],
    /// Who has a boat: reaches every island, and is reached.
    pub boat: Option<usize>,
    /// Who is hidden from whom, for ever.
    pub hidden: Vec<(usize, usize)>,
}

impl Net {
    pub fn new(seed: u64) -> Self {
        let (trouble, longest_ms) = (250, 4_000);
        let (under_way, islands) = (BTreeMap::new(), [0; 4]);
        Self {
            random: Random(seed),
            trouble,
            longest_ms,
            under_way,
            parcels: 0,
            islands,
            boat: None,
            hidden: Vec::new(),
        }
    }

    pub fn send(&mut self, parcel: Parcel, now_ms: u64) {
        if self.hidden.contains(&(parcel.from, parcel.to)) || self.random.below(1000) < self.trouble {
            return;
        }
        for _ in 0..1 + u64::from(self.random.below(1000) < self.trouble) {
            self.parcels += 1;
            let arrives_ms = now_ms + 1 + self.random.below(self.longest_ms);
            self.under_way.insert((arrives_ms, self.parcels), parcel.clone());
        }
    }

    /// What has arrived by now. What crosses the water is lost; what is for who is away stays in the mailbox.
    pub fn arrived(&mut self, now_ms: u64, away: impl Fn(usize) -> bool) -> Vec<Parcel> {
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        let mut arrived = Vec::new();
        for (place, parcel) in std::mem::replace(&mut self.under_way, later) {
            if away(parcel.to) {
                self.under_way.insert(place, parcel);
            } else if self.reaches(parcel.from, parcel.to) {
                arrived.push(parcel);
            }
        }
        arrived
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        self.islands[from] == self.islands[to] || [Some(from), Some(to)].contains(&self.boat)
    }
}
